package corpus

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"html"
	"iter"
	"strconv"
	"strings"
)

// StackExchangeAPI reads the questions of the Stack Exchange API of version 2: pages {"items": […]} of questions, of answers
// or of questions with their answers, as package fetch writes them, or such items alone; one value on a line, or in arrays.
// Records with "id" and "site" in place of question_id, the texts plain, as studies publish them, are read too. A question
// that comes twice is a duplicate, of which the first counts.
//
// A question without accepted_answer_id has no accepted answer if it has the field with null, if is_answered is false, or
// if any question of the source has that field; else Accepted is Unknown. One without closed_date is open. AcceptedAt and FirstReplyAt come from the answers,
// which may be anywhere after the question: FirstReplyAt only where as many came as answer_count says.
//
// Questions are given once all of the source was read; memory grows with those that are selected.
func StackExchangeAPI(ctx context.Context, in Source, o ThreadOptions) iter.Seq2[Thread, error] {
	return readThreads(ctx, in, o, func(r *reading, text *bufio.Reader, file *input) *Error {
		s := &seReader{reading: r, byID: map[int64]int{}}
		fatal := r.eachValue(text, file, s.page)
		for i := range s.questions {
			r.give(s.questions[i].finish(s.tells))
		}
		return fatal
	})
}

type seReader struct {
	*reading
	questions []seQuestion
	byID      map[int64]int // of the last question with the number, −1 where it is not wanted
	tells     bool          // some question has accepted_answer_id
}

type seQuestion struct {
	Thread
	owner, accepted int64
	met             map[int64]bool
}

type seItem struct {
	QuestionID int64           `json:"question_id"`
	AnswerID   int64           `json:"answer_id"`
	ID         int64           `json:"id"`
	Site       string          `json:"site"`
	Link       string          `json:"link"`
	Title      *string         `json:"title"`
	Body       string          `json:"body"`
	Tags       names           `json:"tags"`
	Created    moment          `json:"creation_date"`
	Closed     moment          `json:"closed_date"`
	Active     moment          `json:"last_activity_date"`
	Score      *int            `json:"score"`
	Views      *int            `json:"view_count"`
	Favorites  *int            `json:"favorite_count"`
	Comments   *int            `json:"comment_count"`
	Count      *int            `json:"answer_count"`
	Answered   *bool           `json:"is_answered"`
	AcceptedID json.RawMessage `json:"accepted_answer_id"`
	AcceptedAt moment          `json:"accepted_answer_date"`
	FirstAt    moment          `json:"first_answer_date"`
	IsAccepted *bool           `json:"is_accepted"`
	Owner      struct {
		ID int64 `json:"user_id"`
	} `json:"owner"`
	Answers []json.RawMessage `json:"answers"`
}

func (s *seReader) page(value json.RawMessage) {
	var p struct {
		Items *[]json.RawMessage `json:"items"`
	}
	if json.Unmarshal(value, &p) != nil || p.Items == nil {
		s.item(value)
		return
	}
	for _, item := range *p.Items {
		s.item(item)
	}
}

func (s *seReader) item(value json.RawMessage) {
	var p seItem
	s.o.Counts.Records++
	if !s.decode(value, &p) {
		return
	}
	for _, m := range []moment{p.Created, p.Closed, p.Active} {
		s.o.Counts.latest(m.Time)
	}
	if p.AnswerID != 0 {
		s.answer(&p)
		return
	}
	id := cmp.Or(p.QuestionID, p.ID)
	accepted := int64(0)
	switch {
	case id <= 0:
		s.malformed("question_id", "missing, want the number of a question")
		return
	case p.Title == nil:
		s.malformed("title", "missing, want that of a question")
		return
	}
	told := len(p.AcceptedID) > 0
	if told && kindOf(p.AcceptedID) != null {
		if accepted, told = wholeNumber(plain(p.AcceptedID)); !told {
			s.odd("accepted_answer_id", "is "+short(string(p.AcceptedID))+", want a whole number")
		}
	}
	t := p.thread(id, s.o.Site)
	s.tells = s.tells || accepted != 0
	switch {
	case accepted != 0:
		t.Accepted = Yes
	case told || p.Answered != nil && !*p.Answered:
		t.Accepted = No
	}
	key := t.Site + " " + t.ID
	_, again := s.ids[key]
	wanted := s.enter(key, &t)
	if !again {
		s.byID[id] = -1
	}
	if wanted {
		s.byID[id] = len(s.questions)
		s.questions = append(s.questions, seQuestion{Thread: t, owner: p.Owner.ID, accepted: accepted, met: map[int64]bool{}})
	}
	for _, value := range p.Answers {
		var a seItem
		s.o.Counts.Records++
		if s.decode(value, &a) {
			a.QuestionID = id
			s.answer(&a)
		}
	}
}

