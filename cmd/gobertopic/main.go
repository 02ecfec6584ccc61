// Command gobertopic finds the topics of a corpus of texts.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// failure is an error of the work itself; every other error that cobra returns is a mistake in the command line.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// usage marks an error that a command finds in its own flags.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// keeps is an error after which what was written stays, and says so.
type keeps struct{ error }

func (k keeps) Unwrap() error { return k.error }

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	root := &cobra.Command{
		Use:   "gobertopic",
		Short: "Find the topics of a corpus of texts",
		Long: "gobertopic embeds texts with all-MiniLM-L6-v2, groups them at a granularity that the data chooses, or with UMAP and\n" +
			"HDBSCAN as BERTopic does, and names the groups by class-based TF-IDF. It needs no download and no service.",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              cobra.NoArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(fitCommand(s), transformCommand(s), topicsCommand(s), fetchCommand(s), versionCommand(s))
	root.AddCommand(findCommand(s), infoCommand(s), distributionCommand(s), overTimeCommand(s))
	root.AddCommand(reduceCommand(s), mergeCommand(s), hierarchyCommand(s), evaluateCommand(s))

	cmd, err := root.ExecuteContextC(ctx)
	var failed failure
	var misuse usage
	var kept keeps
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil && errors.As(err, &kept):
		fmt.Fprintf(s.err, "gobertopic: interrupted; %v\n", kept)
		return exitInterrupted
	case ctx.Err() != nil:
		fmt.Fprintln(s.err, "gobertopic: interrupted; nothing was written")
		return exitInterrupted
	case errors.As(err, &failed) && !errors.As(err, &misuse):
		fmt.Fprintf(s.err, "gobertopic: %v\n", err)
		return exitFailed
	default:
		fmt.Fprintf(s.err, "gobertopic: %v\nSee '%s --help'.\n", err, cmd.CommandPath())
		return exitUsage
	}
}

// work makes a cobra function of f, whose errors are failures unless they are marked as usage.
func work(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, left := withUnsaid(cmd.Context())
		if err := f(ctx, args); err != nil {
			left.print(cmd.ErrOrStderr())
			return failure{err}
		}
		return nil
	}
}
