package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
)

func ids(pages []object, item string) (out []int) {
	for _, p := range pages {
		items, _ := p["items"].([]any)
		for _, i := range items {
			if id, ok := i.(object)[item]; ok {
				out = append(out, int(id.(float64)))
			}
		}
	}
	return out
}

// Every question and every answer comes once, at the pace that was asked for, and after the pauses that pages order.
func TestStackExchangeExact(t *testing.T) {
	s := serve(t, stackoverflow(250))
	c := s.stackExchange(t)
	c.Tags = []string{"a"}
	var told []Progress
	c.Progress = func(p Progress) { told = append(told, p) }
	got, err := StackExchange(t.Context(), c)
	require.NoError(t, err)
	pages := lines(t, c.Out)
	require.Len(t, pages, len(s.asked))
	var questions []int
	answers := ids(pages, "answer_id")
	for _, p := range pages {
		for _, i := range p["items"].([]any) {
			if i.(object)["answer_id"] == nil {
				questions = append(questions, int(i.(object)["question_id"].(float64)))
			}
		}
	}
	want := 0
	seen := map[int]bool{}
	for _, id := range answers {
		seen[id] = true
	}
	for i := range 250 {
		require.Equal(t, 1000+i, questions[i])
		for k := range i % 7 {
			require.True(t, seen[(1000+i)*10+k])
			want++
		}
	}
	require.Len(t, questions, 250)
	require.Len(t, answers, want)
	info, err := os.Stat(c.Out)
	require.NoError(t, err)
	require.Equal(t, Summary{Pages: len(pages), Fetched: len(pages), Bytes: info.Size(), Threads: 250, Posts: want, Done: true}, got)

	for i := 1; i < len(s.times); i++ {
		least := time.Second
		if strings.Contains(s.asked[i-1], "&page=2&") {
			least = 10 * time.Second
		}
		require.Equal(t, least, s.times[i].Sub(s.times[i-1]), "before %s", s.asked[i])
	}
	waits := 0
	for _, p := range told {
		if p.Wait > 0 {
			require.Equal(t, 10*time.Second, p.Wait)
			require.Contains(t, p.Why, "pause")
			waits++
		}
	}
	require.Len(t, told, len(pages)+waits)
	require.Equal(t, 200, told[0].Quota)

	// Called again, it asks for nothing.
	again, err := StackExchange(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, s.asked, len(pages))
	got.Fetched = 0
	require.Equal(t, got, again)
}

// A question with two of the tags has its answers fetched once, dates are bounds, and answers can be left out.
func TestStackExchangeQuery(t *testing.T) {
	s := serve(t, stackoverflow(120))
	c := s.stackExchange(t)
	c.Tags = []string{"b", "a"}
	c.Key = Key("secret-key")
	got, err := StackExchange(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, 120+40, got.Threads)
	answers := ids(lines(t, c.Out), "answer_id")
	seen := map[int]bool{}
	for _, id := range answers {
		require.False(t, seen[id], "answer %d comes twice", id)
		seen[id] = true
	}
	require.Len(t, answers, got.Posts)
	for _, asked := range s.asked {
		require.Contains(t, asked, "key=secret-key")
	}
	state, err := os.ReadFile(StatePath(c.Out))
	require.NoError(t, err)
	require.NotContains(t, string(state), "secret")

	c = s.stackExchange(t)
	c.Answers = false
	c.From = time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC)
	c.To = time.Date(2024, 1, 1, 20, 0, 0, 0, time.UTC)
	got, err = StackExchange(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, Summary{Pages: 1, Fetched: 1, Threads: 10, Bytes: got.Bytes, Done: true}, got)
}

// Answers that a filter puts into the questions are not asked for.
func TestStackExchangeAnswersInside(t *testing.T) {
	s := serve(t, func(*http.Request) any {
		return object{"has_more": false, "items": []object{
			{"question_id": 1, "answer_count": 2, "answers": []object{{"answer_id": 2}, {"answer_id": 3}}}, {"question_id": 4, "answer_count": 0},
		}}
	})
	got, err := StackExchange(t.Context(), s.stackExchange(t))
	require.NoError(t, err)
	require.Equal(t, Summary{Pages: 1, Fetched: 1, Threads: 2, Posts: 2, Bytes: got.Bytes, Done: true}, got)
}

