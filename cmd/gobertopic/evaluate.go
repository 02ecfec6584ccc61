package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// presets are the configurations that evaluate compares, in the order of its table.
var presets = []string{"default", "bertopic", "plscan"}

// evaluateOptions are the flags of evaluate.
type evaluateOptions struct {
	input      inputOptions
	progress   progressOptions
	labels     string
	presets    []string
	outliers   string
	seeds      int
	workers    int
	embeddings string
	json, csv  bool
}

func evaluateCommand(s streams) *cobra.Command {
	var o evaluateOptions
	cmd := &cobra.Command{
		Use:   "evaluate [flags] INPUT",
		Short: "Compare the topics of each preset with known classes",
		Long: "evaluate finds the topics of the documents in INPUT with each preset and prints how well they agree with the classes\n" +
			"of the documents, which are in a field of INPUT (--label) or in a file of their own (--labels). The documents are\n" +
			"embedded once. Outliers count as a class of their own.\n\n" +
			"Presets: default; bertopic, which has BERTopic's settings; plscan, which has bertopic's UMAP and the most persistent\n" +
			"layer of its HDBSCAN with min_samples 5.",
		Example: `  gobertopic evaluate --label topic --seeds 3 news.csv
  gobertopic evaluate --format lines --labels classes.txt --presets default,bertopic titles.txt`,
		Args: cobra.ExactArgs(1),
		RunE: work(func(ctx context.Context, args []string) error {
			return o.run(ctx, args[0], s)
		}),
	}
	f := cmd.Flags()
	o.input.flags(f)
	o.progress.flags(f)
	f.StringVar(&o.input.label, "label", "", "`FIELD` with the class")
	f.StringVar(&o.labels, "labels", "", "`FILE` with the class of each document, one per line, instead of --label")
	f.StringSliceVar(&o.presets, "presets", presets, "`NAMES` of the presets to compare")
	f.StringVar(&o.outliers, "outliers", string(topic.KeepOutliers), "`HOW` documents in no topic are treated, with every preset: keep, soft or all, as with fit")
	f.IntVar(&o.seeds, "seeds", 1, "fit with the seeds from 1 to this `NUMBER`; means and the agreement between seeds are printed from 2 on")
	f.IntVar(&o.workers, "workers", 0, "goroutines to keep busy; 0 means one per processor; never changes a result")
	f.StringVar(&o.embeddings, "embeddings", "", "`FILE.npy` with one row per document, instead of embedding the texts")
	f.BoolVar(&o.json, "json", false, "print JSON, an object for each row, instead of Markdown")
	f.BoolVar(&o.csv, "csv", false, "print CSV instead of Markdown")
	return cmd
}

func (o evaluateOptions) validate() error {
	switch {
	case (o.input.label == "") == (o.labels == ""):
		return usage{errors.New("want either --label FIELD or --labels FILE: without classes there is nothing to compare with")}
	case o.json && o.csv:
		return usage{errors.New("--json and --csv are both set, want one of them")}
	case o.seeds < 1:
		return usage{fmt.Errorf("--seeds is %d, want 1 or more", o.seeds)}
	case o.workers < 0:
		return usage{fmt.Errorf("--workers is %d, want 0 or more", o.workers)}
	case !slices.Contains(outlierPolicies, topic.OutlierPolicy(o.outliers)):
		return usage{fmt.Errorf("--outliers is %q, want keep, soft or all", o.outliers)}
	case len(o.presets) == 0:
		return usage{fmt.Errorf("--presets is empty, want some of %s", strings.Join(presets, ","))}
	}
	for i, p := range o.presets {
		if !slices.Contains(presets, p) || slices.Index(o.presets, p) != i {
			return usage{fmt.Errorf("--presets has %q, want %s, each once", p, strings.Join(presets, ", "))}
		}
	}
	return nil
}

func (o evaluateOptions) run(ctx context.Context, path string, s streams) error {
	if err := o.validate(); err != nil {
		return err
	}
	bars := o.progress.start(s.err)
	defer bars.stop()
	in, err := o.input.read(ctx, path, s.in, o.workers, bars)
	if err != nil {
		return err
	}
	if o.labels != "" {
		if in.labels, err = readLabels(o.labels, in); err != nil {
			return err
		}
	}
	x, err := o.embed(ctx, in, bars)
	if err != nil {
		return err
	}
	table, err := o.measure(ctx, in, x)
	if err != nil {
		return err
	}
	bars.stop()
	in.printCleaning(s.err, o.progress)
	o.progress.warn(s.err, in.warnings)
	switch {
	case o.json:
		return table.WriteJSON(s.out)
	case o.csv:
		return table.WriteCSV(s.out)
	}
	return table.WriteMarkdown(s.out)
}

// readLabels reads the classes of the documents that cleaning left.
func readLabels(path string, in *input) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		label := strings.TrimSpace(line)
		if label == "" {
			return nil, fmt.Errorf("%s:%d: empty, want the class of document %d", path, len(all)+1, len(all)+1)
		}
		all = append(all, label)
	}
	if len(all) != in.total {
		return nil, fmt.Errorf("%s: %d lines, want one for each of the %d documents", path, len(all), in.total)
	}
	labels := make([]string, len(in.index))
	for i, k := range in.index {
		labels[i] = all[k]
	}
	return labels, nil
}

