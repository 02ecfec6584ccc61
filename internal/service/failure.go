package service

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Failure is a request that failed for good.
type Failure struct {
	Attempts   int    // how often it was sent
	Status     int    // of the last answer; 0 when there was none
	Message    string // the service's own words, at most 300 bytes, without the key; "" when there are none
	Type, Code string // the service's own names of the failure, where it gives them
	Err        error  // why the answer was none or no good; nil when the status says it
}

func (f *Failure) Error() string {
	var b strings.Builder
	if f.Status != 0 && f.Err == nil {
		fmt.Fprintf(&b, "HTTP status %d", f.Status)
	}
	if f.Err != nil {
		b.WriteString(f.Err.Error())
	}
	if f.Code != "" {
		fmt.Fprintf(&b, " (%s)", f.Code)
	} else if f.Type != "" {
		fmt.Fprintf(&b, " (%s)", f.Type)
	}
	if f.Message != "" {
		b.WriteString(": " + f.Message)
	}
	if f.Attempts > 1 {
		fmt.Fprintf(&b, ", after %d attempts", f.Attempts)
	}
	return b.String()
}

// Unwrap is Err.
func (f *Failure) Unwrap() error { return f.Err }

// MaxMessage is the length of what is quoted from a service.
const MaxMessage = 300

// Complaint is what the body of a refusal says: OpenAI's {"error": {"message", "type", "code"}}, the {"error": "…"},
// {"message": "…"} and {"detail": …} of others, or its beginning.
func (c *Client) Complaint(body []byte) (message, kind, code string) {
	var doc struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	_ = json.Unmarshal(body, &doc) // what cannot be read stays empty
	var inner struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    any    `json:"code"`
	}
	_ = json.Unmarshal(doc.Error, &inner)
	message, kind = inner.Message, inner.Type
	if inner.Code != nil {
		code = fmt.Sprint(inner.Code)
	}
	for _, raw := range []json.RawMessage{doc.Error, doc.Detail} {
		if message == "" && len(raw) > 0 && string(raw) != "null" && json.Unmarshal(raw, &message) != nil {
			message = string(raw)
		}
	}
	if message == "" {
		message = doc.Message
	}
	if message == "" {
		return c.Excerpt(body), c.quote(kind), c.quote(code)
	}
	return c.quote(message), c.quote(kind), c.quote(code)
}

// Excerpt is the beginning of a body, or the title of a page.
func (c *Client) Excerpt(body []byte) string {
	lower := bytes.ToLower(body[:min(len(body), 4096)])
	if bytes.Contains(lower, []byte("<html")) || bytes.HasPrefix(bytes.TrimSpace(lower), []byte("<!doctype html")) {
		from := bytes.Index(lower, []byte("<title>"))
		to := bytes.Index(lower, []byte("</title>"))
		if from < 0 || to < from || len(lower) != len(body[:min(len(body), 4096)]) {
			return "an HTML page"
		}
		return fmt.Sprintf("an HTML page with the title %q", c.quote(string(body[from+len("<title>"):to])))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return ""
	}
	return c.quote(string(body))
}

// quote makes foreign text fit for one line of an error: without the key, without control characters, short.
func (c *Client) quote(s string) string {
	if key := c.Key.reveal(); key != "" {
		s = strings.ReplaceAll(s, key, "[key]")
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= MaxMessage {
		return s
	}
	const dots = "…"
	n := MaxMessage - len(dots)
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + dots
}

// hide takes the key out of an error, should it be there.
func (c *Client) hide(err error) error {
	if key := c.Key.reveal(); key != "" && strings.Contains(err.Error(), key) {
		return errors.New(strings.ReplaceAll(err.Error(), key, "[key]"))
	}
	return err
}
