package topic_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// randomCorpus returns documents of a few words each, some of them several times, some blank.
func randomCorpus(r *rand.Rand, n int) []string {
	words := strings.Fields("cat dog horse rain snow sun wind bread cheese apple car train plane road key lock door")
	docs := make([]string, n)
	for i := range docs {
		theme := r.IntN(4) * 4
		var parts []string
		for range 2 + r.IntN(3) {
			parts = append(parts, words[theme+r.IntN(5)])
		}
		if docs[i] = strings.Join(parts, " "); r.IntN(25) == 0 {
			docs[i] = " "
		}
		if i > 0 && r.IntN(10) == 0 {
			docs[i] = docs[r.IntN(i)]
		}
	}
	return docs
}

// shuffled returns documents in another order, and the number of each in the first order.
func shuffled(r *rand.Rand, docs []string) (out []string, from []int) {
	from = r.Perm(len(docs))
	for _, i := range from {
		out = append(out, docs[i])
	}
	return out, from
}

// orderKinds are fits whose results must not depend on the order of the documents.
func orderKinds() map[string]topic.Config {
	kinds := map[string]topic.Config{}
	for name, set := range map[string]func(*topic.Config){
		"default":   func(c *topic.Config) { c.Reducer, c.Clusterer = nil, community.Config{MinSize: 4} },
		"bertopic":  func(*topic.Config) {},
		"layers":    func(c *topic.Config) { c.Clusterer = hdbscan.PLSCAN{} },
		"guided":    func(c *topic.Config) { c.Seeds = [][]string{{"cat", "dog"}, {"car", "train"}} },
		"zero-shot": func(c *topic.Config) { c.ZeroShot = topic.ZeroShot{Labels: []string{"cat dog"}, MinSimilarity: 0.5} },
		"joined":    func(c *topic.Config) { c.Vocabulary.Join = true }, // without n-grams, which reach into the next document
		"policy":    func(c *topic.Config) { c.Outliers = topic.SoftOutliers },
		"reduced":   func(c *topic.Config) { c.Granularity = topic.NumTopics(3) },
	} {
		cfg := config()
		reducer := cfg.Reducer.(umap.Config)
		reducer.NEpochs = 20 // the order decides no less
		cfg.Reducer = reducer
		set(&cfg)
		kinds[name] = cfg
	}
	return kinds
}

// The same documents in another order give the same topics, words and assignments.
func TestOrderDoesNotMatterExact(t *testing.T) {
	corpora, shuffles := 4, 2
	if thorough() {
		corpora, shuffles = 20, 5
	}
	for name, cfg := range orderKinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range corpora {
				r := rand.New(rand.NewPCG(uint64(seed), 7))
				docs := randomCorpus(r, 60+r.IntN(100))
				want, err := topic.Fit(t.Context(), docs, cfg)
				require.NoError(t, err)
				require.Equal(t, docs, testutil.Got(t, want.Documents))
				for range shuffles {
					other, from := shuffled(r, docs)
					got, err := topic.Fit(t.Context(), other, cfg)
					require.NoError(t, err)
					require.NoError(t, got.Check())
					requireSameInOrder(t, want, got, from)
				}
			}
		})
	}
}

// requireSameInOrder requires that document i of got is document from[i] of want in all that they say.
func requireSameInOrder(t *testing.T, want, got *topic.Model, from []int) {
	t.Helper()
	wa, ga := want.Assignments(), got.Assignments()
	wd, gd := testutil.Got(t, want.Documents), testutil.Got(t, got.Documents)
	for i, f := range from {
		require.Equal(t, wa[f], ga[i], "%q", gd[i])
		require.Equal(t, wd[f], gd[i])
	}
	a, b := want.Topics(), got.Topics()
	require.Len(t, b, len(a))
	for i := range a {
		require.Equal(t, a[i].Name, b[i].Name)
		require.Equal(t, a[i].Terms, b[i].Terms)
		require.Equal(t, a[i].Embedding, b[i].Embedding)
		require.Equal(t, a[i].Label, b[i].Label)
		require.Equal(t, a[i].Size, b[i].Size)
		require.Len(t, b[i].Representative, len(a[i].Representative))
		for k := range a[i].Representative {
			require.Equal(t, wd[a[i].Representative[k]], gd[b[i].Representative[k]], "typical documents")
		}
	}
	require.Equal(t, testutil.Got(t, want.Weights), testutil.Got(t, got.Weights))
	if want.Dims() > 0 {
		wx, gx := testutil.Got(t, want.Embeddings), testutil.Got(t, got.Embeddings)
		for i, f := range from {
			require.Equal(t, wx.Data[f*wx.Stride:][:wx.Cols], gx.Data[i*gx.Stride:][:gx.Cols])
		}
	}
}

