package topic_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// spy is a reducer that keeps what it was given and reduces nothing.
type spy struct {
	x *blas32.General
	y *[]int
}

func (s spy) Reduce(_ context.Context, _ stage.Run, d stage.Data) (stage.Reduction, error) {
	*s.x, *s.y = d.X, slices.Clone(d.Classes)
	return whole{d.X}, nil
}

type whole struct{ x blas32.General }

func (w whole) Points() blas32.General { return w.x }
func (w whole) Transform(_ context.Context, x blas32.General) (blas32.General, error) {
	return x, nil
}

// thirds is the theme of each document of themes(n), −1 for every fourth.
func thirds(n int) []int {
	y := make([]int, 3*n)
	for i := range y {
		if y[i] = i % 3; i%4 == 0 {
			y[i] = -1
		}
	}
	return y
}

func TestClassesReachTheReducerExact(t *testing.T) {
	docs := append([]string{" "}, themes(30)...)
	y := append([]int{7}, thirds(30)...)
	var x blas32.General
	var seen []int
	cfg := config()
	cfg.Reducer = spy{&x, &seen}
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: y}, cfg)
	require.NoError(t, err)
	_, rows, err := m.Points()
	require.NoError(t, err)
	require.Len(t, rows, 90, "the document without text is left out")
	require.Len(t, seen, len(rows))
	for row, doc := range rows {
		require.Equal(t, y[doc], seen[row])
	}
	require.NoError(t, m.Check())
}

// TestSemiSupervisedStatistically: documents of a class lie together although their embeddings do not tell them apart.
func TestSemiSupervisedStatistically(t *testing.T) {
	docs := themes(60)[:]
	half := make([]int, len(docs)) // splits each theme in two, which no embedding says
	for i := range half {
		half[i] = i / 3 % 2
	}
	share := func(classes []int) float64 {
		m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: classes}, config())
		require.NoError(t, err)
		alike := 0
		of := map[int][2]int{}
		for i, a := range m.Assignments() {
			n := of[a.Topic]
			n[half[i]]++
			of[a.Topic] = n
		}
		for id, n := range of {
			if id != topic.Outlier {
				alike += max(n[0], n[1])
			}
		}
		return float64(alike) / float64(len(docs))
	}
	require.Greater(t, share(half), share(nil))
	require.Greater(t, share(half), 0.9)
}

func TestGivenClassesAreTheTopicsExact(t *testing.T) {
	docs := append(themes(40), "")
	y := append(thirds(40), 2)
	for name, clusterer := range map[string]stage.Clusterer{"given": supervised.Fixed{}, "logistic": supervised.Logistic{}} {
		cfg := config()
		cfg.Reducer, cfg.Clusterer = nil, clusterer
		m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: y}, cfg)
		require.NoError(t, err)
		require.NoError(t, m.Check())
		require.Equal(t, 3, topicCount(m))
		topicOf := map[int]int{}
		for i, a := range m.Assignments()[:len(docs)-1] {
			if y[i] < 0 {
				require.Equal(t, topic.Assignment{Topic: topic.Outlier}, a)
				continue
			}
			if _, ok := topicOf[y[i]]; !ok {
				topicOf[y[i]] = a.Topic
			}
			require.Equal(t, topic.Assignment{Topic: topicOf[y[i]], Probability: 1}, a, name)
		}
		require.Equal(t, topic.Outlier, m.Assignments()[len(docs)-1].Topic, "no text, no topic")
		found, err := m.Transform(t.Context(), []string{"cat dog cat cat and cat of it", "car wheel car car and car of it", "bread cheese bread and bread of it"})
		require.NoError(t, err)
		for class, a := range found {
			require.Equal(t, topicOf[class], a.Topic, name)
			require.Greater(t, a.Probability, 0.3, name)
			require.LessOrEqual(t, a.Probability, 1.0)
		}
		_, err = topic.Fit(t.Context(), docs, cfg)
		require.ErrorIs(t, err, stage.ErrNoClasses)
		require.ErrorContains(t, err, "cluster: ")
	}
}

func TestWordsAlone(t *testing.T) {
	docs := append(themes(30), " ")
	cfg := config()
	cfg.Embedder, cfg.Reducer, cfg.Clusterer = nil, nil, supervised.Fixed{}
	y := append(thirds(30), -1)
	m, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: y, WordsAlone: true}, cfg)
	require.NoError(t, err)
	requireWhole(t, m, "words alone")
	probe := []string{"cat dog unseen", "a recipe of butter", "", "nothing known"}
	found, err := m.Transform(t.Context(), probe)
	require.NoError(t, err)
	require.Equal(t, m.Assignments()[3].Topic, found[0].Topic)
	require.Equal(t, m.Assignments()[2].Topic, found[1].Topic)
	require.Equal(t, []topic.Assignment{{Topic: -1}, {Topic: -1}}, found[2:])
	one, err := m.Transform(t.Context(), probe[1:2])
	require.NoError(t, err)
	require.Equal(t, found[1:2], one)

	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.NoError(t, err)
	requireSame(t, m, back, "load")
	again, err := back.Transform(t.Context(), probe)
	require.NoError(t, err)
	require.Equal(t, found, again)

	cfg.Clusterer = config().Clusterer
	_, err = topic.FitInput(t.Context(), topic.Input{Docs: docs, WordsAlone: true}, cfg)
	require.ErrorContains(t, err, "supervised.Fixed")
}

