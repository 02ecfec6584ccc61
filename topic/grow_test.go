package topic_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/topic"
)

// TestGrowKeepsAndFinds: old documents stay, old topics keep their IDs and labels, and what the fit had not seen becomes new
// topics, whether it comes at once or a little at a time.
func TestGrowKeepsAndFinds(t *testing.T) {
	all := manyThemes(9, 40)
	var first, later []string
	var theme []int
	for i, d := range all {
		if i%9 < 7 && i/9%3 > 0 {
			first, theme = append(first, d), append(theme, i%9)
		}
	}
	for i, d := range all {
		if i%9 >= 7 || i/9%3 == 0 {
			later, theme = append(later, d), append(theme, i%9)
		}
	}
	for name, cfg := range map[string]topic.Config{"BERTopic": config(), "communities": communities()} {
		t.Run(name, func(t *testing.T) { requireGrowth(t, cfg, first, later, theme) })
	}
}

func requireGrowth(t *testing.T, cfg topic.Config, first, later []string, theme []int) {
	t.Helper()
	m, err := topic.Fit(t.Context(), first, cfg)
	require.NoError(t, err)
	before := topicCount(m)
	for _, steps := range []int{1, 3} {
		next := m
		for part := range slices.Chunk(later, (len(later)+steps-1)/steps) {
			was := next.Assignments()
			next, err = next.Grow(t.Context(), part)
			require.NoError(t, err)
			requireWhole(t, next, "grow")
			for i, a := range was {
				if a.Topic != topic.Outlier {
					require.Equal(t, a, next.Assignments()[i], "document %d moved", i)
				}
			}
		}
		require.Len(t, next.Assignments(), len(theme))
		require.Greater(t, topicCount(next), before, "%d steps", steps)
		mixed, found := 0, map[int]int{}
		for i, a := range next.Assignments() {
			if a.Topic < before {
				continue
			}
			if theme[i] < 7 {
				mixed++
			} else {
				found[theme[i]]++
			}
		}
		require.Len(t, found, 2, "both new themes are found")
		// Of 80; with three steps 54 to 64 over six seeds, before and since documents are in canonical order.
		require.Greater(t, found[7]+found[8], map[int]int{1: 60, 3: 50}[steps])
		require.Less(t, mixed, 20)
	}
	same, err := m.Grow(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, m.Topics(), same.Topics())
	require.Equal(t, "grow", same.History()[1].Operation)
	_, err = m.GrowEmbedded(t.Context(), later, testutil.Got(t, m.Embeddings))
	require.ErrorContains(t, err, "rows for")
}

// TestGrowAtAnyLayer: the number of a layer is for the points of the fit; those that are set aside have layers of their own.
func TestGrowAtAnyLayer(t *testing.T) {
	docs := scattered()
	plscan := config()
	plscan.Clusterer = hdbscan.PLSCAN{}
	for name, cfg := range map[string]topic.Config{"communities": communities(), "PLSCAN": plscan} {
		m, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err, name)
		layers, _, err := m.Layers()
		require.NoError(t, err, name)
		require.Greater(t, len(layers), 2, name)
		for layer := range layers {
			at, err := m.AtLayer(t.Context(), layer)
			require.NoError(t, err, name)
			grown, err := at.Grow(t.Context(), manyThemes(11, 8))
			require.NoError(t, err, "%s, layer %d", name, layer)
			requireWhole(t, grown, name)
			require.Equal(t, at.Config().Clusterer, grown.Config().Clusterer, name)
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, grown.Save(t.Context(), dir, topic.SaveOptions{}))
			back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder})
			require.NoError(t, err, name)
			requireSame(t, grown, back, name)
		}
	}
}
