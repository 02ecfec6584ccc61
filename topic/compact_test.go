package topic_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// reload saves a model and loads it.
func reload(t testing.TB, m *topic.Model, opt topic.SaveOptions) *topic.Model {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, opt))
	require.NoError(t, topic.Verify(t.Context(), dir))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err)
	require.NoError(t, back.Check())
	return back
}

// A model saved with rounded embeddings has the same topics, finds its documents again, and gives nearly
// all new documents the same topic. Saved again it does not change.
func TestRoundedModels(t *testing.T) {
	fresh := manyThemes(4, 6)
	for name, m := range smallModels(t) {
		for _, precision := range []string{"float16", "int8"} {
			opt := topic.SaveOptions{Embeddings: precision}
			back := reload(t, m, opt)
			requireSameTopics(t, m, back)
			again, err := back.Transform(t.Context(), testutil.Got(t, m.Documents))
			require.NoError(t, err)
			if m.Dims() == 0 {
				continue
			}
			known, err := m.Transform(t.Context(), testutil.Got(t, m.Documents))
			require.NoError(t, err)
			require.Equal(t, known, again, "%s %s: documents of the fit are found again", name, precision)
			want, err := m.Transform(t.Context(), fresh)
			require.NoError(t, err)
			got, err := back.Transform(t.Context(), fresh)
			require.NoError(t, err)
			same := 0
			for i := range want {
				if want[i].Topic == got[i].Topic {
					same++
				}
			}
			require.GreaterOrEqual(t, same, len(want)-2, "%s %s", name, precision)
			requireSame(t, back, reload(t, back, topic.SaveOptions{}), name)
			if name == "words alone" || name == "classes" {
				continue
			}
			grown, err := back.Grow(t.Context(), fresh)
			require.NoError(t, err, name)
			require.NoError(t, grown.Check(), name)
			after, err := grown.Transform(t.Context(), fresh)
			require.NoError(t, err)
			require.Equal(t, grown.Assignments()[m.Len():], after, "%s %s: rows that grew are found again", name, precision)
			requireSame(t, grown, reload(t, grown, topic.SaveOptions{}), name)
		}
	}
}

// requireSameTopics requires the same topics, words and assignments.
func requireSameTopics(t testing.TB, want, got *topic.Model) {
	t.Helper()
	require.Equal(t, want.Topics(), got.Topics())
	require.Equal(t, want.Assignments(), got.Assignments())
	require.Equal(t, want.History(), got.History())
	require.Equal(t, want.Len(), got.Len())
	require.Equal(t, want.Dims(), got.Dims())
}

// A model saved without texts places documents as before, has the texts of its typical documents, and
// says why it cannot count words.
func TestModelsWithoutTexts(t *testing.T) {
	ctx := t.Context()
	for name, m := range smallModels(t) {
		back := reload(t, m, topic.SaveOptions{WithoutTexts: true})
		requireSameTopics(t, m, back)
		_, err := back.Documents()
		require.ErrorIs(t, err, topic.ErrNoTexts)
		docs := testutil.Got(t, m.Documents)
		typical := map[int]bool{}
		for _, tp := range back.Topics() {
			for _, doc := range tp.Representative {
				text, err := back.Document(doc)
				require.NoError(t, err)
				require.Equal(t, docs[doc], text)
				typical[doc] = true
			}
		}
		for doc := range docs {
			if _, err := back.Document(doc); !typical[doc] {
				require.ErrorIs(t, err, topic.ErrNoTexts)
			}
		}
		_, err = back.Document(len(docs))
		require.ErrorContains(t, err, "there is no document")
		if m.Dims() > 0 {
			want, err := m.Transform(ctx, docs)
			require.NoError(t, err)
			got, err := back.Transform(ctx, docs)
			require.NoError(t, err)
			require.Equal(t, want, got, name)
		}
		requireNeedsAll(t, back, topic.ErrNoTexts)
		twice := reload(t, back, topic.SaveOptions{})
		requireSameTopics(t, m, twice)
		_, err = twice.Documents()
		require.ErrorIs(t, err, topic.ErrNoTexts)
	}
}

