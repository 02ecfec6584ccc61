package openai

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/stage"
)

const secretKey = "sk-test-0123456789abcdef"

const dims = 5

// truth is the vector of a text.
func truth(text string, d int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(text))
	v := make([]float32, d)
	for i := range v {
		s := (h.Sum64() + uint64(i)) * 0x9E3779B97F4A7C15
		v[i] = float32(int32(s>>32)) / (1 << 31)
	}
	return v
}

// item is one entry of an answer's data.
type item struct {
	Object    string `json:"object"`
	Index     *int   `json:"index,omitempty"`
	Embedding any    `json:"embedding"`
}

// answer is the right answer to a question, the last text first.
func answer(q question) []item {
	var data []item
	d := dims
	if q.Dimensions > 0 {
		d = q.Dimensions
	}
	for i := len(q.Input) - 1; i >= 0; i-- {
		v := truth(q.Input[i], d)
		var e any = v
		if q.Encoding == "base64" {
			b, _ := binary.Append(nil, binary.LittleEndian, v)
			e = base64.StdEncoding.EncodeToString(b)
		}
		data = append(data, item{"embedding", &i, e})
	}
	return data
}

func send(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": data})
}

// testServer is a test server that answers the k-th request (from 1) by f, and keeps the questions.
type testServer struct {
	*httptest.Server
	mu        sync.Mutex
	questions []question
}

func serve(t *testing.T, f func(w http.ResponseWriter, r *http.Request, q question, k int)) *testServer {
	s := &testServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q question
		b, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(b, &q) != nil {
			http.Error(w, "bad question", http.StatusTeapot)
			return
		}
		s.mu.Lock()
		s.questions = append(s.questions, q)
		k := len(s.questions)
		s.mu.Unlock()
		f(w, r, q, k)
	}))
	t.Cleanup(s.Close)
	return s
}

// asked is what was asked so far.
func (s *testServer) asked() []question {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.questions)
}

func right(w http.ResponseWriter, _ *http.Request, q question, _ int) { send(w, answer(q)) }

// waits makes an Embedder's waits take no time and notes them.
type waits struct {
	mu  sync.Mutex
	all []time.Duration
}

func open(t *testing.T, url string, change func(*Config)) (*Embedder, *waits) {
	cfg := DefaultConfig()
	cfg.BaseURL, cfg.APIKey, cfg.Model = url+"/v1", Key(secretKey), "some-model"
	if change != nil {
		change(&cfg)
	}
	e, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(e.service.HTTP.CloseIdleConnections)
	w := &waits{}
	e.service.Wait = func(ctx context.Context, d time.Duration) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = append(w.all, d)
		return context.Cause(ctx)
	}
	return e, w
}

func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("text %d", i)
	}
	return texts
}

func requireTruth(t *testing.T, texts []string, x blas32.General, d int) {
	t.Helper()
	require.Equal(t, len(texts), x.Rows)
	require.Equal(t, d, x.Cols)
	require.Equal(t, d, x.Stride)
	for i, text := range texts {
		if text == "" {
			text = " "
		}
		require.Equal(t, truth(text, d), x.Data[i*d:(i+1)*d], "text %d", i)
	}
}

