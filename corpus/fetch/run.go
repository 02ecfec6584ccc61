package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/internal/service"
)

// source knows one kind of service: which page comes next, and what follows from a page. As JSON it is the place that it
// has come to. What next gives depends on the query and on the pages that take was given, and on nothing else.
type source interface {
	next() (page *url.URL, ok bool) // false: there is no more
	// take goes on to what follows from the page that next names. An error leaves the source as it was.
	take(page []byte) (order, error)
	// skip goes on without the page that next names, if a status such as 404 means that it is gone for good.
	skip(status int) bool
	refuse(resp *http.Response, body []byte) (repeat bool, after time.Duration, err error)
	counts() counts
	valid() error // what is wrong with a place that was read
}

// order is what a page says about the time after it.
type order struct {
	wait  time.Duration // do not ask before
	quota int           // requests that are left for the day, −1 where it does not say
}

// counts are what the pages so far have.
type counts struct {
	Threads int `json:"threads"`
	Posts   int `json:"posts"`
	Skipped int `json:"skipped"`
	left    int
}

type waiter = func(context.Context, time.Duration) error

// largest is the size of a page, 100 questions with bodies of 30,000 characters several times over.
const largest = 64 << 20

// run fetches what is left of a query to the service of the name, which errors begin with.
func (c Common) run(ctx context.Context, name string, query any, src source, client service.Client) (Summary, error) {
	s, err := c.rest(ctx, strings.ReplaceAll(name, " ", ""), query, src, client)
	if err != nil && context.Cause(ctx) == nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return s, err
}

// rest is run, with the errors as they are and the name that states have.
func (c Common) rest(ctx context.Context, name string, query any, src source, client service.Client) (Summary, error) {
	if c.now == nil {
		c.now = time.Now
	}
	if c.wait == nil {
		c.wait = service.Sleep
	}
	asked, err := json.Marshal(query)
	if err != nil {
		return Summary{}, err
	}
	at, err := json.Marshal(src)
	if err != nil {
		return Summary{}, err
	}
	if err := context.Cause(ctx); err != nil {
		return Summary{}, err
	}
	begin := state{Version: stateVersion, Service: name, Query: asked, At: at}
	last := order{quota: -1}
	s, err := openStore(c.Out, begin, c.Restart,
		func(at json.RawMessage) error {
			if err := json.Unmarshal(at, src); err != nil {
				return err
			}
			return src.valid()
		},
		func(page []byte) error {
			o, err := src.take(page)
			if err == nil {
				last = o
			}
			return err
		})
	if err != nil {
		return Summary{}, err
	}
	r := &runner{Common: c, store: s, src: src, quota: last.quota, before: s.Pages}
	if s.NotBefore > 0 {
		r.notBefore, r.why = time.Unix(s.NotBefore, 0), "the service asked for a pause"
	}
	r.obey(last)
	client.HTTP = service.HTTP(nil, 1)
	client.Timeout, client.MaxRetries, client.Backoff, client.MaxWait = c.Timeout, c.MaxRetries, c.Backoff, c.MaxWait
	client.Header = http.Header{"User-Agent": {c.UserAgent}}
	client.Before, client.Refuse, client.Wait, client.Now = r.pace, src.refuse, r.pause, c.now
	r.client = &client
	defer client.HTTP.CloseIdleConnections()
	err = r.loop(ctx)
	return r.summary(), errors.Join(err, s.close())
}

// runner is a run.
type runner struct {
	Common
	client    *service.Client
	store     *store
	src       source
	before    int       // pages that were there
	last      time.Time // when the last request was sent
	notBefore time.Time // when the next one may be
	why       string
	quota     int
}

func (r *runner) loop(ctx context.Context) error {
	for {
		address, ok := r.src.next()
		if !ok {
			r.store.Done = true
			return r.save()
		}
		if r.quota == 0 {
			return errors.Join(r.save(), r.later("the quota of the day is used up", 24*time.Hour))
		}
		page, gone, err := r.get(ctx, address)
		switch {
		case err != nil:
			return err
		case gone:
			if err := r.save(); err != nil {
				return err
			}
			r.report(0, "")
			continue
		}
		o, err := r.src.take(page)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(address), err)
		}
		if err := r.store.append(page); err != nil {
			return err
		}
		r.obey(o)
		if err := r.save(); err != nil {
			return err
		}
		r.report(0, "")
	}
}

