package topic_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/topic"
)

// change is a representer: each term goes through a function.
type change func(ctfidf.Term) ctfidf.Term

func (c change) Represent(_ context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	out := make([][]ctfidf.Term, len(topics))
	for i, terms := range topics {
		for _, term := range terms {
			out[i] = append(out[i], c(term))
		}
		if v.Done != nil {
			v.Done(i + 1)
		}
	}
	if v.Warn != nil {
		v.Warn(errors.New("a remark"))
	}
	return out, nil
}

func mark(suffix string) change {
	return func(t ctfidf.Term) ctfidf.Term { return ctfidf.Term{Term: t.Term + suffix, Weight: t.Weight} }
}

func TestAspectsAreMadeFromTheCandidatesExact(t *testing.T) {
	docs := themes(40)
	plain, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)

	cfg := config()
	cfg.Representers = []topic.Representer{mark("!")}
	cfg.Aspects = []topic.Aspect{{"two", []topic.Representer{mark("1"), mark("2")}}, {"none", nil}, {"three", []topic.Representer{mark("3")}}}
	var at []int
	cfg.Progress = func(p topic.Progress) {
		if p.Step == "represent" {
			at = append(at, p.Done)
			require.Equal(t, 4*len(plain.Topics()), p.Total)
		}
	}
	m, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	require.NoError(t, m.Check())
	require.IsIncreasing(t, at)
	require.Equal(t, 4*len(plain.Topics()), at[len(at)-1])
	for i, tp := range m.Topics() {
		want := plain.Topics()[i].Terms
		require.Len(t, tp.Aspects, 3)
		for name, suffix := range map[string]string{"two": "12", "none": "", "three": "3"} {
			for j, term := range tp.Aspects[name] {
				require.Equal(t, mark(suffix)(want[j]), term)
			}
			require.Len(t, tp.Aspects[name], len(want))
		}
		require.Equal(t, mark("!")(want[0]), tp.Terms[0])
	}
	var said []string
	for _, w := range m.Warnings() {
		said = append(said, w.Error())
	}
	require.Equal(t, []string{
		"words: representer 0 (topic_test.change): a remark",
		`words: aspect "two": representer 0 (topic_test.change): a remark`,
		`words: aspect "two": representer 1 (topic_test.change): a remark`,
		`words: aspect "three": representer 0 (topic_test.change): a remark`,
	}, said)

	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.NoError(t, err)
	require.Equal(t, m.Topics(), back.Topics())
	back.Topics()[0].Aspects["two"][0].Term = "changed"
	require.Equal(t, m.Topics(), back.Topics(), "what Topics gives is the caller's own")
}

// picky is a representer that wants things.
type picky struct {
	change
	bad error
}

func (p picky) Validate() error   { return p.bad }
func (picky) NeedsEmbedder() bool { return true }

func TestValidateLooksIntoChains(t *testing.T) {
	cfg := config()
	cfg.RepresentativeDiversity = 1.5
	cfg.Representers = []topic.Representer{nil, picky{bad: errors.New("no good")}}
	cfg.Aspects = []topic.Aspect{{"a", nil}, {"a", []topic.Representer{nil}}, {"", nil}}
	err := cfg.Validate()
	for _, part := range []string{
		"RepresentativeDiversity is 1.5", "Representers[0] is <nil>, want a representer", "Representers[1]: no good", `Aspects[1].Name is "a"`,
		"Aspects[1].Representers[0] is <nil>", `Aspects[2].Name is ""`,
	} {
		require.ErrorContains(t, err, part)
	}
	require.NotErrorIs(t, err, topic.ErrNoEmbedder)

	cfg = config()
	cfg.Embedder = nil
	cfg.Aspects = []topic.Aspect{{"a", []topic.Representer{picky{}}}}
	require.ErrorIs(t, cfg.Validate(), topic.ErrNoEmbedder)
}

