package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/topic"
)

// inputOptions are the flags about the documents.
type inputOptions struct {
	format, text, id string
}

func (o *inputOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "", "`FORMAT` of the input: jsonl, csv, lines or godoc; by default the name decides")
	f.StringVar(&o.text, "text", "text", "`FIELD` with the text")
	f.StringVar(&o.id, "id", "", "`FIELD` with the id (default id, which may be missing)")
}

// input is the documents of a command.
type input struct {
	ids, texts []string
	warnings   []error
}

// kind is the format, from the flag or from the name.
func (o inputOptions) kind(path string) (string, error) {
	switch o.format {
	case "jsonl", "csv", "lines", "godoc":
		return o.format, nil
	case "":
	default:
		return "", usage{fmt.Errorf("--format is %q, want jsonl, csv, lines or godoc", o.format)}
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return "csv", nil
	case ".txt":
		return "lines", nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "godoc", nil
	}
	return "jsonl", nil
}

// read reads all documents. It heeds ctx also while the input gives nothing.
func (o inputOptions) read(ctx context.Context, path string, stdin io.Reader, bars *progress) (*input, error) {
	kind, err := o.kind(path)
	if err != nil {
		return nil, err
	}
	docs, done, err := o.open(kind, path, stdin)
	if err != nil {
		return nil, err
	}
	type answer struct {
		in  *input
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		in, err := collect(ctx, docs)
		answers <- answer{in, errors.Join(err, done())}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return nil, a.err
		}
		bars.report(topic.Progress{Stage: stageRead, Done: len(a.in.texts), Total: len(a.in.texts)})
		return a.in, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (o inputOptions) open(kind, path string, stdin io.Reader) (docs iter.Seq2[corpus.Document, error], done func() error, err error) {
	done = func() error { return nil }
	if kind == "godoc" {
		return corpus.GoDoc(path, corpus.GoDocOptions{}), done, nil
	}
	r, opt := stdin, corpus.Options{Name: "standard input", TextField: o.text, IDField: o.id}
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, err
		}
		r, opt.Name, done = f, path, f.Close
	}
	switch kind {
	case "csv":
		return corpus.CSV(r, opt), done, nil
	case "lines":
		return corpus.Lines(r, opt), done, nil
	}
	return corpus.JSONL(r, opt), done, nil
}

func collect(ctx context.Context, docs iter.Seq2[corpus.Document, error]) (*input, error) {
	in := &input{}
	for d, err := range docs {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		in.ids = append(in.ids, d.ID)
		in.texts = append(in.texts, d.Text)
	}
	return in, nil
}