func (o evaluateOptions) embed(ctx context.Context, in *input, bars *progress) (blas32.General, error) {
	if o.embeddings != "" {
		return fitOptions{embeddings: o.embeddings}.readEmbeddings(in)
	}
	x, _, err := embed.Texts(ctx, stage.Run{Workers: o.workers, Progress: func(done, total int) {
		bars.report(topic.Progress{Step: stepEmbed, Done: done, Total: total})
	}}, topic.DefaultConfig().Embedder, in.texts)
	return x, err
}

// preset is the configuration of a name.
func (o evaluateOptions) preset(name string, seed int) topic.Config {
	cfg := topic.DefaultConfig()
	if name != "default" {
		cfg = topic.BERTopicConfig()
	}
	if name == "plscan" {
		cfg.Clusterer = hdbscan.PLSCAN{}
	}
	cfg.Seed, cfg.Workers, cfg.Outliers = uint64(seed), o.workers, topic.OutlierPolicy(o.outliers)
	return cfg
}

// measure fits every preset with every seed.
func (o evaluateOptions) measure(ctx context.Context, in *input, x blas32.General) (eval.Table, error) {
	table := eval.Table{Columns: []eval.Column{
		{Key: "preset"},
		{Key: "seed"},
		{Key: "topics", Digits: 1},
		{Key: "outliers", Digits: 1, Percent: true},
		{Key: "ari", Name: "ARI", Digits: 3},
		{Key: "nmi", Name: "NMI", Digits: 3},
		{Key: "ami", Name: "AMI", Digits: 3},
		{Key: "v", Name: "V", Digits: 3},
		{Key: "purity", Digits: 3},
		{Key: "c_npmi", Digits: 3},
		{Key: "diversity", Digits: 3},
		{Key: "seconds", Digits: 2},
	}}
	texts, err := eval.NewTextsOf(ctx, in.texts, nil)
	if err != nil {
		return table, err
	}
	truth := numbered(in.labels)
	between := make([]float64, len(o.presets)) // seeds
	for p, name := range o.presets {
		var found []eval.Solution
		for seed := 1; seed <= o.seeds; seed++ {
			began := time.Now()
			m, err := topic.FitEmbedded(ctx, in.texts, x, o.preset(name, seed))
			if err != nil {
				return table, fmt.Errorf("preset %s: %w", name, err)
			}
			seconds := time.Since(began).Seconds()
			labels, row, err := o.score(ctx, m, truth, texts)
			if err != nil {
				return table, fmt.Errorf("preset %s: %w", name, err)
			}
			table.Rows = append(table.Rows, slices.Concat([]any{name, seed}, row, []any{seconds}))
			found = append(found, eval.Solution{Labels: labels})
		}
		if o.seeds > 1 {
			cfg := eval.DefaultStabilityConfig()
			cfg.Workers = o.workers
			r, err := eval.Stability(ctx, found, cfg)
			if err != nil {
				return table, err
			}
			between[p] = r.ARI
		}
	}
	if o.seeds == 1 {
		return table, nil
	}
	if table, err = table.Means("seed"); err != nil {
		return table, err
	}
	table.Columns = append(table.Columns, eval.Column{Key: "between_seeds", Name: "ARI between seeds", Digits: 3})
	for p := range table.Rows {
		table.Rows[p] = append(table.Rows[p], between[p])
	}
	return table, nil
}

// score is the labels of a model and what they and its words are worth: the cells from topics to diversity.
func (o evaluateOptions) score(ctx context.Context, m *topic.Model, truth []int, texts *eval.Texts) (labels []int, row []any, err error) {
	for _, a := range m.Assignments() {
		labels = append(labels, a.Topic)
	}
	var words [][]string
	for _, t := range m.Topics() {
		if t.ID == topic.Outlier {
			continue
		}
		var of []string
		for _, term := range t.Terms {
			of = append(of, term.Term)
		}
		words = append(words, of)
	}
	a, err := eval.Compare(ctx, truth, labels, eval.OutliersGroup)
	if err != nil {
		return nil, nil, err
	}
	coherence, diversity := math.NaN(), math.NaN()
	if slices.ContainsFunc(words, func(of []string) bool { return len(of) > 0 }) {
		cfg := eval.DefaultCoherenceConfig()
		cfg.Workers = o.workers
		c, err := eval.Coherence(ctx, words, texts, cfg)
		if err != nil && !errors.Is(err, eval.ErrNoCoherence) {
			return nil, nil, err
		}
		if err == nil {
			coherence = c.Mean
		}
		d, err := eval.Diversity(ctx, words, eval.DefaultDiversityConfig())
		if err != nil {
			return nil, nil, err
		}
		diversity = d.Unique
	}
	return labels, []any{
		len(words), 1 - eval.Coverage(labels), a.ARI, a.NMI, a.AMI, a.VMeasure, a.Purity, coherence, diversity,
	}, nil
}

// numbered gives every different label a number.
func numbered(labels []string) []int {
	number := map[string]int{}
	out := make([]int, len(labels))
	for i, l := range labels {
		if _, ok := number[l]; !ok {
			number[l] = len(number)
		}
		out[i] = number[l]
	}
	return out
}
