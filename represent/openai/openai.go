package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/gobertopic/gobertopic/internal/service"
	"github.com/gobertopic/gobertopic/represent"
)

// Client asks a service. It is immutable and safe for concurrent use; it is a represent.LLM.
type Client struct {
	cfg     Config
	service *service.Client
}

// New makes a Client. It fails only with *stage.ConfigError for each bad field of cfg; nothing is sent.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.APIKey = cfg.key()
	cfg.Fields = maps.Clone(cfg.Fields)
	endpoint, _ := cfg.endpoint()
	return &Client{cfg, &service.Client{
		Endpoint: endpoint, Key: cfg.APIKey, KeyHeader: cfg.KeyHeader, HTTP: service.HTTP(cfg.Client, 16),
		Timeout: cfg.Timeout, MaxRetries: cfg.MaxRetries, Backoff: cfg.Backoff, MaxWait: cfg.MaxWait,
	}}, nil
}

// String names the address and the model.
func (c *Client) String() string {
	return fmt.Sprintf("openai language model %s at %s", c.cfg.Model, service.Shown(c.cfg.BaseURL))
}

// Format writes what String returns, for every verb.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Error is a question that failed for good.
type Error struct {
	Attempts   int    // how often it was sent
	Status     int    // of the last answer; 0 when there was none
	Message    string // the service's own words, at most 300 bytes, without the key; "" when there are none
	Type, Code string // the service's own names of the failure, where it gives them
	Err        error  // why the answer was none or no good; nil when the status says it
}

func (e *Error) Error() string {
	f := service.Failure(*e)
	return "openai: " + f.Error()
}

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

const maxAnswer = 4 << 20

// Complete returns the text of the first choice. The error is the cause of a canceled context, which is noticed within
// 100 ms, or an *Error.
func (c *Client) Complete(ctx context.Context, p represent.Prompt) (string, error) {
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	question := map[string]any{}
	maps.Copy(question, c.cfg.Fields)
	question["model"] = c.cfg.Model
	question["messages"] = messages(p)
	var text string
	err := c.service.Post(ctx, question, maxAnswer, func(answer []byte) (err error) {
		text, err = c.read(answer)
		return err
	})
	var f *service.Failure
	if errors.As(err, &f) {
		e := Error(*f)
		return "", &e
	}
	return text, err
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func messages(p represent.Prompt) []message {
	user := message{"user", strings.ToValidUTF8(p.User, "\ufffd")}
	if p.System == "" {
		return []message{user}
	}
	return []message{{"system", strings.ToValidUTF8(p.System, "\ufffd")}, user}
}

// read is the text of an answer.
func (c *Client) read(answer []byte) (string, error) {
	var doc struct {
		Choices []struct {
			Message *struct {
				Content json.RawMessage `json:"content"`
				Refusal string          `json:"refusal"`
			} `json:"message"`
			FinishReason string `json:"finish_reason"`
		} `json:"choices"`
	}
	if err := json.Unmarshal(answer, &doc); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return "", err
		}
		return "", fmt.Errorf("the answer is no chat completion: %w", err)
	}
	if len(doc.Choices) == 0 {
		said, _, _ := c.service.Complaint(answer)
		return "", fmt.Errorf("the answer has no choices: %s", said)
	}
	first := doc.Choices[0]
	if first.Message == nil {
		return "", errors.New("the first choice of the answer has no message")
	}
	text, err := content(first.Message.Content)
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(text) != "":
		return text, nil
	case first.Message.Refusal != "":
		return "", fmt.Errorf("the model refused: %s", c.service.Excerpt([]byte(first.Message.Refusal)))
	case first.FinishReason == "length":
		return "", errors.New("the answer reached its limit of tokens before any text: raise max_tokens, or ask for less reasoning")
	case first.FinishReason == "content_filter":
		return "", errors.New("a content filter of the service left no text")
	}
	return "", errors.New("the answer has no text")
}

// content is a text, or the texts of a list of parts.
func content(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return "", fmt.Errorf("the content of the answer's message is %.20q, want a text", raw)
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String(), nil
}
