package findings

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/topic"
)

// Study is a corpus, what it is compared with, and how its topics are found.
type Study struct {
	Title     string
	Subject   Corpus
	Baselines []Corpus
	Topics    topic.Config
	Settings  []string // of Topics, in words, for the methods
	Measures  study.Config
	Out       string // a directory, made where it is not there
}

// Findings is what a study gives.
type Findings struct {
	Model      *topic.Model
	Subject    *study.Result
	Baselines  []*study.Result
	Comparison *study.Comparison
}

// texts are the titles and bodies of threads without markup and without blocks of code.
func texts(threads []corpus.Thread) []string {
	docs := make([]string, len(threads))
	for i, t := range threads {
		body := t.Body
		switch t.Markup {
		case corpus.HTML:
			body = clean.HTML(body, clean.Options{})
		case corpus.Markdown:
			body = clean.Markdown(body, clean.Options{})
		}
		docs[i] = strings.TrimSpace(t.Title + "\n" + body)
	}
	return docs
}

// Run finds the topics, measures them, compares them and writes the tables.
func (s Study) Run(ctx context.Context) (*Findings, error) {
	model, err := topic.Fit(ctx, texts(s.Subject.Threads), s.Topics)
	if err != nil {
		return nil, err
	}
	f := &Findings{Model: model}
	labels := make([]int, len(s.Subject.Threads))
	for i, a := range model.Assignments() {
		labels[i] = max(a.Topic, study.Outlier)
	}
	cfg := s.Measures
	cfg.Corpus, cfg.Names = s.Subject.Name, map[int]string{}
	for _, t := range model.Topics() {
		if t.ID >= 0 {
			cfg.Names[t.ID] = t.Name
		}
	}
	if f.Subject, err = study.Measure(ctx, s.Subject.Threads, labels, cfg); err != nil {
		return nil, err
	}
	for _, b := range s.Baselines {
		cfg.Corpus, cfg.Names = b.Name, nil
		r, err := study.Measure(ctx, b.Threads, nil, cfg)
		if err != nil {
			return nil, err
		}
		f.Baselines = append(f.Baselines, r)
	}
	if f.Comparison, err = study.Compare(ctx, f.Subject, f.Baselines...); err != nil {
		return nil, err
	}
	contrast, err := study.Contrast(ctx, f.Subject)
	if err != nil {
		return nil, err
	}
	correlations, err := study.Correlate(f.Subject)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Out, 0o755); err != nil {
		return nil, err
	}
	contrastTable := contrast.Table()
	contrastTable.Title = "Each topic beside all other threads: " + s.Subject.Name
	for _, named := range []struct {
		name  string
		table study.Table
	}{
		{"topics", f.topics()},
		{"popularity", f.Subject.Popularity()},
		{"difficulty", f.Subject.Difficulty()},
		{"replies", f.Subject.ReplyCounts()},
		{"corpora", study.Corpora(append([]*study.Result{f.Subject}, f.Baselines...)...)},
		{"comparison", f.Comparison.Table()},
		{"contrast", contrastTable},
		{"correlation", study.CorrelationTable(correlations)},
	} {
		path := filepath.Join(s.Out, named.name)
		if err := atomicfile.Write(path+".md", named.table.WriteMarkdown); err != nil {
			return nil, err
		}
		if err := atomicfile.Write(path+".csv", named.table.WriteCSV); err != nil {
			return nil, err
		}
	}
	return f, atomicfile.Write(filepath.Join(s.Out, "methods.md"), func(w io.Writer) error { return s.methods(w, f) })
}

func (f *Findings) topics() study.Table {
	t := study.Table{Title: "Topics: " + f.Subject.Corpus, Columns: []study.Column{
		{Name: "topic", Format: study.Text},
		{Name: "name", Format: study.Text},
		{Name: "threads", Format: study.Decimal},
		{Name: "words", Format: study.Text},
	}}
	var aspects []string
	for _, tp := range f.Model.Topics() {
		row := []any{fmt.Sprint(tp.ID), tp.Name, tp.Size, words(tp.Terms)}
		if aspects == nil {
			aspects = sortedKeys(tp.Aspects)
			for _, a := range aspects {
				t.Columns = append(t.Columns, study.Column{Name: a, Format: study.Text})
			}
		}
		for _, a := range aspects {
			row = append(row, words(tp.Aspects[a]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func words(terms []topic.Term) string {
	var w []string
	for _, t := range terms {
		w = append(w, t.Term)
	}
	return strings.Join(w, ", ")
}

// methods says everything that the figures depend on.
func (s Study) methods(w io.Writer, f *Findings) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Methods: %s\n\n## Data\n\n", s.Title)
	for _, c := range append([]Corpus{s.Subject}, s.Baselines...) {
		fmt.Fprintf(&b, "- %s: %d threads from %s.\n", c.Name, len(c.Threads), filepath.Base(c.Source))
		for _, n := range c.Counts {
			fmt.Fprintf(&b, "  - %s\n", n)
		}
	}
	outliers := 0
	topics := 0
	for _, t := range f.Model.Topics() {
		if t.ID < 0 {
			outliers += t.Size
		} else {
			topics++
		}
	}
	fmt.Fprintf(&b, "\n## Topics\n\n%d topics; %d of %d threads are outliers, of no topic.\n\n", topics, outliers, len(s.Subject.Threads))
	for _, n := range append(s.Settings, fmt.Sprintf("seed %d", s.Topics.Seed)) {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	for _, warning := range f.Model.Warnings() {
		fmt.Fprintf(&b, "- warning: %v\n", warning)
	}
	bs := s.Measures.Bootstrap
	fmt.Fprintf(&b, "\n## Figures\n\n"+
		"- Popularity: mean and median of views, score, favorites and likes. Difficulty: share without an accepted answer, share without any answer, hours to the accepted answer and to the first reply, replies.\n"+
		"- A figure that a source does not tell is unknown, never zero: each has its own n.\n"+
		"- Open threads wait until %s where they do not say when they were seen; medians with the open threads are Kaplan-Meier estimates.\n"+
		"- Intervals at %g %%: %d bootstrap resamples (seed %d) for means and medians, Wilson's for shares.\n"+
		"- Tests: Mann-Whitney (exact for up to 8 values without ties), two proportions or Fisher's test where fewer than 5 are expected, log-rank for times with open threads; two-sided; Holm's correction over the tests of one measure and kind.\n"+
		"- The figures are of the data named above. None is a figure of arXiv 2411.10873, which studied other data with other settings.\n",
		f.Subject.Until.UTC().Format("2006-01-02 15:04:05 UTC"), 100*bs.Level, bs.Resamples, bs.Seed)
	_, err := io.WriteString(w, b.String())
	return err
}
