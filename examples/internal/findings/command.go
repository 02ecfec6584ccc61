package findings

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Data is the first of the paths below $GOBERTOPIC_DATA that is there, "" where none is.
func Data(paths ...string) string {
	dir := os.Getenv("GOBERTOPIC_DATA")
	if dir == "" {
		return ""
	}
	for _, p := range paths {
		path := filepath.Join(dir, filepath.FromSlash(p))
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// Usage is what is wrong with a call: there is no data, and how to get it, or a flag is wrong.
type Usage string

func (u Usage) Error() string { return string(u) }

// Parse parses flags and at most one argument; help was printed when it was asked for.
func Parse(flags *flag.FlagSet, args []string) (help bool, err error) {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return true, nil
	case err != nil:
		return false, Usage(err.Error())
	case flags.NArg() > 1:
		return false, Usage(fmt.Sprintf("%d files, want one at most; flags stand before it", flags.NArg()))
	}
	return false, nil
}

// Main runs an example until it ends or is interrupted, and exits: 0 done, 1 failed, 2 no data or bad usage.
func Main(run func(ctx context.Context, w io.Writer, args []string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	if usage := Usage(""); errors.As(err, &usage) {
		os.Exit(2)
	}
	os.Exit(1)
}

// Summary is what a study prints when it is done.
func (f *Findings) Summary(out string) string {
	all := f.Subject.Overall
	topics := 0
	for _, g := range f.Subject.Topics {
		if g.Topic >= 0 {
			topics++
		}
	}
	text := fmt.Sprintf("%d threads, %d topics", all.Threads, topics)
	if all.NoAccepted.N > 0 {
		text += fmt.Sprintf("; %.1f %% of %d without accepted answer", 100*all.NoAccepted.Share, all.NoAccepted.N)
	}
	if all.HoursToAccepted.N > 0 {
		text += fmt.Sprintf("; median %.2f h to it", all.HoursToAccepted.Median)
	}
	if all.Views.N > 0 {
		text += fmt.Sprintf("; mean views %.1f", all.Views.Mean)
	}
	if all.Replies.N > 0 {
		text += fmt.Sprintf("; replies 0, 1-2, 3-5, 6-10, >10: %v", all.ReplyBands)
	}
	return text + "\ntables and methods.md are in " + out
}
