package topic_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// With the settings of another fit, the words are those of that fit; nothing else moves.
func TestUpdateTopicsGivesTheWordsOfAFitExact(t *testing.T) {
	ctx := t.Context()
	docs := append(manyThemes(6, 20), "")
	cfg := config()
	plain, err := topic.Fit(ctx, docs, cfg)
	require.NoError(t, err)
	var seen topic.View
	cfg.Vocabulary.NGramMax, cfg.TopWords, cfg.RepresentativeDocs = 2, 4, 5
	cfg.Weigher = ctfidf.Weighting{ReduceFrequentWords: true}
	cfg.Aspects = []topic.Aspect{{Name: "loud", Representers: []topic.Representer{shout{&seen}}}}
	want, err := topic.Fit(ctx, docs, cfg)
	require.NoError(t, err)

	got, err := plain.UpdateTopics(ctx, topic.UpdateOptions{Words: &cfg.Words})
	require.NoError(t, err)
	require.NoError(t, got.Check())
	require.Equal(t, want.Topics(), got.Topics())
	require.Equal(t, want.Assignments(), got.Assignments())
	require.Equal(t, plain.Config().Seed, got.Config().Seed)
	again, err := got.Transform(ctx, docs)
	require.NoError(t, err)
	require.Equal(t, want.Assignments(), again)

	words := plain.Config().Words
	back, err := got.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	require.NoError(t, err)
	require.Equal(t, plain.Topics(), back.Topics())
}

// The embeddings of the topics, their sizes and the way of new documents follow other assignments.
func TestUpdateTopicsWithOtherTopicsExact(t *testing.T) {
	ctx := t.Context()
	m, of := fitThemes(t, 6, 30)
	topics := make([]int, 180)
	for i, a := range m.Assignments() {
		switch topics[i] = a.Topic; i % 6 {
		case 1:
			topics[i] = of[0]
		case 2:
			topics[i] = -1
		case 3:
			topics[i] = 77
		}
	}
	next, err := m.UpdateTopics(ctx, topic.UpdateOptions{Topics: topics})
	require.NoError(t, err)
	require.NoError(t, next.Check()) // holds the embeddings to the documents
	list := next.Topics()
	require.Len(t, list, 5)
	require.Equal(t, []int{30, 60, 30, 30, 30}, []int{list[0].Size, list[1].Size, list[2].Size, list[3].Size, list[4].Size})
	now := next.Assignments()
	require.Equal(t, 0, now[0].Topic)
	require.Equal(t, 0, now[1].Topic)
	require.Equal(t, m.Assignments()[0], topic.Assignment{Topic: of[0], Probability: now[0].Probability})
	require.EqualValues(t, 1, now[1].Probability)
	require.Equal(t, topic.Assignment{Topic: -1}, now[2])
	require.Equal(t, topic.Assignment{Topic: 4 - 1, Probability: 1}, now[3], "the highest number is the last of equal size")
	for theme, doc := range manyThemes(6, 1) {
		found, err := next.Transform(ctx, []string{doc + " unseen"})
		require.NoError(t, err)
		require.Equal(t, now[theme].Topic, found[0].Topic, "theme %d", theme)
	}

	_, err = m.UpdateTopics(ctx, topic.UpdateOptions{Topics: topics[1:]})
	require.EqualError(t, err, "update: 179 topics for 180 documents, want one each")
	topics[5] = -2
	_, err = m.UpdateTopics(ctx, topic.UpdateOptions{Topics: topics})
	require.EqualError(t, err, "update: document 5 has topic -2, want −1 or more")
	words := m.Config().Words
	words.TopWords = -1
	_, err = m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
}

func TestUpdateTopicsLeavesBlankDocumentsOutExact(t *testing.T) {
	docs := append(manyThemes(6, 20), "", " ")
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	one, err := m.UpdateTopics(t.Context(), topic.UpdateOptions{Topics: make([]int, len(docs))})
	require.NoError(t, err)
	require.NoError(t, one.Check())
	require.Equal(t, []int{2, 120}, []int{one.Topics()[0].Size, one.Topics()[1].Size})
	again, err := one.Transform(t.Context(), docs)
	require.NoError(t, err)
	require.Equal(t, one.Assignments(), again)
}

// What a file could not hold comes back by an update.
func TestUpdateTopicsOfALoadedModel(t *testing.T) {
	ctx := t.Context()
	cfg := config()
	cfg.Vocabulary.Tokenizer = strings.Fields
	m, err := topic.Fit(ctx, manyThemes(6, 20), cfg)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(ctx, dir, topic.LoadOptions{})
	require.NoError(t, err)

	words := back.Config().Words
	for _, same := range []*topic.Words{nil, &words} {
		_, err = back.UpdateTopics(ctx, topic.UpdateOptions{Words: same})
		require.ErrorIs(t, err, topic.ErrUnsaved)
	}
	words.Vocabulary.Tokenizer = strings.Fields
	got, err := back.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	require.NoError(t, err)
	require.Equal(t, m.Topics(), got.Topics())
	merged, err := got.MergeTopics(ctx, []int{0, 1})
	require.NoError(t, err)
	require.NoError(t, merged.Check())

	other, err := back.UpdateTopics(ctx, topic.UpdateOptions{Words: &topic.Words{}})
	require.NoError(t, err, "settings of the caller's own are all there")
	require.NoError(t, other.Check())
}

// What the fit was told stays, whatever the settings that words are updated with.
func TestUpdateTopicsKeepsTheFitExact(t *testing.T) {
	ctx := t.Context()
	docs := manyThemes(6, 20)
	probe := []string{"w0a w0b unseen", "w1a w1b q", "w4a w4b z", "w5a w2b", "nothing of it"}
	guided, named := config(), config()
	guided.Seeds = [][]string{{"w1a", "w1b"}, {"w5a", "w5b", "w5c"}}
	guided.Notes = map[string]string{"a": "note"}
	named.ZeroShot = topic.ZeroShot{Labels: []string{"w4a w4b w4c", "w2a w2b w2c"}, MinSimilarity: 0.5}
	for name, cfg := range map[string]topic.Config{"guided": guided, "zero-shot": named} {
		m, err := topic.Fit(ctx, docs, cfg)
		require.NoError(t, err, name)
		words := config().Words
		m, err = m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
		require.NoError(t, err, name)
		require.Equal(t, cfg.Seeds, m.Config().Seeds, name)
		require.Equal(t, cfg.ZeroShot, m.Config().ZeroShot, name)
		require.Equal(t, cfg.Notes, m.Config().Notes, name)
		want, err := m.Transform(ctx, probe)
		require.NoError(t, err, name)

		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
		back, err := topic.Load(ctx, dir, topic.LoadOptions{})
		require.NoError(t, err, name)
		x, err := bagOfWords{}.Embed(ctx, probe)
		require.NoError(t, err)
		got, err := back.TransformEmbedded(ctx, probe, x)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
		again, err := back.UpdateTopics(ctx, topic.UpdateOptions{})
		require.NoError(t, err, "%s: the embedder has done its work", name)
		require.Equal(t, m.Topics(), again.Topics(), name)
	}
}
