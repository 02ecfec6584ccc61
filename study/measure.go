package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/study/stats"
)

const (
	// Outlier is the topic of threads that belong to none.
	Outlier = -1
	// Overall stands for a whole corpus where a topic is named.
	Overall = -2
)

// Result is what Measure finds.
type Result struct {
	Corpus  string
	Until   time.Time // the time until which open threads have been waiting, where they do not say it themselves
	Overall Group     // all threads, outliers too
	Topics  []Group   // by topic, the outliers first; empty when no topics were given
	Level   float64   // of all intervals
}

// Group is the figures of a topic or of a corpus.
type Group struct {
	Topic   int // Overall for a corpus
	Name    string
	Threads int

	// Popularity.
	Views, Score, Favorites, Likes Numbers

	// Difficulty. Replies are the answers of a question and the posts after the first of a forum's topic.
	NoAccepted, NoAnswer           Share
	HoursToAccepted, HoursToAnswer Times
	Replies                        Numbers
	ReplyBands                     [5]int // threads with 0, 1–2, 3–5, 6–10 and more than 10 replies

	raw samples
}

// Numbers describes the counts of those threads that have one.
type Numbers struct {
	N                            int
	Mean, Median, Q1, Q3         float64
	MeanInterval, MedianInterval stats.Interval // by bootstrap
}

// Share is how many of the threads of which it is known have a property.
type Share struct {
	N, Count int
	Share    float64        // in [0, 1]
	Interval stats.Interval // Wilson's
}

// Times describes how long something took.
type Times struct {
	// N is the number of threads in which it has happened at a known time. Median, Q1, Q3 and Mean are hours over those
	// alone: what studies report, and too short, as it leaves out who is still waiting.
	N                    int
	Mean, Median, Q1, Q3 float64
	MedianInterval       stats.Interval // by bootstrap
	// Open is the number of threads in which it has not happened.
	Open int
	// Untimed is the number of threads left out: it has happened at a time that is not known or before the thread began
	// (as after a merge of two), or the thread has no time itself.
	Untimed int
	// Waiting describes the hours with the open threads counted as lasting at least until they were seen (Kaplan–Meier).
	// +Inf, null in JSON, is a time that the threads do not reach: fewer than that share have ended. NaN when N is 0.
	Waiting Waiting
}

// Waiting is the quartiles of a Kaplan–Meier curve.
type Waiting struct {
	Median, Q1, Q3 float64
	MedianInterval stats.Interval // Brookmeyer and Crowley's, on the log-log scale
}

// Measure computes the figures of threads: over all, and per topic when topics, one number per thread, is not nil. They are
// mean, median and quantile of pandas and the functions of Python that package stats names. The error is that of Validate,
// for slices of different lengths, or the cause of a canceled ctx.
func Measure(ctx context.Context, threads []corpus.Thread, topics []int, cfg Config) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if topics != nil && len(topics) != len(threads) {
		return nil, fmt.Errorf("study: %d topics for %d threads, want one each", len(topics), len(threads))
	}
	if cfg.Corpus == "" {
		cfg.Corpus = "corpus"
	}
	r := &Result{Corpus: cfg.Corpus, Until: cfg.Until, Level: cfg.Bootstrap.Level}
	if r.Until.IsZero() {
		r.Until = latest(threads)
	}
	all := make([]int, len(threads))
	for i := range all {
		all[i] = i
	}
	var err error
	if r.Overall, err = measure(ctx, threads, all, r.Until, Overall, "all", cfg.Bootstrap); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(i, j int) int {
		if topics == nil {
			return 0
		}
		return topics[i] - topics[j]
	})
	for lo := 0; topics != nil && lo < len(all); {
		hi := lo
		for hi < len(all) && topics[all[hi]] == topics[all[lo]] {
			hi++
		}
		topic := topics[all[lo]]
		if topic < Outlier {
			return nil, fmt.Errorf("study: thread %d has topic %d, want −1 or more", all[lo], topic)
		}
		g, err := measure(ctx, threads, all[lo:hi], r.Until, topic, name(topic, cfg.Names), cfg.Bootstrap)
		if err != nil {
			return nil, err
		}
		r.Topics = append(r.Topics, g)
		lo = hi
	}
	return r, nil
}

