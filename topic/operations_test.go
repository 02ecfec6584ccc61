package topic_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// operation makes a model of m with arguments drawn from r. It returns m itself when m has nothing to do it with.
type operation struct {
	name string
	do   func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error)
}

// operations are all that random sequences are made of. What is new to the package is added here.
var operations = []operation{
	{"merge", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		n := topicCount(m)
		if n < 2 {
			return m, nil
		}
		ids := r.Perm(n)
		groups := [][]int{ids[:2]}
		if n >= 5 {
			groups = append(groups, ids[2:5])
		}
		return m.MergeTopics(ctx, groups...)
	}},
	{"reduce", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		n := topicCount(m)
		return m.ReduceTopics(ctx, topic.NumTopics(max(1, n-r.IntN(4))), topic.ReduceOptions{UseWords: r.IntN(2) == 0})
	}},
	{"reduce auto", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		return m.ReduceTopics(ctx, topic.Merged(), topic.ReduceOptions{UseWords: r.IntN(2) == 0})
	}},
	{"cut a hierarchy", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		n := topicCount(m)
		if n == 0 {
			return m, nil
		}
		h, err := analysis.HierarchicalTopics(ctx, m, analysis.HierarchyOptions{UseEmbeddings: m.Dims() > 0 && r.IntN(2) == 0})
		if err != nil {
			return nil, err
		}
		return h.Cut(ctx, max(1, n-r.IntN(3)))
	}},
	{"grow", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		docs := manyThemes(11, 8)
		r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		docs = append(docs[:20+r.IntN(60)], " ", "of another kind")
		return m.Grow(ctx, docs)
	}},
	{"merge models", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		cfg := config()
		cfg.Vocabulary, cfg.Workers = m.Config().Vocabulary, m.Config().Workers
		if r.IntN(2) == 0 {
			cfg.Reducer = nil
		}
		docs := append(manyThemes(12, 9), "zebra quagga unlike anything else", "of another kind")
		r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		other, err := topic.Fit(ctx, docs[:60+r.IntN(40)], cfg)
		if err != nil || m.Dims() == 0 {
			return m, err
		}
		return topic.MergeModels(ctx, []*topic.Model{m, other}, 0.5+r.Float64()/2)
	}},
	{"reduce outliers", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		rule := topic.OutlierRule{Threshold: r.Float64()}
		rule.Strategy = []topic.OutlierStrategy{topic.ByWords, topic.ByEmbeddings, topic.ByDistributions, topic.ByProbabilities}[r.IntN(4)]
		out, err := m.ReduceOutliers(ctx, rule)
		if errors.Is(err, topic.ErrNoMemberships) || m.Dims() == 0 && errors.Is(err, topic.ErrNoEmbeddings) {
			return m, nil
		}
		return out, err
	}},
	{"delete", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		n := topicCount(m)
		return m.DeleteTopics(ctx, r.Perm(n)[:min(n, r.IntN(3))]...)
	}},
	{"split", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		n := topicCount(m)
		cfg := topic.SplitOptions{MinSize: 2 + r.IntN(3), Outliers: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			cfg = topic.SplitOptions{Parts: 2 + r.IntN(3)}
		}
		if n == 0 || m.Dims() == 0 {
			return m, nil
		}
		id := r.IntN(n)
		if size := m.Topics()[len(m.Topics())-n+id].Size; size < cfg.Parts {
			return m, nil
		}
		out, err := m.SplitTopic(ctx, id, cfg)
		if errors.Is(err, topic.ErrNoSplit) || m.Dims() == 0 && errors.Is(err, topic.ErrNoEmbeddings) {
			return m, nil
		}
		return out, err
	}},
	{"relabel", func(_ context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		labels, err := analysis.Labels(m, analysis.LabelOptions{Words: 1 + r.IntN(3), Separator: new(", ")})
		if err != nil {
			return nil, err
		}
		delete(labels, r.IntN(topicCount(m)+1))
		return m.Relabel(labels)
	}},
	{"update words", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		words := m.Config().Words
		words.TopWords = 3 + r.IntN(5)
		words.Vocabulary.NGramMax = 1 + r.IntN(2)
		words.Weigher = []ctfidf.Weigher{ctfidf.Weighting{BM25: true, Clamp: true}, ctfidf.NPMI{}, ctfidf.Weighting{}}[r.IntN(3)]
		return m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	}},
	{"update topics", func(ctx context.Context, m *topic.Model, r *rand.Rand) (*topic.Model, error) {
		docs, err := m.Documents()
		if err != nil {
			return nil, err
		}
		topics := make([]int, m.Len())
		seen := map[string]int{} // equal documents stay together: Transform cannot tell them apart
		for i, a := range m.Assignments() {
			if topics[i] = a.Topic; r.IntN(20) == 0 {
				topics[i] = r.IntN(12) - 1
			}
			if like, ok := seen[docs[i]]; ok {
				topics[i] = topics[like]
			} else {
				seen[docs[i]] = i
			}
		}
		return m.UpdateTopics(ctx, topic.UpdateOptions{Topics: topics})
	}},
}

