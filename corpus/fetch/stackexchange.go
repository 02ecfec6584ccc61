package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/service"
)

// StackExchangeConfig says which questions StackExchange fetches.
type StackExchangeConfig struct {
	Common
	// API is the address of the interface. Default the official one, version 2.3.
	API string
	// Site is the name of the site in the interface, "stackoverflow" or "ai.stackexchange". Default "stackoverflow".
	Site string
	// Tags are those of which a question has at least one. A "a;b" asks for both at once, as the interface has it. Default
	// none: all questions of the site.
	Tags []string
	// From and To bound when a question was asked: From ≤ asked < To, in whole seconds. Zero: no bound.
	From, To time.Time
	// Key of a registered application raises the quota of a day from 300 requests to 10,000 and lifts the limit of 25
	// pages for a tag. Default none.
	Key Secret
	// Filter says which fields come, by the name that the interface gave it. It must keep question_id, creation_date, tags,
	// answer_count and has_more; answers that it includes in the questions are not asked for again. Default "withbody".
	Filter string
	// Answers fetches the answers too. Default true.
	Answers bool
}

// DefaultStackExchange is the default configuration. Out is left to be set.
func DefaultStackExchange() StackExchangeConfig {
	return StackExchangeConfig{
		Common: DefaultCommon(), API: "https://api.stackexchange.com/2.3", Site: "stackoverflow", Filter: "withbody", Answers: true,
	}
}

// Validate reports every bad field at once.
func (c StackExchangeConfig) Validate() error {
	var f check.Fields
	c.check(&f)
	_, err := service.Endpoint(c.API, "questions")
	f.Want(err == nil, "fetch.StackExchangeConfig.API", service.Shown(c.API), "an address such as https://api.stackexchange.com/2.3")
	f.Want(c.Site != "", "fetch.StackExchangeConfig.Site", `""`, `the name of a site, such as "stackoverflow"`)
	f.Want(c.Filter != "", "fetch.StackExchangeConfig.Filter", `""`, `the name of a filter, such as "withbody"`)
	checkQuery(&f, "StackExchangeConfig", c.Tags, c.From, c.To, c.Key)
	return f.Err()
}

