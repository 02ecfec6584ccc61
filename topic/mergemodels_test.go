package topic_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// TestMergeModelsAsBERTopicExact: scripts/golden/merge_models.py.
func TestMergeModelsAsBERTopicExact(t *testing.T) {
	var golden struct {
		Models []struct {
			Docs   []string
			X      [][]float32
			Topics []int
		}
		Cases []struct {
			First, N int
			Least    float64
			Topics   []int
		}
	}
	readGolden(t, "merge_models.json.gz", &golden)
	var all []*topic.Model
	for _, g := range golden.Models {
		cfg := config()
		cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
		m, err := topic.FitInput(t.Context(), topic.Input{Docs: g.Docs, Embeddings: matrixOf(g.X), Classes: g.Topics}, cfg)
		require.NoError(t, err)
		all = append(all, m)
	}
	for _, c := range golden.Cases {
		models := all[c.First : c.First+c.N]
		m, err := topic.MergeModels(t.Context(), models, c.Least)
		require.NoError(t, err)
		require.NoError(t, m.Check())
		got := make([]int, len(m.Assignments()))
		for i, a := range m.Assignments() {
			got[i] = a.Topic
		}
		require.Equal(t, c.Topics, got, "%d models, %v", len(models), c.Least)
	}
}

// modelOfThemes is a model of n documents of each of the themes from to to.
func modelOfThemes(t *testing.T, from, to, n int, change func(*topic.Config)) *topic.Model {
	t.Helper()
	docs := []string{"", "zebra quagga unlike anything"}
	for i, d := range manyThemes(to, n) {
		if i%to >= from {
			docs = append(docs, d)
		}
	}
	cfg := config()
	if change != nil {
		change(&cfg)
	}
	m, err := topic.Fit(t.Context(), docs, cfg)
	require.NoError(t, err)
	return m
}

