package topic_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
)

func TestRelabelExact(t *testing.T) {
	ctx := t.Context()
	m, of := fitThemes(t, 6, 30)
	labelled, err := m.Relabel(map[int]string{of[0]: "pets", of[1]: "cars"})
	require.NoError(t, err)
	require.NoError(t, labelled.Check())
	labels := func(m *topic.Model) map[string]int {
		out := map[string]int{}
		for _, t := range m.Topics() {
			if t.Label != "" {
				out[t.Label] = t.ID
			}
		}
		return out
	}
	require.Empty(t, labels(m), "the model it was made of has none")
	require.Equal(t, map[string]int{"pets": of[0], "cars": of[1]}, labels(labelled))

	changed, err := labelled.Relabel(map[int]string{of[0]: "", of[2]: "bread"})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"cars": of[1], "bread": of[2]}, labels(changed))

	// A label stays with its documents, through deletion, merging with fewer, and a file.
	deleted, err := changed.DeleteTopics(ctx, of[0])
	require.NoError(t, err)
	now := deleted.Assignments()
	require.Equal(t, map[string]int{"cars": now[1].Topic, "bread": now[2].Topic}, labels(deleted))
	named, err := deleted.Relabel(map[int]string{topic.Outlier: "the rest"})
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, named.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(ctx, dir, topic.LoadOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"cars": now[1].Topic, "bread": now[2].Topic, "the rest": -1}, labels(back))

	_, err = m.Relabel(map[int]string{-1: "no outliers here"})
	require.EqualError(t, err, "relabel: there is no topic -1, want one of 0 to 5")
	_, err = m.Relabel(map[int]string{6: "x"})
	require.EqualError(t, err, "relabel: there is no topic 6, want one of 0 to 5")
}