func TestRowsBelongToTextsExactly(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, k int) {
		require.Equal(t, "/v1/embeddings", r.URL.Path)
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, "Bearer "+secretKey, r.Header.Get("Authorization"))
		require.Equal(t, "application/json", r.Header.Get("Content-Type"))
		time.Sleep(time.Duration(k%3) * time.Millisecond) // answers overtake each other
		right(w, r, q, k)
	})
	texts := numbered(103)
	texts[7], texts[50], texts[51] = "", "naïve <b>&\"\n \U0001F600", texts[50]
	for _, encoding := range []string{"base64", "float", ""} {
		for _, dim := range []int{0, 9} {
			e, _ := open(t, s.URL, func(c *Config) { c.Encoding, c.Dimensions, c.BatchTexts = encoding, dim, 10 })
			var progress []int
			x, err := e.EmbedWith(t.Context(), texts, embed.Options{Progress: func(done, total int) {
				require.Equal(t, len(texts), total)
				progress = append(progress, done)
			}})
			require.NoError(t, err)
			requireTruth(t, texts, x, max(dim, 5-dim))
			require.IsIncreasing(t, append([]int{0}, progress...))
			require.Equal(t, len(texts), progress[len(progress)-1])
		}
	}
	for _, q := range s.asked() {
		require.Equal(t, "some-model", q.Model)
		require.NotContains(t, q.Input, "")
		require.LessOrEqual(t, len(q.Input), 10)
	}
	require.Len(t, s.asked(), 6*11)
}

// TestSameBits: one, two and many requests at a time, and batches of any size.
func TestSameBits(t *testing.T) {
	s := serve(t, right)
	texts := numbered(64)
	for _, c := range []struct{ concurrency, workers, batch, bytes int }{{1, 0, 64, 1 << 20}, {2, 0, 1, 1 << 20}, {16, 0, 7, 1 << 20}, {1, 5, 3, 1 << 20}, {4, 0, 64, 1}} {
		e, _ := open(t, s.URL, func(cfg *Config) { cfg.Concurrency, cfg.BatchTexts, cfg.BatchBytes = c.concurrency, c.batch, c.bytes })
		x, err := e.EmbedWith(t.Context(), texts, embed.Options{Workers: c.workers})
		require.NoError(t, err)
		requireTruth(t, texts, x, dims)
	}
}

func TestNoTextsSendNothing(t *testing.T) {
	s := serve(t, right)
	e, _ := open(t, s.URL, func(c *Config) { c.Dimensions = 3 })
	x, err := e.Embed(t.Context(), nil)
	require.NoError(t, err)
	require.Zero(t, x.Rows)
	require.Equal(t, 3, x.Cols)
	require.Empty(t, s.asked())
}

func TestBatchesKeepTheirLimitsExactly(t *testing.T) {
	e, _ := open(t, "http://localhost", func(c *Config) { c.BatchTexts, c.BatchBytes = 3, 10 })
	for _, c := range []struct {
		sizes, ends []int
	}{
		{nil, nil},
		{[]int{1}, []int{1}},
		{[]int{1, 1, 1, 1}, []int{3, 4}},
		{[]int{5, 5, 1}, []int{2, 3}},
		{[]int{11, 1, 30, 30}, []int{1, 2, 3, 4}},
		{[]int{4, 6, 1, 9, 1}, []int{2, 4, 5}},
	} {
		var texts []string
		for _, n := range c.sizes {
			texts = append(texts, strings.Repeat("x", n))
		}
		require.Equal(t, c.ends, e.batches(texts), "%v", c.sizes)
	}
}

func TestLongTextsAreCutAtACharacter(t *testing.T) {
	s := serve(t, right)
	e, _ := open(t, s.URL, func(c *Config) { c.MaxTextBytes = 5 })
	cut := -1
	_, err := e.EmbedWith(t.Context(), []string{"abcde", "abcdef", "abcdé", "ééé", "\x80\x80\x80\x80\x80\x80", ""}, embed.Options{Cut: func(n int) { cut = n }})
	require.NoError(t, err)
	require.Equal(t, 4, cut)
	require.Equal(t, []string{"abcde", "abcde", "abcd", "éé", strings.Repeat("\ufffd", 5), " "}, s.asked()[0].Input)
}