// get is a page on one line. gone is that it is not there and need not be.
func (r *runner) get(ctx context.Context, address *url.URL) (page []byte, gone bool, err error) {
	err = r.client.Get(ctx, address, largest, func(answer []byte) error {
		var raw json.RawMessage
		if err := json.Unmarshal(answer, &raw); err != nil { // which knows where it ends, as Compact does not
			return err
		}
		var line bytes.Buffer
		if err := json.Compact(&line, raw); err != nil {
			return err
		}
		page = line.Bytes()
		return nil
	})
	var f *service.Failure
	switch {
	case err == nil:
		return page, false, nil
	case errors.Is(err, ErrLater), errors.As(err, &f) && f.Err != nil && errors.Is(f.Err, ErrLater):
		return nil, false, fmt.Errorf("%s: %w", shown(address), err)
	case errors.As(err, &f) && r.src.skip(f.Status):
		return nil, true, nil
	case f != nil:
		return nil, false, fmt.Errorf("%s: %w; what was fetched is in %s, and the same call goes on from there", shown(address), err, r.Out)
	}
	return nil, false, err // the end of ctx
}

// pace is called before each request: it waits until the next one may be sent.
func (r *runner) pace(ctx context.Context) error {
	due, why := r.last.Add(time.Duration(float64(time.Second)/r.Rate)), "the distance of requests"
	if r.last.IsZero() {
		due = time.Time{}
	}
	if r.notBefore.After(due) {
		due, why = r.notBefore, r.why
	}
	if d := due.Sub(r.now()); d > 0 {
		if d > r.MaxWait && r.notBefore.Equal(due) {
			return r.later(why, d)
		}
		if d >= time.Second && r.notBefore.Equal(due) {
			r.report(d, why)
		}
		if err := r.wait(ctx, d); err != nil {
			return err
		}
	}
	r.last = r.now()
	return nil
}

// pause waits before a repetition.
func (r *runner) pause(ctx context.Context, d time.Duration) error {
	if d >= time.Second {
		r.report(d, "a request failed and is sent again")
	}
	return r.wait(ctx, d)
}

// obey keeps what a page orders.
func (r *runner) obey(o order) {
	r.quota = o.quota
	if o.wait <= 0 {
		return
	}
	r.notBefore, r.why = r.now().Add(o.wait), "the service asked for a pause"
	r.store.NotBefore = r.notBefore.Unix() + 1 // whole seconds, rounded up
}

// save tells the state how far the source is.
func (r *runner) save() (err error) {
	if r.store.At, err = json.Marshal(r.src); err != nil {
		return err
	}
	if r.store.NotBefore > 0 && r.now().Unix() >= r.store.NotBefore {
		r.store.NotBefore = 0
	}
	return r.store.save()
}

func (r *runner) later(why string, d time.Duration) error {
	return later(why, r.now().Add(d), r.Out)
}

func later(why string, at time.Time, out string) error {
	return fmt.Errorf("%w: %s; call again at %s, what was fetched is in %s and is gone on with", ErrLater, why, at.UTC().Format("2006-01-02 15:04 MST"), out)
}

func (r *runner) report(wait time.Duration, why string) {
	if r.Progress != nil {
		r.Progress(Progress{Summary: r.summary(), Left: r.src.counts().left, Quota: r.quota, Wait: wait, Why: why})
	}
}

func (r *runner) summary() Summary {
	n := r.src.counts()
	return Summary{
		Pages: r.store.Pages, Bytes: r.store.Bytes, Threads: n.Threads, Posts: n.Posts, Skipped: n.Skipped,
		Fetched: r.store.Pages - r.before, Done: r.store.Done,
	}
}

// shown is an address as an error may have it: without a key, which is added later, and without a long list of numbers.
func shown(address *url.URL) string {
	s := address.String()
	if u, err := url.QueryUnescape(s); err == nil {
		s = u
	}
	const longest = 160
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return s
}
