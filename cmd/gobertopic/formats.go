package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/corpus/parquet"
	_ "github.com/gobertopic/gobertopic/corpus/sevenzip" // dumps as they are published
)

// format is how the input is written: one of documents, or one of threads.
type format struct {
	documents corpus.Format
	threads   corpus.ThreadFormat
}

const formatParquet corpus.Format = "parquet"

var (
	documentFormats = []corpus.Format{corpus.FormatJSONL, corpus.FormatCSV, corpus.FormatLines, corpus.FormatGoDoc, formatParquet, formatXLSX, formatSQLite, formatPostgres}
	threadFormats   = []corpus.ThreadFormat{
		corpus.FormatDump, corpus.FormatStackExchangeAPI, corpus.FormatStackExchangeCSV, corpus.FormatDiscourse, corpus.FormatDiscourseCSV, corpus.FormatGitHub,
	}
)

const wantFormats = "jsonl, csv, parquet, xlsx, sqlite, postgres, lines or godoc; or of threads: so-dump, so-api, so-csv, discourse, discourse-csv or github"

// kind is the format, from the flag, from the name, or, where the name says JSON or CSV and no record has the text, from
// what is known of files of threads.
func (o *inputOptions) kind(ctx context.Context, path string) (format, error) {
	named := format{documents: corpus.Format(o.format)}
	switch {
	case slices.Contains(documentFormats, named.documents):
		return named, nil
	case slices.Contains(threadFormats, corpus.ThreadFormat(o.format)):
		return format{threads: corpus.ThreadFormat(o.format)}, nil
	case o.format != "":
		return named, usage{fmt.Errorf("--format is %q, want %s", o.format, wantFormats)}
	case isParquet(path):
		return format{documents: formatParquet}, nil
	}
	if kind, ok, err := o.reading.kind(path); ok || err != nil {
		return format{documents: kind}, err
	}
	guess := format{documents: corpus.FormatOf(path)}
	if path == "-" || guess.documents == corpus.FormatLines {
		return guess, nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return guess, nil // of a directory, or of a pipe, which gives its first record once
	}
	docs, err := o.open(ctx, guess, path, nil)
	if err != nil {
		return guess, err
	}
	for _, err := range docs { // of which the first tells
		fault := (*corpus.Error)(nil)
		if !errors.As(err, &fault) || fault.Field != "" && (fault.Field != o.text || o.text != defaultText) {
			break
		}
		if threads, err := corpus.ThreadFormatOf(path); err == nil {
			return format{threads: threads}, nil
		}
		break
	}
	return guess, nil
}

// sourceName is what errors call an input.
func sourceName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

func isParquet(path string) bool { return strings.EqualFold(filepath.Ext(path), ".parquet") }

// open reads documents that are no threads.
func (o *inputOptions) open(ctx context.Context, kind format, path string, stdin io.Reader) (iter.Seq2[corpus.Document, error], error) {
	opt := corpus.Options{TextField: o.text, IDField: o.id, TimeField: o.time}
	o.reading.options(&opt)
	docs, ok, err := o.reading.open(ctx, kind.documents, path, opt)
	switch {
	case ok || err != nil:
		return docs, err
	case kind.documents == formatParquet:
		return parquet.OpenContext(ctx, path, opt), nil
	case path == "-" && kind.documents != corpus.FormatGoDoc:
		opt.Name = sourceName(path)
		return corpus.ReadContext(ctx, stdin, kind.documents, opt), nil
	}
	return corpus.OpenContext(ctx, path, kind.documents, opt), nil
}

// threads reads threads as documents: the title and the text of the first post without its markup, unless --clean says how
// to make text of it.
func (o *inputOptions) threads(ctx context.Context, kind format, path string, stdin io.Reader) iter.Seq2[corpus.Document, error] {
	source := corpus.File(path)
	if path == "-" {
		source = corpus.Stream(sourceName(path), stdin)
	}
	opt := clean.Options{DropQuotes: o.clean.quotes}
	return func(yield func(corpus.Document, error) bool) {
		for t, err := range corpus.ReadThreads(ctx, source, kind.threads, o.reading.threads()) {
			switch {
			case o.clean.format != "":
			case t.Markup == corpus.HTML:
				t.Body = clean.HTML(t.Body, opt)
			case t.Markup == corpus.Markdown:
				t.Body = clean.Markdown(t.Body, opt)
			}
			d := t.Document()
			if !yield(d, err) {
				return
			}
		}
	}
}

// malformed are the records of threads that were left out.
type malformed struct {
	count int
	first []error
}

// pass says whether the reading goes on after an error.
func (m *malformed) pass(err error) bool {
	const most = 5
	fault := (*corpus.Error)(nil)
	if !errors.As(err, &fault) || fault.Fatal {
		return false
	}
	if m.count++; m.count <= most {
		m.first = append(m.first, err)
	}
	return true
}

// warnings tell of them.
func (m *malformed) warnings() []error {
	if more := m.count - len(m.first); more > 0 {
		return append(m.first, fmt.Errorf("%d more malformed records were left out", more))
	}
	return m.first
}
