package corpus

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/internal/rowxml"
)

// The types of posts in a dump that matter here. Others are wikis of tags, nominations and the like.
const (
	questionPost = 1
	answerPost   = 2
)

// question is a question of a dump that is wanted.
type question struct {
	Thread
	id       int64
	owner    int64 // 0 where there is none
	accepted int64 // the ID of the accepted answer, 0 where there is none
	joined   int   // answers that were met
}

// answer is an answer of a dump.
type answer struct {
	id, parent, owner int64
	created           time.Time
	score             Count
	body              rowxml.Attribute
}

// batch is what a block of a dump holds.
type batch struct {
	questions   []question // the wanted ones
	answers     []answer
	faults      []*Error // with rows from 1 in the block
	counts      Counts
	first, last int64 // IDs of rows
	ordered     bool  // the IDs rise
	root        string
	ended       bool // by </posts>
	favourites  bool // some question has a number of them
	begun       bool // there is an element
	something   bool // there is more than white space

	dropped      int // optional attributes that cannot be read
	firstDropped *Error
	odd          int // characters that XML forbids
}

// postReader reads blocks of a dump, on any number of goroutines at once.
type postReader struct {
	name  string
	o     ThreadOptions
	tags  map[string]bool
	site  string
	again bool // answers alone are wanted, what else there is is known
}

func newPostReader(name string, o ThreadOptions) *postReader {
	return &postReader{name: name, o: o, tags: o.tagSet(), site: o.Site}
}

// read is what a block holds.
func (p *postReader) read(b block) *batch {
	out := &batch{ordered: true, something: len(bytes.TrimSpace(b.text)) > 0}
	var s rowxml.Scanner
	s.Reset(b.text)
	lineAt, line := 0, b.line
	here := func(offset int) int {
		line += bytes.Count(b.text[lineAt:offset], []byte("\n"))
		lineAt = offset
		return line
	}
	scratch := make([]byte, 0, 256)
	for {
		e, err := s.Next()
		if e == nil {
			return out
		}
		if err != nil {
			out.counts.Records++
			out.faults = append(out.faults, &Error{Source: p.name, Line: here(e.Offset), Row: out.counts.Records, Why: err.Error(), Err: err})
			continue
		}
		switch {
		case e.Kind == rowxml.Start && string(e.Name) == "row":
			out.counts.Records++
			out.odd += e.Odd
			dropped := out.dropped
			fault := p.row(e, out, &scratch)
			if dropped == 0 && out.dropped > 0 {
				f := out.firstDropped
				f.Source, f.Line, f.Row = p.name, here(e.Offset), out.counts.Records
			}
			if fault != nil {
				fault.Source, fault.Line, fault.Row = p.name, here(e.Offset), out.counts.Records
				out.faults = append(out.faults, fault)
			}
		case e.Kind == rowxml.Start && out.root == "":
			out.root = string(e.Name)
			if e.Closed {
				out.ended = true
				continue
			}
		case e.Kind == rowxml.End && string(e.Name) == "posts":
			out.ended = true
			continue
		}
		if e.Kind != rowxml.Other {
			out.begun, out.ended = true, false
		}
	}
}

