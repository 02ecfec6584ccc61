package study_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/study"
)

// questions are six of two topics, all seen at the end of a week; half of those of topic 1 have no accepted answer.
func questions() ([]corpus.Thread, []int) {
	week := time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC)
	ask := func(views int, hours float64) corpus.Thread {
		t := corpus.Thread{
			Created: week, Seen: week.Add(7 * 24 * time.Hour),
			Views: corpus.Known(views), Answers: corpus.Known(1), Accepted: corpus.No,
		}
		if hours > 0 {
			t.Accepted, t.AcceptedAt = corpus.Yes, week.Add(time.Duration(hours*float64(time.Hour)))
		}
		return t
	}
	return []corpus.Thread{ask(310, 2), ask(80, 5), ask(45, 0), ask(900, 30), ask(20, 0), ask(150, 8)}, []int{0, 0, 1, 1, 1, 1}
}

func ExampleMeasure() {
	threads, topics := questions()
	cfg := study.DefaultConfig()
	cfg.Names = map[int]string{0: "prompts", 1: "fine-tuning"}
	r, err := study.Measure(context.Background(), threads, topics, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range append(r.Topics, r.Overall) {
		fmt.Printf("%-11s %d threads, %.0f views, %.0f %% of %d without accepted answer, %.1f hours to it, %.1f with the open ones\n",
			g.Name, g.Threads, g.Views.Mean, 100*g.NoAccepted.Share, g.NoAccepted.N, g.HoursToAccepted.Median, g.HoursToAccepted.Waiting.Median)
	}
	// Output:
	// prompts     2 threads, 195 views, 0 % of 2 without accepted answer, 3.5 hours to it, 2.0 with the open ones
	// fine-tuning 4 threads, 279 views, 50 % of 4 without accepted answer, 19.0 hours to it, 30.0 with the open ones
	// all         6 threads, 251 views, 33 % of 6 without accepted answer, 6.5 hours to it, 8.0 with the open ones
}

func ExampleCompare() {
	threads, _ := questions()
	cfg := study.DefaultConfig()
	cfg.Corpus = "LLM"
	ours, err := study.Measure(context.Background(), threads, nil, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg.Corpus = "mobile"
	mobile, err := study.Measure(context.Background(), threads[:2], nil, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := study.Compare(context.Background(), ours, mobile)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range c.Tests {
		if t.Measure == study.NoAccepted {
			fmt.Printf("%s: %.2f against %.2f in %s, %s, p %.2f\n", t.Measure, t.Value, t.BaselineValue, t.Baseline, t.Method, t.P)
		}
	}
	// Output: without accepted answer: 0.33 against 0.00 in mobile, Fisher, p 1.00
}

func ExampleTable_WriteMarkdown() {
	t := study.Table{
		Columns: []study.Column{{Name: "topic", Format: study.Text}, {Name: "views", Format: study.Decimal}, {Name: "open, %", Format: study.Percent}},
		Rows:    [][]any{{"prompts", 12345.6, 0.7403}, {"agents", 98.2, 0.5}},
	}
	if err := t.WriteMarkdown(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// | topic | views | open, % |
	// |---|--:|--:|
	// | prompts | 12,346 | 74.0 |
	// | agents | 98.2 | 50.0 |
}
