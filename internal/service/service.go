// Package service asks HTTP services for JSON: it repeats what may go better the next time, keeps limits of time and of
// size, says in one line what went wrong, and shows the key to nobody but the service. embed/openai, represent/openai and
// corpus/fetch stand on it.
package service

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
	"time"
)

// Client asks one endpoint. Its fields must not change while it is used.
type Client struct {
	Endpoint  *url.URL
	Key       Secret
	KeyHeader string      // where the key is sent as it is; "" sends it as a bearer token
	KeyQuery  string      // the parameter of the address that the key is sent in, instead of a header
	Header    http.Header // sent with every request
	HTTP      *http.Client

	Timeout    time.Duration // of one attempt until the whole answer is read
	MaxRetries int
	Backoff    time.Duration // before the first repetition, doubled before each further one
	MaxWait    time.Duration // before a repetition, whatever the service asks for

	// Before is called before every attempt, if it is not nil; its error is the end.
	Before func(context.Context) error
	// Refuse, if it is not nil, judges an answer that is not 200 where that alone does not say enough: whether to repeat the
	// request, after how long at least, and the error if not. A nil error leaves the judgement to the status.
	Refuse func(r *http.Response, body []byte) (repeat bool, after time.Duration, err error)

	Wait func(context.Context, time.Duration) error // nil: a timer
	Now  func() time.Time                           // nil: time.Now
}

// Post sends question until there is an answer that read takes. It is sent again after 408, 409, 425, 429 and 5xx, after a
// timeout, a lost connection and an answer that ends too early; an answer of more than limit bytes is not read to its end.
// A *json.SyntaxError of read is judged by Post, every other one is final. The error is a *Failure or the context's cause.
func (c *Client) Post(ctx context.Context, question any, limit int64, read func(answer []byte) error) error {
	body, err := json.Marshal(question)
	if err != nil {
		return &Failure{Err: err}
	}
	return c.exchange(ctx, http.MethodPost, c.Endpoint, body, limit, read)
}

// Get asks for what is at address, as Post does.
func (c *Client) Get(ctx context.Context, address *url.URL, limit int64, read func(answer []byte) error) error {
	return c.exchange(ctx, http.MethodGet, address, nil, limit, read)
}

func (c *Client) exchange(ctx context.Context, method string, address *url.URL, body []byte, limit int64, read func([]byte) error) error {
	wait := c.Wait
	if wait == nil {
		wait = Sleep
	}
	for attempt := 1; ; attempt++ {
		if c.Before != nil {
			if err := c.Before(ctx); err != nil {
				return err
			}
		}
		status, err := c.try(ctx, method, address, body, limit, read)
		if err == nil {
			return nil
		}
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		var again *retryable
		repeat := errors.As(err, &again)
		if !repeat || attempt > c.MaxRetries {
			if repeat {
				err = again.error
			}
			var failure *Failure
			if !errors.As(err, &failure) {
				failure = &Failure{Err: c.hide(err), Status: status}
			}
			failure.Attempts = attempt
			return failure
		}
		if err := wait(ctx, c.pause(attempt, again.after)); err != nil {
			return err
		}
	}
}

// pause is the wait after an attempt, the first of which is 1.
func (c *Client) pause(attempt int, asked time.Duration) time.Duration {
	wait := c.Backoff
	for range attempt - 1 {
		if wait >= c.MaxWait {
			break
		}
		wait *= 2
	}
	return min(max(wait, asked), c.MaxWait)
}

// Sleep waits for d or for the end of ctx, whose cause it returns.
func Sleep(ctx context.Context, d time.Duration) error {
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

const maxErrorBytes = 1 << 20

// try sends a request once.
func (c *Client) try(ctx context.Context, method string, address *url.URL, body []byte, limit int64, read func([]byte) error) (status int, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("no full answer within %v: %w", c.Timeout, os.ErrDeadlineExceeded))
	defer cancel()
	if key := c.Key.reveal(); key != "" && c.KeyQuery != "" {
		with := *address
		query := with.Query()
		query.Set(c.KeyQuery, key)
		with.RawQuery = query.Encode()
		address = &with
	}
	req, err := http.NewRequestWithContext(ctx, method, address.String(), bytes.NewReader(body))
	if err != nil {
		return 0, bare(err)
	}
	for name, values := range c.Header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	switch key := c.Key.reveal(); {
	case key == "", c.KeyQuery != "":
	case c.KeyHeader != "":
		req.Header.Set(c.KeyHeader, key)
	default:
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return 0, lost(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
		return resp.StatusCode, c.refused(resp, answer)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return resp.StatusCode, lost(ctx, err)
	}
	if int64(len(answer)) > limit {
		return resp.StatusCode, fmt.Errorf("the answer is larger than %d bytes", limit)
	}
	err = read(answer)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(answer)) && isJSON(answer):
		err = &retryable{error: fmt.Errorf("the answer ends too early: %w", err)}
	case errors.As(err, &syntax):
		err = fmt.Errorf("the answer is not JSON: %w: %s", err, c.Excerpt(answer))
	}
	return resp.StatusCode, err
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
func lost(ctx context.Context, err error) error {
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
func (c *Client) refused(resp *http.Response, body []byte) error {
	if c.Refuse != nil {
		repeat, after, err := c.Refuse(resp, body)
		if err != nil {
			err = c.hide(err)
		}
		switch {
		case err != nil && repeat:
			return &retryable{error: err, after: after}
		case err != nil:
			return err
		}
	}
	f := &Failure{Status: resp.StatusCode}
	f.Message, f.Type, f.Code = c.Complaint(body)
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		f.Message = fmt.Sprintf("redirects are not followed, this one leads to %q", c.quote(Shown(resp.Header.Get("Location"))))
		return f
	}
	switch s := resp.StatusCode; {
	case f.Code == "insufficient_quota" || f.Type == "insufficient_quota":
		return f
	case s == http.StatusRequestTimeout, s == http.StatusConflict, s == http.StatusTooEarly, s == http.StatusTooManyRequests, s >= 500 && s != http.StatusNotImplemented:
		return &retryable{error: f, after: c.RetryAfter(resp.Header)}
	}
	return f
}

// RetryAfter is how long the service asks to wait, 0 when it does not say.
func (c *Client) RetryAfter(h http.Header) time.Duration {
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
	switch {
	case err == nil:
	case c.Now != nil:
		now = c.Now()
	default:
		now = time.Now()
	}
	return max(at.Sub(now), 0)
}
