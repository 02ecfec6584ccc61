package analysis_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

func TestMatch(t *testing.T) {
	docs := manyThemes(8, 30)
	pick := func(themes ...int) []string {
		var out []string
		for i, d := range docs {
			if slices.Contains(themes, i%8) {
				out = append(out, d)
			}
		}
		return out
	}
	given := func(docs []string, classes func(i int) int) *topic.Model {
		y := make([]int, len(docs))
		for i := range y {
			y[i] = classes(i)
		}
		cfg := config()
		cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
		m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: y}, cfg)
		require.NoError(t, err)
		return m
	}
	// a: themes 0 … 5, 5 rarely. b: 0 and 1 as one, 2 in two halves, 3, 4; 6 is new, 5 is gone.
	a := given(pick(0, 1, 2, 3, 4, 5), func(i int) int { return i % 6 })
	b := given(pick(0, 1, 2, 3, 4, 6), func(i int) int {
		switch theme := i % 6; theme {
		case 1:
			return 0
		case 2:
			return 2 + 10*(i/6%2)
		default:
			return theme
		}
	})
	idOf := func(m *topic.Model, word string) []int {
		var out []int
		for _, tp := range m.Topics() {
			if slices.ContainsFunc(tp.Terms[:4], func(x ctfidf.Term) bool { return x.Term == word }) {
				out = append(out, tp.ID)
			}
		}
		return out
	}
	got, err := analysis.Match(t.Context(), a, b, 0.6)
	require.NoError(t, err)
	require.Equal(t, idOf(a, "w5a"), got.Died)
	require.Equal(t, idOf(b, "w6a"), got.Born)
	require.Len(t, got.Pairs, 4)
	for _, p := range got.Pairs {
		require.GreaterOrEqual(t, p.Similarity, 0.6)
	}
	require.Len(t, got.Merged, 1)
	require.Equal(t, idOf(b, "w0a")[0], got.Merged[0].To)
	require.Contains(t, append(idOf(a, "w0a"), idOf(a, "w1a")...), got.Merged[0].From)
	require.Len(t, got.Split, 1)
	require.Equal(t, idOf(a, "w2a")[0], got.Split[0].From)
	require.Contains(t, idOf(b, "w2a"), got.Split[0].To)
	require.Contains(t, got.String(), "was born\n")
	require.Contains(t, got.String(), "came out of")

	self, err := analysis.Match(t.Context(), a, a, 0.9)
	require.NoError(t, err)
	require.Len(t, self.Pairs, topicCount(a))
	for i, p := range self.Pairs {
		require.Equal(t, i, p.From)
		require.Equal(t, i, p.To)
		require.InDelta(t, 1, p.Similarity, 1e-12)
	}
	_, err = analysis.Match(t.Context(), a, b, 2)
	require.ErrorContains(t, err, "minSimilarity is 2")
}
