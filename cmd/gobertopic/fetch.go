package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/fetch"
	"github.com/gobertopic/gobertopic/stage"
)

func fetchCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Download questions or forum topics, page by page",
		Long: "fetch downloads a corpus by the public interface of its site, one request a second. The file holds the pages as the\n" +
			"site gave them, one line of JSON each. A fetch that was interrupted is gone on with by the same command line.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(fetchStackExchangeCommand(s), fetchDiscourseCommand(s))
	return cmd
}

// fetchOptions are the flags that both fetchers have.
type fetchOptions struct {
	common   fetch.Common
	progress progressOptions
	from, to string
	keyFile  string
	tags     []string
	resume   bool
}

func (o *fetchOptions) flags(f *pflag.FlagSet, keyVariable string) {
	o.common = fetch.DefaultCommon()
	f.StringVar(&o.common.Out, "out", "", "append the pages to `FILE.jsonl`, with FILE.jsonl.state.json beside it (required)")
	f.BoolVar(&o.resume, "resume", true, "go on where an earlier fetch to the same file ended; --resume=false begins the file again")
	f.StringSliceVar(&o.tags, "tag", nil, "`TAGS` of which one is enough, such as langchain,openai-api")
	f.StringVar(&o.from, "from", "", "nothing older than this `TIME`, such as 2023-01-01, in UTC")
	f.StringVar(&o.to, "to", "", "nothing from this `TIME` on, such as 2025-01-01, in UTC")
	f.StringVar(&o.keyFile, "key", "", "read the key from `FILE`; by default it is in $"+keyVariable+", if anywhere")
	f.Float64Var(&o.common.Rate, "rate", o.common.Rate, "most `REQUESTS` in a second")
	f.IntVar(&o.common.MaxRetries, "retries", o.common.MaxRetries, "`TIMES` that a request is sent again when there is no answer, or 429 or 5xx")
	f.DurationVar(&o.common.MaxWait, "max-wait", o.common.MaxWait, "longest `PAUSE` that is waited for when the site asks for one")
	f.StringVar(&o.common.UserAgent, "user-agent", o.common.UserAgent, "`NAME` that the site is told; an address to reach you at is polite")
	o.progress.flags(f)
}

// asked is what the flags that both fetchers have ask for.
type asked struct {
	fetch.Common
	from, to time.Time
	key      fetch.Secret
	tags     []string
}

// read checks the flags and reads what they name.
func (o *fetchOptions) read(keyVariable string) (a asked, err error) {
	a.Common, a.tags = o.common, o.tags
	if a.Out == "" {
		return a, usage{errors.New("--out is missing, want the file to write")}
	}
	a.Restart = !o.resume
	for _, f := range []struct {
		flag, value string
		time        *time.Time
	}{{"--from", o.from, &a.from}, {"--to", o.to, &a.to}} {
		if f.value == "" {
			continue
		}
		if *f.time, err = corpus.ParseTime(f.value); err != nil {
			return a, usage{fmt.Errorf("%s %w", f.flag, err)}
		}
	}
	a.key = fetch.Key(os.Getenv(keyVariable))
	if o.keyFile != "" {
		text, err := os.ReadFile(o.keyFile)
		if err != nil {
			return a, fmt.Errorf("--key: %w", err)
		}
		a.key = fetch.Key(string(text))
	}
	return a, nil
}

// run fetches, shows how far it is, and prints what there is in the end.
func (o *fetchOptions) run(ctx context.Context, s streams, keyVariable string, names [2]string, do func(asked) (fetch.Summary, error)) error {
	a, err := o.read(keyVariable)
	if err != nil {
		return err
	}
	show := &fetchProgress{w: s.err, names: names}
	if !o.progress.quiet {
		if f, ok := s.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			show.live = true
		}
		a.Progress = show.report
	}
	got, err := do(a)
	show.end()
	var bad *stage.ConfigError
	switch {
	case errors.As(err, &bad):
		return usage{err}
	case err != nil && ctx.Err() != nil:
		return keeps{fmt.Errorf("%d pages are in %s, and the same command goes on from there", got.Pages, a.Out)}
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %s, %d pages, %d of them new\n", a.Out, found(got, names), got.Pages, got.Fetched)
	return err
}

// found is what there is, in words.
func found(n fetch.Summary, names [2]string) string {
	out := fmt.Sprintf("%d %s, %d %s", n.Threads, names[0], n.Posts, names[1])
	if n.Skipped > 0 {
		out += fmt.Sprintf(" (%d could not be read)", n.Skipped)
	}
	return out
}

// fetchProgress shows how far a fetch is: one line that is overwritten on a terminal; elsewhere a line for every hundred
// pages and every pause.
type fetchProgress struct {
	w     io.Writer
	live  bool
	names [2]string
	last  fetch.Progress
	shown int
}

