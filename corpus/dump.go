package corpus

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/gobertopic/gobertopic/internal/rowxml"
)

// StackExchangeDump reads the questions of Posts.xml, the file of a Stack Exchange data dump that holds the posts of a
// site (https://archive.org/details/stackexchange), in the order of the file, with what their answers tell. Where
// ThreadOptions.Site is not set, threads have neither Site nor URL: the file does not name the site.
//
// The dump is complete in itself: a question without AcceptedAnswerId has no accepted answer, one without ClosedDate is
// open, and one without FavoriteCount has none if any question of the file has that attribute, else the number is unknown.
//
// Memory grows with the questions that are selected, not with the file, which may be of any size. The questions are given
// once all of the file was read. It is read once where its rows are in the order of their Id, as those of real dumps are,
// and otherwise twice; of a source that can be read only once, what answers tell whose questions have not come goes to a
// temporary file beyond 32 MB.
//
// A row that is not well-formed or lacks what a post must have (Id, PostTypeId, CreationDate, ParentId of an answer) is
// reported with its line and left out. Another attribute that cannot be read is left out alone, and counted in
// ThreadOptions.Report, as are the characters that XML forbids: each becomes U+FFFD, an ampersand that begins no reference
// stays. Comments, processing instructions and a document type are passed over, whatever they hold. That the file ends before
// </posts> is reported last, with Fatal.
func StackExchangeDump(ctx context.Context, in Source, o ThreadOptions) iter.Seq2[Thread, error] {
	return func(yield func(Thread, error) bool) {
		d := &dump{in: in, o: o, yield: yield, posts: newPostReader(in.Name, o), byID: map[int64]int{}, ordered: true}
		if o.Counts == nil {
			d.o.Counts = new(Counts)
		}
		*d.o.Counts = Counts{}
		d.report.Source = in.Name
		defer func() {
			if d.report.decoded(d.text); d.o.Report != nil {
				*d.o.Report = d.report
			}
		}()
		d.read(ctx)
	}
}

// dump is a Posts.xml that is being read.
type dump struct {
	in    Source
	o     ThreadOptions
	posts *postReader
	yield func(Thread, error) bool

	report     Report
	text       *decoded // of pass 0
	aside      *spill   // of a source that can be read once
	questions  []question
	byID       map[int64]int // where a question is in questions
	early      []earlyAnswer // their questions come later
	earlySize  int
	lost       bool // early is not complete
	last       int64
	ordered    bool // the IDs rise
	root       string
	begun      bool
	ended      bool
	something  bool // that is not white space
	favourites bool
	stopped    bool // the caller wants no more
}

// earlyAnswer is an answer in memory of its own.
type earlyAnswer struct {
	answer
	text string
}

const earlyMost = 32 << 20 // bytes

func (d *dump) read(ctx context.Context) {
	if d.in.Once {
		d.aside = new(spill)
		defer d.aside.close()
	}
	fatal, useful := d.pass(ctx, 0)
	if again := d.lost || !d.ordered; again && useful && fatal == nil && !d.in.Once {
		for i := range d.questions {
			d.questions[i].forget()
		}
		d.early, d.posts.again = nil, true
		fatal, useful = d.pass(ctx, 1)
	}
	if !useful {
		d.end(fatal)
		return
	}
	join := func(a *earlyAnswer) {
		if i, ok := d.byID[a.parent]; ok {
			d.questions[i].join(&a.answer, func() string { return a.text }, d.o.KeepReplies)
		}
	}
	for i := range d.early {
		join(&d.early[i])
	}
	if d.aside != nil {
		if err := d.aside.each(ctx, join); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				d.end(cancelled(d.in.Name, cause))
				return
			}
			d.end(&Error{Source: d.in.Name, Why: "the temporary file for answers cannot be used: " + err.Error(), Err: err, Fatal: true})
			return
		}
	}
	for i := range d.questions {
		if d.stopped {
			return
		}
		t := d.questions[i].finish(d.favourites)
		d.questions[i] = question{}
		d.o.Counts.Selected++
		d.stopped = !d.yield(t, nil)
	}
	d.end(fatal)
}

// end gives the error that ends the reading, if there is one.
func (d *dump) end(fatal *Error) {
	if fatal != nil && !d.stopped {
		d.yield(Thread{}, fatal)
	}
}

