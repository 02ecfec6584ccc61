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
	exitInterrupted = 130 // 128 + SIGINT
	exitTerminated  = 143 // 128 + SIGTERM
)

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		got := <-signals
		signal.Stop(signals) // so that a second signal ends the process at once
		cancel(signaled{got})
	}()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// signaled is the cause of a context that a signal canceled.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return "stopped by signal: " + s.String() }

// Unwrap returns context.Canceled, for callers that tell a cancellation from a failure.
func (s signaled) Unwrap() error { return context.Canceled }

// interruptCode returns the exit code of a command whose context is done.
func interruptCode(ctx context.Context) int {
	var s signaled
	if errors.As(context.Cause(ctx), &s) && s.Signal == syscall.SIGTERM {
		return exitTerminated
	}
	return exitInterrupted
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
	root.AddCommand(reportCommand(s), figureCommand(s))

	cmd, err := root.ExecuteContextC(ctx)
	var failed failure
	var misuse usage
	var kept keeps
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil && errors.As(err, &kept):
		fmt.Fprintf(s.err, "gobertopic: interrupted; %v\n", kept)
		return interruptCode(ctx)
	case ctx.Err() != nil:
		fmt.Fprintln(s.err, "gobertopic: interrupted; nothing was written")
		return interruptCode(ctx)
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
