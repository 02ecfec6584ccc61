package openai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/service"
)

// Secret is a text that no printed form shows. Its zero value is unset.
type Secret = service.Secret

// Key is a secret with a text. White space around it is removed.
func Key(text string) Secret { return service.Key(text) }

// Config says which service is asked, and how. Start from DefaultConfig: there is no second meaning of 0 but where a field
// says so.
type Config struct {
	// BaseURL is the address that "/chat/completions" is appended to: http or https. A query stays where it is. Default
	// "https://api.openai.com/v1".
	BaseURL string
	// APIKey is the key. The zero value, the default, means the environment variable OPENAI_API_KEY at the time of New,
	// whatever BaseURL is; Key("") sends none.
	APIKey Secret
	// KeyHeader is the header that carries the key as it is, "api-key" for Azure. "", the default, sends it as a bearer token.
	KeyHeader string
	// Model is the name of the model, not empty; Azure, where the address has it, does not look. Default "gpt-4o-mini"; model
	// of BERTopic's OpenAI.
	Model string
	// Fields are further fields of the question, such as "temperature": 0, "max_tokens": 30, "seed": 1 or
	// "reasoning_effort": "low"; generator_kwargs. They must be values that become JSON, and none of model, messages and
	// stream. Default nil.
	Fields map[string]any

	// Timeout is the most time of one attempt until the whole answer is read, above 0. Default two minutes.
	Timeout time.Duration
	// MaxRetries is how often a question is sent again, at least 0. Default 5.
	MaxRetries int
	// Backoff is the wait before the first repetition, doubled before each further one; at least 0. Default one second.
	Backoff time.Duration
	// MaxWait is the longest wait before a repetition, also when the service asks for a longer one; at least 0. Default one
	// minute.
	MaxWait time.Duration

	// Client sends the questions; nil, the default, means a client of the Client's own. Its CheckRedirect is not used.
	Client *http.Client
}

// DefaultConfig asks OpenAI for gpt-4o-mini.
func DefaultConfig() Config {
	return Config{
		BaseURL:    "https://api.openai.com/v1",
		Model:      "gpt-4o-mini",
		Timeout:    2 * time.Minute,
		MaxRetries: 5,
		Backoff:    time.Second,
		MaxWait:    time.Minute,
	}
}

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	if _, err := c.endpoint(); err != nil {
		f.Want(false, "openai.Config.BaseURL", service.Shown(c.BaseURL), err.Error())
	}
	f.Want(c.key().Printable(), "openai.Config.APIKey", c.APIKey, "printable ASCII without spaces")
	f.Want(service.HeaderName(c.KeyHeader), "openai.Config.KeyHeader", fmt.Sprintf("%q", c.KeyHeader), `the name of a header, such as "api-key"`)
	f.Want(c.Model != "", "openai.Config.Model", `""`, "the name of a model")
	for _, name := range []string{"model", "messages", "stream"} {
		_, ok := c.Fields[name]
		f.Want(!ok, "openai.Config.Fields", "one with "+name, "no field that is set otherwise")
	}
	_, err := json.Marshal(c.Fields)
	f.Want(err == nil, "openai.Config.Fields", "none that becomes JSON", "values that package json can write")
	f.Want(c.Timeout > 0, "openai.Config.Timeout", c.Timeout, "above 0")
	f.Want(c.MaxRetries >= 0, "openai.Config.MaxRetries", c.MaxRetries, "at least 0")
	f.Want(c.Backoff >= 0, "openai.Config.Backoff", c.Backoff, "at least 0")
	f.Want(c.MaxWait >= 0, "openai.Config.MaxWait", c.MaxWait, "at least 0")
	return f.Err()
}

func (c Config) endpoint() (*url.URL, error) { return service.Endpoint(c.BaseURL, "chat/completions") }

func (c Config) key() Secret { return c.APIKey.Or("OPENAI_API_KEY") }
