package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gobertopic/gobertopic/topic"
)

// transformOptions are the flags of transform.
type transformOptions struct {
	input    inputOptions
	progress progressOptions
	workers  int
	model    string
	docs     string
}

func transformCommand(s streams) *cobra.Command {
	var o transformOptions
	cmd := &cobra.Command{
		Use:   "transform --model DIR [flags] INPUT",
		Short: "Find the topics of new documents in a fitted model",
		Long: "transform gives each document of INPUT a topic of the model in DIR, or −1, and how strongly it belongs there. A\n" +
			"document that the model was fitted on gets its fitted topic. The result is CSV: id, topic, probability.",
		Args: cobra.ExactArgs(1),
		RunE: work(func(ctx context.Context, args []string) error { return o.run(ctx, args[0], s) }),
	}
	f := cmd.Flags()
	o.input.flags(f)
	o.progress.flags(f)
	f.IntVar(&o.workers, "workers", 0, "goroutines to keep busy; 0 means one per processor; never changes a result")
	f.StringVar(&o.model, "model", "", "read the model from `DIR` (required)")
	f.StringVar(&o.docs, "docs", "", "write the result to `FILE.csv`, or to FILE.parquet, instead of standard output")
	return cmd
}

func (o transformOptions) run(ctx context.Context, path string, s streams) error {
	if o.workers < 0 {
		return usage{fmt.Errorf("--workers is %d, want 0 or more", o.workers)}
	}
	if err := notInput(path, o.docs); err != nil {
		return err
	}
	bars := o.progress.start(s.err)
	defer bars.stop()
	var files outputs
	defer files.discard()
	docsFile, err := files.create(o.docs)
	if err != nil {
		return err
	}
	model, err := loadModel(ctx, o.model, topic.LoadOptions{Workers: o.workers, Progress: bars.report}, s.err)
	if err != nil {
		return err
	}
	in, err := o.input.read(ctx, path, s.in, o.workers, bars)
	if err != nil {
		return err
	}
	assignments, err := model.Transform(ctx, in.texts)
	if err != nil {
		return err
	}
	bars.stop()
	in.printCleaning(s.err, o.progress)
	o.progress.warn(s.err, in.warnings)
	if docsFile == nil {
		out := bufio.NewWriter(s.out)
		return errors.Join(writeAssignments(out, "", in.ids, assignments), out.Flush())
	}
	if err := writeAssignments(docsFile, o.docs, in.ids, assignments); err != nil {
		return fmt.Errorf("%s: %w", o.docs, err)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return files.commit()
}