func (p *seItem) thread(id int64, site string) Thread {
	t := Thread{
		ID: strconv.FormatInt(id, 10), Site: cmp.Or(siteHost(p.Site), linkHost(p.Link), site), URL: p.Link, Title: oneLine(*p.Title), Body: p.Body,
		Tags: p.Tags, Created: p.Created.Time, ClosedAt: p.Closed.Time, Score: countOf(p.Score), Views: countOf(p.Views),
		Favorites: countOf(p.Favorites), Comments: countOf(p.Comments), Answers: countOf(p.Count),
	}
	t.Closed = TriOf(!t.ClosedAt.IsZero())
	if p.QuestionID != 0 {
		t.Title, t.Markup = oneLine(html.UnescapeString(t.Title)), HTML // the API's titles are HTML
	} else {
		t.AcceptedAt, t.FirstReplyAt = p.AcceptedAt.Time, p.FirstAt.Time
		if !t.AcceptedAt.IsZero() {
			t.Accepted = Yes
		}
	}
	if t.URL == "" && t.Site != "" {
		t.URL = questionURL(t.Site, t.ID)
	}
	return t
}

func (s *seReader) answer(p *seItem) {
	s.o.Counts.latest(p.Created.Time)
	at, there := s.byID[p.QuestionID]
	switch {
	case p.AnswerID <= 0:
		s.malformed("answer_id", "missing, want the number of an answer")
		return
	case !there:
		s.malformed("question_id", "the answer is to a question that did not come before it")
		return
	}
	s.o.Counts.Replies++
	if at < 0 || s.questions[at].met[p.AnswerID] {
		return
	}
	q := &s.questions[at]
	q.met[p.AnswerID] = true
	accepted := p.AnswerID == q.accepted || p.IsAccepted != nil && *p.IsAccepted
	if accepted {
		q.Accepted, q.AcceptedAt = Yes, p.Created.Time
	}
	if first := q.FirstReplyAt; !p.Created.IsZero() && (first.IsZero() || p.Created.Before(first)) {
		q.FirstReplyAt = p.Created.Time
	}
	if !s.o.KeepReplies {
		return
	}
	post := Post{ID: strconv.FormatInt(p.AnswerID, 10), Body: p.Body, Created: p.Created.Time, Score: countOf(p.Score)}
	if p.IsAccepted != nil || q.accepted != 0 {
		post.Accepted = TriOf(accepted)
	}
	if p.Owner.ID != 0 && q.owner != 0 {
		post.ByAsker = TriOf(p.Owner.ID == q.owner)
	}
	q.Replies = append(q.Replies, post)
}

func (q *seQuestion) finish(tells bool) Thread {
	if n, known := q.Answers.Value(); known && len(q.met) > 0 && len(q.met) < n {
		q.FirstReplyAt = Thread{}.FirstReplyAt // it may be one of those that did not come
	}
	if q.Accepted == Unknown && tells {
		q.Accepted = No
	}
	sortReplies(q.Replies)
	return q.Thread
}

// siteHost is the host of a site by its name in the API, "" for none.
func siteHost(name string) string {
	switch name {
	case "":
		return ""
	case "stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps":
		return name + ".com"
	case "mathoverflow":
		return name + ".net"
	}
	if strings.Contains(name, ".") && (strings.HasSuffix(name, ".com") || strings.HasSuffix(name, ".net")) {
		return name
	}
	return name + ".stackexchange.com"
}

// linkHost is the host of an address of the web, "" for others.
func linkHost(link string) string {
	_, rest, ok := strings.Cut(link, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}
