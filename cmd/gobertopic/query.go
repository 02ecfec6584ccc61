package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// queryOptions are the flags of the commands that ask a saved model something.
type queryOptions struct {
	model   string
	workers int
	json    bool
}

func (o *queryOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "read the model from `DIR` (required)")
	f.IntVar(&o.workers, "workers", 0, "goroutines to keep busy; 0 means one per processor; never changes a result")
	f.BoolVar(&o.json, "json", false, "print JSON instead of CSV")
}

func (o queryOptions) load(ctx context.Context, warn io.Writer) (*topic.Model, error) {
	if o.workers < 0 {
		return nil, usage{fmt.Errorf("--workers is %d, want 0 or more", o.workers)}
	}
	return loadModel(ctx, o.model, topic.LoadOptions{Workers: o.workers}, warn)
}

// with loads the model and reads the documents that it is asked about.
func (o queryOptions) with(ctx context.Context, s streams, in inputOptions, path string) (*topic.Model, *input, error) {
	m, err := o.load(ctx, s.err)
	if err != nil {
		return nil, nil, err
	}
	bars := (&progressOptions{quiet: true}).start(s.err)
	defer bars.stop()
	docs, err := in.read(ctx, path, s.in, o.workers, bars)
	if err != nil {
		return nil, nil, err
	}
	progressOptions{}.warn(s.err, docs.warnings)
	return m, docs, nil
}

// writeJSON writes a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	buffered := bufio.NewWriter(w)
	enc := json.NewEncoder(buffered)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return errors.Join(enc.Encode(v), buffered.Flush())
}

// printRows writes rows as JSON or, by record, as CSV below header.
func printRows[T any](o queryOptions, w io.Writer, rows []T, header []string, record func(T) []string) error {
	if o.json {
		if rows == nil {
			rows = []T{}
		}
		return writeJSON(w, rows)
	}
	buffered := bufio.NewWriter(w)
	out := csv.NewWriter(buffered)
	if err := out.Write(header); err != nil {
		return err
	}
	for _, r := range rows {
		if err := out.Write(record(r)); err != nil {
			return err
		}
	}
	out.Flush()
	return errors.Join(out.Error(), buffered.Flush())
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func findCommand(s streams) *cobra.Command {
	var o queryOptions
	var n int
	type row struct {
		Topic      int     `json:"topic"`
		Name       string  `json:"name"`
		Similarity float64 `json:"similarity"`
	}
	cmd := &cobra.Command{
		Use:   "find --model DIR TEXT",
		Short: "Find the topics of a fitted model that are most similar to a text",
		Args:  cobra.ExactArgs(1),
		RunE: work(func(ctx context.Context, args []string) error {
			if n < 0 {
				return usage{fmt.Errorf("--top is %d, want 1 or more, or 0 for all", n)}
			}
			m, err := o.load(ctx, s.err)
			if err != nil {
				return err
			}
			found, err := analysis.FindTopics(ctx, m, args[0], n)
			if err != nil {
				return err
			}
			names := map[int]string{}
			for _, t := range m.Topics() {
				names[t.ID] = t.Name
			}
			var rows []row
			for _, f := range found {
				rows = append(rows, row{f.Topic, names[f.Topic], f.Similarity})
			}
			return printRows(o, s.out, rows, []string{"topic", "name", "similarity"}, func(r row) []string {
				return []string{strconv.Itoa(r.Topic), r.Name, number(r.Similarity)}
			})
		}),
	}
	o.flags(cmd)
	cmd.Flags().IntVar(&n, "top", 5, "number of topics; 0 means all")
	return cmd
}

func infoCommand(s streams) *cobra.Command {
	var o queryOptions
	var documents bool
	type row struct {
		Topic          int    `json:"topic"`
		Count          int    `json:"count"`
		Name           string `json:"name"`
		Label          string `json:"label"`
		Terms          string `json:"terms"`
		Representative []int  `json:"representative"`
	}
	type docRow struct {
		Document       int     `json:"document"`
		Topic          int     `json:"topic"`
		Name           string  `json:"name"`
		Label          string  `json:"label"`
		Terms          string  `json:"terms"`
		Probability    float64 `json:"probability"`
		Representative bool    `json:"representative"`
	}
	cmd := &cobra.Command{
		Use:   "info --model DIR",
		Short: "Print what a fitted model says of its topics or its documents",
		Long:  "info prints a row for each topic, or with --documents for each document. Documents are counted from 0.",
		Args:  cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			m, err := o.load(ctx, s.err)
			if err != nil {
				return err
			}
			if documents {
				var rows []docRow
				for _, d := range analysis.DocumentInfo(m) {
					rows = append(rows, docRow(d))
				}
				return printRows(o, s.out, rows, []string{"document", "topic", "name", "label", "terms", "probability", "representative"}, func(r docRow) []string {
					return []string{strconv.Itoa(r.Document), strconv.Itoa(r.Topic), r.Name, r.Label, r.Terms, number(r.Probability), strconv.FormatBool(r.Representative)}
				})
			}
			var rows []row
			for _, t := range m.Topics() {
				rows = append(rows, row{t.ID, t.Size, t.Name, t.Label, joinTerms(t.Terms), t.Representative})
			}
			return printRows(o, s.out, rows, []string{"topic", "count", "name", "label", "terms", "representative"}, func(r row) []string {
				return []string{strconv.Itoa(r.Topic), strconv.Itoa(r.Count), r.Name, r.Label, r.Terms, strings.Trim(fmt.Sprint(r.Representative), "[]")}
			})
		}),
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&documents, "documents", false, "a row for each document instead of each topic")
	return cmd
}

