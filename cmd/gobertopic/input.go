package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/topic"
)

// inputOptions are the flags about the documents.
type inputOptions struct {
	format, text, id string
	time             string // the field with the time, where a command reads it
	label            string // the field with the class, where a command reads it
	clean            cleanOptions
}

func (o *inputOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "", "`FORMAT` of the input: jsonl, csv, lines or godoc; by default the name decides")
	f.StringVar(&o.text, "text", "text", "`FIELD` with the text")
	f.StringVar(&o.id, "id", "", "`FIELD` with the id (default id, which may be missing)")
	o.clean.flags(f)
}

// input is the documents of a command.
type input struct {
	ids, texts []string
	times      []time.Time // zero where the source does not say
	labels     []string    // the classes, where a command reads them
	warnings   []error
	total      int            // documents that were read
	index      []int          // which of them texts are: cleaning may leave some out
	cleaning   *clean.Summary // nil where nothing was cleaned
}

// kind is the format, from the flag or from the name.
func (o inputOptions) kind(path string) (corpus.Format, error) {
	switch kind := corpus.Format(o.format); kind {
	case corpus.FormatJSONL, corpus.FormatCSV, corpus.FormatLines, corpus.FormatGoDoc:
		return kind, nil
	case "":
		return corpus.FormatOf(path), nil
	}
	return "", usage{fmt.Errorf("--format is %q, want jsonl, csv, lines or godoc", o.format)}
}

// read reads all documents. It heeds ctx also while the input gives nothing.
func (o inputOptions) read(ctx context.Context, path string, stdin io.Reader, workers int, bars *progress) (*input, error) {
	kind, err := o.kind(path)
	if err != nil {
		return nil, err
	}
	pipeline, err := o.clean.pipeline(clean.Run{Workers: workers})
	if err != nil {
		return nil, err
	}
	docs := o.open(kind, path, stdin)
	type answer struct {
		in  *input
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		in, err := collect(ctx, docs, o.label)
		if err == nil {
			err = in.clean(ctx, pipeline)
		}
		answers <- answer{in, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return nil, a.err
		}
		bars.report(topic.Progress{Stage: stageRead, Done: a.in.total, Total: a.in.total})
		return a.in, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (o inputOptions) open(kind corpus.Format, path string, stdin io.Reader) iter.Seq2[corpus.Document, error] {
	opt := corpus.Options{TextField: o.text, IDField: o.id, TimeField: o.time}
	if path == "-" && kind != corpus.FormatGoDoc {
		opt.Name = "standard input"
		return corpus.Read(stdin, kind, opt)
	}
	return corpus.Open(path, kind, opt)
}

func collect(ctx context.Context, docs iter.Seq2[corpus.Document, error], label string) (*input, error) {
	in := &input{}
	for d, err := range docs {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		in.ids, in.times = append(in.ids, d.ID), append(in.times, d.Time)
		in.texts = append(in.texts, d.Text)
		if label == "" {
			continue
		}
		class := strings.TrimSpace(d.Fields[label])
		if class == "" {
			return nil, fmt.Errorf("document %d (id %s): field %q: missing or empty, want a class", len(in.texts), d.ID, label)
		}
		in.labels = append(in.labels, class)
	}
	return in, nil
}

// clean runs the pipeline over the texts, and leaves out what it drops.
func (in *input) clean(ctx context.Context, pipeline clean.Pipeline) error {
	in.total = len(in.texts)
	cleaned, err := pipeline.Apply(ctx, in.texts)
	if err != nil {
		return err
	}
	in.texts, in.index = cleaned.Texts, cleaned.Index
	for i, k := range in.index {
		in.ids[i], in.times[i] = in.ids[k], in.times[k]
		if in.labels != nil {
			in.labels[i] = in.labels[k]
		}
	}
	in.labels = in.labels[:min(len(in.labels), len(in.index))]
	in.ids, in.times = in.ids[:len(in.index)], in.times[:len(in.index)]
	if len(pipeline.Steps) > 0 {
		in.cleaning = &cleaned.Summary
	}
	return nil
}

// printCleaning says what cleaning did, if anything was to be cleaned.
func (in *input) printCleaning(w io.Writer, o progressOptions) {
	if in.cleaning != nil && !o.quiet {
		fmt.Fprint(w, in.cleaning)
	}
}