// topicCount is the number of topics without the outliers.
func topicCount(m *topic.Model) int {
	topics := m.Topics()
	return topics[len(topics)-1].ID + 1
}

// TestAnySequenceOfOperationsExact: whatever is done to a model in whatever order, its parts fit together, it remembers
// where its documents went, the fitted documents get their topics again, and it is the same after Save and Load, for any
// number of workers.
func TestAnySequenceOfOperationsExact(t *testing.T) {
	docs := append(manyThemes(9, 24), "", "zebra quagga unlike anything else", "\t")
	classes := make([]int, len(docs))
	for i := range classes {
		classes[i] = i%9 - 1
	}
	sequences := uint64(12)
	if testing.Short() {
		sequences = 3
	}
	for name, set := range map[string]func(*topic.Config, *topic.Input){
		"unsupervised":  func(*topic.Config, *topic.Input) {},
		"soft outliers": func(c *topic.Config, _ *topic.Input) { c.Outliers = topic.SoftOutliers },
		"no outliers":   func(c *topic.Config, _ *topic.Input) { c.Outliers = topic.AllOutliers },
		"layers, a number, soft outliers": func(c *topic.Config, _ *topic.Input) {
			c.Clusterer, c.Granularity, c.Outliers = hdbscan.PLSCAN{}, topic.NumTopics(7), topic.SoftOutliers
		},
		"zero-shot": func(c *topic.Config, _ *topic.Input) {
			c.ZeroShot = topic.ZeroShot{Labels: []string{"w4a w4b w4c", "w2a w2b w2c", "w7a w7b"}, MinSimilarity: 0.5}
		},
		"soft": func(c *topic.Config, _ *topic.Input) { c.Weigher = ctfidf.Soft{} },
		"communities": func(c *topic.Config, _ *topic.Input) {
			c.Reducer, c.Clusterer, c.Weigher = nil, community.Config{}, ctfidf.Soft{}
		},
		"communities, zero-shot": func(c *topic.Config, _ *topic.Input) {
			c.Reducer, c.Clusterer = nil, community.Config{}
			c.ZeroShot = topic.ZeroShot{Labels: []string{"w4a w4b w4c", "w2a w2b w2c", "w7a w7b"}, MinSimilarity: 0.5}
		},
		"guided":          func(c *topic.Config, _ *topic.Input) { c.Seeds = [][]string{{"w1a", "w1b"}, {"w5a", "w5b", "w5c"}} },
		"semi-supervised": func(_ *topic.Config, d *topic.Input) { d.Classes = classes },
		"supervised": func(c *topic.Config, d *topic.Input) {
			d.Classes, c.Reducer, c.Clusterer = classes, nil, supervised.Logistic{}
		},
		"manual": func(c *topic.Config, d *topic.Input) {
			d.Classes, c.Reducer, c.Clusterer = classes, nil, supervised.Fixed{}
		},
		"words alone": func(c *topic.Config, d *topic.Input) {
			d.Classes, c.Reducer, c.Clusterer, d.WordsAlone = classes, nil, supervised.Fixed{}, true
		},
		"principal components": func(c *topic.Config, _ *topic.Input) {
			c.Reducer, c.Clusterer = online.PCAConfig{}, online.DBStreamConfig{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			fitted := make([]*topic.Model, 2)
			for i := range fitted {
				cfg, data := config(), topic.Input{Docs: docs}
				cfg.Workers = 1 + 2*i
				set(&cfg, &data)
				m, err := topic.FitInput(t.Context(), data, cfg)
				require.NoError(t, err)
				require.Greater(t, topicCount(m), 5)
				requireWhole(t, m, "fit")
				fitted[i] = m
			}
			requireSame(t, fitted[0], fitted[1], "fit")
			for seed := range sequences {
				requireSequence(t, fitted, seed)
			}
		})
	}
}