// joinTerms is the terms as BERTopic joins them.
func joinTerms(terms []ctfidf.Term) string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = t.Term
	}
	return strings.Join(out, " - ")
}

func distributionCommand(s streams) *cobra.Command {
	var o queryOptions
	var in inputOptions
	windows := ctfidf.Windows{Size: 4, Stride: 1, MinSimilarity: 0.1}
	type row struct {
		ID    string  `json:"id"`
		Topic int     `json:"topic"`
		Share float64 `json:"share"`
	}
	cmd := &cobra.Command{
		Use:   "distribution --model DIR [flags] INPUT",
		Short: "Find out how much documents have of each topic of a fitted model",
		Long: "distribution compares windows of words of each document with the topics. There is a row for each topic that a\n" +
			"document has something of; the shares of a document add up to 1.",
		Args: cobra.ExactArgs(1),
		RunE: work(func(ctx context.Context, args []string) error {
			if !(windows.MinSimilarity >= 0) || windows.Size < 1 || windows.Stride < 1 { // 0 is no default here
				return usage{fmt.Errorf("--window %d, --stride %d, --min-similarity %v: want at least 1, 1 and 0", windows.Size, windows.Stride, windows.MinSimilarity)}
			}
			if err := windows.Validate(); err != nil {
				return usage{err}
			}
			m, docs, err := o.with(ctx, s, in, args[0])
			if err != nil {
				return err
			}
			opt := analysis.DistributionOptions{
				Size: windows.Size, Stride: windows.Stride, MinSimilarity: windows.MinSimilarity, Padding: windows.Padding,
			}
			if opt.MinSimilarity == 0 {
				opt.MinSimilarity = stage.None
			}
			got, err := analysis.ApproximateDistribution(ctx, m, docs.texts, opt)
			if err != nil {
				return err
			}
			var rows []row
			for i, id := range docs.ids {
				cols, values := got.Rows.Row(i)
				for k, c := range cols {
					rows = append(rows, row{id, int(c), values[k]})
				}
			}
			return printRows(o, s.out, rows, []string{"id", "topic", "share"}, func(r row) []string {
				return []string{r.ID, strconv.Itoa(r.Topic), number(r.Share)}
			})
		}),
	}
	o.flags(cmd)
	f := cmd.Flags()
	in.flags(f)
	f.IntVar(&windows.Size, "window", windows.Size, "words in a window")
	f.IntVar(&windows.Stride, "stride", windows.Stride, "words from one window to the next")
	f.Float64Var(&windows.MinSimilarity, "min-similarity", windows.MinSimilarity, "least similarity of a window and a topic that counts")
	f.BoolVar(&windows.Padding, "padding", false, "shorter windows at the begin and the end of a document")
	return cmd
}

func overTimeCommand(s streams) *cobra.Command {
	var o queryOptions
	var in inputOptions
	var opt analysis.OverTimeOptions
	var every string
	var evolution, global bool
	type row struct {
		Topic int        `json:"topic"`
		Time  time.Time  `json:"time"`
		Count int        `json:"count"`
		Terms []termJSON `json:"terms"`
	}
	cmd := &cobra.Command{
		Use:   "over-time --model DIR --time FIELD [flags] INPUT",
		Short: "Print how the topics of a fitted model change over time",
		Long:  "over-time reads the times of the fitted documents from INPUT, which must have the documents that the model was fitted on.",
		Args:  cobra.ExactArgs(1),
		RunE: work(func(ctx context.Context, args []string) error {
			if in.time == "" {
				return usage{errors.New("--time is missing, want the field with the times")}
			}
			opt.Every, opt.NoEvolutionTuning, opt.NoGlobalTuning = analysis.Period(every), !evolution, !global
			if err := opt.Validate(); err != nil {
				return usage{err}
			}
			m, docs, err := o.with(ctx, s, in, args[0])
			if err != nil {
				return err
			}
			found, err := analysis.OverTime(ctx, m, docs.times, opt)
			if err != nil {
				return err
			}
			var rows []row
			for _, r := range found {
				rows = append(rows, row{r.Topic, r.Time, r.Count, termsJSON(r.Terms)})
			}
			return printRows(o, s.out, rows, []string{"topic", "time", "count", "terms"}, func(r row) []string {
				terms := make([]string, len(r.Terms))
				for i, t := range r.Terms {
					terms[i] = t.Term
				}
				return []string{strconv.Itoa(r.Topic), r.Time.Format(time.RFC3339Nano), strconv.Itoa(r.Count), strings.Join(terms, ", ")}
			})
		}),
	}
	o.flags(cmd)
	f := cmd.Flags()
	in.flags(f)
	f.StringVar(&in.time, "time", "", "`FIELD` with the time of a document (required; threads have times of their own)")
	f.IntVar(&opt.Bins, "bins", 0, "number of equal stretches of time")
	f.StringVar(&every, "every", "", "`PERIOD` of the calendar instead: day, week, month, quarter or year")
	f.BoolVar(&evolution, "evolution", true, "average the words with those of the time before")
	f.BoolVar(&global, "global", true, "average the words with those of the whole topic")
	return cmd
}
