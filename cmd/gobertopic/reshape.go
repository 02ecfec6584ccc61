package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// reshapeOptions are the flags of the commands that make a model of a saved one.
type reshapeOptions struct {
	queryOptions
	out string
}

func (o *reshapeOptions) flags(cmd *cobra.Command) {
	o.queryOptions.flags(cmd)
	cmd.Flags().Lookup("json").Usage = "print the new topics as JSON, as fit --topics writes it, instead of a table"
	cmd.Flags().StringVar(&o.out, "out", "", "write the new model to `DIR` (required); it may be that of --model")
}

// run loads the model, saves what change makes of it and prints the topics.
func (o reshapeOptions) run(ctx context.Context, s streams, change func(*topic.Model) (*topic.Model, error)) error {
	if o.out == "" {
		return usage{errors.New("--out is missing, want the directory that the new model is written to")}
	}
	if err := (topic.Config{}).CanSave(o.out); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	before, err := o.load(ctx, s.err)
	if err != nil {
		return err
	}
	m, err := change(before)
	if err != nil {
		return err
	}
	if err := m.Save(ctx, o.out, topic.SaveOptions{}); err != nil {
		return err
	}
	for _, w := range m.Warnings() {
		fmt.Fprintf(s.err, "warning: %v\n", w)
	}
	if o.json {
		return writeTopics(s.out, m.Topics())
	}
	return writeTable(s.out, m.Topics())
}

func reduceCommand(s streams) *cobra.Command {
	var o reshapeOptions
	var to string
	var opt topic.ReduceOptions
	cmd := &cobra.Command{
		Use:   "reduce --model DIR --to N|auto --out DIR2",
		Short: "Merge the topics of a fitted model that are most alike",
		Long: "reduce merges topics until N are left, the outliers not counted, or with auto those that lie close together,\n" +
			"writes the new model to DIR2 and prints its topics.",
		Args: cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			n, err := strconv.Atoi(to)
			if to != "auto" && (err != nil || n < 1) {
				return usage{fmt.Errorf("--to is %q, want a number of topics, 1 or more, or auto", to)}
			}
			return o.run(ctx, s, func(m *topic.Model) (*topic.Model, error) {
				if to == "auto" {
					return m.ReduceTopics(ctx, topic.Merged(), opt)
				}
				return m.ReduceTopics(ctx, topic.NumTopics(n), opt)
			})
		}),
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&to, "to", "", "number of topics, or auto (required)")
	cmd.Flags().BoolVar(&opt.UseWords, "words", false, "compare the words of topics instead of their embeddings")
	return cmd
}

func mergeCommand(s streams) *cobra.Command {
	var o reshapeOptions
	var lists, with []string
	var least float64
	var set *pflag.FlagSet
	cmd := &cobra.Command{
		Use:   "merge --model DIR (--topics ID,ID... | --with DIR...) --out DIR2",
		Short: "Merge topics of a fitted model, or fitted models",
		Long: "merge makes one topic of those of each --topics, or one model of --model and those of each --with: their topics\n" +
			"join those of --model that they are similar to, or are added to them. It writes the new model to DIR2 and prints\n" +
			"its topics.",
		Example: "  gobertopic merge --model model --topics 3,5 --topics 7,9 --out merged\n" +
			"  gobertopic merge --model january --with february --with march --out quarter",
		Args: cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			switch {
			case len(with) == 0 && set.Changed("min-similarity"):
				return usage{errors.New("--min-similarity goes with --with")}
			case len(with) > 0 && len(lists) > 0:
				return usage{errors.New("--topics and --with are both set, want one of them")}
			case len(with) > 0:
				return o.mergeModels(ctx, s, with, least)
			}
			groups, err := topicGroups(lists)
			if err != nil {
				return usage{err}
			}
			return o.run(ctx, s, func(m *topic.Model) (*topic.Model, error) { return m.MergeTopics(ctx, groups...) })
		}),
	}
	o.flags(cmd)
	set = cmd.Flags()
	set.StringArrayVar(&lists, "topics", nil, "`IDS` of topics, two or more with commas between them, that become one; may be given several times")
	set.StringArrayVar(&with, "with", nil, "`DIR` of a model whose documents and topics are added; may be given several times")
	set.Float64Var(&least, "min-similarity", 0.7, "with --with, least cosine of topics that become one, in [−1, 1]")
	return cmd
}