// TestMergeModelsKeepsEverythingExact: documents, assignments, sizes, embeddings, words and where each topic came from.
func TestMergeModelsKeepsEverythingExact(t *testing.T) {
	ctx := t.Context()
	a := modelOfThemes(t, 0, 6, 40, nil)
	b := modelOfThemes(t, 4, 9, 20, func(c *topic.Config) { c.Seed = 7 })
	b, err := b.Relabel(map[int]string{topicCount(b) - 1: "named"})
	require.NoError(t, err)
	before := [][]topic.Topic{a.Topics(), b.Topics()}
	m, err := topic.MergeModels(ctx, []*topic.Model{a, b}, 0.9)
	require.NoError(t, err)
	requireWhole(t, m, "merged")
	require.Equal(t, before, [][]topic.Topic{a.Topics(), b.Topics()})
	require.Equal(t, slices.Concat(testutil.Got(t, a.Documents), testutil.Got(t, b.Documents)), testutil.Got(t, m.Documents))
	require.Equal(t, 9, topicCount(m), "two of five are shared")

	history := m.History()
	require.Equal(t, a.History(), history[:len(history)-1])
	step := history[len(history)-1]
	require.Equal(t, "merge models", step.Operation)
	require.Len(t, step.Sources, 9)
	models := []*topic.Model{a, b}
	seen := map[[2]int]int{}
	shared := 0
	for id, s := range step.Sources {
		require.Equal(t, id, s.Topic)
		if len(s.From) > 1 {
			shared++
		}
		for _, f := range s.From {
			seen[[2]int{f.Model, f.Topic}] = id
			topics := models[f.Model].Topics()
			require.Equal(t, topics[len(topics)-topicCount(models[f.Model])+f.Topic].Size, f.Size)
			require.GreaterOrEqual(t, f.Similarity, 0.9)
		}
		if id < topicCount(a) {
			require.Equal(t, topic.ModelTopic{Model: 0, Topic: id, Size: s.From[0].Size, Similarity: 1}, s.From[0], "the first model's topics keep their numbers")
		}
	}
	require.Equal(t, 2, shared)
	require.Len(t, seen, topicCount(a)+topicCount(b))
	at := 0
	first := map[string]int{}
	for k, model := range models {
		for i, was := range model.Assignments() {
			doc := testutil.Got(t, model.Documents)[i]
			now := m.Assignments()[at]
			if twin, ok := first[doc]; ok && strings.TrimSpace(doc) != "" {
				require.Equal(t, m.Assignments()[twin], now, doc)
			} else if was.Topic != topic.Outlier {
				require.Equal(t, topic.Assignment{Topic: seen[[2]int{k, was.Topic}], Probability: was.Probability}, now)
			}
			if _, ok := first[doc]; !ok {
				first[doc] = at
			}
			at++
		}
	}
	labels := 0
	for _, tp := range m.Topics() {
		if tp.Label == "named" {
			labels++
		}
	}
	require.Equal(t, 1, labels)

	// A document has the memberships that its model gives it.
	all, err := m.Probabilities(ctx, 0)
	require.NoError(t, err)
	at = 0
	for k, model := range models {
		alone, err := model.Probabilities(ctx, 0)
		require.NoError(t, err)
		for i := range model.Len() {
			cols, values := alone.Row(i)
			want := map[int]float64{}
			for n, c := range cols {
				want[seen[[2]int{k, int(c)}]] += values[n]
			}
			got := map[int]float64{}
			cols, values = all.Row(at)
			for n, c := range cols {
				got[int(c)] += values[n]
			}
			require.Equal(t, want, got)
			at++
		}
	}
	again, err := m.TransformProbabilities(ctx, topic.Input{Docs: testutil.Got(t, m.Documents)[:200]}, 0)
	require.NoError(t, err)
	require.Equal(t, all.Value[:all.RowPtr[200]], again.Value)

	// New documents of either model find their topics, strangers none; before and after Save and Load.
	probe := []string{"w1a w1b w1c unseen", "w8a w8b w8c unseen", "xylophone bassoon oboe"}
	found, err := m.Transform(ctx, probe)
	require.NoError(t, err)
	for i, model := range models {
		alone, err := model.Transform(ctx, probe[i:i+1])
		require.NoError(t, err)
		require.NotEqual(t, topic.Outlier, alone[0].Topic)
		require.Equal(t, seen[[2]int{i, alone[0].Topic}], found[i].Topic)
	}
	require.Equal(t, topic.Outlier, found[2].Topic)
	for i, doc := range probe {
		one, err := m.Transform(ctx, []string{doc})
		require.NoError(t, err)
		require.Equal(t, found[i], one[0], "by itself")
	}
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}), "over itself")
	back, err := topic.Load(ctx, dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	requireSame(t, m, back, "load")
	loaded, err := back.Transform(ctx, probe)
	require.NoError(t, err)
	require.Equal(t, found, loaded)

	// Three at once, and a merged model merged again.
	c := modelOfThemes(t, 8, 12, 20, nil)
	three, err := topic.MergeModels(ctx, []*topic.Model{a, b, c}, 0.9)
	require.NoError(t, err)
	requireWhole(t, three, "three")
	twice, err := topic.MergeModels(ctx, []*topic.Model{back, c}, 0.9)
	require.NoError(t, err)
	requireWhole(t, twice, "twice")
	require.Equal(t, three.Topics(), twice.Topics())
	require.Equal(t, 12, topicCount(three))
	other, err := twice.Transform(ctx, []string{"w1a w1b w1c unseen", "w8a w8b w8c unseen", "w11a w11b w11c unseen"})
	require.NoError(t, err)
	for i, a := range other {
		require.NotEqual(t, topic.Outlier, a.Topic, i)
	}
}

