package corpus

import (
	"context"
	"fmt"
	"iter"
)

// ThreadFormat is how threads are written.
type ThreadFormat string

// The formats, by the names that the command line gives them.
const (
	FormatDiscourse ThreadFormat = "discourse" // see Discourse
)

// ReadThreads reads the threads of a source in the format.
func ReadThreads(ctx context.Context, in Source, format ThreadFormat, o ThreadOptions) iter.Seq2[Thread, error] {
	if format == FormatDiscourse {
		return Discourse(ctx, in, o)
	}
	return func(yield func(Thread, error) bool) {
		yield(Thread{}, &Error{Source: in.Name, Why: fmt.Sprintf("the format is %q, want %s", string(format), FormatDiscourse), Fatal: true})
	}
}
