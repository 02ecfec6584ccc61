package represent_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/topic"
)

// A loaded model describes topics again as the fitted one does, without being told how.
func TestSavedModelKeepsRepresenters(t *testing.T) {
	g := golden()
	cfg := g.config()
	cfg.Embedder = lengths{} // that of the golden file knows certain texts alone
	cfg.Representers = []topic.Representer{represent.KeyBERT{Candidates: 40, Docs: 3}, represent.MMR{Diversity: stage.None}}
	cfg.Aspects = []topic.Aspect{
		{Name: "nouns", Representers: []topic.Representer{represent.PartOfSpeech{Tagger: represent.English(), Patterns: [][]string{{"NOUN"}}, TopTerms: 4}}},
		{Name: "few", Representers: []topic.Representer{&represent.MMR{Diversity: 0.7, TopTerms: 2}}},
		{Name: "default", Representers: []topic.Representer{represent.PartOfSpeech{}}},
		{Name: "words"},
	}
	fitted := g.fit(t, cfg)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, fitted.Save(t.Context(), dir, topic.SaveOptions{}))
	loaded, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder})
	require.NoError(t, err)
	require.Equal(t, cfg.Representers, loaded.Config().Representers)
	require.Len(t, loaded.Config().Aspects, 4)
	update := func(m *topic.Model) []topic.Topic {
		words := m.Config().Words
		words.TopWords = 5
		m, err := m.UpdateTopics(t.Context(), topic.UpdateOptions{Words: &words})
		require.NoError(t, err)
		require.NoError(t, m.Check())
		return m.Topics()
	}
	require.Equal(t, update(fitted), update(loaded))

	// What a file cannot hold is named, and can be given again.
	cfg.Representers = []topic.Representer{represent.KeyBERT{Embedder: cfg.Embedder}}
	cfg.Aspects = []topic.Aspect{{Name: "label", Representers: []topic.Representer{represent.DefaultLanguageModel(echo)}}}
	fitted = g.fit(t, cfg)
	require.NoError(t, fitted.Save(t.Context(), dir, topic.SaveOptions{}))
	loaded, err = topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder})
	require.NoError(t, err)
	_, err = loaded.MergeTopics(t.Context(), []int{0, 1})
	require.ErrorIs(t, err, topic.ErrUnsaved)
	require.ErrorContains(t, err, "Aspects, Representers")
	loaded, err = topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: cfg.Embedder, Words: topic.Words{Representers: cfg.Representers, Aspects: cfg.Aspects}})
	require.NoError(t, err)
	require.Equal(t, update(fitted), update(loaded))
}

func TestSettingsComeBack(t *testing.T) {
	for _, r := range []topic.Representer{
		represent.KeyBERT{},
		represent.KeyBERT{Candidates: 7, Docs: 2, TopTerms: 3},
		represent.MMR{},
		represent.MMR{Diversity: 0.3, TopTerms: 4},
		represent.PartOfSpeech{},
		represent.PartOfSpeech{Patterns: [][]string{{"ADJ", "NOUN"}}, TopTerms: 9},
		represent.ZeroShot{Labels: []string{"a", "b"}},
		represent.ZeroShot{Labels: []string{"a"}, MinScore: stage.None, All: true},
	} {
		saved, err := state.Encode(r)
		require.NoError(t, err)
		back, err := saved.Decode()
		require.NoError(t, err)
		require.Equal(t, r, back)
	}
	classify := func(context.Context, string, []string) ([]float64, error) { return nil, nil }
	for field, r := range map[string]topic.Representer{
		"KeyBERT.Embedder":    represent.KeyBERT{Embedder: lengths{}},
		"MMR.Embedder":        represent.MMR{Embedder: lengths{}},
		"PartOfSpeech.Tagger": represent.PartOfSpeech{Tagger: spaCy{}},
		"ZeroShot.Embedder":   represent.ZeroShot{Labels: []string{"a"}, Embedder: lengths{}},
		"ZeroShot.Classify":   represent.ZeroShot{Labels: []string{"a"}, Classify: classify},
	} {
		_, err := state.Encode(r)
		require.ErrorContains(t, err, "represent."+field+" has no saved form")
	}
	_, err := state.Encode(represent.DefaultLanguageModel(echo))
	require.ErrorIs(t, err, state.ErrUnregistered)
	// A damaged file gives no settings out of range.
	_, err = state.Settings{Stage: "represent.mmr", Settings: json.RawMessage(`{"diversity":7}`)}.Decode()
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
}