func TestDiscourseExact(t *testing.T) {
	s := serve(t, forum(70))
	c := s.discourse(t)
	got, err := Discourse(t.Context(), c)
	require.NoError(t, err)
	topics, posts := map[int]bool{}, map[int]bool{}
	for _, p := range lines(t, c.Out) {
		stream, ok := p["post_stream"].(object)
		if !ok {
			continue
		}
		if p["title"] != nil {
			id := int(p["id"].(float64))
			require.False(t, topics[id], "topic %d comes twice", id)
			topics[id] = true
		}
		for _, post := range stream["posts"].([]any) {
			id := int(post.(object)["id"].(float64))
			require.False(t, posts[id], "post %d comes twice", id)
			posts[id] = true
		}
	}
	want := 0
	for id := 1; id <= 70; id++ {
		if id == 5 {
			continue
		}
		require.True(t, topics[id], "topic %d", id)
		for k := range id%50 + 1 {
			require.True(t, posts[id*100+k], "post %d of topic %d", k, id)
			want++
		}
	}
	require.Equal(t, Summary{Pages: len(s.asked), Fetched: len(s.asked), Bytes: got.Bytes, Threads: 69, Posts: want, Skipped: 1, Done: true}, got)
	require.Len(t, posts, want)
	for i := 1; i < len(s.times); i++ {
		require.Equal(t, time.Second, s.times[i].Sub(s.times[i-1]))
	}
}

func TestDiscourseQuery(t *testing.T) {
	s := serve(t, forum(70))
	c := s.discourse(t)
	c.Categories, c.Tags, c.Posts, c.Rate = []string{"api/7"}, []string{"go"}, false, 4
	got, err := Discourse(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, 6, got.Pages)
	require.Equal(t, 140, got.Threads)
	require.Equal(t, 250*time.Millisecond, s.times[1].Sub(s.times[0]))

	s = serve(t, forum(200))
	c = s.discourse(t)
	c.From, c.To = time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 11, 0, 0, 0, 0, time.UTC) // topics 31 to 40
	got, err = Discourse(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, 10, got.Threads)
	require.Equal(t, 0, got.Skipped)
	lists := 0
	for _, asked := range s.asked {
		if strings.HasPrefix(asked, "/latest") {
			lists++
		}
	}
	require.Equal(t, 2, lists, "no list after one that ends after To")
}

// Failures that pass are waited for, by doubling pauses or as the service asks, and leave the output as it would be.
func TestFailuresThatPass(t *testing.T) {
	whole := serve(t, stackoverflow(150))
	c := whole.stackExchange(t)
	_, err := StackExchange(t.Context(), c)
	require.NoError(t, err)
	want, err := os.ReadFile(c.Out)
	require.NoError(t, err)

	hijack := func(w http.ResponseWriter, text string) bool {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
		return true
	}
	for name, f := range map[string]struct {
		fail  func(n int, w http.ResponseWriter, r *http.Request) bool
		waits []time.Duration
	}{
		"500": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n >= 1 && n <= 3 && reply(w, 500, `oops`)
		}, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}},
		"503 of the interface": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 1 && reply(w, 503, `{"error_id":503,"error_name":"temporarily_unavailable","error_message":"later"}`)
		}, []time.Duration{2 * time.Second}},
		"throttled": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 0 && reply(w, 400, `{"error_id":502,"error_name":"throttle_violation","error_message":"too many requests from this IP, more requests available in 77 seconds"}`)
		}, []time.Duration{77 * time.Second}},
		"429": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 1 && reply(w, 429, ``, "Retry-After", "30")
		}, []time.Duration{30 * time.Second}},
		"lost connection": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return (n == 1 || n == 2) && hijack(w, "") // package http itself tries again once, on a new connection
		}, []time.Duration{2 * time.Second}},
		"body cut off": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 1 && hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"items\":[")
		}, []time.Duration{2 * time.Second}},
		"body cut off without a length": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 1 && hijack(w, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"items\":[")
		}, []time.Duration{2 * time.Second}},
		"gzip cut off": {func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n == 1 && hijack(w, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00")
		}, []time.Duration{2 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, stackoverflow(150))
			s.fail = f.fail
			c := s.stackExchange(t)
			var waits []time.Duration
			c.Progress = func(p Progress) {
				if p.Wait > 0 && !strings.Contains(p.Why, "pause") {
					waits = append(waits, p.Wait)
				}
			}
			_, err := StackExchange(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, f.waits, waits)
			got, err := os.ReadFile(c.Out)
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, got))
		})
	}
}

