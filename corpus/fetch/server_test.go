package fetch

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a time that passes only for those who wait.
type clock struct {
	mu    sync.Mutex
	time  time.Time
	waits []time.Duration
}

func newClock() *clock { return &clock{time: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time, c.waits = c.time.Add(d), append(c.waits, d)
	return context.Cause(ctx)
}

// server is a service that answers from memory, packed by gzip, and fails where a test says so.
type server struct {
	*httptest.Server
	clock *clock
	page  func(r *http.Request) any // nil: status 404
	// fail may answer the request itself; n counts the requests from 0.
	fail func(n int, w http.ResponseWriter, r *http.Request) bool

	mu    sync.Mutex
	asked []string    // path and query of each request that got its page
	times []time.Time // of all requests
}

func serve(t *testing.T, page func(r *http.Request) any) *server {
	s := &server{page: page, clock: newClock()}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, s.clock.now())
	if s.fail != nil && s.fail(len(s.times)-1, w, r) {
		return
	}
	answer := s.page(r)
	if answer == nil {
		http.Error(w, `{"errors":["The requested URL or resource could not be found."],"error_type":"not_found"}`, http.StatusNotFound)
		return
	}
	s.asked = append(s.asked, r.URL.String())
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		panic("the client takes no gzip")
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	enc := json.NewEncoder(z)
	enc.SetIndent("", "  ") // lines that the output must not have
	_ = enc.Encode(answer)
	_ = z.Close()
}

// common is a configuration that asks s and takes no time.
func (s *server) common(t *testing.T) Common {
	c := DefaultCommon()
	c.Out = filepath.Join(t.TempDir(), "pages.jsonl")
	c.now, c.wait = s.clock.now, s.clock.wait
	return c
}

type object = map[string]any

// stackoverflow answers as the Stack Exchange API does for n questions, of which the i-th has i % 7 answers, the tag
// "a", and every third one the tag "b".
func stackoverflow(n int) func(*http.Request) any {
	tags := func(i int) []string {
		if i%3 == 0 {
			return []string{"a", "b"}
		}
		return []string{"a"}
	}
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	return func(r *http.Request) any {
		q := r.URL.Query()
		number := func(name string) int { v, _ := strconv.Atoi(q.Get(name)); return v }
		if q.Get("site") != "stackoverflow" || q.Get("order") != "asc" || q.Get("sort") != "creation" || q.Get("filter") != "withbody" {
			return nil
		}
		var items []object
		switch path := strings.TrimPrefix(r.URL.Path, "/2.3/"); {
		case path == "questions":
			for i := range n {
				at := base + int64(i)*3600
				if from := number("fromdate"); at < int64(from) {
					continue
				}
				if to := number("todate"); to != 0 && at > int64(to) {
					continue
				}
				if tagged := q.Get("tagged"); tagged != "" && !slices.Contains(tags(i), tagged) {
					continue
				}
				items = append(items, object{"question_id": 1000 + i, "answer_count": i % 7, "tags": tags(i), "creation_date": at, "body": fmt.Sprintf("<p>question %d\n</p>", i)})
			}
		case strings.HasSuffix(path, "/answers"):
			ids := strings.TrimSuffix(strings.TrimPrefix(path, "questions/"), "/answers")
			for id := range strings.SplitSeq(ids, ";") {
				question, _ := strconv.Atoi(id)
				for k := range (question - 1000) % 7 {
					items = append(items, object{"question_id": question, "answer_id": question*10 + k, "body": "<p>answer</p>"})
				}
			}
		default:
			return nil
		}
		size, page := number("pagesize"), number("page")
		from := min((page-1)*size, len(items))
		to := min(from+size, len(items))
		answer := object{"items": append([]object{}, items[from:to]...), "has_more": to < len(items), "quota_max": 300, "quota_remaining": 200}
		if page == 2 {
			answer["backoff"] = 10
		}
		return answer
	}
}

func (s *server) stackExchange(t *testing.T) StackExchangeConfig {
	c := DefaultStackExchange()
	c.Common, c.API = s.common(t), s.URL+"/2.3"
	return c
}

// forum answers as a Discourse forum does that has n topics, 30 to a page of the list, of which the i-th has i % 50 + 1
// posts; topic 3 is pinned, topic 5 is hidden.
func forum(n int) func(*http.Request) any {
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	posts := func(id int) (ids []int) {
		for k := range id%50 + 1 {
			ids = append(ids, id*100+k)
		}
		return ids
	}
	shown := func(topic int, ids []int) (out []object) {
		for _, id := range ids {
			out = append(out, object{"id": id, "topic_id": topic, "cooked": fmt.Sprintf("<p>post %d</p>", id)})
		}
		return out
	}
	return func(r *http.Request) any {
		path, q := r.URL.Path, r.URL.Query()
		if path == "/latest.json" || path == "/c/api/7/l/latest.json" || path == "/tag/go/l/latest.json" {
			if q.Get("order") != "created" || q.Get("ascending") != "true" {
				return nil
			}
			page, _ := strconv.Atoi(q.Get("page"))
			var topics []object
			topic := func(id int) object {
				return object{"id": id, "title": fmt.Sprintf("topic %d", id), "created_at": base.Add(time.Duration(id) * 24 * time.Hour).Format(time.RFC3339Nano), "pinned": id == 3, "posts_count": id%50 + 1}
			}
			if page == 0 && n >= 3 {
				topics = append(topics, topic(3))
			}
			from, to := min(page*30, n), min((page+1)*30, n)
			for id := from + 1; id <= to; id++ {
				topics = append(topics, topic(id))
			}
			list := object{"per_page": 30, "topics": append([]object{}, topics...)}
			if to < n {
				list["more_topics_url"] = fmt.Sprintf("/latest?page=%d", page+1)
			}
			return object{"users": []object{}, "topic_list": list}
		}
		var id int
		if _, err := fmt.Sscanf(path, "/t/%d/posts.json", &id); err == nil {
			var ids []int
			for _, s := range q["post_ids[]"] {
				post, _ := strconv.Atoi(s)
				ids = append(ids, post)
			}
			if len(ids) == 0 || len(ids) > 20 {
				return nil
			}
			return object{"post_stream": object{"posts": shown(id, ids)}, "id": id}
		}
		if _, err := fmt.Sscanf(path, "/t/%d.json", &id); err != nil || id < 1 || id > n || id == 5 {
			return nil
		}
		all := posts(id)
		return object{"post_stream": object{"posts": shown(id, all[:min(20, len(all))]), "stream": all}, "id": id, "title": fmt.Sprintf("topic %d", id)}
	}
}

func (s *server) discourse(t *testing.T) DiscourseConfig {
	c := DefaultDiscourse()
	c.Common, c.Forum = s.common(t), s.URL
	return c
}

func lines(t *testing.T, path string) (out []object) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		require.True(t, strings.HasSuffix(line, "\n"))
		var o object
		require.NoError(t, json.Unmarshal([]byte(line), &o))
		out = append(out, o)
	}
	return out
}

func reply(w http.ResponseWriter, status int, body string, headers ...string) bool {
	for i := 0; i < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return true
}