// row reads a post. The error lacks the place.
func (p *postReader) row(e *rowxml.Element, out *batch, scratch *[]byte) *Error {
	var (
		id, kind, parent, accepted, owner  int64
		created, closed, active            time.Time
		score, views, favourites, comments Count
		answers                            Count
		title, body, tags                  *rowxml.Attribute
		fault                              *Error
		acceptedOdd, closedOdd             bool // it is there and cannot be read
	)
	number := func(a *rowxml.Attribute) (n int64, known bool, wrong *Error) {
		*scratch = a.Append((*scratch)[:0])
		if len(*scratch) == 0 {
			return 0, false, nil
		}
		n, ok := parseInt(*scratch)
		if !ok {
			wrong = &Error{Field: string(a.Name), Why: "is " + quote(string(*scratch)) + ", want a whole number"}
		}
		return n, ok, wrong
	}
	drop := func(wrong *Error) {
		if out.dropped++; out.firstDropped == nil {
			out.firstDropped = wrong
		}
	}
	needed := func(a *rowxml.Attribute) int64 {
		n, _, wrong := number(a)
		if fault == nil {
			fault = wrong
		}
		return n
	}
	optional := func(a *rowxml.Attribute) (int64, bool) {
		n, known, wrong := number(a)
		if wrong != nil {
			drop(wrong)
		}
		return n, known
	}
	count := func(a *rowxml.Attribute) Count {
		if n, known := optional(a); known {
			return Known(int(n))
		}
		return Count{}
	}
	stamp := func(a *rowxml.Attribute) (time.Time, *Error) {
		*scratch = a.Append((*scratch)[:0])
		if len(*scratch) == 0 {
			return time.Time{}, nil
		}
		t, err := parseStamp(*scratch)
		if err != nil {
			return time.Time{}, &Error{Field: string(a.Name), Why: err.Error(), Err: err}
		}
		return t, nil
	}
	when := func(a *rowxml.Attribute) time.Time {
		t, wrong := stamp(a)
		if wrong != nil {
			drop(wrong)
		}
		return t
	}
	for i := range e.Attributes {
		a := &e.Attributes[i]
		switch string(a.Name) {
		case "Id":
			id = needed(a)
		case "PostTypeId":
			kind = needed(a)
		case "ParentId":
			parent = needed(a)
		case "AcceptedAnswerId":
			known := false
			accepted, known = optional(a)
			acceptedOdd = !known && len(*scratch) > 0
		case "OwnerUserId":
			owner, _ = optional(a)
		case "CreationDate":
			var wrong *Error
			if created, wrong = stamp(a); fault == nil {
				fault = wrong
			}
		case "ClosedDate":
			closed = when(a)
			closedOdd = closed.IsZero() && len(*scratch) > 0
		case "LastActivityDate":
			active = when(a)
		case "Score":
			score = count(a)
		case "ViewCount":
			views = count(a)
		case "FavoriteCount":
			favourites = count(a)
		case "CommentCount":
			comments = count(a)
		case "AnswerCount":
			answers = count(a)
		case "Title":
			title = a
		case "Body":
			body = a
		case "Tags":
			tags = a
		}
	}
	switch {
	case fault != nil:
		return fault
	case id <= 0:
		return &Error{Field: "Id", Why: "missing or not above 0, want the number of the post"}
	case kind <= 0:
		return &Error{Field: "PostTypeId", Why: "missing or not above 0, want 1 for a question, 2 for an answer"}
	case created.IsZero() && kind <= answerPost:
		return &Error{Field: "CreationDate", Why: "missing, want a time"}
	case kind == answerPost && parent <= 0:
		return &Error{Field: "ParentId", Why: "missing or not above 0, want the number of the question"}
	}
	if out.first == 0 {
		out.first = id
	}
	out.ordered = out.ordered && out.last < id
	out.last = id
	for _, t := range [...]time.Time{created, active, closed} {
		out.counts.latest(t)
	}
	switch kind {
	default:
		out.counts.Other++
	case answerPost:
		out.counts.Replies++
		a := answer{id: id, parent: parent, owner: owner, created: created, score: score}
		if body != nil && p.o.KeepReplies {
			a.body = *body
		}
		out.answers = append(out.answers, a)
	case questionPost:
		out.counts.Threads++
		_, known := favourites.Value()
		out.favourites = out.favourites || known
		if p.again || !p.o.inTime(created) || !p.tagged(tags, scratch) {
			return nil
		}
		name := strconv.FormatInt(id, 10)
		q := question{id: id, owner: owner, accepted: accepted, Thread: Thread{
			ID: name, Site: p.site, URL: questionURL(p.site, name), Markup: HTML,
			Title: attribute(title), Body: attribute(body), Tags: splitTags(attribute(tags)),
			Created: created, Score: score, Views: views, Favorites: favourites, Comments: comments, Answers: answers,
			Closed: TriOf(!closed.IsZero()), ClosedAt: closed, Accepted: TriOf(accepted > 0),
		}}
		if acceptedOdd {
			q.Accepted = Unknown
		}
		if closedOdd {
			q.Closed = Yes // its time is unknown
		}
		out.questions = append(out.questions, q)
	}
	return nil
}

// tagged says whether a question has one of the tags that are wanted.
func (p *postReader) tagged(a *rowxml.Attribute, scratch *[]byte) bool {
	if p.tags == nil {
		return true
	}
	if a == nil {
		return false
	}
	*scratch = a.Append((*scratch)[:0])
	name := (*scratch)[:0] // written over what is read
	for _, c := range *scratch {
		switch {
		case c == '<', c == '>', c == '|':
			if p.tags[string(name)] && len(name) > 0 {
				return true
			}
			name = name[:0]
		case 'A' <= c && c <= 'Z':
			name = append(name, c+'a'-'A')
		default:
			name = append(name, c)
		}
	}
	return len(name) > 0 && p.tags[string(name)]
}

// splitTags splits <a><b>, or |a|b| as dumps since 2024 have it.
func splitTags(s string) []string {
	if s == "" {
		return nil
	}
	return strings.FieldsFunc(s, func(r rune) bool { return r == '<' || r == '>' || r == '|' })
}

func attribute(a *rowxml.Attribute) string {
	if a == nil {
		return ""
	}
	return a.Value()
}

// questionURL leads to a question, "" where the site is not known.
func questionURL(site, id string) string {
	if site == "" {
		return ""
	}
	return "https://" + site + "/questions/" + id
}

// parseInt is strconv.ParseInt of a short decimal number, without a string.
func parseInt(b []byte) (n int64, ok bool) {
	digits := b
	if b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// parseStamp is ParseTime, quick where the time is written as dumps have it: 2023-07-17T19:24:01.893.
func parseStamp(b []byte) (time.Time, error) {
	const layout = "0000-00-00T00:00:00.000"
	if len(b) == len(layout) || len(b) == len(layout)-len(".000") {
		var parts [7]int
		part, plain := 0, true
		for i, c := range b {
			switch {
			case layout[i] != '0':
				plain = plain && c == layout[i]
				part++
			case c < '0' || c > '9':
				plain = false
			default:
				parts[part] = parts[part]*10 + int(c-'0')
			}
		}
		if plain {
			month := time.Month(parts[1])
			t := time.Date(parts[0], month, parts[2], parts[3], parts[4], parts[5], parts[6]*1e6, time.UTC)
			if t.Month() == month && t.Day() == parts[2] && t.Hour() == parts[3] && t.Minute() == parts[4] && t.Second() == parts[5] {
				return t, nil
			}
		}
	}
	return ParseTime(string(b))
}
