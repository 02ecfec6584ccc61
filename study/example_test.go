package study_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/study/stats"
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

// figures is the result of questions.
func figures() *study.Result {
	threads, topics := questions()
	cfg := study.DefaultConfig()
	cfg.Corpus, cfg.Names = "LLM", map[int]string{0: "prompts", 1: "fine-tuning"}
	r, err := study.Measure(context.Background(), threads, topics, cfg)
	if err != nil {
		log.Fatal(err)
	}
	return r
}

// headings prints the title of a table and its columns.
func headings(t study.Table) {
	fmt.Printf("%s, %d rows\n", t.Title, len(t.Rows))
	for _, c := range t.Columns {
		fmt.Println(c.Name)
	}
}

func ExampleContrast() {
	c, err := study.Contrast(context.Background(), figures())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range c.Tests {
		if t.Measure == study.Views {
			fmt.Printf("%s: median %.0f against %.0f in %s, %s, p %.2f\n", t.Name, t.Value, t.BaselineValue, t.Baseline, t.Method, t.P)
		}
	}
	// Output:
	// prompts: median 195 against 98 in all other threads, Mann-Whitney, exact, p 0.80
	// fine-tuning: median 98 against 195 in all other threads, Mann-Whitney, exact, p 0.80
}

func ExampleCorrelate() {
	var threads []corpus.Thread
	var topics []int
	for topic, views := range []int{900, 500, 100} { // the more views, the more answers
		for i := range 4 {
			threads = append(threads, corpus.Thread{Views: corpus.Known(views), Answers: corpus.Known(i / (topic + 1))})
			topics = append(topics, topic)
		}
	}
	r, err := study.Measure(context.Background(), threads, topics, study.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	correlations, err := study.Correlate(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := study.CorrelationTable(correlations).WriteMarkdown(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ## Popularity and difficulty
	//
	// | popularity: mean | difficulty | topics | Kendall's tau-b | p | p, Holm |
	// |---|---|--:|--:|--:|--:|
	// | views | without answer | 3 | -1.00 | 0.333 | 0.333 |
	//
	// Over the topics that have both figures, outliers left out.
}

func ExampleResult_Popularity() {
	headings(figures().Popularity())
	// Output:
	// Popularity: LLM, 3 rows
	// topic
	// name
	// threads
	// views: n
	// views: mean
	// views: mean, interval
	// views: median
	// views: median, interval
}

func ExampleResult_Difficulty() {
	headings(figures().Difficulty())
	// Output:
	// Difficulty: LLM, 3 rows
	// topic
	// name
	// threads
	// without accepted answer: n
	// without accepted answer, %
	// without accepted answer, %, interval
	// without answer: n
	// without answer, %
	// without answer, %, interval
	// hours to accepted answer: n
	// hours to accepted answer: median
	// hours to accepted answer: median, interval
	// hours to accepted answer: Q1
	// hours to accepted answer: Q3
	// hours to accepted answer: open
	// hours to accepted answer: left out
	// hours to accepted answer: median with the open
	// hours to accepted answer: median with the open, interval
}

func ExampleResult_ReplyCounts() {
	if err := figures().ReplyCounts().WriteMarkdown(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ## Replies: LLM
	//
	// | topic | name | threads | n | mean | mean, interval | median | 0 | 1-2 | 3-5 | 6-10 | >10 |
	// |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
	// | 0 | prompts | 2 | 2 | 1.00 | 1.00 to 1.00 | 1.00 | 0 | 2 | 0 | 0 | 0 |
	// | 1 | fine-tuning | 4 | 4 | 1.00 | 1.00 to 1.00 | 1.00 | 0 | 4 | 0 | 0 | 0 |
	// |  | all | 6 | 6 | 1.00 | 1.00 to 1.00 | 1.00 | 0 | 6 | 0 | 0 | 0 |
	//
	// The last five columns count threads by their replies. Intervals are bootstrap intervals at 95 %.
}

func ExampleCorpora() {
	headings(study.Corpora(figures()))
	// Output:
	// Corpora, 1 rows
	// corpus
	// threads
	// views: n
	// views: mean
	// views: median
	// score: n
	// score: mean
	// favorites: n
	// favorites: mean
	// replies: n
	// replies: mean
	// replies: median
	// without accepted answer: n
	// without accepted answer, %
	// without answer: n
	// without answer, %
	// hours to accepted answer: n
	// hours to accepted answer: median
	// hours to accepted answer: median with the open
	// hours to first reply: n
	// hours to first reply: median
	// hours to first reply: median with the open
}

func ExampleComparison_Table() {
	c, err := study.Compare(context.Background(), figures(), figures())
	if err != nil {
		fmt.Println(err)
		return
	}
	headings(c.Table())
	// Output:
	// Comparison: LLM, 18 rows
	// measure
	// topic
	// name
	// baseline
	// n
	// n of the baseline
	// value
	// value of the baseline
	// test
	// p
	// p, Holm
	// effect
	// effect, interval
	// odds ratio
	// odds ratio, interval
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

func ExampleTable_WriteCSV() {
	t := study.Table{
		Columns: []study.Column{{Name: "topic", Format: study.Text}, {Name: "views: median", Format: study.Decimal}, {Name: "views: median, interval", Format: study.Decimal}, {Name: "open, %", Format: study.Percent}},
		Rows:    [][]any{{"prompts", 12345.6, stats.Interval{Low: 9000, High: 20000}, 0.75}},
	}
	if err := t.WriteCSV(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// topic,views: median,"views: median, interval low","views: median, interval high","open, %"
	// prompts,12345.6,9000,20000,75
}
