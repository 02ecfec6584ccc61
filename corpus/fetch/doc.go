// Package fetch downloads corpora page by page: the questions and answers of a Stack Exchange site, and the topics and
// posts of a Discourse forum, by their public interfaces. What it writes are the pages as the service gave them, one line
// of JSON for each, for the readers of package corpus to read.
//
// # Polite
//
// One request is under way at a time, and requests keep a distance: one a second by default. Every request names the
// project in User-Agent. A pause that the service asks for (backoff in a page of Stack Exchange, Retry-After and
// wait_seconds of a forum) is kept, also by the next run if this one ends before it is over. What may go better the next
// time (no connection, an answer that ends too early, 429, 5xx) is asked for again after a pause that doubles; what will
// not (every other 4xx, an answer that is not what was asked for) ends the run with an error that says what to do.
//
// # Resumed
//
// A run that ended early, however it did, is gone on with by the same call. Beside the output FILE stands FILE.state.json,
// which says what was asked for, which pages are in FILE, and what comes next. A page is appended whole and before the
// state tells of it; the state is replaced in one step. The next run cuts off a page that was written in part, takes a page
// that the state does not know yet into account, and asks for no page that is there. Two runs must not write to one file at
// a time.
//
// # What is in the file
//
// Of Stack Exchange: pages of /questions, oldest question first, each followed by the pages of /questions/{ids}/answers of
// its questions. A question with several of the tags is in the pages of each, its answers come once. Of Discourse: a page
// of a topic list, oldest topic first, followed by each of its topics as /t/{id}.json has it, and where that has not all
// posts, by pages of /t/{id}/posts.json with the rest.
package fetch

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/service"
)

// ErrLater is that the service gives no more for now: the quota of the day is used up, or it asks for a pause that is
// longer than Common.MaxWait. The error that wraps it says for how long. What was fetched is kept.
var ErrLater = errors.New("the service wants to be asked later")

// Secret is a key that no error, no state and no printed form shows.
type Secret = service.Secret

// Key is the secret with the given text.
func Key(text string) Secret { return service.Key(text) }

// Common is what the fetchers have in common.
type Common struct {
	// Out is the file that pages are appended to, FILE.state.json beside it tells how far they go. Required.
	Out string
	// Restart throws away what is in Out and begins again. Default false: go on.
	Restart bool
	// Rate is the most requests in a second, in (0, 30]. Default 1.
	Rate float64
	// MaxRetries is how often a request is repeated, in [0, 100]. Default 6.
	MaxRetries int
	// Backoff is the pause before the first repetition, doubled before each further one up to MaxWait. Default 2 s.
	Backoff time.Duration
	// MaxWait is the longest pause that is waited for; if the service asks for more, the run ends with ErrLater. At least
	// Backoff. Default 5 min.
	MaxWait time.Duration
	// Timeout is how long one request may take. Default 1 min.
	Timeout time.Duration
	// UserAgent tells the service who asks. Default names the project; add an address at which you can be reached.
	UserAgent string
	// Progress is told of every page and before every pause of a second or more, from the goroutine of the caller. May be nil.
	Progress func(Progress)

	now  func() time.Time // nil: time.Now
	wait waiter           // nil: service.Sleep
}

// Progress is how far a run is.
type Progress struct {
	Summary
	// Left is the known number of requests until the next list of questions or topics.
	Left int
	// Quota is the number of requests that the service still allows today, −1 where it does not say.
	Quota int
	// Wait is how long the run is about to wait, and Why what for; 0 after a page.
	Wait time.Duration
	Why  string
}

// Summary is what is in the output.
type Summary struct {
	Pages   int   // lines of the output
	Bytes   int64 // of the output
	Threads int   // questions or topics, those that come twice counted twice
	Posts   int   // answers, or posts of topics with the first
	Skipped int   // topics that were listed and could not be read: they are hidden or gone
	Fetched int   // pages that this run added
	Done    bool  // everything that was asked for is there
}

// DefaultCommon is the default of every field. Out is left to be set.
func DefaultCommon() Common {
	return Common{
		Rate: 1, MaxRetries: 6, Backoff: 2 * time.Second, MaxWait: 5 * time.Minute, Timeout: time.Minute,
		UserAgent: "gobertopic (+https://github.com/gobertopic/gobertopic)",
	}
}

func (c Common) check(f *check.Fields) {
	f.Want(c.Out != "", "fetch.Common.Out", `""`, "the name of a file")
	f.Want(c.Rate > 0 && c.Rate <= 30, "fetch.Common.Rate", c.Rate, "above 0 and at most 30 requests a second")
	f.Want(c.MaxRetries >= 0 && c.MaxRetries <= 100, "fetch.Common.MaxRetries", c.MaxRetries, "0 to 100")
	f.Want(c.Backoff > 0, "fetch.Common.Backoff", c.Backoff, "above 0")
	f.Want(c.MaxWait >= c.Backoff, "fetch.Common.MaxWait", c.MaxWait, "Backoff or more")
	f.Want(c.Timeout > 0, "fetch.Common.Timeout", c.Timeout, "above 0")
	f.Want(c.UserAgent != "" && header(c.UserAgent), "fetch.Common.UserAgent", fmt.Sprintf("%q", c.UserAgent), "one line of ASCII that names who asks")
}

// checkQuery checks what both queries have; config is the name of their configuration.
func checkQuery(f *check.Fields, config string, tags []string, from, to time.Time, key Secret) {
	f.Want(!slices.Contains(tags, ""), "fetch."+config+".Tags", fmt.Sprintf("%q", tags), "tags that are not empty")
	f.Want(from.IsZero() || to.IsZero() || from.Before(to), "fetch."+config+".To", to, "a time after From")
	f.Want(key.Printable(), "fetch."+config+".Key", "hidden", "printable ASCII without spaces")
}

func header(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
