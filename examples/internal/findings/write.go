package findings

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/study/sweep"
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
	Sweep     *sweep.Config // of other settings, none where it is nil
	Out       string        // a directory, made where it is not there
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
	docs := texts(s.Subject.Threads)
	model, err := topic.Fit(ctx, docs, s.Topics)
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
	if s.Sweep != nil {
		x, err := model.Embeddings()
		if err != nil {
			return nil, err
		}
		r, err := sweep.Run(ctx, docs, x, *s.Sweep)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(s.Out, "sweep")
		if err := errors.Join(
			atomicfile.Write(path+".md", r.Table().WriteMarkdown), atomicfile.Write(path+".csv", r.Table().WriteCSV), atomicfile.Write(path+".svg", r.WriteSVG),
		); err != nil {
			return nil, err
		}
	}
	if err := atomicfile.Write(filepath.Join(s.Out, "threads.csv"), s.threads(model).WriteCSV); err != nil {
		return nil, err
	}
	return f, atomicfile.Write(filepath.Join(s.Out, "methods.md"), func(w io.Writer) error { return s.methods(w, f) })
}

// topics has a row per topic. What describes topics in other ways says nothing of outliers, which have nothing in common.
func (f *Findings) topics() study.Table {
	t := study.Table{Title: "Topics: " + f.Subject.Corpus, Columns: []study.Column{
		{Name: "topic", Format: study.Text},
		{Name: "name", Format: study.Text},
		{Name: "threads", Format: study.Decimal},
		{Name: "threads, %", Format: study.Percent},
		{Name: "words", Format: study.Text},
	}}
	var aspects []string
	for _, tp := range f.Model.Topics() {
		if aspects == nil {
			aspects = sortedKeys(tp.Aspects)
			for _, a := range aspects {
				t.Columns = append(t.Columns, study.Column{Name: a, Format: study.Text})
			}
		}
		row := []any{fmt.Sprint(tp.ID), tp.Name, tp.Size, float64(tp.Size) / float64(f.Subject.Overall.Threads), words(tp.Terms)}
		if tp.ID < 0 {
			row[1] = "outliers"
		}
		for _, a := range aspects {
			if tp.ID < 0 {
				row = append(row, "")
			} else {
				row = append(row, words(tp.Aspects[a]))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// threads has a row per thread, so that topics can be read and figures computed again.
func (s Study) threads(m *topic.Model) study.Table {
	t := study.Table{Columns: []study.Column{
		{Name: "id", Format: study.Text},
		{Name: "url", Format: study.Text},
		{Name: "topic", Format: study.Text},
		{Name: "probability", Format: study.Ratio},
	}}
	for i, a := range m.Assignments() {
		t.Rows = append(t.Rows, []any{s.Subject.Threads[i].ID, s.Subject.Threads[i].URL, fmt.Sprint(max(a.Topic, study.Outlier)), a.Probability})
	}
	return t
}

func words(terms []ctfidf.Term) string {
	var w []string
	for _, t := range terms {
		w = append(w, t.Term)
	}
	return strings.Join(w, ", ")
}