func TestRetriesOnAFixedSchedule(t *testing.T) {
	for name, fail := range map[string]func(w http.ResponseWriter, r *http.Request, q question){
		"429": func(w http.ResponseWriter, _ *http.Request, _ question) { w.WriteHeader(http.StatusTooManyRequests) },
		"500": func(w http.ResponseWriter, _ *http.Request, _ question) { http.Error(w, "oh", 500) },
		"503": func(w http.ResponseWriter, _ *http.Request, _ question) {
			http.Error(w, "busy", http.StatusServiceUnavailable)
		},
		"reset": func(w http.ResponseWriter, _ *http.Request, _ question) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.(*net.TCPConn).SetLinger(0)
			c.Close()
		},
		"closed": func(w http.ResponseWriter, _ *http.Request, _ question) {
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		},
		"hang": func(_ http.ResponseWriter, r *http.Request, _ question) { <-r.Context().Done() },
		"hang after the head": func(w http.ResponseWriter, r *http.Request, _ question) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"short body": func(w http.ResponseWriter, _ *http.Request, q question) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"data": [`)
		},
		"truncated JSON": func(w http.ResponseWriter, _ *http.Request, q question) {
			b, _ := json.Marshal(map[string]any{"data": answer(q)})
			_, _ = w.Write(b[:len(b)*2/3])
		},
		"empty answer": func(w http.ResponseWriter, _ *http.Request, q question) { w.WriteHeader(200) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, failures := range []int{1, 4, 5} {
				if testing.Short() && strings.HasPrefix(name, "hang") && failures > 1 { // each takes a timeout
					continue
				}
				s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, k int) {
					if k <= failures {
						fail(w, r, q)
						return
					}
					right(w, r, q, k)
				})
				e, w := open(t, s.URL, func(c *Config) {
					c.MaxRetries, c.Backoff, c.MaxWait = 4, time.Second, 5*time.Second
					if strings.HasPrefix(name, "hang") {
						c.Timeout = 400 * time.Millisecond
					}
				})
				texts := numbered(3)
				x, err := e.Embed(t.Context(), texts)
				require.Equal(t, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second}[:min(failures, 4)], w.all)
				if failures <= 4 {
					require.NoError(t, err)
					requireTruth(t, texts, x, dims)
					continue
				}
				var failure *Error
				require.ErrorAs(t, err, &failure)
				require.Equal(t, 5, failure.Attempts)
				require.Len(t, s.asked(), 5)
				require.Contains(t, err.Error(), "texts 0 to 2 of 3")
				require.Contains(t, err.Error(), "after 5 attempts")
				require.Equal(t, strings.HasPrefix(name, "hang"), errors.Is(err, os.ErrDeadlineExceeded))
			}
		})
	}
}

func TestRetriesARefusedConnection(t *testing.T) {
	s := serve(t, right)
	s.Close()
	e, w := open(t, s.URL, func(c *Config) { c.MaxRetries = 2 })
	_, err := e.Embed(t.Context(), numbered(1))
	require.ErrorContains(t, err, "after 3 attempts")
	require.NotContains(t, err.Error(), "/v1")
	require.Len(t, w.all, 2)
}

func TestRetryAfterExactly(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		header map[string]string
		want   time.Duration
	}{
		{map[string]string{"Retry-After": "7"}, 7 * time.Second},
		{map[string]string{"Retry-After": " 7 "}, 7 * time.Second},
		{map[string]string{"Retry-After": "0"}, time.Second},
		{map[string]string{"Retry-After": "-5"}, time.Second},
		{map[string]string{"Retry-After": "soon"}, time.Second},
		{map[string]string{"Retry-After": "99999999999"}, time.Minute},
		{map[string]string{"Retry-After": "999999999999999999999999"}, time.Second},
		{map[string]string{"Retry-After-Ms": "2500", "Retry-After": "9"}, 2500 * time.Millisecond},
		{map[string]string{"Retry-After": now.Add(20 * time.Second).Format(http.TimeFormat), "Date": "-"}, 20 * time.Second},
		{map[string]string{"Retry-After": now.Add(20 * time.Second).Format(http.TimeFormat), "Date": now.Add(15 * time.Second).Format(http.TimeFormat)}, 5 * time.Second},
		{map[string]string{"Retry-After": now.Add(-20 * time.Second).Format(http.TimeFormat), "Date": "-"}, time.Second},
		{map[string]string{"Retry-After": now.Add(24 * time.Hour).Format(http.TimeFormat), "Date": "-"}, time.Minute},
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, k int) {
			if k == 1 {
				for name, v := range c.header {
					w.Header().Set(name, v)
				}
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			right(w, r, q, k)
		})
		e, w := open(t, s.URL, nil)
		e.service.Now = func() time.Time { return now }
		_, err := e.Embed(t.Context(), numbered(1))
		require.NoError(t, err)
		require.Equal(t, []time.Duration{c.want}, w.all, "%v", c.header)
	}
}

// Answers that no repetition mends: one attempt, and an error that says what is wrong.
func TestFinalFailures(t *testing.T) {
	body := func(status int, text string) func(http.ResponseWriter, *http.Request, question) {
		return func(w http.ResponseWriter, _ *http.Request, _ question) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	data := func(change func([]item) any) func(http.ResponseWriter, *http.Request, question) {
		return func(w http.ResponseWriter, _ *http.Request, q question) { send(w, change(answer(q))) }
	}
	b64 := base64.StdEncoding.EncodeToString
	bits := func(f float32) []byte {
		return binary.LittleEndian.AppendUint32(make([]byte, 16), math.Float32bits(f))
	}
	for name, c := range map[string]struct {
		f    func(http.ResponseWriter, *http.Request, question)
		want string
	}{
		"400": {
			body(400, `{"error": {"message": "too many\ntokens", "type": "invalid_request_error", "code": "context_length_exceeded"}}`),
			"openai: texts 0 to 3 of 4: HTTP status 400 (context_length_exceeded): too many tokens",
		},
		"400 type":       {body(400, `{"error": {"message": "no", "type": "invalid_request_error", "code": null}}`), "HTTP status 400 (invalid_request_error): no"},
		"400 number":     {body(400, `{"error": {"message": "no", "code": 17}}`), "HTTP status 400 (17): no"},
		"404 text":       {body(404, `{"error": "model not found"}`), "HTTP status 404: model not found"},
		"404 message":    {body(404, `{"object": "error", "message": "no such model"}`), "HTTP status 404: no such model"},
		"422 detail":     {body(422, `{"detail": [{"loc": ["body"], "msg": "bad"}]}`), `HTTP status 422: [{"loc": ["body"], "msg": "bad"}]`},
		"401 key":        {body(401, `{"error": {"message": "Incorrect API key provided: `+secretKey+`."}}`), "HTTP status 401: Incorrect API key provided: [key]."},
		"403 empty":      {body(403, ""), "HTTP status 403"},
		"403 page":       {body(403, "<!DOCTYPE html><html><head><title>Access denied</title></head><body>"+strings.Repeat("x", 9999)), `HTTP status 403: an HTML page with the title "Access denied"`},
		"501":            {body(501, "not here"), "HTTP status 501: not here"},
		"204":            {body(204, ""), "HTTP status 204"},
		"quota":          {body(429, `{"error": {"message": "pay", "type": "insufficient_quota", "code": "insufficient_quota"}}`), "HTTP status 429 (insufficient_quota): pay"},
		"page":           {body(200, "<html><title>Log in</title></html>"), `the answer is not JSON: invalid character '<' looking for beginning of value: an HTML page with the title "Log in"`},
		"page, no title": {body(200, "<HTML>"), "an HTML page"},
		"NaN":            {body(200, `{"data": [{"index": 0, "embedding": [NaN]}]}`), "the answer is not JSON: invalid character 'N'"},
		"no data":        {body(200, `{"object": "list"}`), `no field "data"`},
		"null data":      {body(200, `{"data": null}`), `no field "data"`},
		"data":           {body(200, `{"data": {"index": 0}}`), "not a list of embeddings"},
		"array":          {body(200, `[]`), "not a list of embeddings"},
		"too few":        {data(func(d []item) any { return d[1:] }), "3 vectors for 4 texts"},
		"none":           {data(func(d []item) any { return d[:0] }), "0 vectors for 4 texts"},
		"too many":       {data(func(d []item) any { return append(d, d[0]) }), "5 vectors for 4 texts"},
		"twice":          {data(func(d []item) any { d[0].Index = d[1].Index; return d }), "two vectors with index 2"},
		"index beyond":   {data(func(d []item) any { *d[2].Index = 4; return d }), "index 4 for 4 texts"},
		"index below":    {data(func(d []item) any { *d[2].Index = -1; return d }), "index -1 for 4 texts"},
		"some indices":   {data(func(d []item) any { d[2].Index = nil; return d }), `an "index" with 3 of 4 vectors only`},
		"shorter":        {data(func(d []item) any { d[1].Embedding = []float32{1, 2, 3, 4}; return d }), "the vector of text 2 has 4 dimensions, want 5"},
		"longer":         {data(func(d []item) any { d[1].Embedding = b64(make([]byte, 24)); return d }), "the vector of text 2 has 6 dimensions, want 5"},
		"empty vector":   {data(func(d []item) any { d[1].Embedding = []float32{}; return d }), "vector 2 of the answer: it is empty"},
		"empty base64":   {data(func(d []item) any { d[1].Embedding = ""; return d }), "vector 2 of the answer: it is empty"},
		"bad base64":     {data(func(d []item) any { d[1].Embedding = "AAAA*AAA"; return d }), "vector 2 of the answer: bad base64"},
		"odd base64":     {data(func(d []item) any { d[1].Embedding = b64(make([]byte, 19)); return d }), "base64 of 19 bytes"},
		"NaN base64":     {data(func(d []item) any { d[1].Embedding = b64(bits(float32(math.NaN()))); return d }), "element 4 is NaN"},
		"Inf base64":     {data(func(d []item) any { d[1].Embedding = b64(bits(float32(math.Inf(-1)))); return d }), "element 4 is -Inf"},
		"overflow":       {data(func(d []item) any { d[1].Embedding = []float64{1, 1e39, 0, 0, 0}; return d }), "element 1 is +Inf"},
		"null element":   {data(func(d []item) any { d[1].Embedding = []any{1, 2, nil, 4, 5}; return d }), `element 2 is "null"`},
		"text element":   {data(func(d []item) any { d[1].Embedding = []any{1, "2", 3, 4, 5}; return d }), `element 1 is "\"2\""`},
		"nested":         {data(func(d []item) any { d[1].Embedding = [][]float32{{1, 2, 3, 4, 5}}; return d }), `element 0 is "[1"`},
		"null vector":    {data(func(d []item) any { d[1].Embedding = nil; return d }), `the embedding is "null"`},
		"object":         {data(func(d []item) any { d[1].Embedding = map[string]int{}; return d }), `the embedding is "{}"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, _ int) { c.f(w, r, q) })
			e, w := open(t, s.URL, nil)
			_, err := e.Embed(t.Context(), numbered(4))
			require.ErrorContains(t, err, c.want)
			var failure *Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, []int{0, 3, 4, 1}, []int{failure.First, failure.Last, failure.Total, failure.Attempts})
			require.Len(t, s.asked(), 1)
			require.Empty(t, w.all)
			require.Less(t, len(err.Error()), 600)
			require.NotContains(t, err.Error(), secretKey)
		})
	}
}

