package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// hierarchyGolden is what scripts/golden/hierarchy.py wrote.
type hierarchyGolden struct {
	Docs        []string
	Y           []int
	X           [][]float32
	Hierarchies []struct {
		Method     analysis.Linkage
		Embeddings bool
		Rows       []analysis.HierarchyMerge
	}
}

// givenTopics returns the golden file and a model with its documents in its topics.
func givenTopics(t *testing.T) (hierarchyGolden, *topic.Model) {
	t.Helper()
	var golden hierarchyGolden
	readGolden(t, "../testdata/hierarchy.json.gz", &golden)
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: golden.Docs, Embeddings: matrixOf(golden.X), Classes: golden.Y}, cfg)
	require.NoError(t, err)
	for i, a := range m.Assignments() {
		require.Equal(t, golden.Y[i], a.Topic)
	}
	return golden, m
}

// TestHierarchicalTopicsAsBERTopicWithinTolerance: the merges are the same. Distances agree to 1e-9, or
// to 1e-6 for embeddings, whose means are float32. Each word of a name has the weight of BERTopic's
// word, since words of equal weight come in another order there. Left and right may be swapped, since
// SciPy does not always find the best order.
func TestHierarchicalTopicsAsBERTopicWithinTolerance(t *testing.T) {
	golden, m := givenTopics(t)
	counts := testutil.Got(t, m.Counts)
	weights := testutil.Got(t, m.Weights)
	column := map[string]int32{}
	for i, word := range counts.Vocabulary {
		column[word] = int32(i)
	}
	weigh := func(name string, topics []int) []float64 { // the words of a name: count in the topics times factor
		words := strings.Split(name, "_")
		require.Len(t, words, 5)
		out := make([]float64, len(words))
		for i, word := range words {
			for _, id := range topics {
				cols, values := counts.Rows.Row(id + 1)
				if at, ok := slices.BinarySearch(cols, column[word]); ok {
					out[i] += values[at] * weights.IDF[column[word]]
				}
			}
		}
		return out
	}
	require.NotEmpty(t, golden.Hierarchies)
	for _, c := range golden.Hierarchies {
		h, err := analysis.HierarchicalTopics(t.Context(), m, analysis.HierarchyOptions{Method: c.Method, UseEmbeddings: c.Embeddings})
		require.NoError(t, err)
		got := h.Merges()
		require.Len(t, got, len(c.Rows))
		below := map[int][]int{}
		for i := range topicCount(m) {
			below[i] = []int{i}
		}
		for _, want := range c.Rows {
			below[want.Parent] = want.Topics
		}
		for i, want := range c.Rows {
			have := got[i]
			if have.Left != want.Left {
				have.Left, have.LeftName, have.Right, have.RightName = have.Right, have.RightName, have.Left, have.LeftName
			}
			tolerance := 1e-9
			if c.Embeddings {
				tolerance = 1e-6
			}
			require.InDelta(t, want.Distance, have.Distance, tolerance)
			for _, names := range [][2]string{{want.ParentName, have.ParentName}, {want.LeftName, have.LeftName}, {want.RightName, have.RightName}} {
				topics := want.Topics
				switch names[0] {
				case want.LeftName:
					topics = below[want.Left]
				case want.RightName:
					topics = below[want.Right]
				}
				require.InDeltaSlice(t, weigh(names[0], topics), weigh(names[1], topics), 1e-9, "%v", names)
			}
			want.Distance, want.ParentName, want.LeftName, want.RightName = have.Distance, have.ParentName, have.LeftName, have.RightName
			require.Equal(t, want, have, "%s, embeddings %t", c.Method, c.Embeddings)
		}
	}
}

// TestCutsOfAHierarchyExact: the topics of a cut model have the documents of the unions that are left.
func TestCutsOfAHierarchyExact(t *testing.T) {
	_, m := givenTopics(t)
	h, err := analysis.HierarchicalTopics(t.Context(), m, analysis.HierarchyOptions{Method: analysis.LinkAverage, UseEmbeddings: true})
	require.NoError(t, err)
	merges, n := h.Merges(), topicCount(m)
	require.Len(t, h.Leaves(), n)
	for k := 1; k <= n; k++ {
		cut, err := h.Cut(t.Context(), k)
		require.NoError(t, err)
		require.NoError(t, cut.Check())
		require.Equal(t, k, topicCount(cut))
		reduced, err := m.ReduceTopics(t.Context(), topic.NumTopics(k), topic.ReduceOptions{}) // average linkage of the embeddings too
		require.NoError(t, err)
		require.Equal(t, reduced.Assignments(), cut.Assignments())
		if k > 1 {
			at, err := h.CutAt(t.Context(), (merges[k-2].Distance+distanceOf(merges, k-1))/2)
			require.NoError(t, err)
			require.Equal(t, cut.Assignments(), at.Assignments())
		}
	}
	for _, k := range []int{0, n + 1} {
		_, err := h.Cut(t.Context(), k)
		require.ErrorContains(t, err, "want 1 to 14")
	}
}

// distanceOf is the distance of a merge, 0 after the last.
func distanceOf(merges []analysis.HierarchyMerge, i int) float64 {
	if i < len(merges) {
		return merges[i].Distance
	}
	return 0
}

func TestHierarchyOfFewTopics(t *testing.T) {
	_, m := givenTopics(t)
	one, err := m.ReduceTopics(t.Context(), topic.NumTopics(1), topic.ReduceOptions{})
	require.NoError(t, err)
	h, err := analysis.HierarchicalTopics(t.Context(), one, analysis.HierarchyOptions{})
	require.NoError(t, err)
	require.Empty(t, h.Merges())
	require.Equal(t, []int{0}, h.Leaves())
	require.Contains(t, h.Text(analysis.TreeOptions{}), " ── Topic: 0\n")
	same, err := h.CutAt(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, one.Assignments(), same.Assignments())

	none, err := one.DeleteTopics(t.Context(), 0)
	require.NoError(t, err)
	h, err = analysis.HierarchicalTopics(t.Context(), none, analysis.HierarchyOptions{})
	require.NoError(t, err)
	require.Equal(t, ".\n", h.Text(analysis.TreeOptions{}))
	_, err = h.Cut(t.Context(), 1)
	require.Error(t, err)
	_, err = h.CutAt(t.Context(), 1)
	require.NoError(t, err)

	_, err = analysis.HierarchicalTopics(t.Context(), m, analysis.HierarchyOptions{Method: "far"})
	require.ErrorContains(t, err, "HierarchyOptions.Method")
}
