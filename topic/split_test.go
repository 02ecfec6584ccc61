package topic_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// A topic that was merged of themes splits into them again, by HDBSCAN and by number, and new documents find their part.
func TestSplitTopicFindsWhatWasMergedExact(t *testing.T) {
	ctx := t.Context()
	m, of := fitThemes(t, 7, 30)
	merged, err := m.MergeTopics(ctx, []int{of[0], of[3], of[5]})
	require.NoError(t, err)
	big := merged.Assignments()[0].Topic
	for name, cfg := range map[string]topic.SplitOptions{
		"HDBSCAN":  {MinSize: 12},
		"3 parts":  {Parts: 3},
		"no outer": {MinSize: 12, Outliers: true},
	} {
		t.Run(name, func(t *testing.T) {
			split, err := merged.SplitTopic(ctx, big, cfg)
			require.NoError(t, err)
			require.NoError(t, split.Check())
			require.Equal(t, m.Topics()[0].Size, split.Topics()[0].Size)
			is := themeTopics(t, split, 7)
			for theme, doc := range manyThemes(7, 1) {
				found, err := split.Transform(ctx, []string{doc + " unseen"})
				require.NoError(t, err)
				require.Equal(t, is[theme], found[0].Topic)
			}
			history := split.History()
			require.Equal(t, "split", history[2].Operation)
			for _, move := range history[2].Moves {
				require.Len(t, move.To, map[bool]int{true: 3, false: 1}[move.From == big])
			}
			for i, a := range merged.Assignments() {
				require.Equal(t, a.Probability, split.Assignments()[i].Probability)
			}
		})
	}
}

// By default parts are small, and few documents are in a part of another theme.
func TestSplitTopicKeepsThemesApartStatistically(t *testing.T) {
	ctx := t.Context()
	m, of := fitThemes(t, 7, 30)
	merged, err := m.MergeTopics(ctx, []int{of[0], of[3], of[5]})
	require.NoError(t, err)
	big := merged.Assignments()[0].Topic
	split, err := merged.SplitTopic(ctx, big, topic.SplitOptions{})
	require.NoError(t, err)
	require.Len(t, split.Topics()[0].Embedding, bagDim)
	require.GreaterOrEqual(t, topicCount(split), 7)
	themes := map[int]map[int]int{}
	for i, a := range split.Assignments() {
		require.NotEqual(t, topic.Outlier, a.Topic)
		if themes[a.Topic] == nil {
			themes[a.Topic] = map[int]int{}
		}
		themes[a.Topic][i%7]++
	}
	strangers := 0
	for _, of := range themes {
		most, all := 0, 0
		for _, n := range of {
			most, all = max(most, n), all+n
		}
		strangers += all - most
	}
	require.LessOrEqual(t, strangers, 210/20)
}

// More documents than are agglomerated: the others follow.
func TestSplitTopicOfManyExact(t *testing.T) {
	cfg := config()
	cfg.Reducer = nil
	m, err := topic.Fit(t.Context(), manyThemes(2, 2000), cfg)
	require.NoError(t, err)
	one, err := m.UpdateTopics(t.Context(), topic.UpdateOptions{Topics: make([]int, 4000)})
	require.NoError(t, err)
	require.Len(t, one.Topics(), 1)
	split, err := one.SplitTopic(t.Context(), 0, topic.SplitOptions{Parts: 2})
	require.NoError(t, err)
	require.Len(t, themeTopics(t, split, 2), 2)
	require.Len(t, split.Topics(), 2)
}

func TestSplitTopicErrors(t *testing.T) {
	ctx := t.Context()
	m, of := fitThemes(t, 6, 12)
	_, err := m.SplitTopic(ctx, of[0], topic.SplitOptions{MinSize: 10})
	require.ErrorIs(t, err, topic.ErrNoSplit)
	require.ErrorContains(t, err, "MinSize")
	_, err = m.SplitTopic(ctx, 6, topic.SplitOptions{})
	require.EqualError(t, err, "split: there is no topic 6, want one of 0 to 5")
	_, err = m.SplitTopic(ctx, of[0], topic.SplitOptions{Parts: 13})
	require.ErrorContains(t, err, "13 parts of 12 documents, want at most 12")
	_, err = m.SplitTopic(ctx, of[0], topic.SplitOptions{Parts: 1, MinSize: 1})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "topic.SplitOptions.Parts is 1")
	require.ErrorContains(t, err, "topic.SplitOptions.MinSize is 1")

	why := errors.New("enough")
	ended, cancel := context.WithCancelCause(ctx)
	cancel(why)
	for _, cfg := range []topic.SplitOptions{{Parts: 2}, {MinSize: 2}} {
		_, err = m.SplitTopic(ended, of[0], cfg)
		require.ErrorIs(t, err, why)
	}
}
