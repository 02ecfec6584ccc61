// Command openaiforum finds the topics of the OpenAI Developer Forum: of many titles with their numbers of replies, or,
// with --full, of topics with all posts, beside Mobile Development and Security.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/gobertopic/gobertopic/examples/internal/findings"
	"github.com/gobertopic/gobertopic/study"
)

// labels are the names of topics in the forum in the abstract of arXiv 2411.10873.
var labels = []string{"API Usage and Error Handling", "Fine-Tuning and Dataset Management"}

const noData = `no topics of the forum: name a file, or set GOBERTOPIC_DATA to a directory with one of
  openai_forum/topics.csv         a record per topic: topic_id, title_from_slug, category, post_count, url
  openai_forum_163/topics.jsonl   an object per topic: id, title, body, created_at, views, posts_count, like_count,
                                  has_accepted_answer, accepted_at, first_reply_at (--full)
The lists of topics of a Discourse forum are at /latest.json?page=0, 1, …, a topic at /t/ID.json. Then
  go run ./examples/openaiforum topics.csv
  go run ./examples/openaiforum --full topics.jsonl`

func main() { findings.Main(run) }

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("openaiforum", flag.ContinueOnError)
	full := flags.Bool("full", false, "read topics with all posts")
	out := flags.String("out", "openaiforum-study", "the directory for the tables")
	size := flags.Int("min-topic-size", 0, "the least number of forum topics in a topic; 0 is one in 100, and 6 at least")
	seed := flags.Uint64("seed", 42, "decides every random choice")
	resamples := flags.Int("resamples", 2000, "of the bootstrap")
	strict := flags.Bool("strict", false, "fail at the first malformed record")
	llm := findings.LLMFlags(flags)
	if help, err := findings.Parse(flags, args); help || err != nil {
		return err
	}
	read, found := findings.ForumTitles, findings.Data("openai_forum", "topics.csv")
	if *full {
		read, found = findings.ForumTopics, findings.Data("openai_forum_163", "topics.jsonl")
	}
	path := flags.Arg(0)
	if path == "" {
		path = found
	}
	if path == "" {
		return findings.Usage(noData)
	}
	subject, err := read(path, *strict)
	if err != nil {
		return err
	}
	s := findings.Study{Title: "the OpenAI Developer Forum", Subject: subject, Out: *out, Measures: study.DefaultConfig()}
	s.Measures.Bootstrap.Resamples, s.Measures.Bootstrap.Seed = *resamples, *seed
	if *size == 0 {
		*size = max(6, len(subject.Threads)/100)
	}
	s.Topics, s.Settings = findings.Settings(*size, *seed, labels)
	if err := llm.Add(&s); err != nil {
		return err
	}
	if s.Baselines, err = findings.Baselines(*strict); err != nil {
		return err
	}
	f, err := s.Run(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, f.Summary(*out))
	return err
}