// Operations, saving and probabilities follow the order in which the documents were given.
func TestOrderDoesNotMatterToOperationsExact(t *testing.T) {
	ctx := t.Context()
	for name, cfg := range orderKinds() {
		r := rand.New(rand.NewPCG(3, 3))
		docs := randomCorpus(r, 120)
		other, from := shuffled(r, docs)
		want, err := topic.Fit(ctx, docs, cfg)
		require.NoError(t, err)
		got, err := topic.Fit(ctx, other, cfg)
		require.NoError(t, err)
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, got.Save(ctx, dir, topic.SaveOptions{}))
		got, err = topic.Load(ctx, dir, topic.LoadOptions{Embedder: bagOfWords{}})
		require.NoError(t, err)
		requireSameInOrder(t, want, got, from)

		p, err := want.Probabilities(ctx, 0)
		require.NoError(t, err, name)
		q, err := got.Probabilities(ctx, 0)
		require.NoError(t, err, name)
		for i, f := range from {
			wc, wv := p.Row(f)
			gc, gv := q.Row(i)
			require.Equal(t, wc, gc, name)
			require.Equal(t, wv, gv, name)
		}

		fresh := randomCorpus(rand.New(rand.NewPCG(9, 9)), 40)
		more, moreFrom := shuffled(r, fresh)
		want, err = want.Grow(ctx, fresh)
		require.NoError(t, err, name)
		got, err = got.Grow(ctx, more)
		require.NoError(t, err, name)
		require.NoError(t, got.Check(), name)
		all := slices.Clone(from)
		for _, f := range moreFrom {
			all = append(all, len(docs)+f)
		}
		requireSameInOrder(t, want, got, all)

		if len(want.Topics()) > 2 {
			topics, moved := make([]int, want.Len()), make([]int, want.Len())
			for i := range topics {
				topics[i] = i % 3
			}
			for i, f := range all {
				moved[i] = topics[f]
			}
			want, err = want.UpdateTopics(ctx, topic.UpdateOptions{Topics: topics})
			require.NoError(t, err, name)
			got, err = got.UpdateTopics(ctx, topic.UpdateOptions{Topics: moved})
			require.NoError(t, err, name)
			requireSameInOrder(t, want, got, all)
		}
	}
}

// A document whose embedding is zero is an outlier, in the fit and later, and is counted.
func TestZeroEmbeddingsAreOutliers(t *testing.T) {
	ctx := t.Context()
	docs := themes(10)
	x, err := bagOfWords{}.Embed(ctx, docs)
	require.NoError(t, err)
	for _, i := range []int{0, 7} {
		clear(x.Data[i*x.Stride:][:x.Cols])
	}
	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, community.Config{MinSize: 4}
	m, err := topic.FitEmbedded(ctx, docs, x, cfg)
	require.NoError(t, err)
	require.NoError(t, m.Check())
	require.Contains(t, fmt.Sprint(m.Warnings()), "2 of 30 documents have an embedding of zeros")
	for i, a := range m.Assignments() {
		require.Equal(t, i == 0 || i == 7, a.Topic == topic.Outlier, "document %d", i)
	}
	zero := blas32.General{Rows: 1, Cols: x.Cols, Stride: x.Cols, Data: make([]float32, x.Cols)}
	found, err := m.TransformEmbedded(ctx, []string{"a new text"}, zero)
	require.NoError(t, err)
	require.Equal(t, []topic.Assignment{{Topic: topic.Outlier}}, found)
	p, err := m.TransformProbabilities(ctx, topic.Input{Docs: []string{"a new text"}, Embeddings: zero}, 0)
	require.NoError(t, err)
	require.Empty(t, p.Value)
	grown, err := m.GrowEmbedded(ctx, []string{"a new text"}, zero)
	require.NoError(t, err)
	require.Equal(t, topic.Outlier, grown.Assignments()[30].Topic)

	clear(x.Data)
	_, err = topic.FitEmbedded(ctx, docs, x, cfg)
	require.ErrorIs(t, err, topic.ErrNoDocuments)
	require.ErrorContains(t, err, "30 with an embedding of zeros")
}

// byRow is a clusterer that goes by the number of the row.
type byRow struct{}

func (byRow) Cluster(_ context.Context, _ stage.Run, d stage.Data) (stage.Clustering, error) {
	labels := make(labelled, d.X.Rows)
	for i := range labels {
		labels[i] = i%3 - 1
	}
	return labels.Cluster(context.Background(), stage.Run{}, d)
}

// Equal texts of equal embeddings are in one topic, whatever the clusterer says.
func TestEqualDocumentsShareATopic(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	docs := randomCorpus(r, 200)
	for name, c := range map[string]stage.Clusterer{"caller's": byRow{}, "hdbscan": hdbscan.Config{MinClusterSize: 5}, "plscan": hdbscan.PLSCAN{}, "communities": community.Config{MinSize: 4}} {
		cfg := config()
		cfg.Reducer, cfg.Clusterer = nil, c
		m, err := topic.Fit(t.Context(), docs, cfg)
		require.NoError(t, err)
		require.NoError(t, m.Check())
		topics := map[string]int{}
		for i, a := range m.Assignments() {
			if was, ok := topics[docs[i]]; ok {
				require.Equal(t, was, a.Topic, "%s: %q", name, docs[i])
			}
			topics[docs[i]] = a.Topic
		}
	}
}
