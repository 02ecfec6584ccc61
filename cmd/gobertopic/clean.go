package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/corpus/dedup"
)

// cleanOptions are the flags about what becomes of the documents before they are embedded.
type cleanOptions struct {
	format     string
	keepCode   bool
	tracebacks string
	urls       bool
	quotes     bool
	shared     bool
	languages  []string
	dedup      float64
}

func (o *cleanOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "clean", "", "make plain text of the documents' `MARKUP`: html or markdown; threads are made plain without")
	f.BoolVar(&o.keepCode, "keep-code", false, "with --clean, keep blocks of code, which are left out otherwise")
	f.StringVar(&o.tracebacks, "drop-tracebacks", "", "take the frames of stack traces out of the documents; =all takes the lines that name the exceptions too")
	f.Lookup("drop-tracebacks").NoOptDefVal = "frames"
	f.BoolVar(&o.urls, "drop-urls", false, "take addresses out of the documents")
	f.BoolVar(&o.shared, "drop-boilerplate", false, "take out lines that many documents share, such as those of issue templates")
	f.BoolVar(&o.quotes, "drop-quotes", false, "take out what documents quote: lines with >, [quote], <blockquote>")
}

// dropFlags are those by which documents are left out altogether.
func (o *cleanOptions) dropFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.languages, "lang", nil, "leave out documents that are clearly in other `LANGUAGES` than these, such as english")
	f.Float64Var(&o.dedup, "dedup", 0, "leave out documents whose `SIMILARITY` to an earlier one is at least this (default 0.8 where no number is\n"+
		"given); 1 leaves out those with the same words in the same order")
	f.Lookup("dedup").NoOptDefVal = "0.8"
}

// pipeline is what the flags ask for. Frames and quotations are lines, which Markdown joins, and which HTML has only as text.
func (o cleanOptions) pipeline(run clean.Run) (clean.Pipeline, error) {
	p := clean.Pipeline{Run: run}
	opt := clean.Options{KeepCode: o.keepCode, DropQuotes: o.quotes}
	switch o.tracebacks {
	case "", "frames", "all":
	default:
		return p, usage{fmt.Errorf("--drop-tracebacks is %q, want frames or all", o.tracebacks)}
	}
	lines := func() {
		if o.quotes {
			p.Steps = append(p.Steps, clean.DropQuotes())
		}
		if o.tracebacks != "" {
			p.Steps = append(p.Steps, clean.DropTracebacks(o.tracebacks == "frames"))
		}
	}
	switch o.format {
	case "":
		if o.keepCode {
			return p, usage{errors.New("--keep-code goes with --clean html or --clean markdown")}
		}
		lines()
	case "html":
		p.Steps = append(p.Steps, clean.FromHTML(opt))
		lines()
	case "markdown":
		lines()
		p.Steps = append(p.Steps, clean.FromMarkdown(opt))
	default:
		return p, usage{fmt.Errorf("--clean is %q, want html or markdown", o.format)}
	}
	if o.shared {
		step, err := clean.DropBoilerplate(clean.Boilerplate{})
		if err != nil {
			return p, usage{fmt.Errorf("--drop-boilerplate: %w", err)}
		}
		p.Steps = append(p.Steps, step)
	}
	if o.urls {
		p.Steps = append(p.Steps, clean.DropURLs())
	}
	if len(o.languages) > 0 {
		step, err := clean.KeepLanguages(o.languages...)
		if err != nil {
			return p, usage{fmt.Errorf("--lang: %w", err)}
		}
		p.Steps = append(p.Steps, step)
	}
	if o.dedup != 0 {
		cfg := dedup.DefaultConfig()
		cfg.Threshold = o.dedup
		step, err := clean.DropDuplicates(cfg)
		if err != nil {
			return p, usage{fmt.Errorf("--dedup is %v, want a similarity above 0 and at most 1", o.dedup)}
		}
		p.Steps = append(p.Steps, step)
	}
	return p, nil
}
