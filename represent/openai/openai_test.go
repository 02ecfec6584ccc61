package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
)

const secretKey = "sk-test-0123456789abcdef"

var hello = represent.Prompt{System: "be brief", User: "what is it?\n\xff <b>"}

// testServer answers the k-th question (from 1) by f, and keeps the questions and their headers.
type testServer struct {
	*httptest.Server
	mu        sync.Mutex
	questions []map[string]any
	requests  []*http.Request
}

func serve(t *testing.T, f func(w http.ResponseWriter, r *http.Request, k int)) *testServer {
	s := &testServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q map[string]any
		b, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(b, &q) != nil {
			http.Error(w, "bad question", http.StatusTeapot)
			return
		}
		s.mu.Lock()
		s.questions, s.requests = append(s.questions, q), append(s.requests, r)
		k := len(s.questions)
		s.mu.Unlock()
		f(w, r, k)
	}))
	t.Cleanup(s.Close)
	return s
}

// count is how many questions there were so far.
func (s *testServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.questions)
}

const answered = `{"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {"role": "assistant", "content": "topic: Trees"}, "finish_reason": "stop"}], "usage": {"total_tokens": 9}}`

func answer(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = io.WriteString(w, answered) }

func open(t *testing.T, url string, change func(*Config)) (*Client, *[]time.Duration) {
	cfg := DefaultConfig()
	cfg.BaseURL, cfg.APIKey, cfg.Model = url+"/v1", Key(secretKey), "some-model"
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.service.HTTP.CloseIdleConnections)
	waits := &[]time.Duration{}
	c.service.Wait = func(ctx context.Context, d time.Duration) error {
		*waits = append(*waits, d)
		return context.Cause(ctx)
	}
	return c, waits
}

func TestQuestionExact(t *testing.T) {
	s := serve(t, answer)
	c, _ := open(t, s.URL, func(c *Config) { c.Fields = map[string]any{"temperature": 0, "max_tokens": 30} })
	text, err := c.Complete(t.Context(), hello)
	require.NoError(t, err)
	require.Equal(t, "topic: Trees", text)
	require.Equal(t, map[string]any{
		"model": "some-model", "temperature": 0.0, "max_tokens": 30.0,
		"messages": []any{
			map[string]any{"role": "system", "content": "be brief"},
			map[string]any{"role": "user", "content": "what is it?\n\ufffd <b>"},
		},
	}, s.questions[0])
	r := s.requests[0]
	require.Equal(t, []string{"POST", "/v1/chat/completions", "Bearer " + secretKey}, []string{r.Method, r.URL.String(), r.Header.Get("Authorization")})

	_, err = c.Complete(t.Context(), represent.Prompt{User: "u"})
	require.NoError(t, err)
	require.Len(t, s.questions[1]["messages"], 1)
}

// Azure has the model in its address, a version in its query, and a header of its own for the key.
func TestAzureExact(t *testing.T) {
	s := serve(t, answer)
	c, _ := open(t, s.URL, func(c *Config) {
		c.BaseURL, c.KeyHeader = s.URL+"/openai/deployments/mine?api-version=2024-10-21", "api-key"
	})
	_, err := c.Complete(t.Context(), hello)
	require.NoError(t, err)
	r := s.requests[0]
	require.Equal(t, "/openai/deployments/mine/chat/completions?api-version=2024-10-21", r.URL.String())
	require.Equal(t, secretKey, r.Header.Get("api-key"))
	require.Empty(t, r.Header.Get("Authorization"))
}

func TestRetriesOnAFixedSchedule(t *testing.T) {
	for name, fail := range map[string]func(w http.ResponseWriter, r *http.Request){
		"429": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"500": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oh", 500) },
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		},
		"broken off in the answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, answered[:40])
		},
		"truncated JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answered[:70]) },
		"too late":       func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			for _, failures := range []int{2, 3} {
				s := serve(t, func(w http.ResponseWriter, r *http.Request, k int) {
					if k <= failures {
						fail(w, r)
						return
					}
					answer(w, r, k)
				})
				c, waits := open(t, s.URL, func(c *Config) {
					c.MaxRetries = 2
					if name == "too late" {
						c.Timeout = 200 * time.Millisecond
					}
				})
				text, err := c.Complete(t.Context(), hello)
				require.Equal(t, []time.Duration{time.Second, 2 * time.Second}, *waits)
				if failures == 2 {
					require.NoError(t, err)
					require.Equal(t, "topic: Trees", text)
					continue
				}
				var failure *Error
				require.ErrorAs(t, err, &failure)
				require.Equal(t, 3, failure.Attempts)
				require.True(t, strings.HasPrefix(err.Error(), "openai: "), err)
				require.Equal(t, name == "too late", errors.Is(err, os.ErrDeadlineExceeded))
			}
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, k int) {
		if k == 1 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		answer(w, r, k)
	})
	c, waits := open(t, s.URL, nil)
	_, err := c.Complete(t.Context(), hello)
	require.NoError(t, err)
	require.Equal(t, []time.Duration{7 * time.Second}, *waits)
}

