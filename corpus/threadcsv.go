package corpus

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StackExchangeCSV reads questions from CSV as the Data Explorer (https://data.stackexchange.com) exports queries of its
// table Posts: the columns Id and Title, and of Tags, Score, CreationDate, ViewCount, AnswerCount, CommentCount,
// FavoriteCount, Body, ClosedDate and AcceptedAnswerId those that are there. Of columns with the same name the first counts.
// A column A/N, with A for a question that has an accepted answer and N for others, stands in for AcceptedAnswerId.
// Times are as ParseTime reads them or as 11/17/2009 13:43, the month first.
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

// threadRow is a record of CSV by the names of its columns. The first fault of a field stays.
type threadRow struct {
	at     map[string]int
	values []string
	field  string
	why    string
}

func (r *threadRow) text(name string) string {
	if at, ok := r.at[name]; ok {
		return strings.Clone(validString(r.values[at]))
	}
	return ""
}

func (r *threadRow) wrong(field, why string) {
	if r.why == "" {
		r.field, r.why = field, why
	}
}

func (r *threadRow) count(name string) Count {
	s := strings.TrimSpace(r.text(name))
	if s == "" || s == "NULL" {
		return Count{}
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		r.wrong(name, fmt.Sprintf("is %s, want a whole number", quote(s)))
	}
	return Known(n)
}

func (r *threadRow) time(name string) time.Time {
	s := strings.TrimSpace(r.text(name))
	if s == "" || s == "NULL" {
		return time.Time{}
	}
	if t, err := time.Parse("1/2/2006 15:04", s); err == nil {
		return t
	}
	if t, err := time.Parse("1/2/2006 15:04:05", s); err == nil {
		return t
	}
	t, err := ParseTime(s)
	if err != nil {
		r.wrong(name, err.Error())
	}
	return t
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
		t.Closed = TriOf(!t.ClosedAt.IsZero())
	}
	if _, ok := r.at["AcceptedAnswerId"]; ok {
		_, known := r.count("AcceptedAnswerId").Value()
		t.Accepted = TriOf(known)
	} else if _, ok := r.at["A/N"]; ok {
		switch s := strings.TrimSpace(r.text("A/N")); s {
		case "A", "N":
			t.Accepted = TriOf(s == "A")
		case "":
		default:
			r.wrong("A/N", fmt.Sprintf("is %s, want A or N", quote(s)))
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
		rows := csv.NewReader(text)
		rows.ReuseRecord = true
		rows.FieldsPerRecord = -1
		header, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return cannot("be read", in.Name, 1, err)
		}
		row := threadRow{at: map[string]int{}}
		for i, name := range header {
			if _, twice := row.at[name]; !twice {
				row.at[strings.Clone(name)] = i
			}
		}
		for _, name := range required {
			if _, ok := row.at[name]; !ok {
				return &Error{Source: in.Name, Line: 1, Field: name, Why: lacks("header", header), Fatal: true}
			}
		}
		columns := len(header)
		for !r.stopped {
			values, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				line := 0
				if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
					line = parse.StartLine
				}
				return cannot("be read", in.Name, line, err)
			}
			line, _ := rows.FieldPos(0)
			r.begin(line, file)
			r.o.Counts.Records++
			if len(values) != columns {
				r.malformed("", fmt.Sprintf("the header has %d fields, the record %d", columns, len(values)))
				continue
			}
			row.values, row.field, row.why = values, "", ""
			t := thread(&row, r.o.Site)
			if t.ID == "" {
				row.wrong(required[0], "empty, want an ID")
			}
			if row.why != "" {
				r.malformed(row.field, row.why)
				continue
			}
			r.o.Counts.latest(t.Created)
			r.o.Counts.latest(t.ClosedAt)
			if r.enter(t.Site+" "+t.ID, &t) {
				r.give(t)
			}
		}
		return nil
	})
}
