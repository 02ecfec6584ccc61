// Command stackoverflow finds the topics of questions of Stack Exchange and measures how popular and how difficult they are,
// beside Mobile Development and Security.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	_ "github.com/gobertopic/gobertopic/corpus/sevenzip" // dumps as they are published
	"github.com/gobertopic/gobertopic/examples/internal/findings"
)

// labels are the names of topics on Stack Overflow in the abstract of arXiv 2411.10873.
var labels = []string{
	"LLM Ecosystem and Challenges", "API Usage", "LLM Training with Frameworks", "Llama Indexing and GPU Utilization",
	"Agents and Tool Interactions",
}

func main() { findings.Main(run) }

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("stackoverflow", flag.ContinueOnError)
	tags := flags.String("tags", strings.Join(llmTags, ","), "questions with one of these tags, with commas between; all for every question")
	options := findings.Flags(flags, "stackoverflow-study", "questions")
	if help, err := findings.Parse(flags, args); help || err != nil {
		return err
	}
	chosen := false
	flags.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "tags" })
	path, whole := flags.Arg(0), false
	if path == "" {
		path = findings.Data(places...)
		whole = path != "" && path == findings.Data(wholeSite)
	}
	var selected []string
	if *tags != "all" && (chosen || !whole) {
		selected = strings.Split(*tags, ",")
	}
	if path == "" {
		return findings.Usage(noData(selected))
	}
	subject, err := findings.Questions(ctx, "LLM", path, selected, options.Strict)
	if err != nil {
		return err
	}
	if len(subject.Threads) == 0 {
		return fmt.Errorf("%s has no question with one of the tags %s; --tags all takes every question", path, *tags)
	}
	switch {
	case selected == nil:
		subject.Counts = append(subject.Counts, "tags: all")
	case chosen:
		subject.Counts = append(subject.Counts, "tags: "+strings.Join(selected, ", "))
	default:
		subject.Counts = append(subject.Counts, "tags: "+strings.Join(selected, ", "), whichTags)
	}
	return options.Study(ctx, w, "questions about large language models", subject, 9, labels)
}