// requireNeedsAll requires that operations on a compact model fail with an error.
func requireNeedsAll(t *testing.T, m *topic.Model, want error) {
	t.Helper()
	ctx := t.Context()
	for name, do := range map[string]func() error{
		"grow":     func() error { _, err := m.Grow(ctx, []string{"cat dog"}); return err },
		"merge":    func() error { _, err := m.MergeTopics(ctx, []int{0, 1}); return err },
		"delete":   func() error { _, err := m.DeleteTopics(ctx, 0); return err },
		"split":    func() error { _, err := m.SplitTopic(ctx, 0, topic.SplitOptions{Parts: 2}); return err },
		"update":   func() error { _, err := m.UpdateTopics(ctx, topic.UpdateOptions{}); return err },
		"reduce":   func() error { _, err := m.ReduceTopics(ctx, topic.NumTopics(1), topic.ReduceOptions{}); return err },
		"outliers": func() error { _, err := m.ReduceOutliers(ctx, topic.OutlierRule{Strategy: topic.ByWords}); return err },
		"models":   func() error { _, err := topic.MergeModels(ctx, []*topic.Model{m, m}, 0.5); return err },
	} {
		if n := topicCount(m); n < 2 && (name == "merge" || name == "reduce") || n == 0 && (name == "delete" || name == "split") {
			continue
		}
		require.ErrorIs(t, do(), want, name)
	}
}

// A model saved without embeddings gives a document the topic whose embedding is nearest.
func TestModelsWithoutEmbeddings(t *testing.T) {
	ctx, fresh := t.Context(), append(manyThemes(4, 6), " ")
	for name, m := range smallModels(t) {
		if m.Dims() == 0 {
			requireSame(t, m, reload(t, m, topic.SaveOptions{Embeddings: "none"}), name) // there is nothing to leave out
			continue
		}
		for _, opt := range []topic.SaveOptions{{Embeddings: "none"}, {Embeddings: "none", WithoutTexts: true}} {
			back := reload(t, m, opt)
			requireSameTopics(t, m, back)
			_, err := back.Embeddings()
			require.ErrorIs(t, err, topic.ErrNoEmbeddings)
			require.ErrorContains(t, err, "saved without")
			_, _, err = back.Points()
			require.ErrorIs(t, err, topic.ErrNoEmbeddings)
			_, err = back.Probabilities(ctx, 0)
			require.ErrorIs(t, err, topic.ErrNoEmbeddings)
			_, _, err = back.Layers()
			require.ErrorIs(t, err, topic.ErrNoEmbeddings)
			want := topic.ErrNoEmbeddings
			if opt.WithoutTexts {
				want = topic.ErrNoTexts
			}
			requireNeedsAll(t, back, want)
			requireSameTopics(t, m, reload(t, back, topic.SaveOptions{Embeddings: "float16"}))

			got, err := back.Transform(ctx, fresh)
			require.NoError(t, err)
			x, err := bagOfWords{}.Embed(ctx, fresh)
			require.NoError(t, err)
			for i, a := range got {
				if strings.TrimSpace(fresh[i]) == "" {
					require.Equal(t, topic.Assignment{Topic: topic.Outlier}, a)
					continue
				}
				if len(m.Config().ZeroShot.Labels) > 0 {
					continue // labels come first
				}
				best, cosine := topic.Outlier, -2.0
				for _, tp := range m.Topics() {
					if c := cosineOf(x.Data[i*x.Stride:][:x.Cols], tp.Embedding); tp.ID >= 0 && c > cosine+1e-9 {
						best, cosine = tp.ID, c
					}
				}
				require.Equal(t, best, a.Topic, "%s: %q", name, fresh[i])
				require.InDelta(t, max(cosine, 0), a.Probability, 1e-5)
			}
		}
	}
}

// A compact model is smaller, and ErrNoTexts is told from damage.
func TestCompactModelsAreSmall(t *testing.T) {
	m := smallModels(t)["clusters"]
	size := func(opt topic.SaveOptions) (n int64) {
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, m.Save(t.Context(), dir, opt))
		for _, f := range filesBelow(t, dir) {
			info, err := os.Stat(f)
			require.NoError(t, err)
			n += info.Size()
		}
		return n
	}
	whole := size(topic.SaveOptions{})
	require.Equal(t, whole, size(topic.SaveOptions{Embeddings: "float32"}))
	half, eighth := size(topic.SaveOptions{Embeddings: "float16"}), size(topic.SaveOptions{Embeddings: "int8"})
	require.Less(t, half, whole)
	require.Less(t, eighth, half)
	require.Less(t, size(topic.SaveOptions{WithoutTexts: true, Embeddings: "none"}), whole/2)
}

