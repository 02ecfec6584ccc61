package topic_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// hierarchyGolden is what scripts/golden/hierarchy.py wrote.
type hierarchyGolden struct {
	Docs       []string
	Y          []int
	X          [][]float32
	Reductions []struct {
		To     int // 0: auto
		Words  bool
		Topics []int
	}
}

// givenTopics is the golden file and a model with its documents in its topics.
func givenTopics(t *testing.T) (hierarchyGolden, *topic.Model) {
	t.Helper()
	var golden hierarchyGolden
	readGolden(t, "hierarchy.json.gz", &golden)
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: golden.Docs, Embeddings: matrixOf(golden.X), Classes: golden.Y}, cfg)
	require.NoError(t, err)
	for i, a := range m.Assignments() {
		require.Equal(t, golden.Y[i], a.Topic)
	}
	return golden, m
}

// TestReduceTopicsAsBERTopicExact: the same topics are merged, whatever the numbers of equal sizes.
func TestReduceTopicsAsBERTopicExact(t *testing.T) {
	golden, m := givenTopics(t)
	require.NotEmpty(t, golden.Reductions)
	for _, c := range golden.Reductions {
		cfg := topic.ReduceOptions{UseWords: c.Words}
		reduce := func() (*topic.Model, error) { return m.ReduceTopics(t.Context(), topic.NumTopics(c.To), cfg) }
		if c.To == 0 {
			reduce = func() (*topic.Model, error) { return m.ReduceTopics(t.Context(), topic.Merged(), cfg) }
		}
		next, err := reduce()
		require.NoError(t, err)
		require.NoError(t, next.Check())
		if c.To > 0 {
			require.Equal(t, c.To, topicCount(next))
		}
		there, back := map[int]int{-1: -1}, map[int]int{-1: -1}
		for i, a := range next.Assignments() {
			if _, ok := there[c.Topics[i]]; !ok {
				there[c.Topics[i]] = a.Topic
			}
			if _, ok := back[a.Topic]; !ok {
				back[a.Topic] = c.Topics[i]
			}
			require.Equal(t, there[c.Topics[i]], a.Topic, "to %d, words %t", c.To, c.Words)
			require.Equal(t, back[a.Topic], c.Topics[i], "to %d, words %t", c.To, c.Words)
		}
	}
}

func TestReduceTopicsToNoFewer(t *testing.T) {
	_, m := givenTopics(t)
	for _, n := range []int{topicCount(m), 100} {
		same, err := m.ReduceTopics(t.Context(), topic.NumTopics(n), topic.ReduceOptions{})
		require.NoError(t, err)
		require.NoError(t, same.Check())
		require.Equal(t, m.Assignments(), same.Assignments())
		require.Equal(t, m.Topics(), same.Topics())
		if n == topicCount(m) {
			require.Empty(t, same.Warnings(), "the model has as many as were asked for")
		} else {
			require.ErrorContains(t, same.Warnings()[len(same.Warnings())-1], "100 topics were asked for, the model has")
		}
	}
	_, err := m.ReduceTopics(t.Context(), topic.NumTopics(0), topic.ReduceOptions{})
	require.ErrorContains(t, err, "want a number of topics, 1 or more")
}
