package main

import (
	"context"
	"errors"
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

const defaultText = "text"

// inputOptions are the flags about the documents.
type inputOptions struct {
	format, text, id string
	time             string // the field with the time, where a command reads it
	label            string // the field with the class, where a command reads it
	keepFields       bool   // whether a command shows the other fields
	clean            cleanOptions
	reading          readingOptions
}

func (o *inputOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "", "`FORMAT` of the input: jsonl, csv, parquet, xlsx, sqlite, postgres, lines or godoc; or of threads, with title and first post:\n"+
		"so-dump, so-api, so-csv, discourse, discourse-csv or github; by default the name and the first record decide")
	f.StringVar(&o.text, "text", defaultText, "`FIELD` with the text; threads have none")
	f.StringVar(&o.id, "id", "", "`FIELD` with the id (default id, which may be missing); threads have ids of their own")
	o.clean.flags(f)
	o.reading.flags(f)
}

// input is the documents of a command.
type input struct {
	ids, texts []string
	times      []time.Time         // zero where the source does not say
	labels     []string            // the classes, where a command reads them
	fields     []map[string]string // the other fields, where a command shows them
	warnings   []error
	total      int            // documents that were read
	index      []int          // which of them texts are: cleaning may leave some out
	cleaning   *clean.Summary // nil where nothing was cleaned
}

// read reads all documents. It heeds ctx also while the input gives nothing.
func (o inputOptions) read(ctx context.Context, path string, stdin io.Reader, workers int, bars *progress) (*input, error) {
	if err := o.reading.validate(); err != nil {
		return nil, err
	}
	kind, err := o.kind(ctx, path)
	if err != nil {
		return nil, err
	}
	pipeline, err := o.clean.pipeline(clean.Run{Workers: workers})
	if err != nil {
		return nil, err
	}
	if path == "-" && kind.documents == formatParquet {
		return nil, usage{errors.New("--format parquet needs a file, which standard input is not")}
	}
	docs, bad := iter.Seq2[corpus.Document, error](nil), new(malformed)
	if kind.threads != "" {
		docs = o.threads(ctx, kind, path, stdin)
	} else if docs, err = o.open(ctx, kind, path, stdin); err != nil {
		return nil, err
	}
	if o.reading.strict {
		bad = nil
	}
	type answer struct {
		in  *input
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		in, err := o.collect(ctx, docs, sourceName(path), bad)
		if err == nil {
			err = in.clean(ctx, pipeline)
		}
		answers <- answer{in, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			if a.in != nil {
				note(ctx, bars, a.in.warnings)
			}
			return nil, a.err
		}
		note(ctx, bars, a.in.warnings)
		bars.report(topic.Progress{Step: stepRead, Done: a.in.total, Total: a.in.total})
		return a.in, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// collect is all documents of a source. Where bad is given, malformed records are left out and told of. Beside an error there
// may be what is worth a warning.
func (o *inputOptions) collect(ctx context.Context, docs iter.Seq2[corpus.Document, error], source string, bad *malformed) (*input, error) {
	in := &input{}
	o.reading.report = corpus.Report{} // of what was read to find the format
	err := o.gather(ctx, in, docs, source, bad)
	in.warn(bad, &o.reading.report) // which is complete now
	if err == nil && len(in.texts) == 0 {
		err = bad.empty(source)
	}
	return in, err
}

// gather reads the documents into in.
func (o *inputOptions) gather(ctx context.Context, in *input, docs iter.Seq2[corpus.Document, error], source string, bad *malformed) error {
	for d, err := range docs {
		if bad != nil && bad.pass(err) {
			continue
		}
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		in.ids, in.times = append(in.ids, d.ID), append(in.times, d.Time)
		in.texts = append(in.texts, d.Text)
		if o.keepFields {
			in.fields = append(in.fields, d.Fields)
		}
		if o.label == "" {
			continue
		}
		class := strings.TrimSpace(d.Fields[o.label])
		if class == "" {
			return fmt.Errorf("%s: document %d (id %s): field %q: missing or empty, want a class", source, len(in.texts), d.ID, o.label)
		}
		in.labels = append(in.labels, class)
	}
	return nil
}

// warn notes what was left out and changed.
func (in *input) warn(bad *malformed, report *corpus.Report) {
	if bad != nil {
		in.warnings = append(in.warnings, bad.warnings()...)
	}
	in.warnings = append(in.warnings, report.Warnings()...)
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
		if in.fields != nil {
			in.fields[i] = in.fields[k]
		}
	}
	in.labels = in.labels[:min(len(in.labels), len(in.index))]
	in.fields = in.fields[:min(len(in.fields), len(in.index))]
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
