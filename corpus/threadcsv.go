package corpus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
)

// StackExchangeCSV reads questions from CSV as the Data Explorer (https://data.stackexchange.com) exports queries of its
// table Posts: the columns Id and Title, and of Tags, Score, CreationDate, ViewCount, AnswerCount, CommentCount,
// FavoriteCount, Body, ClosedDate and AcceptedAnswerId those that are there. Of columns with the same name the first counts.
// A column A/N, with A for a question that has an accepted answer and N for others, stands in for AcceptedAnswerId.
// Times are as ParseTime reads them or as 11/17/2009 13:43, the month first. A field other than Id and Title that cannot be read
// is left out and counted.
//
// Rows with an ID that was there before, which joins make, are duplicates. No times of answers are in it. Questions are
// given as they are read.
func StackExchangeCSV(ctx context.Context, in Source, o ThreadOptions) iter.Seq2[Thread, error] {
	return threadCSV(ctx, in, o, []string{"Id", "Title"}, seRow)
}

// DiscourseCSV reads topics of a forum from CSV with the columns topic_id and title or title_from_slug, and of post_count,
// category, views, like_count, created_at and url those that are there.
func DiscourseCSV(ctx context.Context, in Source, o ThreadOptions) iter.Seq2[Thread, error] {
	return threadCSV(ctx, in, o, []string{"topic_id"}, dcRow)
}

// threadRow is a record of CSV by the names of its columns.
type threadRow struct {
	at     map[string]int
	values []string
	clock  func(string) (time.Time, error)
	odd    func(field, why string) // takes the fault of a field that is left out
}

func (r *threadRow) text(name string) string {
	if at, ok := r.at[name]; ok {
		return strings.Clone(r.values[at])
	}
	return ""
}

func (r *threadRow) count(name string) Count {
	s := strings.TrimSpace(r.text(name))
	if absent(s) {
		return Count{}
	}
	n, ok := wholeNumber(s)
	if !ok || int64(int(n)) != n {
		r.odd(name, fmt.Sprintf("is %s, want a whole number", quote(s)))
		return Count{}
	}
	return Known(int(n))
}

func (r *threadRow) time(name string) time.Time {
	s := strings.TrimSpace(r.text(name))
	if absent(s) {
		return time.Time{}
	}
	t, err := r.clock(s)
	if err != nil {
		r.odd(name, err.Error())
	}
	return t
}

// usTimes are the times of the Data Explorer, the month first.
func usTimes(clock func(string) (time.Time, error)) func(string) (time.Time, error) {
	return func(s string) (time.Time, error) {
		for _, layout := range []string{"1/2/2006 15:04", "1/2/2006 15:04:05"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t, nil
			}
		}
		return clock(s)
	}
}

func seRow(r *threadRow, site string) Thread {
	t := Thread{
		ID: strings.TrimSpace(r.text("Id")), Site: site, Title: oneLine(r.text("Title")), Body: r.text("Body"), Markup: HTML, Tags: tagList(r.text("Tags")),
		Created: r.time("CreationDate"), ClosedAt: r.time("ClosedDate"), Score: r.count("Score"), Views: r.count("ViewCount"),
		Favorites: r.count("FavoriteCount"), Comments: r.count("CommentCount"), Answers: r.count("AnswerCount"),
	}
	if t.Body == "" {
		t.Markup = PlainText
	}
	t.URL = questionURL(site, t.ID)
	if _, ok := r.at["ClosedDate"]; ok {
		t.Closed = TriOf(!absent(r.text("ClosedDate")))
	}
	if _, ok := r.at["AcceptedAnswerId"]; ok {
		if _, known := r.count("AcceptedAnswerId").Value(); known || absent(r.text("AcceptedAnswerId")) {
			t.Accepted = TriOf(known)
		}
	} else if _, ok := r.at["A/N"]; ok {
		switch s := strings.TrimSpace(r.text("A/N")); s {
		case "A", "N":
			t.Accepted = TriOf(s == "A")
		case "":
		default:
			r.odd("A/N", fmt.Sprintf("is %s, want A or N", quote(s)))
		}
	}
	return t
}

// tagList reads <a><b> and |a|b|.
func tagList(s string) []string {
	return slices.Clip(strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune("<>| ", c) }))
}

func dcRow(r *threadRow, site string) Thread {
	t := Thread{
		ID: strings.TrimSpace(r.text("topic_id")), Site: site, URL: r.text("url"), Title: oneLine(r.text("title")), Category: r.text("category"),
		Created: r.time("created_at"), Views: r.count("views"), Likes: r.count("like_count"),
	}
	if t.Title == "" {
		t.Title = oneLine(r.text("title_from_slug"))
	}
	if t.Site == "" {
		t.Site = linkHost(t.URL)
	}
	if n, known := r.count("post_count").Value(); known && n > 0 {
		t.Answers = Known(n - 1)
	}
	return t
}

func threadCSV(ctx context.Context, in Source, o ThreadOptions, required []string, thread func(r *threadRow, site string) Thread) iter.Seq2[Thread, error] {
	return readThreads(ctx, in, o, func(r *reading, text *bufio.Reader, file *input) *Error {
		rows := newCSVReader(text, r.most)
		unreadable := func(err error) *Error {
			if errors.Is(err, ErrTooLong) {
				return tooLong(in.Name, rows.line, rows.most)
			}
			return cannot("be read", in.Name, rows.line, err)
		}
		header, err := rows.header(o.Comma, required...)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		header = slices.Clone(header)
		row := threadRow{at: map[string]int{}, clock: r.clock, odd: r.odd}
		if o.TimeFormat == "" {
			row.clock = usTimes(r.clock)
		}
		for i, name := range header {
			if _, twice := row.at[name]; !twice {
				row.at[name] = i
			}
		}
		for _, name := range required {
			if _, ok := row.at[name]; !ok {
				return &Error{Source: in.Name, Line: rows.begin, Field: name, Why: lacks("header", header), Fatal: true}
			}
		}
		rows.want = len(header)
		for !r.stopped {
			values, err := rows.next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return unreadable(err)
			}
			r.begin(rows.begin, file)
			r.o.Counts.Records++
			if len(values) != len(header) {
				r.malformed("", fmt.Sprintf("the header has %d fields, the record %d", len(header), len(values)))
				continue
			}
			row.values = values
			if strings.TrimSpace(row.text(required[0])) == "" {
				r.malformed(required[0], "empty, want an ID")
				continue
			}
			t := thread(&row, r.o.Site)
			r.o.Counts.latest(t.Created)
			r.o.Counts.latest(t.ClosedAt)
			if r.enter(t.Site+" "+t.ID, &t) {
				r.give(t)
			}
		}
		return nil
	})
}