func TestAnswers(t *testing.T) {
	choice := func(message, reason string) string {
		return fmt.Sprintf(`{"choices": [{"message": %s, "finish_reason": %q}]}`, message, reason)
	}
	for name, c := range map[string]struct {
		status     int
		body, want string // want is the text, or "! " and a part of the error
	}{
		"parts":         {200, choice(`{"content": [{"type": "text", "text": "to"}, {"type": "text", "text": "pic"}]}`, "stop"), "topic"},
		"cut":           {200, choice(`{"content": "topic: Long"}`, "length"), "topic: Long"},
		"null":          {200, choice(`{"content": null}`, "stop"), "! the answer has no text"},
		"blank":         {200, choice(`{"content": " \n"}`, "stop"), "! the answer has no text"},
		"no message":    {200, `{"choices": [{}]}`, "! the first choice of the answer has no message"},
		"null message":  {200, `{"choices": [{"message": null}]}`, "! no message"},
		"refusal":       {200, choice(`{"content": null, "refusal": "I will\nnot"}`, "stop"), "! the model refused: I will not"},
		"filter":        {200, choice(`{"content": ""}`, "content_filter"), "! a content filter of the service left no text"},
		"thought only":  {200, choice(`{"content": ""}`, "length"), "! reached its limit of tokens before any text"},
		"number":        {200, choice(`{"content": 5}`, "stop"), `! the content of the answer's message is "5", want a text`},
		"object":        {200, choice(`{"content": {"a": 1}}`, "stop"), "! want a text"},
		"no choices":    {200, `{"choices": []}`, "! the answer has no choices"},
		"error inside":  {200, `{"error": {"message": "overloaded ` + secretKey + `"}}`, "! the answer has no choices: overloaded [key]"},
		"choices":       {200, `{"choices": "none"}`, "! the answer is no chat completion"},
		"array":         {200, `[]`, "! the answer is no chat completion"},
		"page":          {200, `<html><title>Log in</title></html>`, `! the answer is not JSON: invalid character '<' looking for beginning of value: an HTML page with the title "Log in"`},
		"bytes":         {200, "\x00\xff\xfe\x01", "! the answer is not JSON"},
		"events":        {200, "data: {\"choices\": []}\n\n", "! the answer is not JSON"},
		"401":           {401, `{"error": {"message": "Incorrect API key provided: ` + secretKey + `.", "code": "invalid_api_key"}}`, "! openai: HTTP status 401 (invalid_api_key): Incorrect API key provided: [key]."},
		"404":           {404, `{"error": {"message": "model \"some-model\" not found, try pulling it first"}}`, `! HTTP status 404: model "some-model" not found`},
		"context":       {400, `{"error": {"message": "too long", "code": "context_length_exceeded"}}`, "! HTTP status 400 (context_length_exceeded): too long"},
		"quota":         {429, `{"error": {"message": "pay", "code": "insufficient_quota"}}`, "! HTTP status 429 (insufficient_quota): pay"},
		"redirect":      {307, "", "! redirects are not followed"},
		"no status 200": {204, "", "! HTTP status 204"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			client, waits := open(t, s.URL, nil)
			text, err := client.Complete(t.Context(), hello)
			require.Equal(t, 1, s.count())
			require.Empty(t, *waits)
			want, bad := strings.CutPrefix(c.want, "! ")
			if !bad {
				require.NoError(t, err)
				require.Equal(t, want, text)
				return
			}
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), secretKey)
			require.NotContains(t, err.Error(), "\n")
			require.Less(t, len(err.Error()), 600)
			require.Empty(t, text)
		})
	}
}

func TestHugeAnswersAreNotRead(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		block := bytes.Repeat([]byte(" "), 1<<16)
		for range 1 << 10 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	c, _ := open(t, s.URL, nil)
	_, err := c.Complete(t.Context(), hello)
	require.ErrorContains(t, err, "larger than 4194304 bytes")
}