func (p *fetchProgress) report(now fetch.Progress) {
	p.last = now
	line := fmt.Sprintf("fetch: %d pages, %s", now.Pages, found(now.Summary, p.names))
	if now.Quota >= 0 {
		line += fmt.Sprintf(", %d requests left today", now.Quota)
	}
	if now.Wait > 0 {
		line += fmt.Sprintf("; waiting %v: %s", now.Wait.Round(time.Second), now.Why)
	}
	switch {
	case p.live:
		fmt.Fprintf(p.w, "\r%s\x1b[K", line) // over the line before, and what is left of it away
	case now.Wait > 0 || now.Pages%100 == 0:
		fmt.Fprintln(p.w, line)
		p.shown = now.Pages
	}
}

func (p *fetchProgress) end() {
	switch {
	case p.live && p.last.Pages > 0:
		fmt.Fprintln(p.w)
	case !p.live && p.last.Pages > p.shown:
		fmt.Fprintf(p.w, "fetch: %d pages, %s\n", p.last.Pages, found(p.last.Summary, p.names))
	}
}

const (
	stackExchangeKey = "STACKEXCHANGE_KEY"
	discourseKey     = "DISCOURSE_USER_API_KEY"
)

func fetchStackExchangeCommand(s streams) *cobra.Command {
	var o fetchOptions
	cfg := fetch.DefaultStackExchange()
	cmd := &cobra.Command{
		Use:   "stackexchange --out FILE.jsonl [flags]",
		Short: "Download questions and answers of a Stack Exchange site",
		Long: "stackexchange downloads the questions of a Stack Exchange site with their answers, by version 2.3 of its interface.\n" +
			"Without a key the site gives 300 pages a day and 25 of a tag; a key for 10,000 is to be had from stackapps.com.\n" +
			"When the quota of the day is used up, the same command line goes on the next day.",
		Example: `  gobertopic fetch stackexchange --tag langchain,openai-api --from 2023-01-01 --out llm.jsonl
  gobertopic fetch stackexchange --site ai.stackexchange --key se.key --out ai.jsonl`,
		Args: cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			return o.run(ctx, s, stackExchangeKey, [2]string{"questions", "answers"}, func(a asked) (fetch.Summary, error) {
				cfg.Common, cfg.From, cfg.To, cfg.Key, cfg.Tags = a.Common, a.from, a.to, a.key, a.tags
				return fetch.StackExchange(ctx, cfg)
			})
		}),
	}
	f := cmd.Flags()
	o.flags(f, stackExchangeKey)
	f.StringVar(&cfg.Site, "site", cfg.Site, "`NAME` of the site in the interface")
	f.StringVar(&cfg.Filter, "filter", cfg.Filter, "`NAME` of a filter that says which fields come")
	f.BoolVar(&cfg.Answers, "answers", cfg.Answers, "download the answers too")
	f.StringVar(&cfg.API, "api", cfg.API, "`ADDRESS` of the interface")
	return cmd
}

func fetchDiscourseCommand(s streams) *cobra.Command {
	var o fetchOptions
	cfg := fetch.DefaultDiscourse()
	cmd := &cobra.Command{
		Use:   "discourse --site ADDRESS --out FILE.jsonl [flags]",
		Short: "Download topics and posts of a Discourse forum",
		Long: "discourse downloads the topics of a Discourse forum with all their posts: all that a visitor sees, or those of some\n" +
			"categories and tags. A topic takes a request, and one more for every 20 posts after the first 20.",
		Example: `  gobertopic fetch discourse --site https://community.example.com --from 2024-01-01 --out forum.jsonl
  gobertopic fetch discourse --site https://community.example.com --category api/7 --posts=false --out api.jsonl`,
		Args: cobra.NoArgs,
		RunE: work(func(ctx context.Context, _ []string) error {
			if cfg.Forum == "" {
				return usage{errors.New("--site is missing, want the address of the forum")}
			}
			return o.run(ctx, s, discourseKey, [2]string{"topics", "posts"}, func(a asked) (fetch.Summary, error) {
				cfg.Common, cfg.From, cfg.To, cfg.Key, cfg.Tags = a.Common, a.from, a.to, a.key, a.tags
				return fetch.Discourse(ctx, cfg)
			})
		}),
	}
	f := cmd.Flags()
	o.flags(f, discourseKey)
	f.StringVar(&cfg.Forum, "site", "", "`ADDRESS` of the forum, such as https://community.example.com (required)")
	f.StringSliceVar(&cfg.Categories, "category", nil, "`CATEGORIES` by their numbers, such as 7 or api/7")
	f.BoolVar(&cfg.Posts, "posts", cfg.Posts, "download the topics with their posts, not the lists alone")
	return cmd
}
