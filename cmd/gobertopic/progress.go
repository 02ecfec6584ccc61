package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/gobertopic/gobertopic/topic"
)

// The steps: reading, which the command does, and those of topic.Progress.
const (
	stepRead    = "read"
	stepEmbed   = "embed"
	stepReduce  = "reduce"
	stepCluster = "cluster"
	stepWords   = "words"
)

// progressOptions are the flags about what goes to standard error.
type progressOptions struct {
	quiet bool
}

func (o *progressOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.quiet, "quiet", false, "print no progress and no warnings")
}

// warn prints warnings, unless they are not wanted.
func (o progressOptions) warn(w io.Writer, warnings []error) {
	if o.quiet {
		return
	}
	for _, err := range warnings {
		fmt.Fprintf(w, "warning: %v\n", err)
	}
}

// progress shows how far the steps are: a bar for each on a terminal, a line for each elsewhere.
type progress struct {
	w       io.Writer // nil: nothing is shown
	bars    *mpb.Progress
	bar     *mpb.Bar
	step    string
	began   time.Time
	last    topic.Progress
	stopped bool
}

func (o progressOptions) start(w io.Writer) *progress {
	if o.quiet {
		return &progress{}
	}
	p := &progress{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(60), mpb.WithRefreshRate(100*time.Millisecond))
	}
	return p
}

// report shows the progress of one step after the other.
func (p *progress) report(now topic.Progress) {
	if p.w == nil || p.stopped {
		return
	}
	if now.Step != p.step {
		p.end()
		p.step, p.began = now.Step, time.Now()
		if p.bars != nil {
			p.bar = p.bars.AddBar(int64(now.Total),
				mpb.PrependDecorators(decor.Name(now.Step, decor.WC{W: 8, C: decor.DindentRight})),
				mpb.AppendDecorators(decor.CountersNoUnit("%d / %d "), decor.Elapsed(decor.ET_STYLE_GO)))
		}
	}
	p.last = now
	if p.bar != nil {
		p.bar.SetTotal(int64(now.Total), false)
		p.bar.SetCurrent(int64(now.Done))
	}
}

// end closes the step that was shown last.
func (p *progress) end() {
	switch {
	case p.step == "":
	case p.bar != nil:
		p.bar.SetTotal(-1, true)
		p.bar = nil
	default:
		fmt.Fprintf(p.w, "%s: %d in %s\n", p.step, p.last.Done, time.Since(p.began).Round(time.Millisecond))
	}
	p.step = ""
}

// stop ends the display; later reports are not shown.
func (p *progress) stop() {
	if p.stopped {
		return
	}
	p.stopped = true
	if p.w == nil {
		return
	}
	p.end()
	if p.bars != nil {
		p.bars.Shutdown()
	}
}
