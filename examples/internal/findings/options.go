package findings

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/study/sweep"
)

// Options are the flags that both examples have.
type Options struct {
	Strict    bool
	out       string
	size      int
	seed      uint64
	resamples int
	sweep     bool
	llm       LLM
}

// Flags defines the flags; out is the directory for the tables when none is named, threads what the example's threads are called.
func Flags(flags *flag.FlagSet, out, threads string) *Options {
	o := &Options{llm: llmFlags(flags)}
	flags.BoolVar(&o.Strict, "strict", false, "fail at the first malformed record")
	flags.StringVar(&o.out, "out", out, "the directory for the tables")
	flags.IntVar(&o.size, "min-topic-size", 0, "the least number of "+threads+" in a topic; 0 is one in 100, and 6 at least")
	flags.Uint64Var(&o.seed, "seed", 42, "decides every random choice")
	flags.IntVar(&o.resamples, "resamples", 2000, "of the bootstrap")
	flags.BoolVar(&o.sweep, "sweep", false, "set other numbers of topics beside the one chosen: sweep.md, .csv and .svg")
	return o
}

// Study finds the topics of the subject, measures them beside the baselines, writes the tables and prints a summary. The
// nearest of the labels is set beside each topic; stated is how many topics the abstract of arXiv 2411.10873 says there were.
func (o *Options) Study(ctx context.Context, w io.Writer, title string, subject Corpus, stated int, labels []string) error {
	s := Study{Title: title, Subject: subject, Out: o.out, Measures: study.DefaultConfig()}
	s.Measures.Bootstrap.Resamples, s.Measures.Bootstrap.Seed = o.resamples, o.seed
	if o.size == 0 {
		o.size = max(6, len(subject.Threads)/100)
	}
	s.Topics, s.Settings = Settings(o.size, o.seed, labels)
	if err := o.llm.add(&s); err != nil {
		return err
	}
	var err error
	if s.Baselines, err = Baselines(ctx, o.Strict); err != nil {
		return err
	}
	if o.sweep {
		cfg := sweep.DefaultConfig()
		cfg.Base = s.Topics
		cfg.Base.Aspects = nil
		cfg.MinClusterSizes, cfg.Topics = []int{max(2, o.size/2), o.size, 2 * o.size}, []int{0, stated}
		s.Sweep = &cfg
	}
	f, err := s.Run(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, f.Summary(o.out))
	return err
}
