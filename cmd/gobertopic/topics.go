package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gobertopic/gobertopic/topic"
)

func topicsCommand(s streams) *cobra.Command {
	var model string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "topics --model DIR",
		Short: "Print the topics of a fitted model",
		Args:  cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			m, err := loadModel(ctx, model, topic.LoadOptions{}, s.err)
			if err != nil {
				return err
			}
			if asJSON {
				return writeTopics(s.out, m.Topics())
			}
			return writeTable(s.out, m.Topics())
		}),
	}
	cmd.Flags().StringVar(&model, "model", "", "read the model from `DIR` (required)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as fit --topics writes it, instead of a table")
	return cmd
}

func versionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: work(func(context.Context, []string) error {
			version := "(devel)"
			if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
				version = info.Main.Version
			}
			_, err := fmt.Fprintf(s.out, "gobertopic %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}),
	}
}