func TestSaveOptionsAreChecked(t *testing.T) {
	m := smallModels(t)["communities"]
	dir := filepath.Join(t.TempDir(), "model")
	var bad *stage.ConfigError
	require.ErrorAs(t, m.Save(t.Context(), dir, topic.SaveOptions{Embeddings: "int4"}), &bad)
	require.Equal(t, "topic.SaveOptions.Embeddings", bad.Field)
	require.ErrorContains(t, m.Save(t.Context(), "", topic.SaveOptions{}), "no directory")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	cancel(stop)
	require.ErrorIs(t, m.Save(ctx, dir, topic.SaveOptions{}), stop)
	require.NoDirExists(t, dir)
	require.ErrorIs(t, topic.Verify(t.Context(), dir), fs.ErrNotExist)
}

// Texts of any bytes come back as they were.
func TestTextsOfAnyBytesExact(t *testing.T) {
	docs := append(themes(9), "caf\xe9 \xff", "nul \x00 byte", "\u2028", "")
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	require.Equal(t, docs, testutil.Got(t, reload(t, m, topic.SaveOptions{}).Documents))
}

// identified is an embedder with a name.
type identified struct {
	bagOfWords
	name string
}

func (i identified) Identity() string { return i.name }

// A model is not used with another embedder than that of its documents.
func TestOtherEmbeddersAreRefused(t *testing.T) {
	ctx, a, b := t.Context(), identified{name: "encoder A"}, identified{name: "encoder B"}
	fit := func(e stage.Embedder) *topic.Model {
		cfg := config()
		cfg.Embedder = e
		m, err := topic.Fit(ctx, themes(9), cfg)
		require.NoError(t, err)
		return m
	}
	refused := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, topic.ErrEmbedderMismatch)
		require.ErrorContains(t, err, "encoder A")
		require.ErrorContains(t, err, "encoder B")
	}
	m := fit(a)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(ctx, dir, topic.SaveOptions{}))
	load := func(e stage.Embedder) (*topic.Model, error) {
		return topic.Load(ctx, dir, topic.LoadOptions{Embedder: e})
	}
	_, err := load(b)
	refused(err)
	for _, e := range []stage.Embedder{a, bagOfWords{}, nil, identified{}} { // what has no name cannot be told apart
		_, err := load(e)
		require.NoError(t, err)
	}
	without, err := load(nil)
	require.NoError(t, err)
	_, err = without.UpdateTopics(ctx, topic.UpdateOptions{Embedder: b})
	refused(err)
	with, err := without.UpdateTopics(ctx, topic.UpdateOptions{Embedder: a})
	require.NoError(t, err)
	require.NoError(t, with.Save(ctx, dir, topic.SaveOptions{}))
	_, err = load(b)
	refused(err)

	_, err = topic.MergeModels(ctx, []*topic.Model{m, fit(bagOfWords{}), fit(b)}, 0.5)
	refused(err)
	merged, err := topic.MergeModels(ctx, []*topic.Model{fit(bagOfWords{}), m}, 0.5)
	require.NoError(t, err)
	require.NoError(t, merged.Save(ctx, dir, topic.SaveOptions{}))
	_, err = load(b)
	refused(err)

	// Given embeddings are taken for those of Config.Embedder.
	cfg := config()
	cfg.Embedder = a
	given, err := topic.FitEmbedded(ctx, themes(9), testutil.Got(t, m.Embeddings), cfg)
	require.NoError(t, err)
	require.NoError(t, given.Save(ctx, dir, topic.SaveOptions{}))
	_, err = load(b)
	refused(err)
}

// cosineOf returns the cosine of two rows.
func cosineOf(a, b []float32) float64 {
	ab, aa, bb := 0.0, 0.0, 0.0
	for j, v := range a {
		x, y := float64(v), float64(b[j])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
