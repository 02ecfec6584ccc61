package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Embedder asks a service for the vectors of texts. It is immutable and safe for concurrent use.
type Embedder struct {
	cfg      Config
	endpoint *url.URL
	key      Secret
	client   *http.Client

	wait func(context.Context, time.Duration) error // replaced by tests
	now  func() time.Time
}

// New makes an Embedder. It fails only with *ConfigError for each bad field of cfg; nothing is sent.
func New(cfg Config) (*Embedder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := &Embedder{cfg: cfg, key: Key(cfg.key()), wait: sleep, now: time.Now}
	e.cfg.APIKey = e.key
	e.endpoint, _ = cfg.endpoint()
	if cfg.Client != nil {
		c := *cfg.Client
		e.client = &c
	} else {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = cfg.Concurrency
		e.client = &http.Client{Transport: t}
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return e, nil
}

// String names the address and the model.
func (e *Embedder) String() string {
	return fmt.Sprintf("openai embedder of %s at %s", e.cfg.Model, shown(e.cfg.BaseURL))
}

// Format writes what String returns, for every verb.
func (e *Embedder) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// Identity names what decides the vectors: address, model, dimensions and the length at which texts are cut. It is the
// Identity that embed.Cached uses where its configuration has none.
func (e *Embedder) Identity() string {
	return fmt.Sprintf("openai %s %q dimensions=%d cut=%d", shown(e.cfg.BaseURL), e.cfg.Model, e.cfg.Dimensions, e.cfg.MaxTextBytes)
}

// Embed returns a matrix with one row per text, in the order of the texts. Without texts nothing is sent, and the matrix has
// Config.Dimensions columns. The error is the cause of a cancelled context, which is noticed within 100 ms, or an *Error that
// names the texts of the request that failed first; requests under way are then given up.
func (e *Embedder) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return e.EmbedWith(ctx, texts, embed.Options{})
}

// EmbedWith is Embed with the number of requests at a time, a progress report after each request and the count of texts
// that were cut.
func (e *Embedder) EmbedWith(ctx context.Context, texts []string, opt embed.Options) (blas32.General, error) {
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	inputs, cut := e.inputs(texts)
	ends := e.batches(inputs)
	workers := opt.Workers
	if workers <= 0 {
		workers = e.cfg.Concurrency
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		rows = make([][]float32, len(texts))
		done atomic.Int64
		mu   sync.Mutex
		dim  = e.cfg.Dimensions
	)
	loop := parallel.Loop{Workers: workers, Block: 1}
	if opt.Progress != nil {
		last := 0
		loop.Progress = func(int, int) {
			if d := int(done.Load()); d > last {
				last = d
				opt.Progress(d, len(texts))
			}
		}
	}
	err := loop.Run(ctx, len(ends), func(_, b, _ int) error {
		lo := 0
		if b > 0 {
			lo = ends[b-1]
		}
		hi := ends[b]
		err := e.request(ctx, inputs[lo:hi], func(vectors [][]float32) error {
			mu.Lock()
			defer mu.Unlock()
			for i, v := range vectors {
				if dim == 0 {
					dim = len(v)
				}
				if len(v) != dim {
					return fmt.Errorf("the vector of text %d has %d dimensions, want %d", lo+i, len(v), dim)
				}
			}
			copy(rows[lo:hi], vectors)
			return nil
		})
		if err == nil {
			done.Add(int64(hi - lo))
			return nil
		}
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		var failure *Error
		if errors.As(err, &failure) {
			failure.First, failure.Last, failure.Total = lo, hi-1, len(texts)
		}
		cancel(err)
		return context.Cause(ctx) // the first of several failures
	})
	if err != nil {
		return blas32.General{}, err
	}
	x := blas32.General{Rows: len(texts), Cols: dim, Stride: dim, Data: make([]float32, len(texts)*dim)}
	for i, row := range rows {
		copy(x.Data[i*dim:], row)
	}
	if opt.Cut != nil {
		opt.Cut(cut)
	}
	return x, nil
}

// inputs are the texts as they are sent.
func (e *Embedder) inputs(texts []string) (inputs []string, cut int) {
	inputs = make([]string, len(texts))
	for i, text := range texts {
		if limit := e.cfg.MaxTextBytes; limit > 0 && len(text) > limit {
			for limit > 0 && !utf8.RuneStart(text[limit]) {
				limit--
			}
			if limit == 0 { // nothing but parts of characters: there is no better place
				limit = e.cfg.MaxTextBytes
			}
			text = text[:limit]
			cut++
		}
		if text == "" {
			text = " "
		}
		inputs[i] = text
	}
	return inputs, cut
}

// batches are the ends of the requests.
func (e *Embedder) batches(texts []string) (ends []int) {
	lo, size := 0, 0
	for i, text := range texts {
		if i > lo && (i-lo == e.cfg.BatchTexts || size+len(text) > e.cfg.BatchBytes) {
			ends = append(ends, i)
			lo, size = i, 0
		}
		size += len(text)
	}
	if len(texts) > 0 {
		ends = append(ends, len(texts))
	}
	return ends
}

