package fetch

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// site is what a site knows: threads with all their replies.
type site []corpus.Thread

var began = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// questions is a site of n questions; the i-th has i % 9 answers, of which one in three questions accepted one.
func questions(n int) (s site) {
	for i := range n {
		q := corpus.Thread{
			ID: strconv.Itoa(1000 + i), Site: "stackoverflow.com", URL: fmt.Sprintf("https://stackoverflow.com/questions/%d/x", 1000+i),
			Title: fmt.Sprintf("Question %d: a < b & \"c\"?", i), Body: fmt.Sprintf("<p>é %d\n</p>", i), Markup: corpus.HTML, Tags: []string{"llm", fmt.Sprintf("t%d", i%4)},
			Created: began.Add(time.Duration(i) * time.Hour), Score: corpus.Known(i%11 - 3), Views: corpus.Known(i * i), Answers: corpus.Known(i % 9),
			Closed: corpus.TriOf(i%10 == 7), Accepted: corpus.TriOf(i%3 == 0 && i%9 > 0),
		}
		if q.Closed == corpus.Yes {
			q.ClosedAt = q.Created.Add(90 * time.Minute)
		}
		for k := range i % 9 {
			after := time.Duration((k*5+i)%9+1) * time.Hour // not in the order of their numbers
			q.Replies = append(q.Replies, corpus.Post{
				ID: strconv.Itoa((1000+i)*10 + k), Body: fmt.Sprintf("<p>answer %d</p>", k), Created: q.Created.Add(after),
				Score: corpus.Known(k), ByAsker: corpus.TriOf(k == 2), Accepted: corpus.TriOf(q.Accepted == corpus.Yes && k == i%9/2),
			})
		}
		s = append(s, q)
	}
	return s.sorted()
}

// sorted puts replies in order, and says of them what a thread says.
func (s site) sorted() site {
	for i := range s {
		slices.SortFunc(s[i].Replies, func(a, b corpus.Post) int { return a.Created.Compare(b.Created) })
		for _, p := range s[i].Replies {
			if s[i].FirstReplyAt.IsZero() {
				s[i].FirstReplyAt = p.Created
			}
			if p.Accepted == corpus.Yes {
				s[i].AcceptedAt = p.Created
			}
		}
	}
	return s
}

// stackExchange answers as the interface does, from what the site knows.
func (s site) stackExchange(r *http.Request) any {
	number := func(c corpus.Count) int { n, _ := c.Value(); return n }
	var items []object
	if path := strings.TrimPrefix(r.URL.Path, "/2.3/questions"); path == "" {
		for _, q := range s {
			id, _ := strconv.Atoi(q.ID)
			item := object{
				"question_id": id, "link": q.URL, "title": strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(q.Title), "body": q.Body, "tags": q.Tags,
				"creation_date": q.Created.Unix(), "score": number(q.Score), "view_count": number(q.Views), "answer_count": number(q.Answers),
				"is_answered": q.Accepted == corpus.Yes, "owner": object{"user_id": id},
			}
			if !q.ClosedAt.IsZero() {
				item["closed_date"] = q.ClosedAt.Unix()
			}
			for _, p := range q.Replies {
				if p.Accepted == corpus.Yes {
					item["accepted_answer_id"], _ = strconv.Atoi(p.ID)
				}
			}
			items = append(items, item)
		}
	} else {
		asked := strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/answers"), ";")
		for _, q := range s {
			if !slices.Contains(asked, q.ID) {
				continue
			}
			for _, p := range q.Replies {
				question, _ := strconv.Atoi(q.ID)
				answer, _ := strconv.Atoi(p.ID)
				owner := object{"user_id": 1}
				if p.ByAsker == corpus.Yes {
					owner["user_id"] = question
				}
				items = append(items, object{
					"question_id": question, "answer_id": answer, "body": p.Body, "creation_date": p.Created.Unix(), "score": number(p.Score), "is_accepted": p.Accepted == corpus.Yes, "owner": owner,
				})
			}
		}
	}
	size, _ := strconv.Atoi(r.URL.Query().Get("pagesize"))
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from := min((page-1)*size, len(items))
	to := min(from+size, len(items))
	return object{"items": append([]object{}, items[from:to]...), "has_more": to < len(items), "quota_remaining": 200}
}

// topics is a forum of n topics; the i-th has i % 50 replies, of which one in four topics accepted one.
func topics(n int) (s site) {
	for i := 1; i <= n; i++ {
		t := corpus.Thread{
			ID: strconv.Itoa(i), Title: fmt.Sprintf("Topic %d: a < b", i), Body: fmt.Sprintf("<p>topic %d</p>", i), Markup: corpus.HTML,
			Tags: []string{"api"}, Category: strconv.Itoa(i%3 + 1), Created: began.Add(time.Duration(i) * 24 * time.Hour), Views: corpus.Known(i * 3), Likes: corpus.Known(i % 5), Answers: corpus.Known(i % 50),
			Closed: corpus.TriOf(i%6 == 0), Accepted: corpus.TriOf(i%4 == 0 && i%50 > 0),
		}
		for k := range i % 50 {
			t.Replies = append(t.Replies, corpus.Post{
				ID: strconv.Itoa(k + 2), Body: fmt.Sprintf("<p>post %d</p>", k+2), Created: t.Created.Add(time.Duration(k*k+7) * time.Minute),
				ByAsker: corpus.TriOf(k%3 == 1), Accepted: corpus.TriOf(t.Accepted == corpus.Yes && k == i%50/2),
			})
		}
		s = append(s, t)
	}
	return s.sorted()
}

