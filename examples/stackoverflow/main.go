// Command stackoverflow finds the topics of the questions of a Stack Exchange dump and measures how popular and how
// difficult they are, beside Mobile Development and Security.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	_ "github.com/gobertopic/gobertopic/corpus/sevenzip" // dumps as they are published
	"github.com/gobertopic/gobertopic/examples/internal/findings"
	"github.com/gobertopic/gobertopic/study"
)

// llmTags select questions about large language models.
const llmTags = "large-language-model,llm,openai-api,chatgpt-api,gpt-3,gpt-4,azure-openai,langchain,llama,llama-index,llama-cpp-python,ollama,huggingface-transformers,retrieval-augmented-generation,fine-tuning,prompt-engineering"

// labels are the names of topics on Stack Overflow in the abstract of arXiv 2411.10873.
var labels = []string{
	"LLM Ecosystem and Challenges", "API Usage", "LLM Training with Frameworks", "Llama Indexing and GPU Utilization",
	"Agents and Tool Interactions",
}

const noData = `no Posts.xml: name one, or the .7z that holds it, or set GOBERTOPIC_DATA to a directory with genai_stackexchange/Posts.xml

The dump of a site is at https://archive.org/details/stackexchange; of Stack Overflow, for example:
  go run ./examples/stackoverflow stackoverflow.com-Posts.7z
The baselines are found below $GOBERTOPIC_DATA, and left out where they are not there:
  security_secrets_se/questions.jsonl
  so_24k_meta/QueryResults.csv   an export of https://data.stackexchange.com/stackoverflow/query/new:
    SELECT Id, Title, Tags, Score, CreationDate, ViewCount, AnswerCount, CommentCount, FavoriteCount,
      CASE WHEN AcceptedAnswerId IS NULL THEN 'N' ELSE 'A' END AS [A/N]
    FROM Posts WHERE PostTypeId = 1 AND CreationDate < '2012-01-01' AND Tags LIKE '%<android>%'`

func main() { findings.Main(run) }

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("stackoverflow", flag.ContinueOnError)
	tags := flags.String("tags", llmTags, "questions with one of these tags, with commas between; all for every question")
	out := flags.String("out", "stackoverflow-study", "the directory for the tables")
	size := flags.Int("min-topic-size", 0, "the least number of questions in a topic; 0 is one in 100, and 6 at least")
	seed := flags.Uint64("seed", 42, "decides every random choice")
	resamples := flags.Int("resamples", 2000, "of the bootstrap")
	strict := flags.Bool("strict", false, "fail at the first malformed record")
	llm := findings.LLMFlags(flags)
	if help, err := findings.Parse(flags, args); help || err != nil {
		return err
	}
	path, chosen := flags.Arg(0), false
	flags.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "tags" })
	if path == "" {
		if path = findings.Data("genai_stackexchange", "Posts.xml"); path == "" {
			return findings.Usage(noData)
		}
		if !chosen { // the whole site is about the subject
			*tags = "all"
		}
	}
	var selected []string
	if *tags != "all" {
		selected = strings.Split(*tags, ",")
	}
	subject, err := findings.Dump(ctx, "LLM", path, selected, *strict)
	if err != nil {
		return err
	}
	if len(subject.Threads) == 0 {
		return fmt.Errorf("%s has no question with one of the tags %s; --tags all takes every question", path, *tags)
	}
	subject.Counts = append(subject.Counts, "tags: "+*tags)
	s := findings.Study{Title: "questions about large language models", Subject: subject, Out: *out, Measures: study.DefaultConfig()}
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
