package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/topic"
)

// reportOptions are the flags about reports.
type reportOptions struct {
	out     string
	title   string
	noTexts bool
	fields  []string
}

func (o *reportOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.title, "title", "", "heading of the report")
	f.BoolVar(&o.noTexts, "no-texts", false, "leave the texts of the documents out of the report")
	f.StringSliceVar(&o.fields, "fields", nil, "`NAMES` of the fields that the report shows, by commas; default those that are no texts of their own")
}

// fitFlags are the flags of fit: they have "report" in their names.
func (o *reportOptions) fitFlags(f *pflag.FlagSet, in *inputOptions) {
	f.StringVar(&o.out, "report", "", "write a report to `FILE.html`, which opens in any browser, without a network")
	f.StringVar(&o.title, "report-title", "", "heading of the report")
	f.BoolVar(&o.noTexts, "report-no-texts", false, "leave the texts of the documents out of the report")
	f.StringSliceVar(&o.fields, "report-fields", nil, "`NAMES` of the fields that the report shows, by commas; default those that are no texts of their own")
	f.StringVar(&in.time, "time", "", "`FIELD` with the time of a document, for the report (threads have times of their own)")
}

func reportCommand(s streams) *cobra.Command {
	var o reportOptions
	var in inputOptions
	var model string
	var workers int
	cmd := &cobra.Command{
		Use:   "report --model DIR -o FILE.html [flags] [INPUT]",
		Short: "Write a report of a fitted model as one HTML file",
		Long: "report writes what a model found as one HTML file, which opens in any browser, without a network: a map of the\n" +
			"documents, topics, search, filters and charts. Ids, times and fields come from INPUT, which must have the documents\n" +
			"that the model was fitted on; without it they are left out.",
		Example: `  gobertopic report --model model/ -o topics.html
  gobertopic report --model model/ --time created -o topics.html questions.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: work(func(ctx context.Context, args []string) error {
			if o.out == "" {
				return usage{errors.New("--out is missing, want FILE.html")}
			}
			if workers < 0 {
				return usage{fmt.Errorf("--workers is %d, want 0 or more", workers)}
			}
			m, docs, err := modelWith(ctx, s, model, workers, in, args)
			if err != nil {
				return err
			}
			if err := notInput(strings.Join(args, ""), o.out); err != nil {
				return err
			}
			var files outputs
			defer files.discard()
			file, err := files.create(o.out)
			if err != nil {
				return err
			}
			if err := o.write(ctx, file, m, docs, in); err != nil {
				return fmt.Errorf("%s: %w", o.out, err)
			}
			return files.commit()
		}),
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "read the model from `DIR` (required)")
	f.IntVar(&workers, "workers", 0, "goroutines to keep busy; 0 means one per processor; never changes a result")
	f.StringVarP(&o.out, "out", "o", "", "write the report to `FILE.html` (required)")
	f.StringVar(&in.time, "time", "", "`FIELD` with the time of a document (threads have times of their own)")
	o.flags(f)
	in.flags(f)
	return cmd
}

// modelWith loads a model and reads its documents again, if args names an input, with their fields.
func modelWith(ctx context.Context, s streams, dir string, workers int, in inputOptions, args []string) (*topic.Model, *input, error) {
	m, err := loadModel(ctx, dir, topic.LoadOptions{Workers: workers}, s.err)
	if err != nil || len(args) == 0 {
		return m, &input{}, err
	}
	in.keepFields = true
	bars := (&progressOptions{quiet: true}).start(s.err)
	defer bars.stop()
	docs, err := in.read(ctx, args[0], s.in, workers, bars)
	if err != nil {
		return nil, nil, err
	}
	if got, want := len(docs.texts), m.Len(); got != want {
		return nil, nil, fmt.Errorf("%s: %d documents, want the %d that the model was fitted on (with the same flags for cleaning)", args[0], got, want)
	}
	fitted, err := m.Documents()
	if err != nil {
		return nil, nil, err
	}
	for i, text := range fitted {
		if text != docs.texts[i] {
			return nil, nil, fmt.Errorf("%s: document %d has another text than the model was fitted on, want the same documents in the same order (with the same flags for cleaning)", args[0], i+1)
		}
	}
	progressOptions{}.warn(s.err, docs.warnings)
	return m, docs, nil
}

// options returns what the report shows of the documents beside the model.
func (o reportOptions) options(docs *input, in inputOptions) (report.Options, error) {
	opt := report.Options{Title: o.title, NoTexts: o.noTexts, IDs: docs.ids, Times: docs.times}
	var err error
	opt.Fields, err = fieldsOf(docs.fields, o.fields, in)
	return opt, err
}

func (o reportOptions) write(ctx context.Context, w io.Writer, m *topic.Model, docs *input, in inputOptions) error {
	opt, err := o.options(docs, in)
	if err != nil {
		return err
	}
	return report.Write(ctx, w, m, opt)
}

// fieldsOf returns the named fields, or, if there are no names, those that half of the documents have and
// that are not different in nearly all of them.
func fieldsOf(records []map[string]string, names []string, in inputOptions) ([]report.Field, error) {
	const most = 12
	counts := map[string]int{}
	for _, r := range records {
		for name, value := range r {
			if value != "" {
				counts[name]++
			}
		}
	}
	chosen := names
	if len(names) == 0 {
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			if 2*counts[name] >= len(records) && name != in.text && name != in.id && name != in.time && name != "id" {
				chosen = append(chosen, name)
			}
		}
	}
	var out []report.Field
	for _, name := range chosen {
		if counts[name] == 0 {
			return nil, usage{fmt.Errorf("no document has the field %q, want some of: %s", name, strings.Join(slices.Sorted(maps.Keys(counts)), ", "))}
		}
		field := fieldOf(records, name)
		if len(names) == 0 && unlikeAll(field, len(records)) {
			continue
		}
		out = append(out, field)
		if len(names) == 0 && len(out) == most {
			break
		}
	}
	return out, nil
}

// fieldOf returns a field of numbers if every value is one, else of texts.
func fieldOf(records []map[string]string, name string) report.Field {
	texts, numbers, all := make([]string, len(records)), make([]float64, len(records)), true
	for i, r := range records {
		texts[i], numbers[i] = r[name], math.NaN()
		if texts[i] == "" {
			continue
		}
		x, err := strconv.ParseFloat(texts[i], 64)
		all = all && err == nil && !math.IsInf(x, 0)
		numbers[i] = x
	}
	if all {
		return report.Field{Name: name, Numbers: numbers}
	}
	return report.Field{Name: name, Text: texts}
}

// unlikeAll reports whether a field of texts is different in nearly all documents, as addresses and times are.
func unlikeAll(f report.Field, n int) bool {
	if f.Text == nil {
		return false
	}
	different, times := map[string]bool{}, 0
	for _, v := range f.Text {
		different[v] = true
		if _, err := time.Parse(time.RFC3339, v); err == nil {
			times++
		}
	}
	return len(different) > max(50, n/4) || 2*times > n
}
