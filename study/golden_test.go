package study_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/study/stats"
)

// number is a value of the golden file: a number, "inf", or null for NaN.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "null":
		*n = number(math.NaN())
		return nil
	case `"inf"`:
		*n = number(math.Inf(1))
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

type thread struct {
	Topic                                   int
	Created, Seen                           *int64
	Views, Score, Favorites, Likes, Replies *int
	Accepted                                *bool
	AcceptedAt                              *int64 `json:"accepted_at"`
	FirstReplyAt                            *int64 `json:"first_reply_at"`
}

type numbers struct {
	N                    int
	Mean, Median, Q1, Q3 number
}

type share struct {
	N, Count int
	Share    number
	Interval [2]number
}

type hours struct {
	N, Open              int
	LeftOut              int `json:"left_out"`
	Mean, Median, Q1, Q3 number
	Waiting              [5]number // Q1, median, Q3 and the interval of the median
}

type group struct {
	Topic, Threads                          int
	Views, Score, Favorites, Likes, Replies numbers
	NoAccepted                              share `json:"no_accepted"`
	NoAnswer                                share `json:"no_answer"`
	HoursToAccepted                         hours `json:"hours_to_accepted"`
	HoursToAnswer                           hours `json:"hours_to_answer"`
	Bands                                   [5]int
}

type test struct {
	Measure, Kind           string
	Topic, N, M             int
	Value, Baseline, Effect number
	P, Holm                 number
}

type golden struct {
	Corpora           [2][]thread
	Groups            [2][]group
	Compare, Contrast []test
	Correlations      []struct {
		Popularity, Difficulty string
		Topics                 int
		Tau, P, Holm           number
	}
}

func readGolden(t *testing.T) golden {
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	return g
}

func count(v *int) corpus.Count {
	if v == nil {
		return corpus.Count{}
	}
	return corpus.Known(*v)
}

func at(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0).UTC()
}

func threadsOf(from []thread) (threads []corpus.Thread, topics []int) {
	for i, f := range from {
		t := corpus.Thread{
			ID: fmt.Sprint(i), Created: at(f.Created), Seen: at(f.Seen),
			Views: count(f.Views), Score: count(f.Score), Favorites: count(f.Favorites), Likes: count(f.Likes), Answers: count(f.Replies),
			AcceptedAt: at(f.AcceptedAt), FirstReplyAt: at(f.FirstReplyAt),
		}
		if f.Accepted != nil {
			t.Accepted = corpus.TriOf(*f.Accepted)
		}
		threads, topics = append(threads, t), append(topics, f.Topic)
	}
	return threads, topics
}

func near(t *testing.T, want number, got float64, what string) {
	t.Helper()
	if w := float64(want); math.IsNaN(w) || math.IsInf(w, 0) {
		require.Equal(t, fmt.Sprint(w), fmt.Sprint(got), what)
		return
	}
	require.InDelta(t, float64(want), got, max(1e-12, 1e-10*math.Abs(float64(want))), what)
}

func config(resamples int) study.Config {
	cfg := study.DefaultConfig()
	cfg.Bootstrap.Resamples = resamples
	return cfg
}

func measured(t *testing.T, g golden) [2]*study.Result {
	var out [2]*study.Result
	for i := range out {
		threads, topics := threadsOf(g.Corpora[i])
		cfg := config(0)
		cfg.Corpus = []string{"first", "second"}[i]
		var err error
		out[i], err = study.Measure(t.Context(), threads, topics, cfg)
		require.NoError(t, err)
	}
	return out
}