// mergeModels adds the models in the directories with to that of --model.
func (o reshapeOptions) mergeModels(ctx context.Context, s streams, with []string, least float64) error {
	switch {
	case slices.Contains(with, ""):
		return usage{errors.New("--with is empty, want the directory that fit --model wrote")}
	case !(least >= -1 && least <= 1):
		return usage{fmt.Errorf("--min-similarity is %v, want a number in [−1, 1]", least)}
	}
	return o.run(ctx, s, func(m *topic.Model) (*topic.Model, error) {
		models := []*topic.Model{m}
		for _, dir := range with {
			more := o.queryOptions
			more.model = dir
			next, err := more.load(ctx, s.err)
			if err != nil {
				return nil, err
			}
			models = append(models, next)
		}
		return topic.MergeModels(ctx, models, least)
	})
}

// topicGroups reads lists of topics such as "3,5".
func topicGroups(lists []string) ([][]int, error) {
	if len(lists) == 0 {
		return nil, errors.New("--topics is missing, want the topics that become one, such as 3,5, or models to merge --with")
	}
	groups := make([][]int, len(lists))
	for i, list := range lists {
		for id := range strings.SplitSeq(list, ",") {
			t, err := strconv.Atoi(strings.TrimSpace(id))
			if err != nil || t < 0 {
				return nil, fmt.Errorf("--topics is %q, want numbers of topics such as 3,5", list)
			}
			groups[i] = append(groups[i], t)
		}
		if len(groups[i]) < 2 {
			return nil, fmt.Errorf("--topics is %q, want two topics or more", list)
		}
	}
	return groups, nil
}

// mergeJSON is a row of the output of hierarchy --json.
type mergeJSON struct {
	Parent     int     `json:"parent"`
	ParentName string  `json:"parentName"`
	Topics     []int   `json:"topics"`
	Left       int     `json:"left"`
	LeftName   string  `json:"leftName"`
	Right      int     `json:"right"`
	RightName  string  `json:"rightName"`
	Distance   float64 `json:"distance"`
}

func hierarchyCommand(s streams) *cobra.Command {
	var o queryOptions
	var opt analysis.HierarchyOptions
	var method string
	cmd := &cobra.Command{
		Use:   "hierarchy --model DIR",
		Short: "Draw how the topics of a fitted model merge, the closest first",
		Args:  cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			opt.Method = analysis.Linkage(method)
			if err := opt.Validate(); err != nil {
				return usage{err}
			}
			m, err := o.load(ctx, s.err)
			if err != nil {
				return err
			}
			h, err := analysis.HierarchicalTopics(ctx, m, opt)
			if err != nil {
				return err
			}
			if !o.json {
				_, err := io.WriteString(s.out, h.Text(analysis.TreeOptions{}))
				return err
			}
			rows := []mergeJSON{}
			for _, r := range h.Merges() {
				rows = append(rows, mergeJSON(r))
			}
			return writeJSON(s.out, rows)
		}),
	}
	o.flags(cmd)
	f := cmd.Flags()
	f.Lookup("json").Usage = "print the merges as JSON, the last one first, instead of a tree"
	f.StringVar(&method, "method", string(analysis.LinkWard), "linkage: ward, average, complete, single, weighted, centroid or median")
	f.BoolVar(&opt.UseEmbeddings, "embeddings", false, "compare the embeddings of topics instead of their words")
	return cmd
}
