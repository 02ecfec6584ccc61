package topic_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/stage"
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
	require.NoError(t, named.Save(dir))
	back, err := topic.Load(ctx, dir, topic.Config{})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"cars": now[1].Topic, "bread": now[2].Topic, "the rest": -1}, labels(back))

	_, err = m.Relabel(map[int]string{-1: "no outliers here"})
	require.EqualError(t, err, "relabel: topic -1 is not there, want one of 0 to 5")
	_, err = m.Relabel(map[int]string{6: "x"})
	require.EqualError(t, err, "relabel: topic 6 is not there, want one of 0 to 5")
}

func TestGenerateLabelsExact(t *testing.T) {
	cfg := config()
	var seen topic.View
	cfg.Aspects = []topic.Aspect{{Name: "loud", Representers: []topic.Representer{shout{&seen}}}}
	m, err := topic.Fit(t.Context(), []string{"über ünique words", "über ünique words", "über ünique terms"}, cfg)
	require.NoError(t, err)
	label := func(change func(*topic.LabelConfig)) string {
		cfg := topic.DefaultLabelConfig()
		change(&cfg)
		labels, err := m.GenerateLabels(cfg)
		require.NoError(t, err)
		require.Len(t, labels, 1)
		return labels[topic.Outlier]
	}
	require.Equal(t, "-1_über_ünique_words", label(func(*topic.LabelConfig) {}))
	require.Equal(t, "-1_üb_ün_wo", label(func(c *topic.LabelConfig) { c.WordLength = 2 }))
	require.Equal(t, "über, ünique, words, terms", label(func(c *topic.LabelConfig) { c.Words, c.Prefix, c.Separator = 9, false, ", " }))
	require.Equal(t, "-1_ÜBER", label(func(c *topic.LabelConfig) { c.Words, c.Aspect = 1, "loud" }))

	_, err = m.GenerateLabels(topic.LabelConfig{Words: 1, Aspect: "quiet"})
	require.EqualError(t, err, `labels: there is no aspect "quiet", want one of ["loud"]`)
	_, err = m.GenerateLabels(topic.LabelConfig{WordLength: -1})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "topic.LabelConfig.Words is 0")
	require.ErrorContains(t, err, "topic.LabelConfig.WordLength is -1")
}