func TestCancelWithin100ms(t *testing.T) {
	stop := errors.New("stop")
	s := serve(t, func(w http.ResponseWriter, r *http.Request, k int) {
		if k == 1 {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	for range 2 { // in a question that hangs, and in a wait
		c, _ := open(t, s.URL, func(c *Config) { c.MaxWait = time.Hour })
		c.service.Wait = nil
		ctx, cancel := context.WithCancelCause(t.Context())
		var at time.Time
		time.AfterFunc(50*time.Millisecond, func() {
			at = time.Now()
			cancel(stop)
		})
		_, err := c.Complete(ctx, hello)
		require.Equal(t, stop, err)
		require.Less(t, time.Since(at), 400*time.Millisecond)
		before := s.count()
		_, err = c.Complete(ctx, hello)
		require.Equal(t, stop, err)
		require.Equal(t, before, s.count())
	}
}

type leaky struct{}

func (leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("cannot send %v", r.Header)
}

func TestTheKeyIsNeverShown(t *testing.T) {
	for _, header := range []string{"", "api-key"} {
		cfg := DefaultConfig()
		cfg.APIKey, cfg.KeyHeader = Key(secretKey), header
		cfg.Client = &http.Client{Transport: leaky{}}
		c, err := New(cfg)
		require.NoError(t, err)
		_, failure := c.Complete(t.Context(), hello)
		require.ErrorContains(t, failure, "[key]")

		type wrapped struct {
			cfg Config
			c   Client
			p   *Client
			l   represent.LanguageModel
		}
		for _, v := range []any{cfg, &cfg, c, *c, wrapped{cfg, *c, c, represent.DefaultLanguageModel(c)}, represent.DefaultLanguageModel(c), failure} {
			var shown strings.Builder
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
				fmt.Fprintf(&shown, verb, v)
			}
			b, _ := json.Marshal(v)
			shown.Write(b)
			slog.New(slog.NewTextHandler(&shown, nil)).Info("x", "v", v)
			slog.New(slog.NewJSONHandler(&shown, nil)).Info("x", "v", v)
			require.NotContains(t, shown.String(), secretKey)
			require.NotContains(t, shown.String(), fmt.Sprintf("%x", secretKey))
		}
	}
}

func TestKeyFromTheEnvironment(t *testing.T) {
	s := serve(t, answer)
	t.Setenv("OPENAI_API_KEY", "from-env\n")
	for _, c := range []struct {
		key  Secret
		want string
	}{{Secret{}, "Bearer from-env"}, {Key("own"), "Bearer own"}, {Key(""), ""}} {
		client, _ := open(t, s.URL, func(cfg *Config) { cfg.APIKey = c.key })
		_, err := client.Complete(t.Context(), hello)
		require.NoError(t, err)
		require.Equal(t, c.want, s.requests[len(s.requests)-1].Header.Get("Authorization"))
	}
}

func TestValidateNamesEveryField(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	err := Config{
		BaseURL: "ftp://me:pass@host/?q=hush", APIKey: Key("ab\x00cd"), KeyHeader: "a b", Fields: map[string]any{"model": 1, "f": func() {}},
		MaxRetries: -1, Backoff: -1, MaxWait: -1,
	}.Validate()
	for _, field := range []string{"BaseURL", "APIKey", "KeyHeader", "Model", "Fields is one with model", "Fields is none that", "Timeout", "MaxRetries", "Backoff", "MaxWait"} {
		require.ErrorContains(t, err, "openai.Config."+field)
	}
	for _, secret := range []string{"pass", "hush", "ab\x00"} {
		require.NotContains(t, err.Error(), secret)
	}
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	_, err = New(Config{})
	require.Error(t, err)
}

// FuzzRead: an answer is a text with something in it, or an error of one line without the key; never a panic.
func FuzzRead(f *testing.F) {
	f.Add([]byte(answered))
	f.Add([]byte(`{"choices": [{"message": {"content": [{"text": "a"}]}}]}`))
	f.Add([]byte(`{"choices": [{"message": {"content": null, "refusal": "` + secretKey + `"}}]}`))
	f.Add([]byte(`{"error": "` + secretKey + `"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		cfg := DefaultConfig()
		cfg.APIKey = Key(secretKey)
		c, err := New(cfg)
		require.NoError(t, err)
		text, err := c.read(body)
		if err == nil {
			require.NotEmpty(t, strings.TrimSpace(text))
		}
	})
}
