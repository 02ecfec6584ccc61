package corpus

import (
	"strings"
	"time"
)

// ThreadOptions says which threads of a source are wanted, and what else a reader of them has to know. The zero value is
// good: it wants all of them, without their replies.
type ThreadOptions struct {
	// Site is the Site of threads whose source does not name it. Default: none.
	Site string
	// Tags selects the threads that have one of them, in whatever case. Default: all.
	Tags []string
	// From and To select the threads with From ≤ Created < To. A zero time sets no bound; with a bound, threads whose time
	// is unknown are left out.
	From, To time.Time
	// KeepReplies fills Thread.Replies where the source has them, which takes memory.
	KeepReplies bool
	// Workers is how many goroutines may read a dump. Default: GOMAXPROCS. The result does not depend on it.
	Workers int
	// Progress, if not nil, is told how many bytes of the source were read, from the goroutine that ranges over the threads.
	// Total is 0 where Source.Size is. A source that has to be read twice is twice as long from then on.
	Progress func(done, total int64)
	// TimeFormat is how times are written, as in Options. Default "": as ParseTime reads them. Dumps are not concerned.
	TimeFormat string
	// Comma separates the fields of CSV, as in Options. Default: found.
	Comma rune
	// Encoding is the encoding of the text, as in Options. Default: found.
	Encoding string
	// MaxRecord is the size of the largest record in bytes: a line, an element of an array, a row. Default 64 MB; negative
	// means no bound.
	MaxRecord int64
	// Report, if not nil, is set to what was changed or left out.
	Report *Report
	// Counts, if not nil, is set to what was met. It is complete when the iteration ends.
	Counts *Counts
}

// Counts is what a reader of threads met in its source.
type Counts struct {
	Records    int       // records read: questions, answers, other posts and malformed ones
	Threads    int       // threads among them, duplicates not counted
	Selected   int       // threads that the options want, which were given
	Duplicates int       // threads left out because their ID was there before
	Replies    int       // answers and replies that were met, of whatever thread
	Other      int       // records that are neither: wikis of tags, nominations, pull requests
	Malformed  int       // records that were reported as errors
	Latest     time.Time // the latest time met in any record: the source was made then or later
}

func (c *Counts) add(more *Counts) {
	c.Records += more.Records
	c.Threads += more.Threads
	c.Replies += more.Replies
	c.Other += more.Other
	c.latest(more.Latest)
}

func (c *Counts) latest(t time.Time) {
	if t.After(c.Latest) {
		c.Latest = t
	}
}

// tagSet is the tags that are wanted in lower case, nil for all.
func (o *ThreadOptions) tagSet() map[string]bool {
	if len(o.Tags) == 0 {
		return nil
	}
	set := make(map[string]bool, len(o.Tags))
	for _, tag := range o.Tags {
		set[strings.ToLower(tag)] = true
	}
	return set
}

// inTime says whether threads of that time are wanted.
func (o *ThreadOptions) inTime(created time.Time) bool {
	if created.IsZero() {
		return o.From.IsZero() && o.To.IsZero()
	}
	return (o.From.IsZero() || !created.Before(o.From)) && (o.To.IsZero() || created.Before(o.To))
}
