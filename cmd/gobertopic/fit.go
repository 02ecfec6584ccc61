package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/topic"
)

// fitOptions are the flags of fit.
type fitOptions struct {
	input          inputOptions
	representation representationOptions
	progress       progressOptions
	words          wordOptions
	seed           uint64
	workers        int
	minTopicSize   int
	outliers       string
	granularity    string
	layers         bool
	embeddings     string
	saveEmbeddings string
	model          string
	docs           string
	topics         topicsValue
	json           bool
	report         reportOptions
	set            *pflag.FlagSet
}

func fitCommand(s streams) *cobra.Command {
	var o fitOptions
	cmd := &cobra.Command{
		Use:   "fit [flags] INPUT",
		Short: "Find the topics of the documents in INPUT",
		Long: "fit finds the topics of the documents in INPUT, a file, a directory of Go packages (--format godoc), or - for\n" +
			"standard input, and prints a table of the topics. Files appear whole or not at all.",
		Example: `  gobertopic fit --format godoc "$(go env GOROOT)/src"
  gobertopic fit --text title --docs docs.csv --topics topics.json --model model/ questions.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: work(func(ctx context.Context, args []string) error {
			return o.run(ctx, args[0], s)
		}),
	}
	f := cmd.Flags()
	o.set = f
	o.input.flags(f)
	o.input.clean.dropFlags(f)
	o.representation.flags(f)
	o.progress.flags(f)
	o.words.flags(f)
	f.Uint64Var(&o.seed, "seed", 42, "seed of every random choice; one seed gives the same files, byte for byte; 0 means 42")
	f.IntVar(&o.workers, "workers", 0, "goroutines to keep busy; 0 means one per processor; never changes a result")
	f.StringVar(&o.granularity, "granularity", "auto", "how many topics: auto, a number, layer:`K` of those that --layers shows,\nor bertopic for UMAP and HDBSCAN with BERTopic's settings")
	f.BoolVar(&o.layers, "layers", false, "print below the table the granularities that were found")
	f.IntVar(&o.minTopicSize, "min-topic-size", 10, "fewest documents that make a topic, at least 2")
	f.StringVar(&o.outliers, "outliers", string(topic.KeepOutliers), "`HOW` documents in no topic, new ones too, are treated: keep leaves them outside, soft gives\nthose that are alike enough the topic they are most alike, all gives all one")
	f.StringVar(&o.embeddings, "embeddings", "", "`FILE.npy` with one row per document, those that cleaning leaves out counted or not, instead of embedding the texts")
	f.StringVar(&o.saveEmbeddings, "save-embeddings", "", "write the embeddings to `FILE.npy`, one float32 row per document")
	f.StringVar(&o.model, "model", "", "write the model to `DIR`, for transform and topics")
	f.StringVar(&o.docs, "docs", "", "write the documents' topics to `FILE.csv`, or to FILE.parquet: id, topic, probability")
	f.Var(&o.topics, "topics", "write the topics to `FILE.json`; auto, a number, layer:K and bertopic mean what they mean\nto --granularity (./20 is a file)")
	o.report.fitFlags(f, &o.input)
	f.BoolVar(&o.json, "json", false, "print a summary as one JSON object instead of the table")
	return cmd
}

var outlierPolicies = []topic.OutlierPolicy{topic.KeepOutliers, topic.SoftOutliers, topic.AllOutliers}

// config is the configuration that the flags ask for.
func (o fitOptions) config(progress func(topic.Progress)) (topic.Config, error) {
	cfg := topic.DefaultConfig()
	cfg.Seed, cfg.Workers, cfg.Progress = o.seed, o.workers, progress
	if o.minTopicSize < 2 {
		return cfg, usage{fmt.Errorf("--min-topic-size is %d, want 2 or more", o.minTopicSize)}
	}
	flag, granularity, err := granularityOf(o.granularity, o.set.Changed("granularity"), o.topics)
	if err != nil {
		return cfg, err
	}
	if err := applyGranularity(&cfg, flag, granularity, o.minTopicSize); err != nil {
		return cfg, err
	}
	if o.layers && granularity == "bertopic" {
		return cfg, usage{errors.New("--layers has nothing to show where the granularity is bertopic, which is a single one")}
	}
	cfg.Outliers = topic.OutlierPolicy(o.outliers)
	if !slices.Contains(outlierPolicies, cfg.Outliers) {
		return cfg, usage{fmt.Errorf("--outliers is %q, want keep, soft or all", o.outliers)}
	}
	if o.workers < 0 {
		return cfg, usage{fmt.Errorf("--workers is %d, want 0 or more", o.workers)}
	}
	if err := o.words.apply(&cfg); err != nil {
		return cfg, err
	}
	return cfg, cfg.Validate()
}

func (o fitOptions) run(ctx context.Context, path string, s streams) error {
	began := time.Now()
	bars := o.progress.start(s.err)
	defer bars.stop()
	cfg, err := o.config(bars.report)
	if err != nil {
		return err
	}

	dry, err := o.representation.apply(&cfg, o.embeddings != "")
	if err != nil {
		return err
	}

	if err := o.remember(&cfg, o.set); err != nil {
		return err
	}

	if err := notInput(path, o.docs, o.topics.file, o.saveEmbeddings, o.report.out); err != nil {
		return err
	}
	// The files are begun before the work is, so that a directory that cannot be written is found at once.
	var files outputs
	defer files.discard()
	docsFile, err := files.create(o.docs)
	if err != nil {
		return err
	}
	topicsFile, err := files.create(o.topics.file)
	if err != nil {
		return err
	}
	embeddingsFile, err := files.create(o.saveEmbeddings)
	if err != nil {
		return err
	}
	reportFile, err := files.create(o.report.out)
	if err != nil {
		return err
	}
	o.input.keepFields = reportFile != nil
	if o.model != "" {
		if err := cfg.CanSave(o.model); err != nil {
			return fmt.Errorf("--model: %w", err)
		}
	}

	in, err := o.input.read(ctx, path, s.in, o.workers, bars)
	if err != nil {
		return err
	}
	readTime := time.Since(began)
	if err := o.words.detect(in, &cfg); err != nil {
		return err
	}

	model, err := o.fit(ctx, in, cfg)
	if errors.Is(err, topic.ErrNoDocuments) {
		return fmt.Errorf("%s: %w", sourceName(path), err)
	}
	if err != nil {
		flag, granularity, _ := granularityOf(o.granularity, o.set.Changed("granularity"), o.topics) // config checked it
		return layerError(err, flag, granularity)
	}
	bars.stop()
	dry.print(s.err)
	in.printCleaning(s.err, o.progress)

	if docsFile != nil {
		if err := writeAssignments(docsFile, o.docs, in.ids, model.Assignments()); err != nil {
			return fmt.Errorf("%s: %w", o.docs, err)
		}
	}
	if topicsFile != nil {
		if err := writeTopics(topicsFile, model.Topics()); err != nil {
			return fmt.Errorf("%s: %w", o.topics.file, err)
		}
	}
	if embeddingsFile != nil {
		x, err := model.Embeddings()
		if err == nil {
			err = embed.WriteNPY(embeddingsFile, x)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", o.saveEmbeddings, err)
		}
	}
	if reportFile != nil {
		if err := o.report.write(ctx, reportFile, model, in, o.input); err != nil {
			return fmt.Errorf("%s: %w", o.report.out, err)
		}
	}
	if err := context.Cause(ctx); err != nil { // the last moment to leave nothing behind
		return err
	}
	if o.model != "" {
		if err := model.Save(ctx, o.model, topic.SaveOptions{}); err != nil {
			return err
		}
	}
	if err := files.commit(); err != nil {
		return err
	}

	warnings := append(in.warnings, model.Warnings()...)
	if o.json {
		return writeSummary(s.out, model, in.cleaning, warnings, readTime, time.Since(began))
	}
	o.progress.warn(s.err, warnings)
	if err := writeTable(s.out, model.Topics()); err != nil || !o.layers {
		return err
	}
	return writeLayers(s.out, model)
}

// fit embeds and fits, or fits with the embeddings of a file.
func (o fitOptions) fit(ctx context.Context, in *input, cfg topic.Config) (*topic.Model, error) {
	if o.embeddings == "" {
		return topic.Fit(ctx, in.texts, cfg)
	}
	x, err := o.readEmbeddings(in)
	if err != nil {
		return nil, err
	}
	return topic.FitEmbedded(ctx, in.texts, x, cfg)
}

func (o fitOptions) readEmbeddings(in *input) (x blas32.General, err error) {
	x, err = embed.ReadNPYFile(o.embeddings)
	if err != nil {
		return x, err
	}
	if x.Cols == 0 {
		return x, errors.New(o.embeddings + ": no columns, want at least one dimension")
	}
	switch x.Rows {
	case len(in.texts):
		return x, nil
	case in.total: // of which cleaning left some out
		for i, k := range in.index {
			copy(x.Data[i*x.Stride:i*x.Stride+x.Cols], x.Data[k*x.Stride:k*x.Stride+x.Cols])
		}
		x.Rows = len(in.index)
		return x, nil
	}
	want := fmt.Sprintf("one for each of the %d documents", in.total)
	if len(in.texts) != in.total {
		want += fmt.Sprintf(", or of the %d that cleaning keeps", len(in.texts))
	}
	return x, fmt.Errorf("%s: %d rows, want %s", o.embeddings, x.Rows, want)
}