// pass reads the file. Pass 0 finds the questions and their answers; pass 1 the answers alone. The error is about the file;
// if what was read until then is of use, that is said too: the threads, some of their answers perhaps unknown.
func (d *dump) pass(ctx context.Context, number int64) (fatal *Error, useful bool) {
	file, fault := d.in.open(ctx)
	if fault != nil {
		return fault, false
	}
	defer func() { _ = file.Close() }()
	text, err := unpack(file, d.o.Encoding)
	if number == 0 {
		d.text = text
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return cancelled(d.in.Name, context.Cause(ctx)), false
	case err != nil:
		return cannot("be read", d.in.Name, 0, err), false
	}
	var wrong *Error
	take := func(b *batch) bool {
		if d.o.Progress != nil {
			d.o.Progress(number*d.in.Size+file.read.Load(), (number+1)*d.in.Size)
		}
		if number == 0 {
			wrong = d.take(b)
		} else {
			d.takeAgain(b)
		}
		return wrong == nil && !d.stopped
	}
	line, err := eachBlock(ctx, io.Reader(rowxml.NewNoise(text)), recordBound(d.o.MaxRecord), d.o.Workers, d.posts.read, take)
	switch {
	case wrong != nil:
		return wrong, false
	case d.stopped:
		return nil, false
	case err != nil && ctx.Err() != nil:
		return cancelled(d.in.Name, context.Cause(ctx)), false
	case err != nil:
		return cannot("be read", d.in.Name, line, err), true
	case d.something && !d.begun:
		return &Error{Source: d.in.Name, Fatal: true, Why: "no <posts> is in it, want the file Posts.xml of a Stack Exchange dump"}, false
	case d.begun && !d.ended:
		return &Error{Source: d.in.Name, Line: line, Fatal: true, Why: "it ends before </posts>, want the whole file"}, true
	}
	return nil, true
}

// take is pass 0 over a block. The error is about the file.
func (d *dump) take(b *batch) *Error {
	for _, fault := range b.faults {
		fault.Row += d.o.Counts.Records
		if d.stopped = d.stopped || !d.yield(Thread{}, fault); d.stopped {
			return nil
		}
	}
	d.o.Counts.add(&b.counts)
	if b.dropped > 0 {
		b.firstDropped.Row += d.o.Counts.Records - b.counts.Records
		d.report.drop(b.firstDropped)
		d.report.Dropped += b.dropped - 1
	}
	d.report.Replaced += b.odd
	d.o.Counts.Malformed += len(b.faults)
	if d.root == "" && b.root != "" {
		if d.root = b.root; d.root != "posts" {
			return &Error{Source: d.in.Name, Fatal: true, Why: fmt.Sprintf("its first element is <%s>, want <posts>: the file Posts.xml of a Stack Exchange dump", short(d.root))}
		}
	}
	d.something = d.something || b.something
	if b.begun || b.ended {
		d.begun, d.ended = true, b.ended
	}
	d.favourites = d.favourites || b.favourites
	if b.first != 0 {
		d.ordered = d.ordered && b.ordered && d.last < b.first
		d.last = b.last
	}
	for i := range b.questions {
		q := &b.questions[i]
		if _, there := d.byID[q.id]; there {
			d.o.Counts.Duplicates++
			d.o.Counts.Threads--
			continue
		}
		d.byID[q.id] = len(d.questions)
		d.questions = append(d.questions, *q)
	}
	for i := range b.answers {
		a := &b.answers[i]
		if at, ok := d.byID[a.parent]; ok {
			d.questions[at].join(a, a.body.Value, d.o.KeepReplies)
			continue
		}
		if d.aside != nil {
			if err := d.aside.add(a); err != nil {
				return &Error{Source: d.in.Name, Why: "an answer cannot be put aside in a temporary file: " + err.Error(), Err: err, Fatal: true}
			}
			continue
		}
		if d.ordered && a.parent > d.last && !d.lost { // the question comes later, and may be wanted
			e := earlyAnswer{answer: *a, text: a.body.Value()}
			e.body = rowxml.Attribute{}
			d.early = append(d.early, e)
			if d.earlySize += 128 + len(e.text); d.earlySize > earlyMost {
				d.early, d.lost = nil, true
			}
		}
	}
	return nil
}

// takeAgain is pass 1 over a block.
func (d *dump) takeAgain(b *batch) {
	for i := range b.answers {
		a := &b.answers[i]
		if at, ok := d.byID[a.parent]; ok {
			d.questions[at].join(a, a.body.Value, d.o.KeepReplies)
		}
	}
}

// join adds what an answer tells.
func (q *question) join(a *answer, text func() string, keep bool) {
	if q.FirstReplyAt.IsZero() || a.created.Before(q.FirstReplyAt) {
		q.FirstReplyAt = a.created
	}
	q.joined++
	accepted := a.id == q.accepted
	if accepted {
		q.AcceptedAt = a.created
	}
	if !keep {
		return
	}
	post := Post{ID: strconv.FormatInt(a.id, 10), Body: text(), Created: a.created, Score: a.score, Accepted: TriOf(accepted)}
	if a.owner != 0 && q.owner != 0 {
		post.ByAsker = TriOf(a.owner == q.owner)
	}
	q.Replies = append(q.Replies, post)
}

// forget undoes join.
func (q *question) forget() {
	none := Thread{}
	q.FirstReplyAt, q.AcceptedAt, q.Replies, q.joined = none.FirstReplyAt, none.AcceptedAt, nil, 0
}

// finish is the thread, all answers being joined.
func (q *question) finish(favourites bool) Thread {
	t := q.Thread
	if _, known := t.Answers.Value(); !known {
		t.Answers = Known(q.joined)
	}
	if _, known := t.Favorites.Value(); !known && favourites {
		t.Favorites = Known(0)
	}
	sortReplies(t.Replies)
	t.Replies = slices.CompactFunc(t.Replies, func(a, b Post) bool { return a.ID == b.ID })
	return t
}
