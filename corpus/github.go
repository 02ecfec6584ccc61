package corpus

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// GitHubIssues reads issues as the API of GitHub gives them: arrays, or one issue or array on a line; labels may be names
// alone, and repo, comments_count and first_reply_at, which studies add, are read too. Pull requests, which that API lists
// among the issues, are counted as Other. An issue that comes twice is a duplicate, of which the first counts.
//
// GitHub knows no accepted answers: Accepted is Unknown. Issues are given as they are read.
func GitHubIssues(ctx context.Context, in Source, o ThreadOptions) iter.Seq2[Thread, error] {
	return readThreads(ctx, in, o, func(r *reading, text *bufio.Reader, file *input) *Error {
		return r.eachValue(text, file, r.issue)
	})
}

func (r *reading) issue(value json.RawMessage) {
	var p struct {
		HTML       string          `json:"html_url"`
		URL        string          `json:"url"`
		API        string          `json:"repository_url"`
		Repo       string          `json:"repo"`
		Number     int             `json:"number"`
		Title      *string         `json:"title"`
		Body       string          `json:"body"`
		State      string          `json:"state"`
		Created    moment          `json:"created_at"`
		Closed     moment          `json:"closed_at"`
		Updated    moment          `json:"updated_at"`
		Labels     names           `json:"labels"`
		Comments   *int            `json:"comments"`
		AlsoCalled *int            `json:"comments_count"`
		Reactions  json.RawMessage `json:"reactions"`
		First      moment          `json:"first_reply_at"`
		Pull       json.RawMessage `json:"pull_request"`
	}
	r.o.Counts.Records++
	if !r.decode(value, &p) {
		return
	}
	for _, m := range []moment{p.Created, p.Closed, p.Updated, p.First} {
		r.o.Counts.latest(m.Time)
	}
	if len(p.Pull) > 0 && string(p.Pull) != "null" {
		r.o.Counts.Other++
		return
	}
	url := cmp.Or(p.HTML, p.URL)
	repo := p.Repo
	for _, link := range []string{p.API, url} {
		_, path, _ := strings.Cut(link, "://")
		_, path, _ = strings.Cut(path, "/")
		path = strings.TrimPrefix(path, "repos/")
		if parts := strings.SplitN(path, "/", 3); repo == "" && len(parts) > 1 {
			repo = parts[0] + "/" + parts[1]
		}
	}
	switch {
	case p.Number <= 0:
		r.malformed("number", "missing, want that of an issue")
		return
	case p.Title == nil:
		r.malformed("title", "missing, want that of an issue")
		return
	case repo == "":
		r.malformed("html_url", "missing, want an address that tells the repository, or repo")
		return
	}
	t := Thread{
		ID: repo + "#" + strconv.Itoa(p.Number), Site: cmp.Or(r.o.Site, "github.com"), URL: url, Title: oneLine(*p.Title), Body: p.Body, Markup: Markdown,
		Tags: p.Labels, Category: repo, Created: p.Created.Time, ClosedAt: p.Closed.Time, FirstReplyAt: p.First.Time,
		Answers: countOf(cmp.Or(p.AlsoCalled, p.Comments)),
	}
	if p.State != "" || !t.ClosedAt.IsZero() {
		t.Closed = TriOf(strings.EqualFold(p.State, "closed") || !t.ClosedAt.IsZero())
	}
	likes, all := (*int)(nil), struct {
		Total *int `json:"total_count"`
	}{}
	if json.Unmarshal(p.Reactions, &likes) != nil && json.Unmarshal(p.Reactions, &all) == nil {
		likes = all.Total
	}
	t.Likes = countOf(likes)
	if r.enter(t.ID, &t) {
		r.give(t)
	}
}
