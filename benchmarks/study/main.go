// Command study measures how long the figures of a study take with package study, and with pandas, scipy, statsmodels and
// lifelines, and prints a Markdown table of seconds.
//
//	go run ./benchmarks/study -python ~/gobertopic-peers/bin/python -data DIR
//
// DIR is the directory of corpora; it must have openai_forum, genai_stackexchange, so_24k_meta and security_secrets_se. Both
// sides have the threads in memory, in arrays or data frames, before the clock starts, and make the same figures: means,
// medians and quartiles with bootstrap intervals (BCa, 2000 resamples), shares with Wilson's, Kaplan-Meier medians, the tests of
// the subject and its topics against the baselines and of each topic against the rest, corrected by Holm's method, and Kendall's
// correlations. Topics are dealt out in turn: 17 of titles, 5 of questions, and outliers. The table is printed when both
// sides have the same figures, the intervals by bootstrap apart, whose random numbers differ. Without -python only gobertopic runs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/study"
)

// field is a corpus as the peer takes it; nil is unknown.
type field struct {
	Views     []*int       `json:"views"`
	Score     []*int       `json:"score"`
	Favorites []*int       `json:"favorites"`
	Replies   []*int       `json:"replies"`
	Accepted  []*bool      `json:"accepted"`
	Hours     [][2]float64 `json:"hours"` // to the accepted answer, and 1 where there is one, 0 where the thread is open
	Topics    []int        `json:"topics"`
}

// task is what both sides are given.
type task struct {
	name      string
	threads   [][]corpus.Thread
	topics    []int
	Subject   field   `json:"subject"`
	Baselines []field `json:"baselines"`
}

// answer is what the peer prints.
type answer struct {
	Seconds float64            `json:"seconds"`
	Figures map[string]float64 `json:"figures"`
}

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	data := flag.String("data", "", "directory of the corpora")
	rounds := flag.Int("rounds", 3, "runs of gobertopic for one of the peer; the fastest counts")
	flag.Parse()
	if err := run(*python, *data, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "study:", err)
		os.Exit(1)
	}
}

func run(python, data string, rounds int) error {
	ctx := context.Background()
	read := func(path string, tags ...string) (out []corpus.Thread, err error) {
		var counts corpus.Counts
		for t, err := range corpus.OpenThreads(ctx, filepath.Join(data, filepath.FromSlash(path)), "", corpus.ThreadOptions{Counts: &counts, Tags: tags}) {
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
		for i := range out {
			out[i].Seen = counts.Latest
		}
		return out, nil
	}
	titles, err := read("openai_forum/topics.csv")
	if err != nil {
		return err
	}
	questions, err := read("genai_stackexchange/Posts.xml")
	if err != nil {
		return err
	}
	mobile, err := read("so_24k_meta/QueryResults.csv", "android", "iphone", "ipad", "objective-c")
	if err != nil {
		return err
	}
	security, err := read("security_secrets_se/questions.jsonl")
	if err != nil {
		return err
	}
	fmt.Println("| threads | baselines | figures compared | gobertopic, s | peer, s | times the peer's speed |\n|---|---|--:|--:|--:|--:|")
	for _, t := range []task{
		{name: "forum titles", threads: [][]corpus.Thread{titles, mobile, security}, topics: deal(len(titles), 17)},
		{name: "genai questions", threads: [][]corpus.Thread{questions, mobile, security}, topics: deal(len(questions), 5)},
	} {
		best := math.Inf(1)
		var figures map[string]float64
		for range rounds {
			began := time.Now()
			if figures, err = t.ours(ctx); err != nil {
				return err
			}
			best = min(best, time.Since(began).Seconds())
		}
		theirs := math.NaN()
		if python != "" {
			got, err := t.peer(ctx, python)
			if err != nil {
				return err
			}
			if len(got.Figures) != len(figures) {
				return fmt.Errorf("%s: %d figures, the peer has %d", t.name, len(figures), len(got.Figures))
			}
			for name, v := range figures {
				w, ok := got.Figures[name]
				if !ok || math.Abs(v-w) > 1e-6*max(1, math.Abs(v)) {
					return fmt.Errorf("%s: %s is %v, of the peer %v", t.name, name, v, w)
				}
			}
			theirs = got.Seconds
		}
		fmt.Printf("| %d %s | %d, %d | %d | %.3f | %.1f | %.0f |\n", len(t.threads[0]), t.name, len(mobile), len(security), len(figures), best, theirs, theirs/best)
	}
	return nil
}

// deal gives n threads to topics and outliers in turn.
func deal(n, topics int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i%(topics+1) - 1
	}
	return out
}

// ours makes the figures, and returns some of each kind.
func (t *task) ours(ctx context.Context) (map[string]float64, error) {
	var results []*study.Result
	for i, threads := range t.threads {
		topics := t.topics
		if i > 0 {
			topics = nil
		}
		r, err := study.Measure(ctx, threads, topics, study.DefaultConfig())
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	compared, err := study.Compare(ctx, results[0], results[1:]...)
	if err != nil {
		return nil, err
	}
	contrast, err := study.Contrast(ctx, results[0])
	if err != nil {
		return nil, err
	}
	if _, err := study.Correlate(results[0]); err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for i, r := range results {
		out[fmt.Sprintf("replies: mean of %d", i)] = r.Overall.Replies.Mean
		out[fmt.Sprintf("replies: median of %d", i)] = r.Overall.Replies.Median
	}
	for _, s := range []struct {
		name  string
		tests []study.Test
	}{{"compared", compared.Tests}, {"contrast", contrast.Tests}} {
		n := 0
		for _, test := range s.tests {
			if test.Measure == study.Replies {
				out[fmt.Sprintf("%s: p of replies %d", s.name, n)] = test.Holm
				n++
			}
		}
	}
	return out, nil
}

// peer has the peer make them.
func (t *task) peer(ctx context.Context, python string) (a answer, err error) {
	t.Subject = fieldOf(t.threads[0], t.topics)
	for _, b := range t.threads[1:] {
		t.Baselines = append(t.Baselines, fieldOf(b, nil))
	}
	f, err := os.CreateTemp("", "study-*.json")
	if err != nil {
		return a, err
	}
	defer os.Remove(f.Name())
	if err := json.NewEncoder(f).Encode(t); err != nil {
		return a, err
	}
	if err := f.Close(); err != nil {
		return a, err
	}
	cmd := exec.CommandContext(ctx, python, "benchmarks/peers/study.py", f.Name())
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

func fieldOf(threads []corpus.Thread, topics []int) field {
	f := field{Topics: topics, Hours: [][2]float64{}}
	count := func(c corpus.Count) *int {
		if n, known := c.Value(); known {
			return &n
		}
		return nil
	}
	for _, t := range threads {
		f.Views, f.Score = append(f.Views, count(t.Views)), append(f.Score, count(t.Score))
		f.Favorites, f.Replies = append(f.Favorites, count(t.Favorites)), append(f.Replies, count(t.Answers))
		var accepted *bool
		if t.Accepted != corpus.Unknown {
			yes := t.Accepted == corpus.Yes
			accepted = &yes
		}
		f.Accepted = append(f.Accepted, accepted)
		hours := [2]float64{-1, 0}
		switch {
		case !t.AcceptedAt.IsZero():
			hours = [2]float64{t.AcceptedAt.Sub(t.Created).Hours(), 1}
		case t.Accepted == corpus.No && !t.Created.IsZero():
			hours = [2]float64{t.Seen.Sub(t.Created).Hours(), 0}
		}
		f.Hours = append(f.Hours, hours)
	}
	return f
}