// TestMergeAModelWithItself: every document is there twice, nothing else changes.
func TestMergeAModelWithItself(t *testing.T) {
	for name, change := range map[string]func(*topic.Config){
		"plain": nil,
		"default stages": func(c *topic.Config) {
			c.Reducer, c.Clusterer = nil, community.Config{}
		},
		"guided and zero-shot": func(c *topic.Config) {
			c.Seeds = [][]string{{"w1a", "w1b"}}
			c.ZeroShot = topic.ZeroShot{Labels: []string{"w2a w2b w2c"}, MinSimilarity: 0.5}
		},
		"soft": func(c *topic.Config) { c.Reducer, c.Outliers = nil, topic.SoftOutliers },
	} {
		t.Run(name, func(t *testing.T) {
			a := modelOfThemes(t, 0, 6, 24, change)
			m, err := topic.MergeModels(t.Context(), []*topic.Model{a, a}, 0.7)
			require.NoError(t, err)
			requireWhole(t, m, name)
			require.Equal(t, slices.Concat(a.Assignments(), a.Assignments()), m.Assignments())
			for i, tp := range m.Topics() {
				was := a.Topics()[i]
				require.Equal(t, 2*was.Size, tp.Size)
				require.Equal(t, was.Label, tp.Label, "a label stays with the documents that had it")
				require.InDeltaSlice(t, was.Embedding, tp.Embedding, 1e-6)
			}
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
			back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
			require.NoError(t, err)
			requireSame(t, m, back, "load")
		})
	}
}

func TestMergeModelsErrors(t *testing.T) {
	ctx := t.Context()
	a := modelOfThemes(t, 0, 3, 15, nil)
	for want, models := range map[string][]*topic.Model{
		"0 models, want two or more": {},
		"1 models, want two or more": {a},
		"model 1 is nil":             {a, nil},
		"model 1 has another Config.Vocabulary.NGramMax than model 0": {a, modelOfThemes(t, 0, 3, 15, func(c *topic.Config) { c.Vocabulary.NGramMax = 2 })},
		"model 1 has embeddings of 2 dimensions, model 0 of 24":       {a, narrow(t)},
	} {
		_, err := topic.MergeModels(ctx, models, 0.7)
		require.ErrorContains(t, err, "merge models: "+want)
	}
	_, err := topic.MergeModels(ctx, []*topic.Model{a, a}, 2)
	require.ErrorContains(t, err, "a number in [−1, 1]")
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	words, err := topic.FitInput(ctx, topic.Input{Docs: []string{"a cat", "a dog"}, Classes: []int{0, 1}, WordsAlone: true}, cfg)
	require.NoError(t, err)
	_, err = topic.MergeModels(ctx, []*topic.Model{a, words}, 0.7)
	require.ErrorIs(t, err, topic.ErrNoEmbeddings)
}

// narrow is a model with embeddings of two dimensions.
func narrow(t *testing.T) *topic.Model {
	t.Helper()
	cfg := config()
	cfg.Reducer, cfg.Embedder = nil, nil
	m, err := topic.FitEmbedded(t.Context(), []string{"a cat", "a dog"}, matrixOf([][]float32{{1, 0}, {0, 1}}), cfg)
	require.NoError(t, err)
	return m
}

// TestMergedModelsKeepTheirReducerExact: what a model of PCA and merged models of it grow by comes back from a file.
func TestMergedModelsKeepTheirReducerExact(t *testing.T) {
	ctx := t.Context()
	set := func(c *topic.Config) { c.Reducer = online.PCAConfig{} }
	m, err := topic.MergeModels(ctx, []*topic.Model{modelOfThemes(t, 0, 6, 40, set), modelOfThemes(t, 4, 9, 20, set)}, 0.9)
	require.NoError(t, err)
	for range 2 {
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
		back, err := topic.Load(ctx, dir, topic.LoadOptions{Embedder: bagOfWords{}})
		require.NoError(t, err)
		require.Equal(t, m.Config().Reducer, back.Config().Reducer)
		requireSame(t, m, back, "load")
		want, err := m.Grow(ctx, manyThemes(12, 10))
		require.NoError(t, err)
		got, err := back.Grow(ctx, manyThemes(12, 10))
		require.NoError(t, err)
		requireSame(t, want, got, "grow")
		m = got // grown once, then twice
	}
}