// Failures that stay end the run after no or all repetitions; the next run goes on and the output is as it would be.
func TestFailuresThatStay(t *testing.T) {
	s := serve(t, stackoverflow(150))
	c := s.stackExchange(t)
	_, err := StackExchange(t.Context(), c)
	require.NoError(t, err)
	want, err := os.ReadFile(c.Out)
	require.NoError(t, err)

	always := func(status int, body string, headers ...string) func(n int, w http.ResponseWriter, _ *http.Request) bool {
		return func(n int, w http.ResponseWriter, _ *http.Request) bool {
			return n >= 1 && reply(w, status, body, headers...)
		}
	}
	for name, f := range map[string]struct {
		fail  func(n int, w http.ResponseWriter, _ *http.Request) bool
		tries int // of the request that fails
		later bool
		says  []string
	}{
		"500":          {fail: always(500, "<html><title>Oh no</title>"), tries: 7, says: []string{"HTTP status 500", "Oh no", "after 7 attempts", "goes on"}},
		"400":          {fail: always(400, `{"error_id":400,"error_name":"bad_parameter","error_message":"tagged"}`), tries: 1, says: []string{"bad_parameter", "tagged"}},
		"403":          {fail: always(403, `{"error_id":403,"error_name":"access_denied","error_message":"page above 25 requires access token or app key"}`), tries: 1, says: []string{"access_denied", "key"}},
		"404":          {fail: always(404, `not here`), tries: 1, says: []string{"HTTP status 404", "not here"}},
		"408":          {fail: always(408, ``), tries: 1, says: []string{"HTTP status 408"}},
		"301":          {fail: always(301, ``, "Location", "https://elsewhere.example/x"), tries: 1, says: []string{"elsewhere.example"}},
		"HTML":         {fail: always(200, "<html><title>Log in</title>"), tries: 1, says: []string{"not JSON", "Log in"}},
		"other JSON":   {fail: always(200, `{"a":1}`), tries: 1, says: []string{`"items"`}},
		"other types":  {fail: always(200, `{"items":7}`), tries: 1, says: []string{"not of the interface"}},
		"no has_more":  {fail: always(200, `{"items":[]}`), tries: 1, says: []string{"has_more", "filter"}},
		"no ids":       {fail: always(200, `{"items":[{}],"has_more":true}`), tries: 1, says: []string{"answer_id", "filter"}},
		"quota":        {fail: always(400, `{"error_id":502,"error_name":"throttle_violation","error_message":"too many requests from this IP, more requests available in 82345 seconds"}`), tries: 1, later: true, says: []string{"throttle_violation", "call again at 2025-01-03 01:5"}},
		"long pause":   {fail: always(429, ``, "Retry-After", "3600"), tries: 1, later: true, says: []string{"1h0m0s", "call again at 2025-01-02 04:04"}},
		"short pauses": {fail: always(429, ``, "Retry-After", "1"), tries: 7, says: []string{"HTTP status 429"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, stackoverflow(150))
			s.fail = f.fail
			c := s.stackExchange(t)
			c.Key = Key("sesame")
			got, err := StackExchange(t.Context(), c)
			require.Error(t, err)
			require.Equal(t, f.later, errors.Is(err, ErrLater))
			for _, says := range append(f.says, "/questions/") {
				require.ErrorContains(t, err, says)
			}
			require.NotContains(t, err.Error(), "sesame")
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, 1, got.Pages)
			require.False(t, got.Done)
			require.Equal(t, f.tries, len(s.times)-1)

			s.fail = nil
			got, err = StackExchange(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, got.Pages-1, got.Fetched)
			text, err := os.ReadFile(c.Out)
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, text))
		})
	}
}

