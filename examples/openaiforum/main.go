// Command openaiforum finds the topics of the OpenAI Developer Forum and measures how popular and how difficult they are:
// of many titles with their numbers of replies, or of topics with all posts, beside Mobile Development and Security.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/gobertopic/gobertopic/examples/internal/findings"
)

// labels are the names of topics in the forum in the abstract of arXiv 2411.10873.
var labels = []string{"API Usage and Error Handling", "Fine-Tuning and Dataset Management"}

var noData = `no topics of the forum: name a file, or set GOBERTOPIC_DATA to a directory with one of these, of which the first is read,
such as by export GOBERTOPIC_DATA="$HOME/gobertopic-data":
  openai_forum/topics.csv         titles, a record per topic: topic_id, title_from_slug, category, post_count, url
  openai_forum/topics.jsonl       topics with their posts, as fetched below
  openai_forum_163/topics.jsonl   topics with their posts, an object per topic: id, title, body, created_at, views,
                                  posts_count, like_count, has_accepted_answer, accepted_at, first_reply_at
With --full the titles are passed over.

The topics with all their posts, a request a second, gone on with by the same command when it was interrupted:
  mkdir -p "$GOBERTOPIC_DATA/openai_forum"
  go run ./cmd/gobertopic fetch discourse --site https://community.openai.com --out "$GOBERTOPIC_DATA/openai_forum/topics.jsonl"
  go run ./examples/openaiforum --full

The lists of topics alone, a request for 30 topics, which have no texts of posts and no times of answers:
  go run ./cmd/gobertopic fetch discourse --site https://community.openai.com --posts=false --out lists.jsonl
  go run ./examples/openaiforum lists.jsonl

` + findings.HowToBaselines()

func main() { findings.Main(run) }

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("openaiforum", flag.ContinueOnError)
	full := flags.Bool("full", false, "without a file: read topics with all posts, not titles")
	options := findings.Flags(flags, "openaiforum-study", "forum topics")
	if help, err := findings.Parse(flags, args); help || err != nil {
		return err
	}
	path := flags.Arg(0)
	if path == "" && !*full {
		path = findings.Data("openai_forum/topics.csv")
	}
	if path == "" {
		path = findings.Data("openai_forum/topics.jsonl", "openai_forum_163/topics.jsonl")
	}
	if path == "" {
		return findings.Usage(noData)
	}
	subject, err := findings.Forum(ctx, path, options.Strict)
	if err != nil {
		return err
	}
	if len(subject.Threads) == 0 {
		return fmt.Errorf("%s has no topics", path)
	}
	return options.Study(ctx, w, "the OpenAI Developer Forum", subject, 17, labels)
}
