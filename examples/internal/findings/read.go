// Package findings is what the two examples of a study share: the readers of the corpora that they compare with, and the
// way from threads to tables and a description of the methods.
package findings

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
)

// Corpus is threads and how they came to be.
type Corpus struct {
	Name    string
	Source  string // what was read
	Threads []corpus.Thread
	Counts  []string // of records read and left out, for the methods
}

// Dump reads the questions of a Posts.xml that have one of the tags; of all tags when there are none. Malformed rows are
// counted, or fail the reading when it is strict.
func Dump(ctx context.Context, name, path string, tags []string, strict bool) (Corpus, error) {
	var counts corpus.Counts
	c := Corpus{Name: name, Source: path}
	for t, err := range corpus.StackExchangeDump(ctx, corpus.File(path), corpus.ThreadOptions{Tags: tags, Counts: &counts}) {
		if err != nil {
			if fault := (*corpus.Error)(nil); strict || !errors.As(err, &fault) || fault.Fatal {
				return c, err
			}
			continue
		}
		c.Threads = append(c.Threads, t)
	}
	c.Counts = []string{fmt.Sprintf("%d records read, %d of them questions; %d malformed, %d duplicates and %d posts of other kinds left out; %d questions selected",
		counts.Records, counts.Threads, counts.Malformed, counts.Duplicates, counts.Other, counts.Selected)}
	for i := range c.Threads {
		if c.Threads[i].Seen.IsZero() {
			c.Threads[i].Seen = counts.Latest
		}
	}
	return c, nil
}

// each decodes every line of a file of JSON Lines.
func each[T any](path string, strict bool, take func(T)) (malformed int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	in := bufio.NewReaderSize(f, 1<<16)
	for line := 1; ; line++ {
		text, err := in.ReadBytes('\n')
		if len(text) > 0 {
			var v T
			switch bad := json.Unmarshal(text, &v); {
			case bad == nil:
				take(v)
			case strict:
				return malformed, fmt.Errorf("%s:%d: %w", path, line, bad)
			default:
				malformed++
			}
		}
		if errors.Is(err, io.EOF) {
			return malformed, nil
		}
		if err != nil {
			return malformed, err
		}
	}
}

func count(v *int) corpus.Count {
	if v == nil {
		return corpus.Count{}
	}
	return corpus.Known(*v)
}

// Baselines are Mobile and Security where $GOBERTOPIC_DATA has them.
func Baselines(strict bool) ([]Corpus, error) {
	var out []Corpus
	for _, b := range []struct {
		path string
		read func(path string, strict bool) (Corpus, error)
	}{
		{Data("so_24k_meta", "QueryResults.csv"), Mobile},
		{Data("security_secrets_se", "questions.jsonl"), Security},
	} {
		if b.path == "" {
			continue
		}
		c, err := b.read(b.path, strict)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Security reads questions.jsonl, the questions of one site that a study of secrets in code published. When answers were
// written is not among its fields.
func Security(path string, strict bool) (Corpus, error) {
	type record struct {
		Site        string
		ID          int
		Title, Body string
		Tags        []string
		Created     string `json:"creation_date"`
		Score       *int
		Views       *int `json:"view_count"`
		Answers     *int `json:"answer_count"`
		Favorites   *int `json:"favorite_count"`
		Accepted    *int `json:"accepted_answer_id"`
	}
	c := Corpus{Name: "Security", Source: path}
	elsewhere, read := 0, 0
	malformed, err := each(path, strict, func(r record) {
		read++
		if r.Site != "stackoverflow" {
			elsewhere++
			return
		}
		created, _ := time.Parse(time.DateTime, r.Created)
		c.Threads = append(c.Threads, corpus.Thread{
			ID: strconv.Itoa(r.ID), Site: "stackoverflow.com", Title: r.Title, Body: r.Body, Tags: r.Tags, Created: created,
			Score: count(r.Score), Views: count(r.Views), Answers: count(r.Answers), Favorites: count(r.Favorites),
			Accepted: corpus.TriOf(r.Accepted != nil),
		})
	})
	c.Counts = []string{fmt.Sprintf("%d records read, %d malformed, %d of other sites than Stack Overflow left out", read, malformed, elsewhere)}
	return c, err
}

// MobileTags are the tags that make a question one of Mobile Development.
var MobileTags = []string{"android", "iphone", "ios", "ipad", "objective-c", "cocoa-touch", "blackberry", "windows-mobile", "windows-phone-7", "symbian", "mobile"}

// Mobile reads QueryResults.csv, an export of the Data Explorer of questions of 2009 to 2011, and keeps those with one of
// MobileTags. Of rows with the same ID the first counts. It has no times of answers.
func Mobile(path string, strict bool) (Corpus, error) {
	c := Corpus{Name: "Mobile", Source: path}
	f, err := os.Open(path)
	if err != nil {
		return c, err
	}
	defer func() { _ = f.Close() }()
	in := csv.NewReader(f)
	header, err := in.Read()
	if err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	at := map[string]int{}
	for i, name := range header {
		if _, twice := at[name]; !twice { // the second Id is the asker's
			at[name] = i
		}
	}
	for _, name := range []string{"Id", "Title", "Tags", "Score", "CreationDate", "ViewCount", "AnswerCount", "FavoriteCount", "A/N"} {
		if _, ok := at[name]; !ok {
			return c, fmt.Errorf("%s: the header has no %q", path, name)
		}
	}
	wanted := map[string]bool{}
	for _, t := range MobileTags {
		wanted[t] = true
	}
	seen := map[string]bool{}
	read, malformed, duplicates, others := 0, 0, 0, 0
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if strict {
				return c, fmt.Errorf("%s: %w", path, err)
			}
			malformed++
			continue
		}
		read++
		field := func(name string) string { return strings.ToValidUTF8(row[at[name]], "\ufffd") }
		id := field("Id")
		if seen[id] {
			duplicates++
			continue
		}
		seen[id] = true
		tags := strings.FieldsFunc(field("Tags"), func(r rune) bool { return r == '<' || r == '>' })
		keep := false
		for _, t := range tags {
			keep = keep || wanted[t]
		}
		if !keep {
			others++
			continue
		}
		number := func(name string) corpus.Count {
			if v, err := strconv.Atoi(field(name)); err == nil {
				return corpus.Known(v)
			}
			return corpus.Count{}
		}
		created, _ := time.Parse("1/2/2006 15:04", field("CreationDate"))
		t := corpus.Thread{
			ID: id, Site: "stackoverflow.com", Title: field("Title"), Tags: tags, Created: created,
			Score: number("Score"), Views: number("ViewCount"), Answers: number("AnswerCount"), Favorites: number("FavoriteCount"),
		}
		if a := field("A/N"); a == "A" || a == "N" {
			t.Accepted = corpus.TriOf(a == "A")
		}
		c.Threads = append(c.Threads, t)
	}
	c.Counts = []string{fmt.Sprintf("%d rows read, %d malformed, %d with an ID that was there before, %d without one of the tags %s left out",
		read, malformed, duplicates, others, strings.Join(MobileTags, ", "))}
	return c, nil
}

