package clean

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/corpus/dedup"
	"github.com/gobertopic/gobertopic/ctfidf/language"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Step is one step of a Pipeline. Rewrite and Reason are called from several goroutines.
type Step struct {
	// Name of the step, one word.
	Name string
	// Rewrite is the text that a text becomes. nil: all stay as they are.
	Rewrite func(text string) string
	// Learn looks at all texts first, and gives the function that is then Rewrite. nil: Rewrite is as it is.
	Learn func(ctx context.Context, run Run, texts []string) (rewrite func(text string) string, err error)
	// Reason is why a text, already rewritten, is dropped, "" to keep it: a few words that many texts share, by which they
	// are counted. nil: all are kept.
	Reason func(text string) string
	// Among judges all texts that are left together, and gives the reason for each. nil: all are kept.
	Among func(ctx context.Context, run Run, texts []string) ([]string, error)
}

// Run is how a pipeline is run.
type Run struct {
	// Workers is the number of goroutines; 0 or less means GOMAXPROCS. It never changes a result.
	Workers int
	// Progress is told how many texts a step has done, from the goroutine of the caller. May be nil.
	Progress func(step string, done, total int)
}

// Pipeline runs its steps one after the other, each over all texts that the one before has left.
type Pipeline struct {
	Steps []Step
	Run
}

// Result is what a pipeline made.
type Result struct {
	Texts   []string  // those that were kept, in their order
	Index   []int     // Texts[i] was text number Index[i], rising
	Dropped []Dropped // the others, by their numbers
	Summary Summary
}

// Dropped is a text that a step dropped.
type Dropped struct {
	Index  int    // its number
	Step   string // the name of the step
	Reason string
}

// Apply runs the pipeline over texts, which stay as they are. An error is the context's cause or that of a step.
func (p Pipeline) Apply(ctx context.Context, texts []string) (Result, error) {
	r := Result{Texts: slices.Clone(texts), Index: make([]int, len(texts)), Summary: Summary{Documents: len(texts), Kept: len(texts)}}
	for i := range r.Index {
		r.Index[i] = i
	}
	for _, step := range p.Steps {
		if err := p.step(ctx, step, &r); err != nil {
			if context.Cause(ctx) != nil {
				return Result{}, err
			}
			return Result{}, fmt.Errorf("clean: step %s: %w", step.Name, err)
		}
	}
	slices.SortFunc(r.Dropped, func(a, b Dropped) int { return a.Index - b.Index })
	return r, context.Cause(ctx)
}

func (p Pipeline) step(ctx context.Context, step Step, r *Result) error {
	n := len(r.Texts)
	removed, reasons := make([]int, n), make([]string, n)
	changed := make([]bool, n)
	if step.Learn != nil {
		rewrite, err := step.Learn(ctx, p.Run, r.Texts)
		if err != nil {
			return err
		}
		step.Rewrite = rewrite
	}
	loop := parallel.Loop{Workers: p.Workers, Block: 32}
	if p.Progress != nil {
		loop.Progress = func(done, total int) { p.Progress(step.Name, done, total) }
	}
	err := loop.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			if step.Rewrite != nil {
				text := step.Rewrite(r.Texts[i])
				if text != r.Texts[i] {
					changed[i] = true
					removed[i] = utf8.RuneCountInString(r.Texts[i]) - utf8.RuneCountInString(text)
					r.Texts[i] = text
				}
			}
			if step.Reason != nil {
				reasons[i] = step.Reason(r.Texts[i])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if step.Among != nil {
		among, err := step.Among(ctx, p.Run, r.Texts)
		if err != nil {
			return err
		}
		if len(among) != n {
			return fmt.Errorf("it gives %d reasons for %d texts", len(among), n)
		}
		for i, reason := range among {
			if reasons[i] == "" {
				reasons[i] = reason
			}
		}
	}
	count := Count{Step: step.Name, Documents: n}
	kept := 0
	for i := range n {
		if changed[i] {
			count.Changed++
			count.Removed += removed[i]
		}
		if reasons[i] != "" {
			count.drop(reasons[i])
			r.Dropped = append(r.Dropped, Dropped{Index: r.Index[i], Step: step.Name, Reason: reasons[i]})
			continue
		}
		r.Texts[kept], r.Index[kept] = r.Texts[i], r.Index[i]
		kept++
	}
	clear(r.Texts[kept:])
	r.Texts, r.Index = r.Texts[:kept], r.Index[:kept]
	r.Summary.Steps = append(r.Summary.Steps, count)
	r.Summary.Kept = kept
	return nil
}

// FromHTML makes plain text of HTML.
func FromHTML(opt Options) Step {
	return Step{Name: "html", Rewrite: func(text string) string { return HTML(text, opt) }}
}

// FromMarkdown makes plain text of Markdown.
func FromMarkdown(opt Options) Step {
	return Step{Name: "markdown", Rewrite: func(text string) string { return Markdown(text, opt) }}
}

// DropTracebacks takes out stack traces, see Tracebacks. It goes before FromMarkdown, which joins lines, and after FromHTML.
func DropTracebacks(exceptions bool) Step {
	return Step{Name: "tracebacks", Rewrite: func(text string) string { return Tracebacks(text, exceptions) }}
}

// DropURLs takes out addresses, see URLs.
func DropURLs() Step { return Step{Name: "urls", Rewrite: URLs} }

// DropQuotes takes out quotations, see Quotes. It goes before FromMarkdown; for HTML there is Options.DropQuotes.
func DropQuotes() Step { return Step{Name: "quotes", Rewrite: Quotes} }

// KeepLanguages drops texts that are clearly in another language than the given ones, see Language and Languages. Those that
// do not tell their language stay. The error is that a language is not known.
func KeepLanguages(names ...string) (Step, error) {
	keep, err := language.Set(names)
	if err != nil {
		return Step{}, err
	}
	return Step{Name: "language", Reason: func(text string) string { return language.Foreign(text, keep) }}, nil
}

// DropEmpty drops texts without a letter or digit, which is what other steps may leave.
func DropEmpty() Step {
	return Step{Name: "empty", Reason: func(text string) string {
		if hasWord(text) {
			return ""
		}
		return "no words"
	}}
}

// DropDuplicates drops texts that are the same or nearly the same as an earlier one, see package dedup. Workers of cfg are
// those of the pipeline.
func DropDuplicates(cfg dedup.Config) (Step, error) {
	if err := cfg.Validate(); err != nil {
		return Step{}, err
	}
	return Step{Name: "duplicates", Among: func(ctx context.Context, run Run, texts []string) ([]string, error) {
		cfg := cfg
		cfg.Workers = run.Workers
		matches, err := dedup.Find(ctx, texts, cfg)
		if err != nil {
			return nil, err
		}
		reasons := make([]string, len(texts))
		for i, m := range matches {
			switch {
			case m.Of < 0:
			case m.Same:
				reasons[i] = "the same"
			default:
				reasons[i] = "nearly the same"
			}
		}
		return reasons, nil
	}}, nil
}