type question struct {
	Model      string   `json:"model"`
	Input      []string `json:"input"`
	Encoding   string   `json:"encoding_format,omitempty"`
	Dimensions int      `json:"dimensions,omitempty"`
	User       string   `json:"user,omitempty"`
}

// request asks until there is an answer that accept takes.
func (e *Embedder) request(ctx context.Context, texts []string, accept func([][]float32) error) error {
	body, err := json.Marshal(question{e.cfg.Model, texts, e.cfg.Encoding, e.cfg.Dimensions, e.cfg.User})
	if err != nil {
		return &Error{Err: err}
	}
	for attempt := 1; ; attempt++ {
		vectors, status, err := e.try(ctx, body, len(texts))
		if err == nil {
			if err = accept(vectors); err == nil {
				return nil
			}
		}
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		var again *retryable
		repeat := errors.As(err, &again)
		if !repeat || attempt > e.cfg.MaxRetries {
			if repeat {
				err = again.error
			}
			var failure *Error
			if !errors.As(err, &failure) {
				failure = &Error{Err: e.hide(err), Status: status}
			}
			failure.Attempts = attempt
			return failure
		}
		if err := e.wait(ctx, e.pause(attempt, again.after)); err != nil {
			return err
		}
	}
}

// pause is the wait after an attempt, the first of which is 1.
func (e *Embedder) pause(attempt int, asked time.Duration) time.Duration {
	wait := e.cfg.Backoff
	for range attempt - 1 {
		if wait >= e.cfg.MaxWait {
			break
		}
		wait *= 2
	}
	return min(max(wait, asked), e.cfg.MaxWait)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// retryable is a failure that another attempt may mend.
type retryable struct {
	error
	after time.Duration // what the service asks for
}

const (
	maxErrorBytes = 1 << 20
	// An answer may have 8,192 dimensions in 32 characters each for every text, and a little more.
	maxVectorBytes = 8192 * 32
	maxOtherBytes  = 1 << 20
)

// try sends a request once.
func (e *Embedder) try(ctx context.Context, body []byte, n int) (vectors [][]float32, status int, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, e.cfg.Timeout, fmt.Errorf("no full answer within %v: %w", e.cfg.Timeout, os.ErrDeadlineExceeded))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, 0, bare(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if key := *e.key.text; key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, 0, e.lost(ctx, err)
	}
	defer resp.Body.Close()
	limit := int64(maxErrorBytes)
	if resp.StatusCode == http.StatusOK {
		limit = int64(n)*maxVectorBytes + maxOtherBytes
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if resp.StatusCode != http.StatusOK {
		return nil, resp.StatusCode, e.refused(resp, answer)
	}
	if err != nil {
		return nil, resp.StatusCode, e.lost(ctx, err)
	}
	if int64(len(answer)) > limit {
		return nil, resp.StatusCode, fmt.Errorf("the answer to %d texts is larger than %d bytes", n, limit)
	}
	vectors, err = decode(answer, n)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(answer)) && isJSON(answer):
		err = &retryable{error: fmt.Errorf("the answer ends too early: %w", err)}
	case errors.As(err, &syntax):
		err = fmt.Errorf("the answer is not JSON: %w: %s", err, e.excerpt(answer))
	}
	return vectors, resp.StatusCode, err
}

func isJSON(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) == 0 || b[0] == '{'
}

// bare is an error without the address, whose query may be nobody's business.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// lost judges a failure of the transport.
func (e *Embedder) lost(ctx context.Context, err error) error {
	err = bare(err)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var (
		dns *net.DNSError
		op  *net.OpError
		out net.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return err
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, &op), errors.As(err, &out) && out.Timeout(), strings.Contains(err.Error(), "server sent GOAWAY"), strings.Contains(err.Error(), "stream error"): // HTTP/2's errors have no public type
		return &retryable{error: err}
	}
	return err
}

// refused makes an error of an answer that is not 200.
func (e *Embedder) refused(resp *http.Response, body []byte) error {
	f := &Error{Status: resp.StatusCode}
	f.Message, f.Type, f.Code = e.complaint(body)
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		f.Message = fmt.Sprintf("redirects are not followed, this one leads to %q", e.cutText(shown(resp.Header.Get("Location"))))
		return f
	}
	switch s := resp.StatusCode; {
	case f.Code == "insufficient_quota" || f.Type == "insufficient_quota":
		return f
	case s == http.StatusRequestTimeout, s == http.StatusConflict, s == http.StatusTooEarly, s == http.StatusTooManyRequests, s >= 500 && s != http.StatusNotImplemented:
		return &retryable{error: f, after: e.retryAfter(resp.Header)}
	}
	return f
}

// retryAfter is how long the service asks to wait, 0 when it does not say.
func (e *Embedder) retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseInt(h.Get("Retry-After-Ms"), 10, 64); err == nil && ms >= 0 && ms < 1e12 {
		return time.Duration(ms) * time.Millisecond
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(s, 0), 1e9)) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date")) // the service's own clock, where it tells
	if err != nil {
		now = e.now()
	}
	return max(at.Sub(now), 0)
}