func name(topic int, names map[int]string) string {
	if n, ok := names[topic]; ok {
		return n
	}
	if topic == Outlier {
		return "outliers"
	}
	return fmt.Sprintf("topic %d", topic)
}

// latest is the latest time in the threads.
func latest(threads []corpus.Thread) time.Time {
	var last time.Time
	for _, t := range threads {
		for _, at := range []time.Time{t.Created, t.Seen, t.ClosedAt, t.AcceptedAt, t.FirstReplyAt} {
			if at.After(last) {
				last = at
			}
		}
		for _, p := range t.Replies {
			if p.Created.After(last) {
				last = p.Created
			}
		}
	}
	return last
}

// measure computes the figures of the members among threads.
func measure(ctx context.Context, threads []corpus.Thread, members []int, until time.Time, topic int, name string, b stats.Bootstrap) (Group, error) {
	g := Group{Topic: topic, Name: name, Threads: len(members), raw: collect(threads, members, until)}
	g.NoAccepted = share(g.raw.noAccepted, g.raw.acceptance, b.Level)
	g.NoAnswer = share(g.raw.noAnswer, g.raw.answers, b.Level)
	for _, v := range g.raw.numbers[replies] {
		g.ReplyBands[band(v)]++
	}
	seed := b.Seed
	for i, n := range []*Numbers{&g.Views, &g.Score, &g.Favorites, &g.Likes, &g.Replies} {
		s := rng.New(seed, uint64(topic), uint64(i))
		b.Seed = s.Uint64()
		var err error
		if *n, err = numbers(ctx, g.raw.numbers[i], b); err != nil {
			return g, err
		}
	}
	for i, t := range []*Times{&g.HoursToAccepted, &g.HoursToAnswer} {
		s := rng.New(seed, uint64(topic), uint64(len(g.raw.numbers)+i))
		b.Seed = s.Uint64()
		var err error
		if *t, err = times(ctx, g.raw.hours[i], b); err != nil {
			return g, err
		}
		t.Untimed = g.raw.untimed[i]
	}
	return g, nil
}

func share(count, n int, level float64) Share {
	return Share{N: n, Count: count, Share: float64(count) / float64(n), Interval: stats.Wilson(count, n, level)}
}

func band(replies float64) int {
	for i, most := range []float64{0, 2, 5, 10} {
		if replies <= most {
			return i
		}
	}
	return 4
}

// numbers describes sorted values.
func numbers(ctx context.Context, x []float64, b stats.Bootstrap) (n Numbers, err error) {
	n = Numbers{N: len(x), Mean: stats.Mean(x), Median: stats.Quantile(0.5, x), Q1: stats.Quantile(0.25, x), Q3: stats.Quantile(0.75, x)}
	n.MeanInterval, n.MedianInterval, err = b.Intervals(ctx, x)
	return n, err
}

func times(ctx context.Context, d []stats.Duration, b stats.Bootstrap) (Times, error) {
	var ended []float64
	for _, v := range d {
		if v.Ended {
			ended = append(ended, v.Time)
		}
	}
	n, err := numbers(ctx, ended, b)
	if err != nil {
		return Times{}, err
	}
	t := Times{
		N: n.N, Mean: n.Mean, Median: n.Median, Q1: n.Q1, Q3: n.Q3, MedianInterval: n.MedianInterval, Open: len(d) - len(ended),
	}
	nan := math.NaN()
	t.Waiting = Waiting{nan, nan, nan, stats.Interval{Low: nan, High: nan}}
	if len(ended) == 0 { // a source that has no times at all says nothing of waiting, however many are open
		return t, nil
	}
	curve, err := stats.KaplanMeier(d, b.Level)
	if err != nil {
		return t, err
	}
	t.Waiting.Q1, _ = curve.Quantile(0.25)
	t.Waiting.Median, t.Waiting.MedianInterval = curve.Quantile(0.5)
	t.Waiting.Q3, _ = curve.Quantile(0.75)
	return t, nil
}
