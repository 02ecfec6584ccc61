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
	FormatDump             ThreadFormat = "so-dump"   // see StackExchangeDump
	FormatStackExchangeAPI ThreadFormat = "so-api"    // see StackExchangeAPI
	FormatDiscourse        ThreadFormat = "discourse" // see Discourse
)

// ReadThreads reads the threads of a source in the format.
func ReadThreads(ctx context.Context, in Source, format ThreadFormat, o ThreadOptions) iter.Seq2[Thread, error] {
	switch format {
	case FormatDump:
		return StackExchangeDump(ctx, in, o)
	case FormatStackExchangeAPI:
		return StackExchangeAPI(ctx, in, o)
	case FormatDiscourse:
		return Discourse(ctx, in, o)
	}
	return func(yield func(Thread, error) bool) {
		yield(Thread{}, &Error{Source: in.Name, Why: fmt.Sprintf("the format is %q, want one of %v", string(format), ThreadFormats), Fatal: true})
	}
}

// ThreadFormats are all of them.
var ThreadFormats = []ThreadFormat{FormatDump, FormatStackExchangeAPI, FormatDiscourse}