// typicalView is topics of documents that overlap, counted and weighed.
func typicalView(t testing.TB, n int) topic.View {
	words := strings.Fields("oak elm ash pine fir yew bay fig lime plum pear birch maple cedar willow alder")
	var docs []string
	var labels []int
	for i := range n {
		var d []string
		for j := range 3 + i%4 {
			d = append(d, words[(i*i+3*j*(i%5+1)+i%3)%len(words)])
		}
		docs, labels = append(docs, strings.Join(d, " ")), append(labels, i%3-1)
	}
	counts, err := ctfidf.Count(t.Context(), docs, labels, ctfidf.Config{})
	require.NoError(t, err)
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	require.NoError(t, err)
	return topic.View{Docs: docs, Topics: labels, IDs: []int{-1, 0, 1}, Weights: weights, Vocabulary: ctfidf.Config{}}
}

// bruteTypical is what Typical says it does, over dense rows.
func bruteTypical(t *testing.T, v topic.View, n int, diversity float64) [][]int {
	counts, err := ctfidf.Counts{Vocabulary: v.Weights.Vocabulary}.Documents(t.Context(), v.Docs, v.Vocabulary)
	require.NoError(t, err)
	rows, err := v.Weights.Transform(counts)
	require.NoError(t, err)
	out := make([][]int, len(v.IDs))
	for place, id := range v.IDs {
		var left, chosen []int
		seen := map[string]bool{}
		for d, of := range v.Topics {
			if of == id && !seen[v.Docs[d]] {
				seen[v.Docs[d]] = true
				left = append(left, d)
			}
		}
		similarity := func(d int) float64 { return rows.Cosine(d, v.Weights.Rows, place) }
		for len(left) > 0 && len(chosen) < n {
			best, score := -1, 0.0
			for i, d := range left {
				s := similarity(d)
				if len(chosen) > 0 && diversity > 0 {
					o := rows.Cosine(d, rows, chosen[0])
					for _, c := range chosen[1:] {
						o = max(o, rows.Cosine(d, rows, c))
					}
					s = float64((1-diversity)*s) - float64(diversity*o)
				}
				if best < 0 || s > score || s == score && similarity(d) > similarity(left[best]) {
					best, score = i, s
				}
			}
			chosen = append(chosen, left[best])
			left = append(left[:best], left[best+1:]...)
		}
		for i := range chosen { // by similarity, then position
			for j := i; j > 0; j-- {
				a, b := chosen[j-1], chosen[j]
				if similarity(a) > similarity(b) || similarity(a) == similarity(b) && a < b {
					break
				}
				chosen[j-1], chosen[j] = b, a
			}
		}
		out[place] = chosen
	}
	return out
}

func TestTypicalExact(t *testing.T) {
	v := typicalView(t, 90)
	differ := 0
	for _, n := range []int{1, 3, 5, 1000} {
		for _, diversity := range []float64{0, 0.1, 0.5, 1} {
			want := bruteTypical(t, v, n, diversity)
			for _, workers := range []int{1, 3} {
				v.Run.Workers = workers
				got, err := v.Typical(t.Context(), n, diversity)
				require.NoError(t, err)
				require.Equal(t, want, got, "%d with diversity %v", n, diversity)
			}
			if plain := bruteTypical(t, v, n, 0); diversity > 0 && fmt.Sprint(plain) != fmt.Sprint(want) {
				differ++
			}
		}
	}
	require.Greater(t, differ, 3, "diversity changes what is chosen")
	none, err := topic.View{IDs: []int{0, 1}}.Typical(t.Context(), 3, 0)
	require.NoError(t, err)
	require.Equal(t, make([][]int, 2), none)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	_, err = v.Typical(ctx, 3, 0)
	require.ErrorIs(t, err, stop)
}

// Of many documents 500 are looked at, spread over all.
func TestTypicalLooksAtASample(t *testing.T) {
	var docs []string
	for i := range 1500 {
		docs = append(docs, fmt.Sprintf("oak elm w%d", i))
	}
	docs[900] = "oak elm"
	docs[901] = "oak elm elm"
	labels := make([]int, len(docs))
	counts, err := ctfidf.Count(t.Context(), docs, labels, ctfidf.Config{})
	require.NoError(t, err)
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	require.NoError(t, err)
	v := topic.View{Docs: docs, Topics: labels, IDs: []int{0}, Weights: weights, Vocabulary: ctfidf.Config{}}
	got, err := v.Typical(t.Context(), 1000, 0)
	require.NoError(t, err)
	require.Len(t, got[0], 500)
	require.Equal(t, 900, got[0][0])
	for _, d := range got[0] {
		require.Zero(t, d%3, "every third document is looked at")
	}
}