// A quota that a page says is used up ends the run before the next request.
func TestQuotaUsedUp(t *testing.T) {
	s := serve(t, func(r *http.Request) any {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		return object{"items": []object{{"question_id": page, "answer_count": 0}}, "has_more": page < 5, "quota_remaining": max(3-page, 0)}
	})
	c := s.stackExchange(t)
	got, err := StackExchange(t.Context(), c)
	require.ErrorIs(t, err, ErrLater)
	require.ErrorContains(t, err, "quota")
	require.Equal(t, 3, got.Pages)
	require.Len(t, s.times, 3)
	got, err = StackExchange(t.Context(), c)
	require.ErrorIs(t, err, ErrLater)
	require.Equal(t, 4, got.Pages, "the next call asks again: the quota may be there")
	got, err = StackExchange(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, 5, got.Pages)
	require.True(t, got.Done)
}

// A forum may say in the body alone how long to wait; a topic that is gone is passed over, a list that is not ends the run.
func TestDiscourseFailures(t *testing.T) {
	s := serve(t, forum(10))
	s.fail = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		return n == 2 && reply(w, 429, `{"errors":["You’ve performed this action too many times"],"error_type":"rate_limit","extras":{"wait_seconds":12}}`)
	}
	c := s.discourse(t)
	got, err := Discourse(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, 9, got.Threads)
	require.Equal(t, 12*time.Second, s.times[3].Sub(s.times[2]))

	for name, f := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"forbidden list": {403, `{"errors":["You are not permitted to view the requested resource."],"error_type":"invalid_access"}`, "not permitted"},
		"no forum":       {200, `{"hello":"world"}`, "address of a Discourse forum"},
		"long pause":     {429, `{"errors":["Slow down"],"extras":{"wait_seconds":4000}}`, "call again at"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, forum(10))
			s.fail = func(_ int, w http.ResponseWriter, _ *http.Request) bool { return reply(w, f.status, f.body) }
			_, err := Discourse(t.Context(), s.discourse(t))
			require.ErrorContains(t, err, f.says)
			require.Len(t, s.times, 1)
		})
	}
}

// A pause that a page orders is kept by the next run as well.
func TestPauseOutlivesTheRun(t *testing.T) {
	s := serve(t, stackoverflow(250))
	c := s.stackExchange(t)
	c.Answers = false
	ctx, cancel := context.WithCancel(t.Context())
	c.Progress = func(p Progress) {
		if p.Wait > 0 {
			cancel()
		}
	}
	_, err := StackExchange(ctx, c)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, s.times, 2)
	s.clock.time = s.times[1].Add(3 * time.Second) // the wait was broken off
	_, err = StackExchange(t.Context(), c)
	require.NoError(t, err)
	require.GreaterOrEqual(t, s.times[2].Sub(s.times[1]), 10*time.Second)
	require.LessOrEqual(t, s.times[2].Sub(s.times[1]), 11*time.Second)

	c = s.stackExchange(t)
	c.Answers, c.MaxWait = false, 5*time.Second
	got, err := StackExchange(t.Context(), c)
	require.ErrorIs(t, err, ErrLater)
	require.Equal(t, 2, got.Pages)
}

// Canceling ends a wait and a request that hangs, at once.
func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, s *server, fetch fetcher) {
		gone := errors.New("gone")
		real := func(c Common) Common {
			c.now, c.wait = nil, nil
			return c
		}
		testutil.Soon(t, "a request that hangs", func() time.Duration {
			ctx, cancel := context.WithCancelCause(t.Context())
			when := make(chan time.Time, 1)
			s.fail = func(_ int, _ http.ResponseWriter, r *http.Request) bool {
				when <- time.Now()
				cancel(gone)
				<-r.Context().Done()
				return true
			}
			_, err := fetch(ctx, real(s.common(t)))
			require.ErrorIs(t, err, gone)
			return time.Since(<-when)
		})
		s.fail = nil
		testutil.Soon(t, "a wait", func() time.Duration {
			ctx, cancel := context.WithCancelCause(t.Context())
			c := real(s.common(t))
			c.Rate = 0.001
			when := make(chan time.Time, 1)
			c.Progress = func(Progress) {
				time.AfterFunc(20*time.Millisecond, func() {
					when <- time.Now()
					cancel(gone)
				})
			}
			got, err := fetch(ctx, c)
			require.ErrorIs(t, err, gone)
			require.Equal(t, 1, got.Pages)
			return time.Since(<-when)
		})
	})
}

