package corpus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Thread is a question of a Stack Exchange site, a topic of a forum, or an issue of a tracker, with what a study of it
// needs: how often it was seen, how it was valued, and when it was answered.
//
// The zero value of every field but ID says that the source does not tell, never that there is none: a source without
// acceptance gives threads whose Accepted is Unknown, not No. Readers hold to these rules between the fields:
//
//   - Accepted is Yes where AcceptedAt is not zero; where it is Yes and AcceptedAt is zero, the time is unknown.
//   - Where Accepted is No, no answer was accepted when the source was made: a waiting time that is cut off there.
//   - Where FirstReplyAt is zero, there was no reply if Answers is Known(0), otherwise the time is unknown.
//   - Closed is Yes where ClosedAt is not zero.
//   - Replies may be nil for want of texts although Answers is above 0; its length decides nothing.
type Thread struct {
	// ID names the thread within its Site: the number of a question or topic, "owner/name#number" for an issue of GitHub.
	ID string
	// Site is the host that it is from, "stackoverflow.com", "community.openai.com", "github.com"; "" where unknown.
	Site string
	// URL leads to it; "" where unknown.
	URL string
	// Title is plain text, one line.
	Title string
	// Body is the opening post as the source has it; Markup says how it is written. "" where there is none.
	Body   string
	Markup Markup
	// Tags are the tags of a question or topic and the labels of an issue, in the order of the source. Known to be none
	// and unknown are both empty here.
	Tags []string
	// Category is the category of a forum's topic (its name, else its number) or the repository of an issue, else "".
	Category string

	Created time.Time // when it was asked, in UTC
	Seen    time.Time // when the source looked at it; zero: as late as anything else in the source, see Counts.Latest

	Score     Count // votes for less votes against, may be negative (Stack Exchange)
	Views     Count // times it was looked at (Stack Exchange, Discourse)
	Favorites Count // people who bookmarked it (Stack Exchange)
	Likes     Count // likes of all posts of a topic (Discourse), reactions to an issue (GitHub)
	Comments  Count // remarks on the question itself that are no answers (Stack Exchange)

	// Closed says whether it takes no more answers: a question that was voted off, a topic that was closed or archived, an
	// issue that is done. Only of an issue does it mean that the matter was settled.
	Closed   Tri
	ClosedAt time.Time

	// Answers counts the answers to a question, the posts of a topic after the first, the comments on an issue.
	Answers Count
	// Accepted says whether the asker, or the staff of a forum, accepted an answer.
	Accepted Tri
	// AcceptedAt is when the accepted answer was written, which is what the sources tell; the click came later.
	AcceptedAt time.Time
	// FirstReplyAt is when the earliest of the answers was written, as the source counts them: Stack Exchange and Discourse
	// count the asker's own, readers of issues do not where the source names the authors. See Post.ByAsker for others.
	FirstReplyAt time.Time
	// Replies are the answers, oldest first, if the source has them and the reader was asked to keep them.
	Replies []Post
}

// Post is an answer to a question, a reply in a topic, a comment on an issue.
type Post struct {
	ID       string
	Body     string // as the source has it, in the Markup of the thread
	Created  time.Time
	Score    Count
	ByAsker  Tri // whether who asked wrote it
	Accepted Tri
}

// sortReplies puts replies in the order of their times, those of one time in that of their numbers.
func sortReplies(posts []Post) {
	slices.SortStableFunc(posts, func(a, b Post) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
	})
}

// Count is a number that a source may leave out. The zero Count is unknown, which is not the number 0; Known makes the
// others. Two counts are equal by == if they tell the same.
type Count struct {
	n     int
	known bool
}

// Known is the count n.
func Known(n int) Count { return Count{n, true} }

// Value is the number, 0 where it is not known.
func (c Count) Value() (n int, known bool) { return c.n, c.known }

// String is the number, "unknown" where it is not known.
func (c Count) String() string {
	if !c.known {
		return "unknown"
	}
	return strconv.Itoa(c.n)
}

// Tri is yes, no or unknown.
type Tri uint8

// What a Tri says. Unknown is the zero value.
const (
	Unknown Tri = iota
	No
	Yes
)

// TriOf is Yes or No.
func TriOf(yes bool) Tri {
	if yes {
		return Yes
	}
	return No
}

func (t Tri) String() string {
	switch t {
	case No:
		return "no"
	case Yes:
		return "yes"
	}
	return "unknown"
}

// Markup is how the texts of a thread are written.
type Markup string

// The markups that sources have.
const (
	PlainText Markup = ""
	HTML      Markup = "html"
	Markdown  Markup = "markdown"
)

// Document is the thread as a document to embed: its title, an empty line and the body as the source has it (what is
// empty is left out), with ID, time, site, url, category and tags (with spaces between) among the fields where known.
func (t Thread) Document() Document {
	d := Document{ID: t.ID, Text: t.Title, Time: t.Created, Fields: map[string]string{}}
	if t.Title != "" && t.Body != "" {
		d.Text += "\n\n"
	}
	d.Text += t.Body
	for _, f := range [...][2]string{
		{"site", t.Site}, {"url", t.URL}, {"category", t.Category}, {"tags", strings.Join(t.Tags, " ")},
	} {
		if f[1] != "" {
			d.Fields[f[0]] = f[1]
		}
	}
	return d
}
