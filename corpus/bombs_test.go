package corpus_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// gigabytes is what begins so and goes on for 3 GB without an end of a record, packed.
func gigabytes(begin string) io.Reader {
	out, in := io.Pipe()
	go func() {
		z, err := gzip.NewWriterLevel(in, gzip.BestSpeed)
		if err == nil {
			_, err = io.Copy(z, io.MultiReader(strings.NewReader(begin), io.LimitReader(&endless{text: strings.Repeat("a", 1<<16)}, 3e9)))
		}
		_ = in.CloseWithError(err)
	}()
	return out
}

func zeros() io.Reader { return &endless{text: string(make([]byte, 1<<16))} }

// A record that does not end is an error, in memory of a few times the bound on a record, and stops with its context.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("reads hundreds of megabytes")
	}
	read := map[string]func(ctx context.Context) error{}
	for name, c := range map[string]struct {
		format corpus.Format
		in     func() io.Reader
	}{
		"jsonl": {corpus.FormatJSONL, func() io.Reader { return gigabytes(`{"text":"`) }}, "jsonl of zeros": {corpus.FormatJSONL, zeros},
		"csv": {corpus.FormatCSV, func() io.Reader { return gigabytes("text\n\"") }}, "csv of zeros": {corpus.FormatCSV, zeros},
		"lines": {corpus.FormatLines, func() io.Reader { return gigabytes("") }}, "lines of zeros": {corpus.FormatLines, zeros},
	} {
		read[name] = func(ctx context.Context) (last error) {
			for _, err := range corpus.ReadContext(ctx, c.in(), c.format, corpus.Options{}) {
				last = err
			}
			return last
		}
	}
	for name, c := range map[string]struct {
		format corpus.ThreadFormat
		in     func() io.Reader
	}{
		"so-dump":          {corpus.FormatDump, func() io.Reader { return gigabytes(`<posts><row Id="1" Body="`) }},
		"so-dump of zeros": {corpus.FormatDump, zeros},
		"so-api":           {corpus.FormatStackExchangeAPI, func() io.Reader { return gigabytes("[\n{\"title\":\"") }},
		"discourse":        {corpus.FormatDiscourse, func() io.Reader { return gigabytes(`{"title":"`) }},
		"brackets":         {corpus.FormatGitHub, func() io.Reader { return &endless{text: strings.Repeat(`[[[[{"a":`, 1000)} }},
		"discourse-csv":    {corpus.FormatDiscourseCSV, zeros},
	} {
		read[name] = func(ctx context.Context) (last error) {
			for _, err := range corpus.ReadThreads(ctx, corpus.Stream("x", c.in()), c.format, corpus.ThreadOptions{}) {
				last = err
			}
			return last
		}
	}
	for name, f := range read {
		var err error
		took := testutil.Allocated(func() { err = f(t.Context()) })
		require.ErrorIs(t, err, corpus.ErrTooLong, name)
		require.Less(t, took, uint64(1<<29), "%s: what was allocated in all, of which most is free again", name)

		gone := errors.New("gone")
		testutil.Soon(t, name, func() time.Duration {
			ctx, cancel := context.WithCancelCause(t.Context())
			when := make(chan time.Time, 1)
			time.AfterFunc(30*time.Millisecond, func() {
				when <- time.Now()
				cancel(gone)
			})
			err := f(ctx)
			ended := time.Now()
			cancel(gone)
			if errors.Is(err, corpus.ErrTooLong) {
				return 0 // it was quicker
			}
			require.ErrorIs(t, err, gone, name)
			return ended.Sub(<-when)
		})
	}
}