func TestAnswersWithoutIndicesAreInOrder(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, q question, _ int) {
		d := answer(q)
		slices.Reverse(d)
		for i := range d {
			d[i].Index = nil
		}
		send(w, d)
	})
	e, _ := open(t, s.URL, nil)
	x, err := e.Embed(t.Context(), numbered(4))
	require.NoError(t, err)
	requireTruth(t, numbered(4), x, dims)
}

func TestDimensionsMustBeThoseAskedFor(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, q question, _ int) {
		q.Dimensions = 0
		send(w, answer(q))
	})
	e, _ := open(t, s.URL, func(c *Config) { c.Dimensions = 4 })
	_, err := e.Embed(t.Context(), numbered(2))
	require.ErrorContains(t, err, "the vector of text 0 has 5 dimensions, want 4")
}

func TestDimensionsMustBeTheSameInAllRequests(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, q question, _ int) {
		if q.Input[0] == "text 4" {
			q.Dimensions = 6
		}
		send(w, answer(q))
	})
	e, _ := open(t, s.URL, func(c *Config) { c.BatchTexts, c.Concurrency = 2, 1 })
	_, err := e.Embed(t.Context(), numbered(9))
	require.ErrorContains(t, err, "openai: texts 4 to 5 of 9: the vector of text 4 has 6 dimensions, want 5")
}

