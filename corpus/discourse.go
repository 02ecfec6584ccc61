package corpus

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Discourse reads the topics of a Discourse forum from its JSON: pages of topic lists ("topic_list"), of topics and of
// their posts ("post_stream"), as package fetch writes them, or topics alone with the fields of either; one value on a
// line, or in arrays. What several pages tell of a topic is joined. A topic that comes twice in pages of the same kind is a
// duplicate, of which the first counts. Pages of search results ("topics" beside "posts") and of the latest posts
// ("latest_posts") are read too, as far as they tell of topics.
//
// Numbers may be written as text and the other way round, a category may be a name or an object, tags may be names, objects
// or a text with commas. A post without "cooked" has its body from "raw", which is Markdown. An optional field that cannot be
// read is left out and counted in ThreadOptions.Report.
//
// Whether an answer was accepted is Unknown where neither the topic nor one of its posts has the field for it, as on
// forums without that plugin. A field first_reply_at, which others than the forum itself add, goes before the posts. Where
// ThreadOptions.Site is not set, topics have neither Site nor URL.
//
// Topics are given once all of the source was read; memory grows with those that are selected.
func Discourse(ctx context.Context, in Source, o ThreadOptions) iter.Seq2[Thread, error] {
	return readThreads(ctx, in, o, func(r *reading, text *bufio.Reader, file *input) *Error {
		d := &discourse{reading: r}
		fatal := r.eachValue(text, file, d.page)
		for i := range d.topics {
			d.topics[i].finish()
			r.give(d.topics[i].Thread)
		}
		return fatal
	})
}

// discourse is topics that are being joined.
type discourse struct {
	*reading
	topics []topic
	kinds  map[string]int // in which kinds of pages a topic came, as bits
}

type topic struct {
	Thread
	asker string
	told  bool           // the source says itself when the first reply came
	seen  map[int64]bool // the posts that were met
}

// dcPost is a post in JSON: "cooked" or "raw" on a forum's own pages, "text" where others wrote it.
type dcPost struct {
	ID         int64  `json:"id"`
	TopicID    int64  `json:"topic_id"`
	Number     int    `json:"post_number"`
	Type       int    `json:"post_type"`
	Username   string `json:"username"`
	Created    moment `json:"created_at"`
	Cooked     string `json:"cooked"`
	Raw        string `json:"raw"`
	Text       string `json:"text"`
	Title      string `json:"topic_title"`
	Slug       string `json:"topic_slug"`
	Accepted   *bool  `json:"accepted_answer"`
	AlsoCalled *bool  `json:"accepted"`
	ByAsker    *bool  `json:"by_asker"`
}

// dcTopic is a topic in JSON, of a list or of its own page.
type dcTopic struct {
	ID           int64             `json:"id"`
	Title        *string           `json:"title"`
	Slug         string            `json:"slug"`
	Body         string            `json:"body"`
	Posts        *int              `json:"posts_count"`
	Views        *int              `json:"views"`
	Likes        *int              `json:"like_count"`
	Created      moment            `json:"created_at"`
	Last         moment            `json:"last_posted_at"`
	Tags         names             `json:"tags"`
	CategoryID   *int              `json:"category_id"`
	Category     label             `json:"category"`
	Closed       *bool             `json:"closed"`
	Archived     *bool             `json:"archived"`
	HasAccepted  *bool             `json:"has_accepted_answer"`
	Accepted     json.RawMessage   `json:"accepted_answer"`
	AcceptedAt   moment            `json:"accepted_at"`
	FirstReplyAt moment            `json:"first_reply_at"`
	Own          []json.RawMessage `json:"posts"`
	Found        []json.RawMessage `json:"topics"`
	Latest       []json.RawMessage `json:"latest_posts"`
	Stream       *dcStream         `json:"post_stream"`
	List         *dcList           `json:"topic_list"`
}

type dcStream struct {
	Posts []json.RawMessage `json:"posts"`
}

type dcList struct {
	Topics []json.RawMessage `json:"topics"`
}

func (d *discourse) page(value json.RawMessage) {
	d.topic(value, 1)
}

// topic takes a page or an element of a list. Kind is 1 for values of their own, 2 for elements.
func (d *discourse) topic(value json.RawMessage, kind int) {
	var p dcTopic
	if !d.decode(value, &p) {
		d.o.Counts.Records++
		return
	}
	if p.List != nil && kind == 1 {
		for _, element := range p.List.Topics {
			d.topic(element, 2)
		}
		return
	}
	for _, element := range p.Found {
		d.topic(element, 2)
	}
	key := strconv.FormatInt(p.ID, 10)
	if p.Title != nil || p.Stream == nil && p.Found == nil && p.Latest == nil {
		d.o.Counts.Records++
		switch {
		case p.ID <= 0:
			d.malformed("id", "missing, want the number of a topic")
			return
		case p.Title == nil:
			d.malformed("title", "missing, want that of a topic")
			return
		}
		d.join(key, &p, kind)
	}
	at, there := d.ids[key]
	if p.ID > 0 && !there && p.Title == nil && p.Stream != nil {
		d.o.Counts.Records++
		d.malformed("title", "missing, and the topic of the posts did not come before them")
		return
	}
	elements := slices.Concat(p.Own, p.Latest)
	if p.Stream != nil {
		elements = append(elements, p.Stream.Posts...)
	}
	for _, element := range elements {
		var post dcPost
		d.o.Counts.Records++
		if !d.decode(element, &post) {
			continue
		}
		to, ok := at, there
		if id := post.TopicID; id != 0 {
			if to, ok = d.lookup(id); !ok && post.Title != "" { // of the latest posts, which bring no topics
				title := post.Title
				d.o.Counts.Records++
				d.join(strconv.FormatInt(id, 10), &dcTopic{ID: id, Title: &title, Slug: post.Slug}, 1)
				to, ok = d.lookup(id)
			}
		}
		d.post(&post, to, ok)
	}
}

