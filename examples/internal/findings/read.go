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

// read reads the threads of a file, whose format is seen from its beginning where it is "". Malformed records are counted, or
// fail the reading when it is strict. Threads of which the source does not say when it looked at them were seen when its
// latest record was made.
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
	for i := range c.Threads {
		if c.Threads[i].Seen.IsZero() {
			c.Threads[i].Seen = counts.Latest
		}
	}
	return c, counts, nil
}

// tally says what the records of a source were. The first number is the sum of the others.
func tally(c corpus.Counts, threads, replies string) string {
	text := fmt.Sprintf("%d records read: %d %s", c.Records, c.Threads, threads)
	if c.Replies > 0 {
		text += fmt.Sprintf(", %d %s", c.Replies, replies)
	}
	if opening := c.Records - c.Threads - c.Replies - c.Other - c.Duplicates - c.Malformed; opening > 0 {
		text += fmt.Sprintf(", %d opening posts and further mentions of the same %s", opening, threads)
	}
	return text + fmt.Sprintf("; left out: %d of other kinds, %d that were there before, %d malformed", c.Other, c.Duplicates, c.Malformed)
}

// untimed notes that no thread says when it was answered.
func (c *Corpus) untimed() {
	for _, t := range c.Threads {
		if !t.AcceptedAt.IsZero() || !t.FirstReplyAt.IsZero() {
			return
		}
	}
	c.Counts = append(c.Counts, "when answers were written is not in the file: there are no hours to them")
}

// Questions reads the questions that have one of the tags, of all tags when there are none: from the Posts.xml of a data
// dump (in an archive too, if the program can unpack it), an export of the Data Explorer, or pages of the Stack Exchange API as they come or as gobertopic fetch writes them.
func Questions(ctx context.Context, name, path string, tags []string, strict bool) (Corpus, error) {
	format, err := corpus.ThreadFormatOf(path)
	if err != nil {
		return Corpus{}, err
	}
	switch format {
	case corpus.FormatDump, corpus.FormatStackExchangeAPI, corpus.FormatStackExchangeCSV:
	default:
		return Corpus{}, Usage(fmt.Sprintf("%s has no questions of Stack Exchange: its format is %s", path, format))
	}
	c, counts, err := read(ctx, name, path, format, corpus.ThreadOptions{Tags: tags}, strict)
	c.Counts = []string{
		"format: " + string(format),
		tally(counts, "questions", "answers"),
		fmt.Sprintf("%d questions selected", counts.Selected),
	}
	c.untimed()
	return c, err
}

// Baselines are Mobile and Security where $GOBERTOPIC_DATA has them.
func Baselines(ctx context.Context, strict bool) ([]Corpus, error) {
	var out []Corpus
	for _, b := range []struct {
		path string
		read func(ctx context.Context, path string, strict bool) (Corpus, error)
	}{
		{Data("so_24k_meta/QueryResults.csv"), Mobile},
		{Data("security_secrets_se/questions.jsonl"), Security},
	} {
		if b.path == "" {
			continue
		}
		c, err := b.read(ctx, b.path, strict)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Security reads questions.jsonl, the questions that a study of secrets in code published, and keeps those of Stack
// Overflow. When answers were written is not among its fields.
func Security(ctx context.Context, path string, strict bool) (Corpus, error) {
	c, counts, err := read(ctx, "Security", path, corpus.FormatStackExchangeAPI, corpus.ThreadOptions{}, strict)
	c.Threads = slices.DeleteFunc(c.Threads, func(t corpus.Thread) bool { return t.Site != "stackoverflow.com" })
	c.Counts = []string{
		tally(counts, "questions", "answers"),
		fmt.Sprintf("%d questions of other sites than Stack Overflow left out", counts.Selected-len(c.Threads)),
	}
	c.untimed()
	return c, err
}

// MobileTags are the tags that make a question one of Mobile Development.
var MobileTags = []string{"android", "iphone", "ios", "ipad", "objective-c", "cocoa-touch", "blackberry", "windows-mobile", "windows-phone-7", "symbian", "mobile"}

// Mobile reads QueryResults.csv, an export of the Data Explorer of questions of 2009 to 2011, and keeps those with one of
// MobileTags. Of rows with the same ID the first counts. It has no times of answers.
func Mobile(ctx context.Context, path string, strict bool) (Corpus, error) {
	c, counts, err := read(ctx, "Mobile", path, corpus.FormatStackExchangeCSV, corpus.ThreadOptions{Site: "stackoverflow.com", Tags: MobileTags}, strict)
	c.Counts = []string{
		tally(counts, "questions", "answers"),
		fmt.Sprintf("%d questions without one of the tags %s left out", counts.Threads-counts.Selected, strings.Join(MobileTags, ", ")),
	}
	c.untimed()
	return c, err
}

// Forum reads topics of the OpenAI Developer Forum: a CSV of titles with how many posts each topic has, which is all of use in
// it, or topics with all their posts, one a line or in the pages that the forum gives and gobertopic fetch writes.
func Forum(ctx context.Context, path string, strict bool) (Corpus, error) {
	format, err := corpus.ThreadFormatOf(path)
	if err != nil {
		return Corpus{}, err
	}
	name := "OpenAI Developer Forum, "
	switch format {
	case corpus.FormatDiscourseCSV:
		name += "titles"
	case corpus.FormatDiscourse:
		name += "full topics"
	default:
		return Corpus{}, Usage(fmt.Sprintf("%s has no topics of a forum: its format is %s", path, format))
	}
	c, counts, err := read(ctx, name, path, format, corpus.ThreadOptions{Site: "community.openai.com"}, strict)
	blank := 0
	for _, t := range c.Threads {
		if t.Title == "" {
			blank++
		}
	}
	c.Counts = []string{
		"format: " + string(format),
		tally(counts, "topics", "replies"),
		fmt.Sprintf("%d of the topics have no title and stay in", blank),
		"a topic's replies are its posts less the first",
	}
	c.untimed()
	return c, err
}
