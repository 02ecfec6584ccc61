// Package findings is what the two examples of a study share: the readers of the corpora that they compare with, and the
// way from threads to tables and a description of the methods.
package findings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	c, counts, err := read(ctx, name, path, corpus.FormatDump, corpus.ThreadOptions{Tags: tags}, strict)
	c.Counts = []string{fmt.Sprintf("%d records read, %d of them questions; %d malformed, %d duplicates and %d posts of other kinds left out; %d questions selected",
		counts.Records, counts.Threads, counts.Malformed, counts.Duplicates, counts.Other, counts.Selected)}
	for i := range c.Threads {
		if c.Threads[i].Seen.IsZero() {
			c.Threads[i].Seen = counts.Latest
		}
	}
	return c, err
}

// read reads the threads of a file. Malformed records are counted, or fail the reading when it is strict.
func read(ctx context.Context, name, path string, format corpus.ThreadFormat, o corpus.ThreadOptions, strict bool) (Corpus, corpus.Counts, error) {
	var counts corpus.Counts
	o.Counts = &counts
	c := Corpus{Name: name, Source: path}
	for t, err := range corpus.OpenThreads(ctx, path, format, o) {
		if err != nil {
			if fault := (*corpus.Error)(nil); strict || !errors.As(err, &fault) || fault.Fatal {
				return c, counts, err
			}
			continue
		}
		c.Threads = append(c.Threads, t)
	}
	return c, counts, nil
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

// Security reads questions.jsonl, the questions that a study of secrets in code published, and keeps those of Stack
// Overflow. When answers were written is not among its fields.
func Security(path string, strict bool) (Corpus, error) {
	c, counts, err := read(context.Background(), "Security", path, corpus.FormatStackExchangeAPI, corpus.ThreadOptions{}, strict)
	c.Threads = slices.DeleteFunc(c.Threads, func(t corpus.Thread) bool { return t.Site != "stackoverflow.com" })
	c.Counts = []string{fmt.Sprintf("%d records read, %d malformed, %d with an ID that was there before, %d of other sites than Stack Overflow left out",
		counts.Records, counts.Malformed, counts.Duplicates, counts.Selected-len(c.Threads))}
	return c, err
}

// MobileTags are the tags that make a question one of Mobile Development.
var MobileTags = []string{"android", "iphone", "ios", "ipad", "objective-c", "cocoa-touch", "blackberry", "windows-mobile", "windows-phone-7", "symbian", "mobile"}

// Mobile reads QueryResults.csv, an export of the Data Explorer of questions of 2009 to 2011, and keeps those with one of
// MobileTags. Of rows with the same ID the first counts. It has no times of answers.
func Mobile(path string, strict bool) (Corpus, error) {
	c, counts, err := read(context.Background(), "Mobile", path, corpus.FormatStackExchangeCSV, corpus.ThreadOptions{Site: "stackoverflow.com", Tags: MobileTags}, strict)
	c.Counts = []string{fmt.Sprintf("%d rows read, %d malformed, %d with an ID that was there before, %d without one of the tags %s left out",
		counts.Records, counts.Malformed, counts.Duplicates, counts.Threads-counts.Selected, strings.Join(MobileTags, ", "))}
	return c, err
}

const forum = "community.openai.com"

// ForumTitles reads topics.csv: titles of a forum's topics and how many posts they have, nothing else of use here.
func ForumTitles(path string, strict bool) (Corpus, error) {
	c, counts, err := read(context.Background(), "OpenAI Developer Forum, titles", path, corpus.FormatDiscourseCSV, corpus.ThreadOptions{Site: forum}, strict)
	blank := 0
	for _, t := range c.Threads {
		if t.Title == "" {
			blank++
		}
	}
	c.Counts = []string{
		fmt.Sprintf("%d topics read, %d records malformed and left out, %d without a title", len(c.Threads), counts.Malformed, blank),
		"a topic's replies are its posts less one; views, likes, acceptance and times are not in the file",
	}
	return c, err
}

// ForumTopics reads topics.jsonl: topics of a forum with all posts.
func ForumTopics(path string, strict bool) (Corpus, error) {
	c, counts, err := read(context.Background(), "OpenAI Developer Forum, full topics", path, corpus.FormatDiscourse, corpus.ThreadOptions{Site: forum}, strict)
	c.Counts = []string{fmt.Sprintf("%d topics read, %d malformed and left out", len(c.Threads), counts.Malformed)}
	return c, err
}