func (d *discourse) lookup(id int64) (at int, ok bool) {
	at, ok = d.ids[strconv.FormatInt(id, 10)]
	return at, ok
}

func (d *discourse) join(key string, p *dcTopic, kind int) {
	if d.kinds == nil {
		d.kinds = map[string]int{}
	}
	d.o.Counts.latest(p.Created.Time)
	d.o.Counts.latest(p.Last.Time)
	at, there := d.ids[key]
	if there && d.kinds[key]&kind != 0 {
		d.o.Counts.Duplicates++
		return
	}
	d.kinds[key] |= kind
	if !there {
		t := p.thread(d.o.Site)
		if d.enter(key, &t) {
			d.ids[key] = len(d.topics)
			d.topics = append(d.topics, topic{Thread: t, told: p.FirstReplyAt.met, seen: map[int64]bool{}})
		}
		return
	}
	if at < 0 {
		return
	}
	t, more := &d.topics[at].Thread, p.thread(d.o.Site)
	for _, c := range [...][2]*Count{{&t.Views, &more.Views}, {&t.Likes, &more.Likes}, {&t.Answers, &more.Answers}} {
		if _, known := c[1].Value(); known {
			*c[0] = *c[1]
		}
	}
	t.Closed, t.Accepted = cmp.Or(more.Closed, t.Closed), cmp.Or(more.Accepted, t.Accepted)
	t.Category, t.URL = cmp.Or(t.Category, more.Category), cmp.Or(t.URL, more.URL)
	if len(t.Tags) == 0 {
		t.Tags = more.Tags
	}
	if t.Body == "" {
		t.Body, t.Markup = more.Body, more.Markup
	}
}

func (p *dcTopic) thread(site string) Thread {
	t := Thread{
		ID: strconv.FormatInt(p.ID, 10), Site: site, Title: oneLine(*p.Title), Body: p.Body, Tags: p.Tags, Category: string(p.Category),
		Created: p.Created.Time, Views: countOf(p.Views), Likes: countOf(p.Likes),
		AcceptedAt: p.AcceptedAt.Time, FirstReplyAt: p.FirstReplyAt.Time,
	}
	if t.Category == "" && p.CategoryID != nil {
		t.Category = strconv.Itoa(*p.CategoryID)
	}
	if site != "" {
		t.URL = "https://" + site + "/t/" + cmp.Or(p.Slug, "-") + "/" + t.ID
	}
	if p.Posts != nil && *p.Posts > 0 {
		t.Answers = Known(*p.Posts - 1)
	}
	if p.Closed != nil || p.Archived != nil {
		t.Closed = TriOf(p.Closed != nil && *p.Closed || p.Archived != nil && *p.Archived)
	}
	if p.HasAccepted != nil {
		t.Accepted = TriOf(*p.HasAccepted)
	}
	if !t.AcceptedAt.IsZero() || len(p.Accepted) > 1 && p.Accepted[0] == '{' {
		t.Accepted = Yes
	}
	return t
}

// post takes a post of the topic at.
func (d *discourse) post(p *dcPost, at int, there bool) {
	d.o.Counts.latest(p.Created.Time)
	switch {
	case !there:
		d.malformed("topic_id", "the post is of a topic that did not come before it")
		return
	case p.Number <= 0:
		d.malformed("post_number", "missing, want a number from 1")
		return
	case p.Type > 2: // small actions such as closing, whispers
		d.o.Counts.Other++
		return
	case p.Number > 1:
		d.o.Counts.Replies++
	}
	if at < 0 || d.topics[at].seen[int64(p.Number)] {
		return
	}
	t := &d.topics[at]
	t.seen[int64(p.Number)] = true
	body, markup := p.Cooked, HTML
	switch {
	case body != "":
	case p.Raw != "":
		body, markup = p.Raw, Markdown
	default:
		body, markup = p.Text, PlainText
	}
	if p.Number == 1 {
		t.asker = p.Username
		if t.Body == "" {
			t.Body, t.Markup = body, markup
		}
		return
	}
	post := Post{ID: strconv.Itoa(p.Number), Body: body, Created: p.Created.Time}
	if accepted := cmp.Or(p.Accepted, p.AlsoCalled); accepted != nil {
		post.Accepted = TriOf(*accepted)
		t.Accepted = max(t.Accepted, post.Accepted) // Yes is above No, No above Unknown
		if *accepted && (t.AcceptedAt.IsZero() || post.Created.Before(t.AcceptedAt)) {
			t.AcceptedAt = post.Created
		}
	}
	switch {
	case p.ByAsker != nil:
		post.ByAsker = TriOf(*p.ByAsker)
	case t.asker != "" && p.Username != "":
		post.ByAsker = TriOf(p.Username == t.asker)
	}
	if first := t.FirstReplyAt; !t.told && !post.Created.IsZero() && (first.IsZero() || post.Created.Before(first)) {
		t.FirstReplyAt = post.Created
	}
	if d.o.KeepReplies {
		t.Replies = append(t.Replies, post)
	}
}

// finish puts the replies in order.
func (t *topic) finish() {
	sortReplies(t.Replies)
	t.seen = nil
}

// oneLine is the title with spaces for the ends of lines.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