func TestGuided(t *testing.T) {
	docs := themes(40)
	x, err := bagOfWords{}.Embed(t.Context(), docs)
	require.NoError(t, err)
	before := slices.Clone(x.Data)
	var drawn blas32.General
	var seed []int
	cfg := config()
	cfg.Reducer = spy{&drawn, &seed}
	cfg.Seeds = [][]string{{"Cat", "dog"}, {"bread", "cheese"}}
	m, err := topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	require.NoError(t, m.Check())
	require.Equal(t, before, x.Data, "the caller's embeddings are left alone")
	said, err := bagOfWords{}.Embed(t.Context(), []string{"Cat dog", "bread cheese"})
	require.NoError(t, err)
	drawnTo := map[[2]int]int{}
	_, rows, err := m.Points()
	require.NoError(t, err)
	require.Len(t, rows, len(docs))
	for row, i := range rows {
		drawnTo[[2]int{i % 3, seed[row]}]++
		for j, v := range drawn.Data[row*bagDim:][:bagDim] {
			want := float64(before[i*bagDim+j])
			if s := seed[row]; s >= 0 {
				want = 0.75*want + 0.25*float64(said.Data[s*bagDim+j])
			}
			require.InDelta(t, want, float64(v), 1e-6)
		}
	}
	require.GreaterOrEqual(t, drawnTo[[2]int{0, 0}], 25, "of 40; the others are closer to the mean")
	require.GreaterOrEqual(t, drawnTo[[2]int{2, 1}], 25)
	require.Zero(t, drawnTo[[2]int{0, 1}]+drawnTo[[2]int{2, 0}])

	cfg.Reducer = nil
	m, err = topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	require.Equal(t, drawn.Data, pointsOf(t, m).Data)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
	back, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.NoError(t, err)
	requireSame(t, m, back, "load")
	require.Equal(t, drawn.Data, pointsOf(t, back).Data)

	cfg = config()
	plain, err := topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	cfg.Seeds = [][]string{{"cat", "DOG"}}
	m, err = topic.FitEmbedded(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	requireWhole(t, m, "guided")
	weight := func(m *topic.Model, word string) float64 {
		w := testutil.Got(t, m.Weights)
		at := slices.Index(w.Vocabulary, word)
		return w.IDF[at]
	}
	require.InEpsilon(t, 1.2*weight(plain, "dog"), weight(m, "dog"), 1e-12)
	require.InEpsilon(t, weight(plain, "bread"), weight(m, "bread"), 1e-12)

	cfg.Embedder = nil
	require.ErrorContains(t, cfg.Validate(), "topic.Config.Embedder")
	cfg.Seeds = [][]string{{}, {"a", ""}}
	require.ErrorContains(t, cfg.Validate(), "topic.Config.Seeds[1]")
}

func TestZeroShot(t *testing.T) {
	docs := append(themes(40), "")
	labels := []string{"quagga zebra", "bread cheese oven kitchen", "cat dog pet"}
	for name, c := range map[string]struct {
		labels  []string
		least   float64
		matched []int // themes
	}{
		"mixed":          {labels, 0.45, []int{2, 0}}, // in the order of the labels
		"none matched":   {labels[:1], 0.9, nil},
		"all matched":    {[]string{"cat dog", "car wheel", "bread cheese"}, 0.3, []int{0, 1, 2}},
		"one for all":    {[]string{"whatever"}, -1, []int{-1}},
		"without labels": {nil, 0.7, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config()
			cfg.ZeroShot = topic.ZeroShot{Labels: c.labels, MinSimilarity: c.least}
			m, err := topic.Fit(t.Context(), docs, cfg)
			require.NoError(t, err)
			requireWhole(t, m, name)
			topics := m.Topics()
			first := len(topics) - topicCount(m)
			for i, theme := range c.matched {
				tp := topics[first+i]
				require.Equal(t, i, tp.ID)
				require.NotEmpty(t, tp.Label)
				if theme >= 0 {
					require.Contains(t, strings.Fields(docs[theme]), strings.Fields(tp.Label)[0])
				}
			}
			for _, tp := range topics[first+len(c.matched):] {
				require.Empty(t, tp.Label)
			}
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, m.Save(t.Context(), dir, topic.SaveOptions{}))
			back, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
			require.NoError(t, err)
			requireSame(t, m, back, "load")
			probe := []string{"cat dog pet fur new", "bread cheese oven kitchen new", "car wheel engine road new"}
			want, err := m.Transform(t.Context(), probe)
			require.NoError(t, err)
			got, err := back.Transform(t.Context(), probe)
			require.NoError(t, err)
			require.Equal(t, want, got)
			if name == "mixed" {
				require.Equal(t, 1, want[0].Topic)
				require.Equal(t, 0, want[1].Topic)
			}

			cfg.Weigher = ctfidf.Soft{} // counts by memberships, which go past the labels
			m, err = topic.Fit(t.Context(), docs, cfg)
			require.NoError(t, err)
			require.NoError(t, m.Check())
		})
	}
	cfg := config()
	cfg.ZeroShot = topic.ZeroShot{Labels: []string{"a", "a", ""}, MinSimilarity: 2}
	err := cfg.Validate()
	for _, part := range []string{"Labels[1]", "Labels[2]", "MinSimilarity is 2"} {
		require.ErrorContains(t, err, part)
	}
}

func TestDataErrorsNameTheDocument(t *testing.T) {
	docs := themes(5)
	_, err := topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: []int{1}}, config())
	require.ErrorContains(t, err, "1 classes for 15 documents")
	y := make([]int, len(docs))
	y[4] = -2
	_, err = topic.FitInput(t.Context(), topic.Input{Docs: docs, Classes: y}, config())
	require.ErrorContains(t, err, fmt.Sprintf("document %d has the class %d", 4, -2))
}