// requireSequence does the same random operations to two models that differ in the number of workers alone.
func requireSequence(t *testing.T, fitted []*topic.Model, seed uint64) {
	t.Helper()
	ctx := t.Context()
	m, twin := fitted[0], fitted[1]
	r, same := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 1))
	for range 6 {
		op := operations[r.IntN(len(operations))]
		same.IntN(len(operations))
		before, topics := m, m.Topics()
		next, err := op.do(ctx, m, r)
		require.NoError(t, err, "%s, seed %d", op.name, seed)
		requireWhole(t, next, op.name)
		require.Equal(t, topics, before.Topics(), "%s changed the model it was given", op.name)
		requireMoves(t, before, next)

		twin, err = op.do(ctx, twin, same)
		require.NoError(t, err)
		requireSame(t, next, twin, op.name)
		m = next
	}
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(ctx, dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	requireSame(t, m, back, "load")
	probe := []string{"w0a w0b unseen", "w1c w2a", "nothing of it"}
	want, err := m.Transform(ctx, probe)
	require.NoError(t, err)
	got, err := back.Transform(ctx, probe)
	require.NoError(t, err)
	require.Equal(t, want, got)
	if m.Dims() > 0 {
		want, err := m.TransformProbabilities(ctx, topic.Input{Docs: probe}, 0)
		got, also := back.TransformProbabilities(ctx, topic.Input{Docs: probe}, 0)
		require.Equal(t, err, also)
		require.Equal(t, want, got)
	}
	for _, op := range operations { // a loaded model can do all that the saved one could
		want, err := op.do(ctx, m, rand.New(rand.NewPCG(seed, 2)))
		require.NoError(t, err)
		got, err := op.do(ctx, back, rand.New(rand.NewPCG(seed, 2)))
		require.NoError(t, err)
		requireSame(t, want, got, "load, then "+op.name)
	}
}

// requireWhole checks a model from outside: Check, words counted anew, and the topics and the
// probabilities of its documents found again.
func requireWhole(t *testing.T, m *topic.Model, what string) {
	t.Helper()
	require.NoError(t, m.Check(), what)
	classes := make([]int, 0, m.Len())
	for _, a := range m.Assignments() {
		classes = append(classes, a.Topic)
	}
	got := testutil.Got(t, m.Counts)
	_, none := m.Probabilities(t.Context(), 0)
	if _, soft := m.Config().Weigher.(ctfidf.Soft); !soft {
		want, err := ctfidf.Count(t.Context(), testutil.Got(t, m.Documents), classes, m.Config().Vocabulary)
		require.NoError(t, err)
		require.Equal(t, want, got, what)
	} else if none == nil {
		require.NotContains(t, errors.Join(m.Warnings()...).Error(), "memberships", what)
	}
	if !errors.Is(none, topic.ErrNoMemberships) {
		requireProbabilities(t, m, 2, m.Len())
	}
	again, err := m.Transform(t.Context(), testutil.Got(t, m.Documents))
	require.NoError(t, err)
	require.Equal(t, m.Assignments(), again, what)
}

// requireMoves holds the last step of the history of next against the documents.
func requireMoves(t *testing.T, before, next *topic.Model) {
	t.Helper()
	history := next.History()
	if len(history) == len(before.History()) {
		return
	}
	require.Len(t, history, len(before.History())+1)
	to := map[int]map[int]bool{}
	now := next.Assignments()
	for i, a := range before.Assignments() {
		if to[a.Topic] == nil {
			to[a.Topic] = map[int]bool{}
		}
		to[a.Topic][now[i].Topic] = true
	}
	moves := history[len(history)-1].Moves
	require.Len(t, moves, len(to))
	for _, move := range moves {
		require.Len(t, move.To, len(to[move.From]))
		for _, id := range move.To {
			require.True(t, to[move.From][id])
		}
	}
}

func requireSame(t *testing.T, a, b *topic.Model, what string) {
	t.Helper()
	require.Equal(t, a.Assignments(), b.Assignments(), what)
	require.Equal(t, a.Topics(), b.Topics(), what)
	require.Equal(t, a.History(), b.History(), what)
	wa := testutil.Got(t, a.Weights)
	wb := testutil.Got(t, b.Weights)
	require.Equal(t, wa, wb, what)
	pa, err := a.Probabilities(t.Context(), 3)
	pb, also := b.Probabilities(t.Context(), 3)
	require.Equal(t, err, also, what)
	require.Equal(t, pa, pb, what)
}
