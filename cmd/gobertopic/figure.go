package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobertopic/gobertopic/report"
	"github.com/gobertopic/gobertopic/report/figure"
)

func figureCommand(s streams) *cobra.Command {
	var o reportOptions
	var in inputOptions
	var opt figure.Options
	var model string
	var workers int
	names, what := figure.Names()
	long := "figure draws a view of a fitted model as SVG, PDF or PNG, or writes its data as CSV, as the name of the file says.\n" +
		"Times and fields come from INPUT, which must have the documents that the model was fitted on. The names:\n"
	for i, name := range names {
		long += fmt.Sprintf("\n  %-11s %s", name, what[i])
	}
	cmd := &cobra.Command{
		Use:   "figure NAME --model DIR -o FILE.svg [flags] [INPUT]",
		Short: "Draw a figure of a fitted model",
		Long:  long,
		Example: `  gobertopic figure map --model model/ -o map.pdf
  gobertopic figure time --model model/ --time created -o time.svg questions.jsonl`,
		Args: cobra.RangeArgs(1, 2),
		RunE: work(func(ctx context.Context, args []string) error {
			format := strings.ToLower(strings.TrimPrefix(filepath.Ext(o.out), "."))
			switch {
			case !slices.Contains(names, args[0]):
				return usage{fmt.Errorf("no figure %q, want one of %s", args[0], strings.Join(names, ", "))}
			case o.out == "":
				return usage{errors.New("--out is missing, want FILE.svg, FILE.pdf, FILE.png or FILE.csv")}
			case !slices.Contains([]string{"svg", "pdf", "png", "csv"}, format):
				return usage{fmt.Errorf("--out is %q, want a name that ends in .svg, .pdf, .png or .csv", o.out)}
			case workers < 0:
				return usage{fmt.Errorf("--workers is %d, want 0 or more", workers)}
			case opt.Validate() != nil:
				return usage{opt.Validate()}
			}
			if opt.Field != "" {
				o.fields = []string{opt.Field}
			}
			m, docs, err := modelWith(ctx, s, model, workers, in, args[1:])
			if err != nil {
				return err
			}
			if err := notInput(strings.Join(args[1:], ""), o.out); err != nil {
				return err
			}
			var files outputs
			defer files.discard()
			file, err := files.create(o.out)
			if err != nil {
				return err
			}
			shown, err := o.options(docs, in)
			if err != nil {
				return err
			}
			data, err := report.Collect(ctx, m, shown)
			if err != nil {
				return err
			}
			f, err := figure.Draw(data, args[0], opt)
			if err != nil {
				return err
			}
			if err := f.Write(file, format); err != nil {
				return fmt.Errorf("%s: %w", o.out, err)
			}
			return files.commit()
		}),
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "read the model from `DIR` (required)")
	f.IntVar(&workers, "workers", 0, "goroutines to keep busy; 0 means one per processor; never changes a result")
	f.StringVarP(&o.out, "out", "o", "", "write the figure to `FILE`.svg, .pdf, .png or .csv (required)")
	f.StringVar(&in.time, "time", "", "`FIELD` with the time of a document (threads have times of their own)")
	f.Float64Var(&opt.Width, "width", 0, "width in `MM`; 0 means one that suits the figure")
	f.Float64Var(&opt.Height, "height", 0, "height in `MM`; 0 means one that suits the figure")
	f.IntVar(&opt.Topics, "topics", 0, "largest number of topics; 0 means one that suits the figure")
	f.IntVar(&opt.DPI, "dpi", 0, "pixels in an inch; 0 means 200")
	f.StringVar(&opt.Field, "field", "", "`FIELD` that the figure classes divides the documents by")
	f.IntVar(&opt.Document, "document", 0, "document of the figure shares, by its position from 0")
	in.flags(f)
	return cmd
}