// discourse answers as a forum does, from what the site knows.
func (s site) discourse(r *http.Request) any {
	number := func(c corpus.Count) int { n, _ := c.Value(); return n }
	about := func(i int) object {
		t := s[i]
		category, _ := strconv.Atoi(t.Category)
		return object{
			"id": i + 1, "title": t.Title, "slug": "topic", "created_at": t.Created.Format(time.RFC3339Nano), "posts_count": number(t.Answers) + 1, "views": number(t.Views), "like_count": number(t.Likes),
			"tags": t.Tags, "category_id": category, "closed": t.Closed == corpus.Yes, "archived": false, "has_accepted_answer": t.Accepted == corpus.Yes,
		}
	}
	posts := func(i int) (out []object) {
		t := s[i]
		out = append(out, object{"id": (i + 1) * 100, "topic_id": i + 1, "post_number": 1, "post_type": 1, "username": "asker", "created_at": t.Created.Format(time.RFC3339Nano), "cooked": t.Body})
		for k, p := range t.Replies {
			name := "other"
			if p.ByAsker == corpus.Yes {
				name = "asker"
			}
			out = append(out, object{
				"id": (i+1)*100 + k + 1, "topic_id": i + 1, "post_number": k + 2, "post_type": 1, "username": name,
				"created_at": p.Created.Format(time.RFC3339Nano), "cooked": p.Body, "accepted_answer": p.Accepted == corpus.Yes,
			})
		}
		return out
	}
	const perPage = 30
	var id int
	if r.URL.Path == "/latest.json" {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		list := object{"topics": []object{}}
		for i := page * perPage; i < min((page+1)*perPage, len(s)); i++ {
			list["topics"] = append(list["topics"].([]object), about(i))
		}
		if (page+1)*perPage < len(s) {
			list["more_topics_url"] = "/latest?page=more"
		}
		return object{"users": []object{}, "topic_list": list}
	}
	if _, err := fmt.Sscanf(r.URL.Path, "/t/%d/posts.json", &id); err == nil && id <= len(s) {
		wanted := []object{}
		for _, p := range posts(id - 1) {
			if slices.Contains(r.URL.Query()["post_ids[]"], fmt.Sprint(p["id"])) {
				wanted = append(wanted, p)
			}
		}
		return object{"post_stream": object{"posts": wanted}, "id": id}
	}
	if _, err := fmt.Sscanf(r.URL.Path, "/t/%d.json", &id); err != nil || id < 1 || id > len(s) {
		return nil
	}
	all := posts(id - 1)
	ids := []int{}
	for _, p := range all {
		ids = append(ids, p["id"].(int))
	}
	page := about(id - 1)
	delete(page, "has_accepted_answer") // which lists alone have
	page["post_stream"] = object{"posts": all[:min(20, len(all))], "stream": ids}
	return page
}

// What is fetched, through failures and after breaks, is read as the threads that the site has: numbers, times, accepted
// answers and replies.
func TestReadersExact(t *testing.T) {
	for name, c := range map[string]struct {
		site   site
		page   func(site) func(*http.Request) any
		fetch  func(*testing.T, *server) fetcher
		format corpus.ThreadFormat
	}{
		"stack exchange": {questions(230), func(s site) func(*http.Request) any { return s.stackExchange }, func(t *testing.T, s *server) fetcher {
			c := s.stackExchange(t)
			return func(ctx context.Context, common Common) (Summary, error) {
				c.Common = common
				return StackExchange(ctx, c)
			}
		}, corpus.FormatStackExchangeAPI},
		"discourse": {topics(70), func(s site) func(*http.Request) any { return s.discourse }, func(t *testing.T, s *server) fetcher {
			c := s.discourse(t)
			return func(ctx context.Context, common Common) (Summary, error) {
				c.Common = common
				return Discourse(ctx, c)
			}
		}, corpus.FormatDiscourse},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.page(c.site))
			do := c.fetch(t, s)
			common := s.common(t)
			s.fail = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				return n%7 == 3 && reply(w, http.StatusTooManyRequests, "", "Retry-After", "3") || n%11 == 5 && reply(w, http.StatusInternalServerError, "oops")
			}
			_, err := do(t.Context(), common)
			require.NoError(t, err)
			want, err := os.ReadFile(common.Out)
			require.NoError(t, err)

			format, err := corpus.ThreadFormatOf(common.Out)
			require.NoError(t, err)
			require.Equal(t, c.format, format)
			var counts corpus.Counts
			var got site
			for thread, err := range corpus.OpenThreads(t.Context(), common.Out, "", corpus.ThreadOptions{KeepReplies: true, Counts: &counts}) {
				require.NoError(t, err)
				got = append(got, thread)
			}
			require.Equal(t, c.site, got)
			require.Zero(t, counts.Malformed+counts.Duplicates)

			// A fetch with breaks, after some pages and by the end of its retries, has the same bytes.
			s.fail = nil
			broken := s.common(t)
			for attempt := 0; ; attempt++ {
				require.Less(t, attempt, 1000)
				asked := 0
				s.fail = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
					asked++
					return asked > 1+attempt%4 && reply(w, http.StatusServiceUnavailable, "down")
				}
				broken.MaxRetries = 0
				if _, err := do(t.Context(), broken); err == nil {
					break
				}
			}
			again, err := os.ReadFile(broken.Out)
			require.NoError(t, err)
			require.Equal(t, string(want), string(again))
		})
	}
}