// StackExchange fetches questions and their answers, and goes on where an earlier call ended. Questions come from the
// oldest to the newest, so that those asked meanwhile come last; if one is deleted meanwhile, the pages after it move up
// by one and a question may be missed.
func StackExchange(ctx context.Context, cfg StackExchangeConfig) (Summary, error) {
	if err := cfg.Validate(); err != nil {
		return Summary{}, err
	}
	query := struct {
		API     string   `json:"api"`
		Site    string   `json:"site"`
		Tags    []string `json:"tags"`
		From    int64    `json:"from,omitempty"`
		To      int64    `json:"to,omitempty"`
		Filter  string   `json:"filter"`
		Answers bool     `json:"answers"`
	}{cfg.API, cfg.Site, cfg.Tags, unix(cfg.From), unix(cfg.To), cfg.Filter, cfg.Answers}
	return cfg.run(ctx, "stack exchange", query, &stackExchange{cfg: cfg, Page: 1}, service.Client{Key: cfg.Key, KeyQuery: "key"})
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// stackExchange is where a fetch is.
type stackExchange struct {
	cfg StackExchangeConfig

	Tag    int    `json:"tag"`    // index in Tags
	Page   int    `json:"page"`   // of its questions, from 1
	More   bool   `json:"more"`   // whether pages of questions follow this one, while its answers are fetched
	IDs    []int  `json:"ids"`    // the questions whose answers are fetched
	Answer int    `json:"answer"` // the page of them, from 1
	Counts counts `json:"counts"`
}

const pageSize = 100 // the most that the interface gives

func (s *stackExchange) counts() counts {
	n := s.Counts
	if len(s.IDs) > 0 {
		n.left = 1
	}
	return n
}

func (s *stackExchange) next() (*url.URL, bool) {
	page := s.Page
	path := "questions"
	q := url.Values{}
	switch {
	case len(s.IDs) > 0:
		ids := make([]string, len(s.IDs))
		for i, id := range s.IDs {
			ids[i] = strconv.Itoa(id)
		}
		path, page = "questions/"+strings.Join(ids, ";")+"/answers", s.Answer
	case s.Tag >= max(len(s.cfg.Tags), 1):
		return nil, false
	default:
		if len(s.cfg.Tags) > 0 {
			q.Set("tagged", s.cfg.Tags[s.Tag])
		}
		if !s.cfg.From.IsZero() {
			q.Set("fromdate", strconv.FormatInt(s.cfg.From.Unix(), 10))
		}
		if !s.cfg.To.IsZero() {
			q.Set("todate", strconv.FormatInt(s.cfg.To.Unix()-1, 10)) // inclusive there
		}
	}
	u, err := service.Endpoint(s.cfg.API, path)
	if err != nil {
		panic("fetch: an address that was validated: " + err.Error())
	}
	q.Set("site", s.cfg.Site)
	q.Set("filter", s.cfg.Filter)
	q.Set("sort", "creation")
	q.Set("order", "asc")
	q.Set("pagesize", strconv.Itoa(pageSize))
	q.Set("page", strconv.Itoa(page))
	u.RawQuery = q.Encode()
	return u, true
}

// sePage is what is read of a page.
type sePage struct {
	Items *[]struct {
		QuestionID  int             `json:"question_id"`
		AnswerID    int             `json:"answer_id"`
		AnswerCount *int            `json:"answer_count"`
		Answers     json.RawMessage `json:"answers"`
		Tags        []string        `json:"tags"`
	} `json:"items"`
	HasMore *bool `json:"has_more"`
	Backoff int   `json:"backoff"`
	Quota   *int  `json:"quota_remaining"`
}

func (s *stackExchange) take(page []byte) (order, error) {
	var p sePage
	if err := json.Unmarshal(page, &p); err != nil {
		return order{}, fmt.Errorf("the page is not of the interface: %w", err)
	}
	switch {
	case p.Items == nil:
		return order{}, errors.New(`the page has no "items", want a page of the interface of version 2`)
	case p.HasMore == nil:
		return order{}, errors.New(`the page has no "has_more", want a filter that keeps it`)
	}
	more := *p.HasMore && len(*p.Items) > 0
	o := order{wait: time.Duration(min(max(p.Backoff, 0), 1<<30)) * time.Second, quota: -1}
	if p.Quota != nil {
		o.quota = max(*p.Quota, 0)
	}
	if len(s.IDs) > 0 {
		for _, a := range *p.Items {
			if a.AnswerID <= 0 || a.QuestionID <= 0 {
				return order{}, errors.New("an answer has no answer_id or question_id, want a filter that keeps them")
			}
		}
		s.Counts.Posts += len(*p.Items)
		if more {
			s.Answer++
		} else {
			s.IDs, s.Answer = nil, 0
			s.turn(s.More)
		}
		return o, nil
	}
	var ids []int
	inside := 0
	for _, q := range *p.Items {
		switch {
		case q.QuestionID <= 0:
			return order{}, errors.New("a question has no question_id, want a filter that keeps it")
		case len(q.Answers) > 0:
			var answers []json.RawMessage
			if err := json.Unmarshal(q.Answers, &answers); err != nil {
				return order{}, fmt.Errorf("the answers of question %d: %w", q.QuestionID, err)
			}
			inside += len(answers)
		case s.cfg.Answers && !s.earlier(q.Tags):
			if q.AnswerCount == nil {
				return order{}, errors.New("a question has no answer_count, want a filter that keeps it")
			}
			if *q.AnswerCount > 0 {
				ids = append(ids, q.QuestionID)
			}
		}
	}
	s.Counts.Threads += len(*p.Items)
	s.Counts.Posts += inside
	if len(ids) > 0 {
		s.IDs, s.Answer, s.More = ids, 1, more
	} else {
		s.turn(more)
	}
	return o, nil
}

// turn goes on to the next page of questions.
func (s *stackExchange) turn(more bool) {
	s.More = false
	if more {
		s.Page++
	} else {
		s.Tag, s.Page = s.Tag+1, 1
	}
}

// earlier is whether a question came with an earlier one of the tags, and its answers with it.
func (s *stackExchange) earlier(has []string) bool {
	for _, asked := range s.cfg.Tags[:min(s.Tag, len(s.cfg.Tags))] {
		all := true
		for tag := range strings.SplitSeq(asked, ";") {
			all = all && slices.Contains(has, tag)
		}
		if all {
			return true
		}
	}
	return false
}

func (s *stackExchange) skip(int) bool { return false }

func (s *stackExchange) valid() error {
	if s.Tag < 0 || s.Page < 1 || len(s.IDs) > 0 && s.Answer < 1 || len(s.IDs) > pageSize {
		return errors.New("it stands at a page that cannot be")
	}
	return nil
}

var inSeconds = regexp.MustCompile(`available in (\d+) second`)

// refuse reads the interface's own errors. A throttle_violation has status 400 and the number 502.
func (s *stackExchange) refuse(resp *http.Response, body []byte) (repeat bool, after time.Duration, err error) {
	var said struct {
		ID      int    `json:"error_id"`
		Name    string `json:"error_name"`
		Message string `json:"error_message"`
	}
	if json.Unmarshal(body, &said) != nil || said.ID == 0 {
		return refusedAnyway(resp, body, s.cfg.Common)
	}
	f := fmt.Errorf("HTTP status %d, error %d %.50q: %.200q", resp.StatusCode, said.ID, said.Name, said.Message)
	switch {
	case said.ID == 502: // throttle_violation
		if m := inSeconds.FindStringSubmatch(said.Message); m != nil {
			n, err := strconv.Atoi(m[1])
			after = time.Duration(min(n, 1<<30)) * time.Second
			if err != nil || after > s.cfg.MaxWait {
				return false, 0, later(f.Error(), s.cfg.clock().Add(after), s.cfg.Out)
			}
		}
		return true, after, f
	case said.ID == 500, said.ID == 503: // internal_error, temporarily_unavailable
		return true, 0, f
	case said.ID >= 401 && said.ID <= 403:
		f = fmt.Errorf("%w; more than 25 pages and much more of a day need the key of a registered application", f)
	}
	return false, 0, f
}

func (c Common) clock() time.Time {
	if c.now == nil {
		return time.Now()
	}
	return c.now()
}

// refusedAnyway judges the status of an answer alone: whether to ask later, or to leave it to the rules of package
// service, but for 4xx that these repeat.
func refusedAnyway(resp *http.Response, body []byte, c Common) (repeat bool, after time.Duration, err error) {
	status := resp.StatusCode
	client := service.Client{Now: c.now}
	switch after = client.RetryAfter(resp.Header); {
	case (status == http.StatusTooManyRequests || status >= 500) && after > c.MaxWait:
		return false, 0, later(fmt.Sprintf("HTTP status %d, with a pause of %v", status, after), c.clock().Add(after), c.Out)
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests:
		f := &service.Failure{Status: status}
		f.Message, f.Type, f.Code = client.Complaint(body)
		return false, 0, f
	}
	return false, 0, nil
}