func TestErrorsNameTheirTextsAndAreShort(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, k int) {
		if q.Input[0] == "text 6" {
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"error": {"message": %q}}`, strings.Repeat("ü", 100_000))
			return
		}
		right(w, r, q, k)
	})
	e, _ := open(t, s.URL, func(c *Config) { c.BatchTexts = 3 })
	_, err := e.Embed(t.Context(), numbered(8))
	var failure *Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 6, failure.First)
	require.Equal(t, 7, failure.Last)
	require.Equal(t, 400, failure.Status)
	require.True(t, strings.HasPrefix(err.Error(), "openai: texts 6 to 7 of 8: HTTP status 400: ü"), err.Error())
	require.LessOrEqual(t, len(failure.Message), 300)
	require.True(t, utf8.ValidString(failure.Message))
}

func TestHugeAnswersAreNotRead(t *testing.T) {
	for _, status := range []int{200, 500} {
		var sent atomic.Int64
		s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ question, _ int) {
			w.WriteHeader(status)
			block := bytes.Repeat([]byte(" "), 1<<16)
			for range 1 << 12 { // 256 MiB
				n, err := w.Write(block)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
		e, _ := open(t, s.URL, func(c *Config) { c.MaxRetries = 0 })
		_, err := e.Embed(t.Context(), numbered(1))
		require.Error(t, err)
		if status == 200 {
			require.ErrorContains(t, err, "is larger than 1310720 bytes")
		}
		e.service.HTTP.CloseIdleConnections()
		s.CloseClientConnections()
		require.Less(t, sent.Load(), int64(64<<20), "the rest of the answer was read")
	}
}

// TestRedirectsAreNotFollowed: neither key nor texts reach another server, nor another path.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := serve(t, right)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request, _ question, _ int) {
			http.Redirect(w, r, other.URL+"/v2/embeddings?token="+secretKey, status)
		})
		for _, client := range []*http.Client{nil, {}, {CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}} {
			e, _ := open(t, s.URL, func(c *Config) { c.Client = client })
			_, err := e.Embed(t.Context(), numbered(1))
			require.ErrorContains(t, err, fmt.Sprintf("HTTP status %d: redirects are not followed, this one leads to %q", status, other.URL+"/v2/embeddings"))
			require.NotContains(t, err.Error(), secretKey)
		}
		require.Len(t, s.asked(), 3)
	}
	require.Empty(t, other.asked())
}

// TestCancelWithin100ms in a request that hangs, in a wait and before the start, with the context's own cause.
func TestCancelWithin100ms(t *testing.T) {
	stop := errors.New("stop")
	s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, _ int) {
		if q.User == "busy" {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(429)
			return
		}
		<-r.Context().Done()
	})
	for _, user := range []string{"", "busy"} {
		for _, n := range []int{1, 50} {
			e, _ := open(t, s.URL, func(c *Config) { c.User, c.MaxWait, c.BatchTexts = user, time.Hour, 1 })
			e.service.Wait = nil
			ctx, cancel := context.WithCancelCause(t.Context())
			var at time.Time
			time.AfterFunc(50*time.Millisecond, func() {
				at = time.Now()
				cancel(stop)
			})
			_, err := e.Embed(ctx, numbered(n))
			require.Equal(t, stop, err)
			require.Less(t, time.Since(at), 400*time.Millisecond)
			sent := len(s.asked())
			_, err = e.Embed(ctx, numbered(n))
			require.Equal(t, stop, err)
			require.Len(t, s.asked(), sent)
		}
	}
}

// TestOneFailureEndsAll: requests that hang beside one that fails are given up.
func TestOneFailureEndsAll(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, _ int) {
		if q.Input[0] == "text 2" {
			time.Sleep(20 * time.Millisecond)
			http.Error(w, "no", 400)
			return
		}
		<-r.Context().Done()
	})
	e, _ := open(t, s.URL, func(c *Config) { c.BatchTexts = 1 })
	start := time.Now()
	_, err := e.Embed(t.Context(), numbered(40))
	require.EqualError(t, err, "openai: texts 2 to 2 of 40: HTTP status 400: no")
	require.Less(t, time.Since(start), 10*time.Second)
	require.LessOrEqual(t, len(s.asked()), 4)
}

type leaky struct{}

func (leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("cannot send %v", r.Header)
}

func TestTheKeyIsNeverShown(t *testing.T) {
	cfg := DefaultConfig()
	cfg.APIKey = Key(secretKey)
	cfg.Client = &http.Client{Transport: leaky{}}
	e, err := New(cfg)
	require.NoError(t, err)
	_, failure := e.Embed(t.Context(), numbered(1))
	require.ErrorContains(t, failure, "Bearer [key]")

	type wrapped struct {
		cfg Config
		e   Embedder
		p   *Embedder
	}
	var shown []string
	for _, v := range []any{cfg, &cfg, cfg.APIKey, &cfg.APIKey, e, *e, wrapped{cfg, *e, e}, []any{cfg, e}, map[string]Config{"a": cfg}, failure} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "% x", "%T", "%p", "%t"} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
		b, _ := json.Marshal(v)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		shown = append(shown, string(b), log.String())
	}
	hex := fmt.Sprintf("%x", secretKey)
	for _, s := range shown {
		require.NotContains(t, s, secretKey)
		require.NotContains(t, strings.ToLower(strings.ReplaceAll(s, " ", "")), hex)
	}
	require.Equal(t, "hidden unset empty", fmt.Sprint(cfg.APIKey, " ", Secret{}, " ", Key("\n")))
}

func TestKeyFromTheEnvironment(t *testing.T) {
	var got atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, k int) {
		got.Store(strings.Join(r.Header["Authorization"], "|"))
		right(w, r, q, k)
	})
	for _, c := range []struct {
		env  string
		key  Secret
		want string
	}{
		{"from-env\n", Secret{}, "Bearer from-env"},
		{"from-env", Key("own"), "Bearer own"},
		{"from-env", Key(""), ""},
		{"", Secret{}, ""},
	} {
		t.Setenv("OPENAI_API_KEY", c.env)
		e, _ := open(t, s.URL, func(cfg *Config) { cfg.APIKey = c.key })
		t.Setenv("OPENAI_API_KEY", "later")
		_, err := e.Embed(t.Context(), numbered(1))
		require.NoError(t, err)
		require.Equal(t, c.want, got.Load())
	}
	t.Setenv("OPENAI_API_KEY", "two words")
	_, err := New(DefaultConfig())
	require.ErrorContains(t, err, "openai.Config.APIKey is unset, want printable ASCII")
	require.NotContains(t, err.Error(), "two")
}

func TestAzureExact(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, q question, k int) {
		require.Equal(t, "/openai/deployments/mine/embeddings?api-version=2024-10-21", r.URL.String())
		require.Equal(t, secretKey, r.Header.Get("api-key"))
		require.Empty(t, r.Header.Get("Authorization"))
		right(w, r, q, k)
	})
	e, _ := open(t, s.URL, func(c *Config) {
		c.BaseURL, c.KeyHeader = s.URL+"/openai/deployments/mine?api-version=2024-10-21", "api-key"
	})
	x, err := e.Embed(t.Context(), numbered(2))
	require.NoError(t, err)
	requireTruth(t, numbered(2), x, dims)
}

func TestValidateNamesEveryField(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	err := Config{
		BaseURL: "ftp://me:pass@host/?q=hush", APIKey: Key("ab\x00cd"), KeyHeader: "a b", Dimensions: -1, Encoding: "hex", MaxTextBytes: -1, MaxRetries: -1, Backoff: -1, MaxWait: -1,
	}.Validate()
	for _, field := range []string{"BaseURL", "APIKey", "KeyHeader", "Model", "Dimensions", "Encoding", "MaxTextBytes", "BatchTexts", "BatchBytes", "Concurrency", "Timeout", "MaxRetries", "Backoff", "MaxWait"} {
		require.ErrorContains(t, err, "openai.Config."+field+" is ")
	}
	for _, secret := range []string{"pass", "hush", "ab\x00"} {
		require.NotContains(t, err.Error(), secret)
	}
	var one *stage.ConfigError
	require.ErrorAs(t, err, &one)
	for _, bad := range []string{"", "localhost:8080", "//host/v1", "http://", "https://user@host/v1", "http://host/#x", "http://a b/", "::"} {
		c := DefaultConfig()
		c.BaseURL = bad
		require.ErrorContains(t, c.Validate(), "openai.Config.BaseURL", bad)
	}
	for base, want := range map[string]string{
		"http://host": "http://host/embeddings", "http://host/v1": "http://host/v1/embeddings", "http://host/v1/": "http://host/v1/embeddings",
		"https://x.azure.com/openai/deployments/d?api-version=1": "https://x.azure.com/openai/deployments/d/embeddings?api-version=1",
	} {
		u, err := Config{BaseURL: base}.endpoint()
		require.NoError(t, err)
		require.Equal(t, want, u.String())
	}
}

// FuzzDecode: an answer is refused or is n finite vectors; never a panic.
func FuzzDecode(f *testing.F) {
	good, _ := json.Marshal(map[string]any{"data": answer(question{Input: numbered(3), Encoding: "base64"})})
	f.Add(good, 3)
	good, _ = json.Marshal(map[string]any{"data": answer(question{Input: numbered(2)})})
	f.Add(good, 2)
	f.Add([]byte(`{"data":[{"embedding":[ 1 , 2e-3,-0 ]}]}`), 1)
	f.Add([]byte(`{"data":[{"embedding":[]},{"index":1}]}`), 2)
	f.Add([]byte(`{"data":[{"embedding":"AAAA"},null]}`), 2)
	f.Add([]byte(`{"data":[{"embedding":[1,[2],{"a":3},"4,5"]}]}`), 1)
	f.Fuzz(func(t *testing.T, body []byte, n int) {
		if n < 0 || n > 1000 {
			return
		}
		vectors, err := decode(body, n)
		if err != nil {
			return
		}
		require.Len(t, vectors, n)
		for _, v := range vectors {
			require.NotEmpty(t, v)
			for _, x := range v {
				require.False(t, math.IsNaN(float64(x)) || math.IsInf(float64(x), 0))
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, encoding := range []string{"base64", "float"} {
		body, err := json.Marshal(map[string]any{"data": answer(question{Input: numbered(256), Encoding: encoding, Dimensions: 1536})})
		require.NoError(b, err)
		b.Run(encoding, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				_, err := decode(body, 256)
				require.NoError(b, err)
			}
		})
	}
}