// Progress is told of every page, one by one, and ends with what the summary says.
func TestProgressExact(t *testing.T) {
	each(t, func(t *testing.T, s *server, fetch fetcher) {
		c := s.common(t)
		var told []Progress
		c.Progress = func(p Progress) { told = append(told, p) }
		got, err := fetch(t.Context(), c)
		require.NoError(t, err)
		require.True(t, got.Done)
		pages, threads := 0, 0
		for _, p := range told {
			if p.Wait > 0 {
				require.NotEmpty(t, p.Why)
				require.Equal(t, pages, p.Pages, "before a pause there is no page")
				continue
			}
			if p.Skipped == 0 {
				require.Equal(t, pages+1, p.Pages)
			}
			require.GreaterOrEqual(t, p.Threads, threads)
			require.GreaterOrEqual(t, p.Left, 0)
			pages, threads = p.Pages, p.Threads
		}
		last := told[len(told)-1].Summary
		last.Done = true
		require.Equal(t, got, last)
	})
}

func TestValidate(t *testing.T) {
	require.NoError(t, func() error {
		c := DefaultStackExchange()
		c.Out = "x"
		return c.Validate()
	}())
	for field, change := range map[string]func(*StackExchangeConfig){
		"Common.Out":                 func(c *StackExchangeConfig) { c.Out = "" },
		"Common.Rate":                func(c *StackExchangeConfig) { c.Rate = 0 },
		"Common.MaxRetries":          func(c *StackExchangeConfig) { c.MaxRetries = -1 },
		"Common.Backoff":             func(c *StackExchangeConfig) { c.Backoff = 0 },
		"Common.MaxWait":             func(c *StackExchangeConfig) { c.MaxWait = time.Second },
		"Common.Timeout":             func(c *StackExchangeConfig) { c.Timeout = 0 },
		"Common.UserAgent":           func(c *StackExchangeConfig) { c.UserAgent = "a\nb" },
		"StackExchangeConfig.API":    func(c *StackExchangeConfig) { c.API = "ftp://x" },
		"StackExchangeConfig.Site":   func(c *StackExchangeConfig) { c.Site = "" },
		"StackExchangeConfig.Tags":   func(c *StackExchangeConfig) { c.Tags = []string{"a", ""} },
		"StackExchangeConfig.Filter": func(c *StackExchangeConfig) { c.Filter = "" },
		"StackExchangeConfig.Key":    func(c *StackExchangeConfig) { c.Key = Key("a b") },
		"StackExchangeConfig.To":     func(c *StackExchangeConfig) { c.From, c.To = time.Unix(2, 0), time.Unix(1, 0) },
	} {
		c := DefaultStackExchange()
		c.Out = "x"
		change(&c)
		_, err := StackExchange(t.Context(), c)
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad, field)
		require.Equal(t, "fetch."+field, bad.Field)
	}
	for field, change := range map[string]func(*DiscourseConfig){
		"DiscourseConfig.Forum":      func(c *DiscourseConfig) { c.Forum = "community.example.com" },
		"DiscourseConfig.Categories": func(c *DiscourseConfig) { c.Categories = []string{"api"} },
		"DiscourseConfig.Tags":       func(c *DiscourseConfig) { c.Tags = []string{""} },
		"DiscourseConfig.Key":        func(c *DiscourseConfig) { c.Key = Key("a b") },
		"DiscourseConfig.To":         func(c *DiscourseConfig) { c.From, c.To = time.Unix(2, 0), time.Unix(1, 0) },
	} {
		c := DefaultDiscourse()
		c.Out, c.Forum = "x", "https://example.com"
		require.NoError(t, c.Validate())
		change(&c)
		_, err := Discourse(t.Context(), c)
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad, field)
		require.Equal(t, "fetch."+field, bad.Field, fmt.Sprint(err))
	}
}
