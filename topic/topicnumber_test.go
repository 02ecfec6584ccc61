package topic_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/topic"
)

// TestFitToANumberOfTopicsExact: a fit with Topics is a fit and a reduction, to the bit, and rewrites words once.
func TestFitToANumberOfTopicsExact(t *testing.T) {
	docs, ctx := manyThemes(9, 24), t.Context()
	for name, make := range map[string]func() topic.Config{
		"clusters": config,
		"soft": func() topic.Config {
			cfg := config()
			cfg.Reducer, cfg.Outliers = nil, topic.SoftOutliers
			return cfg
		},
		"communities": communities,
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{auto, 1, 4, 9, 40} {
				var times int
				cfg := make()
				cfg.Workers = 1
				cfg.Representers = []topic.Representer{counted{&times}}
				plain, err := topic.Fit(ctx, docs, cfg)
				require.NoError(t, err)
				if name == "communities" && n > 0 {
					plain = enough(t, plain, n)
				}
				var want *topic.Model
				if n == auto {
					want, err = plain.ReduceTopics(ctx, topic.Merged(), topic.ReduceOptions{})
				} else {
					want, err = plain.ReduceTopics(ctx, topic.NumTopics(n), topic.ReduceOptions{})
				}
				require.NoError(t, err)
				cfg.Granularity, cfg.Workers, times = numberOrAuto(n), 3, 0
				m, err := topic.Fit(ctx, docs, cfg)
				require.NoError(t, err)
				require.Equal(t, 1, times)
				require.NoError(t, m.Check())
				requireSame(t, want, m, name)
				require.Equal(t, texts(want.Warnings()), texts(m.Warnings()))
				require.Len(t, m.History(), 2)
				require.Equal(t, []string{"fit", "reduce"}, []string{m.History()[0].Operation, m.History()[1].Operation})
				if n > 0 {
					require.Equal(t, min(n, topicCount(plain)), topicCount(m))
				}
				again, err := m.Transform(ctx, docs)
				require.NoError(t, err)
				require.Equal(t, m.Assignments(), again)

				dir := filepath.Join(t.TempDir(), "model")
				require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
				back, err := topic.Load(ctx, dir, topic.LoadOptions{Embedder: cfg.Embedder, Words: cfg.Words})
				require.NoError(t, err)
				requireSame(t, m, back, "load")
				require.Equal(t, numberOrAuto(n), back.Config().Granularity)
				require.Equal(t, cfg.Clusterer, m.Config().Clusterer, "the layer that was taken is for these documents alone")
				require.Equal(t, cfg.Clusterer, back.Config().Clusterer)
				updated, err := back.UpdateTopics(ctx, topic.UpdateOptions{Words: &topic.Words{}})
				require.NoError(t, err)
				require.Equal(t, numberOrAuto(n), updated.Config().Granularity)
				require.Equal(t, m.Assignments(), updated.Assignments())
			}
		})
	}
	cfg := config()
	cfg.Granularity = topic.NumTopics(-2)
	_, err := topic.Fit(ctx, docs, cfg)
	require.ErrorContains(t, err, "topic.Config.Granularity")
}

// auto stands for topic.Merged among numbers of topics, 0 for what is found.
const auto = -1

func numberOrAuto(n int) topic.Granularity {
	switch n {
	case auto:
		return topic.Merged()
	case 0:
		return topic.Granularity{}
	}
	return topic.NumTopics(n)
}

// enough is m at the layer with the fewest communities that are at least n, or with the most.
func enough(t *testing.T, m *topic.Model, n int) *topic.Model {
	t.Helper()
	layers, _, err := m.Layers()
	require.NoError(t, err)
	best := 0
	for i, l := range layers {
		least, now := min(n, layers[best].Clusters), min(n, l.Clusters)
		if now > least || now == n && l.Clusters < layers[best].Clusters {
			best = i
		}
	}
	at, err := m.AtLayer(t.Context(), best)
	require.NoError(t, err)
	return at
}

func texts(errs []error) (out []string) {
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

// counted is a representer that changes nothing and counts how often it is asked.
type counted struct{ times *int }

func (c counted) Represent(_ context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	*c.times++
	return topics, nil
}

// TestFitToANumberOfTopicsWarnsOnce: of what merging and words have to say, nothing is lost and nothing said twice.
func TestFitToANumberOfTopicsWarnsOnce(t *testing.T) {
	docs := slices.Repeat([]string{"the", "a b c", "1 2 !"}, 30) // nothing that counts as a word; three topics
	for n, want := range map[int][]string{
		0:    {"words: ctfidf: empty vocabulary; the topics have no terms"},
		auto: {"words: ctfidf: empty vocabulary; the topics have no terms"},
		4:    {"reduce: 4 topics were asked for, the model has 3", "words: ctfidf: empty vocabulary; the topics have no terms"},
	} {
		for _, chain := range [][]topic.Representer{nil, {counted{new(int)}}} {
			cfg := config()
			cfg.Granularity, cfg.Representers, cfg.Vocabulary.StopWords = numberOrAuto(n), chain, []string{"the"}
			m, err := topic.Fit(t.Context(), docs, cfg)
			require.NoError(t, err)
			said := slices.DeleteFunc(texts(m.Warnings()), func(w string) bool { return strings.HasPrefix(w, "reduce: umap: ") }) // three rows are few
			require.Equal(t, want, said, n)
		}
	}
}
