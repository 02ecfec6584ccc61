package openai

import (
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
	// BaseURL is the address that "/embeddings" is appended to: http or https. A query stays where it is. Default
	// "https://api.openai.com/v1".
	BaseURL string
	// APIKey is the key. The zero value, the default, means the environment variable OPENAI_API_KEY at the
	// time of New, whatever BaseURL is; Key("") sends none.
	APIKey Secret
	// KeyHeader is the header that carries the key as it is, "api-key" for Azure. "", the default, sends it as a bearer token.
	KeyHeader string
	// Model is the name of the model, not empty. Default "text-embedding-3-small"; embedding_model of BERTopic's
	// OpenAIBackend.
	Model string
	// Dimensions asks for vectors of this length, which not all models can give; anything else is then an error. 0, the
	// default, takes what the model gives.
	Dimensions int
	// Encoding is how the vectors are asked for: "base64", the default, takes a quarter of the bytes of "float"; both carry
	// the same float32. "" asks for nothing, for services that refuse the field. Either is understood in an answer.
	Encoding string
	// User is passed on to the service when it is not empty.
	User string
	// MaxTextBytes is the length at which a text is cut, at the end of a character; 0, the default, sends every text whole.
	// Models have a limit in tokens, 8,192 for OpenAI's, and refuse the whole request when a text is longer. A token is at
	// least one byte, so 8,192 is always short enough; English text has about four bytes a token.
	MaxTextBytes int

	// BatchTexts is the most texts of a request, at least 1; OpenAI's limit is 2,048. Default 256; batch_size of BERTopic's
	// OpenAIBackend.
	BatchTexts int
	// BatchBytes is the most bytes of all texts of a request, at least 1; a longer text goes alone. Default 300,000, for
	// OpenAI's limit of as many tokens.
	BatchBytes int
	// Concurrency is the number of requests under way at a time, at least 1. It never changes a result. Default 4.
	Concurrency int

	// Timeout is the most time of one attempt until the whole answer is read, above 0. Default one minute.
	Timeout time.Duration
	// MaxRetries is how often a request is sent again, at least 0. Default 5.
	MaxRetries int
	// Backoff is the wait before the first repetition, doubled before each further one; at least 0. Default one second.
	Backoff time.Duration
	// MaxWait is the longest wait before a repetition, also when the service asks for a longer one; at least 0. Default one
	// minute.
	MaxWait time.Duration

	// Client sends the requests; nil, the default, means a client of the Embedder's own. Its CheckRedirect is not used. A
	// service with another way to authenticate is reached with Key("") and a Client whose Transport knows it.
	Client *http.Client
}

// DefaultConfig asks OpenAI for text-embedding-3-small.
func DefaultConfig() Config {
	return Config{
		BaseURL:     "https://api.openai.com/v1",
		Model:       "text-embedding-3-small",
		Encoding:    "base64",
		BatchTexts:  256,
		BatchBytes:  300_000,
		Concurrency: 4,
		Timeout:     time.Minute,
		MaxRetries:  5,
		Backoff:     time.Second,
		MaxWait:     time.Minute,
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
	f.Want(c.Dimensions >= 0, "openai.Config.Dimensions", c.Dimensions, "at least 0")
	f.Want(c.Encoding == "" || c.Encoding == "float" || c.Encoding == "base64", "openai.Config.Encoding", c.Encoding, `"base64", "float" or ""`)
	f.Want(c.MaxTextBytes >= 0, "openai.Config.MaxTextBytes", c.MaxTextBytes, "at least 0")
	f.Want(c.BatchTexts >= 1, "openai.Config.BatchTexts", c.BatchTexts, "at least 1")
	f.Want(c.BatchBytes >= 1, "openai.Config.BatchBytes", c.BatchBytes, "at least 1")
	f.Want(c.Concurrency >= 1, "openai.Config.Concurrency", c.Concurrency, "at least 1")
	f.Want(c.Timeout > 0, "openai.Config.Timeout", c.Timeout, "above 0")
	f.Want(c.MaxRetries >= 0, "openai.Config.MaxRetries", c.MaxRetries, "at least 0")
	f.Want(c.Backoff >= 0, "openai.Config.Backoff", c.Backoff, "at least 0")
	f.Want(c.MaxWait >= 0, "openai.Config.MaxWait", c.MaxWait, "at least 0")
	return f.Err()
}

func (c Config) endpoint() (*url.URL, error) { return service.Endpoint(c.BaseURL, "embeddings") }

func (c Config) key() Secret { return c.APIKey.Or("OPENAI_API_KEY") }