// ForumTitles reads topics.csv: titles of a forum's topics and how many posts they have, nothing else of use here.
func ForumTitles(path string, strict bool) (Corpus, error) {
	c := Corpus{Name: "OpenAI Developer Forum, titles", Source: path}
	malformed, blank := 0, 0
	for d, err := range corpus.Open(path, corpus.FormatCSV, corpus.Options{TextField: "title_from_slug", IDField: "topic_id"}) {
		if err != nil {
			if fault := (*corpus.Error)(nil); strict || !errors.As(err, &fault) || fault.Row == 0 {
				return c, err
			}
			malformed++
			continue
		}
		t := corpus.Thread{ID: d.ID, Site: "community.openai.com", Title: d.Text, URL: d.Fields["url"], Category: d.Fields["category"]}
		if posts, err := strconv.Atoi(d.Fields["post_count"]); err == nil && posts > 0 {
			t.Answers = corpus.Known(posts - 1)
		}
		if strings.TrimSpace(t.Title) == "" {
			blank++
		}
		c.Threads = append(c.Threads, t)
	}
	c.Counts = []string{
		fmt.Sprintf("%d topics read, %d records malformed and left out, %d without a title", len(c.Threads), malformed, blank),
		"a topic's replies are its posts less one; views, likes, acceptance and times are not in the file",
	}
	return c, nil
}

// ForumTopics reads topics.jsonl: topics of a forum with all posts.
func ForumTopics(path string, strict bool) (Corpus, error) {
	type record struct {
		ID           int
		Title, Body  string
		Created      time.Time `json:"created_at"`
		Views        *int
		Posts        *int `json:"posts_count"`
		Likes        *int `json:"like_count"`
		Tags         []string
		Accepted     *bool      `json:"has_accepted_answer"`
		AcceptedAt   *time.Time `json:"accepted_at"`
		FirstReplyAt *time.Time `json:"first_reply_at"`
	}
	c := Corpus{Name: "OpenAI Developer Forum, full topics", Source: path}
	malformed, err := each(path, strict, func(r record) {
		t := corpus.Thread{
			ID: strconv.Itoa(r.ID), Site: "community.openai.com", Title: r.Title, Body: r.Body, Created: r.Created, Tags: r.Tags,
			Views: count(r.Views), Likes: count(r.Likes),
		}
		if r.Posts != nil && *r.Posts > 0 {
			t.Answers = corpus.Known(*r.Posts - 1)
		}
		if r.Accepted != nil {
			t.Accepted = corpus.TriOf(*r.Accepted)
		}
		if r.AcceptedAt != nil {
			t.AcceptedAt = *r.AcceptedAt
		}
		if r.FirstReplyAt != nil {
			t.FirstReplyAt = *r.FirstReplyAt
		}
		c.Threads = append(c.Threads, t)
	})
	c.Counts = []string{fmt.Sprintf("%d topics read, %d malformed and left out", len(c.Threads), malformed)}
	return c, err
}