func TestMeasureWithin1e10OfPandasAndLifelines(t *testing.T) {
	g := readGolden(t)
	for i, r := range measured(t, g) {
		groups := append([]study.Group{r.Overall}, r.Topics...)
		require.Len(t, groups, len(g.Groups[i]))
		for k, got := range groups {
			want := g.Groups[i][k]
			what := fmt.Sprintf("corpus %d, topic %d", i, want.Topic)
			require.Equal(t, [2]int{want.Topic, want.Threads}, [2]int{got.Topic, got.Threads}, what)
			for j, n := range []study.Numbers{got.Views, got.Score, got.Favorites, got.Likes, got.Replies} {
				w := []numbers{want.Views, want.Score, want.Favorites, want.Likes, want.Replies}[j]
				require.Equal(t, w.N, n.N, what)
				near(t, w.Mean, n.Mean, what)
				near(t, w.Median, n.Median, what)
				near(t, w.Q1, n.Q1, what)
				near(t, w.Q3, n.Q3, what)
			}
			for j, s := range []study.Share{got.NoAccepted, got.NoAnswer} {
				w := []share{want.NoAccepted, want.NoAnswer}[j]
				require.Equal(t, [2]int{w.N, w.Count}, [2]int{s.N, s.Count}, what)
				near(t, w.Share, s.Share, what)
				near(t, w.Interval[0], s.Interval.Low, what)
				near(t, w.Interval[1], s.Interval.High, what)
			}
			for j, h := range []study.Times{got.HoursToAccepted, got.HoursToAnswer} {
				w := []hours{want.HoursToAccepted, want.HoursToAnswer}[j]
				require.Equal(t, [3]int{w.N, w.Open, w.LeftOut}, [3]int{h.N, h.Open, h.Untimed}, what)
				near(t, w.Mean, h.Mean, what)
				near(t, w.Median, h.Median, what)
				near(t, w.Q1, h.Q1, what)
				near(t, w.Q3, h.Q3, what)
				for l, v := range []float64{h.Waiting.Q1, h.Waiting.Median, h.Waiting.Q3, h.Waiting.MedianInterval.Low, h.Waiting.MedianInterval.High} {
					near(t, w.Waiting[l], v, what)
				}
			}
			require.Equal(t, want.Bands, got.ReplyBands, what)
		}
	}
}

var quantities = map[string]study.Quantity{
	"views": study.Views, "score": study.Score, "favorites": study.Favorites, "likes": study.Likes, "replies": study.Replies,
	"no_accepted": study.NoAccepted, "no_answer": study.NoAnswer,
	"hours_to_accepted": study.HoursToAccepted, "hours_to_answer": study.HoursToAnswer,
}

func TestComparisonsWithin1e10OfScipy(t *testing.T) {
	g := readGolden(t)
	r := measured(t, g)
	compared, err := study.Compare(t.Context(), r[0], r[1])
	require.NoError(t, err)
	contrasted, err := study.Contrast(t.Context(), r[0])
	require.NoError(t, err)
	for i, c := range []*study.Comparison{compared, contrasted} {
		want := [][]test{g.Compare, g.Contrast}[i]
		require.Len(t, c.Tests, len(want))
		for k, w := range want {
			got, what := c.Tests[k], fmt.Sprintf("%+v", w)
			require.Equal(t, quantities[w.Measure], got.Measure, what)
			require.Equal(t, [3]int{w.Topic, w.N, w.M}, [3]int{got.Topic, got.N, got.BaselineN}, what)
			near(t, w.Value, got.Value, what)
			near(t, w.Baseline, got.BaselineValue, what)
			near(t, w.P, got.P, what)
			near(t, w.Holm, got.Holm, what)
			near(t, w.Effect, got.Effect, what)
		}
	}
}

func TestCorrelationsWithin1e10OfScipy(t *testing.T) {
	g := readGolden(t)
	got, err := study.Correlate(measured(t, g)[0])
	require.NoError(t, err)
	require.Len(t, got, len(g.Correlations))
	for i, w := range g.Correlations {
		require.Equal(t, quantities[w.Popularity], got[i].Popularity)
		require.Equal(t, quantities[w.Difficulty], got[i].Difficulty)
		require.Equal(t, w.Topics, got[i].Topics)
		near(t, w.Tau, got[i].Tau, "tau")
		near(t, w.P, got[i].P, "p")
		near(t, w.Holm, got[i].Holm, "holm")
	}
}

// The intervals of a group are those of its values, whatever the other groups are.
func TestIntervalsAreThoseOfTheValuesStatistically(t *testing.T) {
	g := readGolden(t)
	threads, _ := threadsOf(g.Corpora[0])
	r, err := study.Measure(t.Context(), threads, nil, config(4000))
	require.NoError(t, err)
	var views []float64
	for _, th := range threads {
		if v, known := th.Views.Value(); known {
			views = append(views, float64(v))
		}
	}
	b := stats.DefaultBootstrap()
	b.Resamples, b.Seed = 4000, 7
	mean, median, err := b.Intervals(t.Context(), views)
	require.NoError(t, err)
	require.InEpsilon(t, mean.Low, r.Overall.Views.MeanInterval.Low, 0.03)
	require.InEpsilon(t, mean.High, r.Overall.Views.MeanInterval.High, 0.03)
	require.InEpsilon(t, median.Low, r.Overall.Views.MedianInterval.Low, 0.03)
	require.InEpsilon(t, median.High, r.Overall.Views.MedianInterval.High, 0.03)
}
