package topic_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// requireProbabilities holds the rows of fitted documents, together and one by one, against each other.
func requireProbabilities(t *testing.T, m *topic.Model, top, step int) {
	t.Helper()
	docs := testutil.Got(t, m.Documents)
	fitted, err := m.Probabilities(t.Context(), top)
	require.NoError(t, err)
	require.Equal(t, len(docs), fitted.Rows())
	for i := range docs {
		_, p := fitted.Row(i)
		sum := 0.0
		for _, v := range p {
			require.Greater(t, v, 0.0)
			sum += v
		}
		require.LessOrEqual(t, sum, 1+1e-9)
		if top > 0 {
			require.LessOrEqual(t, len(p), top)
		}
	}
	again, err := m.TransformProbabilities(t.Context(), topic.Input{Docs: docs, Embeddings: testutil.Got(t, m.Embeddings)}, top)
	require.NoError(t, err)
	first := map[string]int{} // documents with the same text get what the first of them has
	for i, doc := range docs {
		if _, ok := first[doc]; !ok {
			first[doc] = i
		}
		wc, wv := fitted.Row(first[doc])
		gc, gv := again.Row(i)
		require.Equal(t, wc, gc)
		require.Equal(t, wv, gv)
	}
	for i := 0; i < len(docs); i += step {
		x := testutil.Got(t, m.Embeddings)
		x.Rows, x.Data = 1, x.Data[i*x.Stride:i*x.Stride+x.Cols]
		one, err := m.TransformProbabilities(t.Context(), topic.Input{Docs: docs[i : i+1], Embeddings: x}, top)
		require.NoError(t, err)
		wc, wv := fitted.Row(first[docs[i]])
		gc, gv := one.Row(0)
		require.Equal(t, append([]int32{}, wc...), append([]int32{}, gc...))
		require.Equal(t, append([]float64{}, wv...), append([]float64{}, gv...))
	}
}

func TestProbabilitiesOfFitAndTransformAreTheSameExact(t *testing.T) {
	docs := append(manyThemes(9, 24), "", "zebra quagga unlike anything else")
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	for _, top := range []int{0, 1, 3} {
		requireProbabilities(t, m, top, 7)
	}
	all, err := m.Probabilities(t.Context(), 0)
	require.NoError(t, err)

	// What is merged is added up.
	merged, err := m.MergeTopics(t.Context(), []int{0, 1}, []int{2, 3, 4})
	require.NoError(t, err)
	requireProbabilities(t, merged, 0, 7)
	moves := merged.History()[1].Moves
	to := map[int]int{}
	for _, move := range moves {
		to[move.From] = move.To[0]
	}
	got, err := merged.Probabilities(t.Context(), 0)
	require.NoError(t, err)
	for i := range docs {
		want := map[int]float64{}
		cols, p := all.Row(i)
		for k, c := range cols {
			want[to[int(c)]] += p[k]
		}
		cols, p = got.Row(i)
		require.Len(t, cols, len(want))
		for k, c := range cols {
			require.InDelta(t, want[int(c)], p[k], 1e-12)
		}
	}

	fresh, err := m.TransformProbabilities(t.Context(), topic.Input{Docs: []string{"w0a w0b unseen", "", docs[0]}}, 2)
	require.NoError(t, err)
	require.Equal(t, 3, fresh.Rows())
	_, p := fresh.Row(0)
	require.NotEmpty(t, p)
	_, p = fresh.Row(1)
	require.Empty(t, p)

	cfg := config()
	cfg.Reducer, cfg.Clusterer = nil, labelled(make([]int, 30))
	m, err = topic.Fit(t.Context(), themes(10), cfg)
	require.NoError(t, err)
	_, err = m.Probabilities(t.Context(), 0)
	require.ErrorIs(t, err, topic.ErrNoMemberships)
}

// TestProbabilitiesOfMergedModelsExact: a document has those of its model, in the topics that the model's topics went into.
func TestProbabilitiesOfMergedModelsExact(t *testing.T) {
	var models []*topic.Model
	docs := manyThemes(8, 24)
	for _, themes := range [][]int{{0, 1, 2, 3, 4}, {3, 4, 5, 6, 7}} {
		var own []string
		for i, d := range docs {
			if slices.Contains(themes, i%8) && i/8%2 == len(models) {
				own = append(own, d)
			}
		}
		cfg := communities()
		cfg.Weigher = ctfidf.Soft{}
		m, err := topic.Fit(t.Context(), own, cfg)
		require.NoError(t, err)
		models = append(models, m)
	}
	merged, err := topic.MergeModels(t.Context(), models, 0.7)
	require.NoError(t, err)
	require.Less(t, topicCount(merged), topicCount(models[0])+topicCount(models[1]))
	require.Empty(t, merged.Warnings(), "the weigher has its memberships")
	requireProbabilities(t, merged, 0, 7)
	history := merged.History()
	into := map[topic.ModelTopic]int{}
	for _, s := range history[len(history)-1].Sources {
		for _, f := range s.From {
			into[topic.ModelTopic{Model: f.Model, Topic: f.Topic}] = s.Topic
		}
	}
	got, err := merged.Probabilities(t.Context(), 0)
	require.NoError(t, err)
	at := 0
	for k, m := range models {
		own, err := m.Probabilities(t.Context(), 0)
		require.NoError(t, err)
		for i := range m.Len() {
			want, have := map[int]float64{}, map[int]float64{}
			topics, p := own.Row(i)
			for j, id := range topics {
				want[into[topic.ModelTopic{Model: k, Topic: int(id)}]] += p[j]
			}
			topics, p = got.Row(at)
			for j, id := range topics {
				have[int(id)] = p[j]
			}
			require.Equal(t, want, have)
			at++
		}
	}

	cfg := communities()
	cfg.Clusterer = supervised.Fixed{}
	manual, err := topic.FitInput(t.Context(), topic.Input{Docs: docs[:4], Classes: []int{0, 0, 1, 1}}, cfg)
	require.NoError(t, err)
	mixed, err := topic.MergeModels(t.Context(), []*topic.Model{models[0], manual}, 0.7)
	require.NoError(t, err)
	_, err = mixed.Probabilities(t.Context(), 0)
	require.ErrorIs(t, err, topic.ErrNoMemberships)
	_, err = mixed.TransformProbabilities(t.Context(), topic.Input{Docs: docs[:1]}, 0)
	require.ErrorIs(t, err, topic.ErrNoMemberships)
}

// TestTrainingDocumentsOfSO20kExact: 20,000 titles get their fitted topics and probabilities again, all at once, one by one
// and when a part of them is embedded again.
func TestTrainingDocumentsOfSO20kExact(t *testing.T) {
	if testing.Short() {
		t.Skip("20,000 documents are embedded and fitted")
	}
	text, err := os.ReadFile(testutil.Data(t, "so20k", "title_StackOverflow.txt"))
	require.NoError(t, err)
	docs := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	cfg := topic.BERTopicConfig()
	m, err := topic.Fit(t.Context(), docs, topic.DefaultConfig())
	require.NoError(t, err)
	requireTrained(t, m, docs)
	requireProbabilities(t, m, 5, 1000)
	m, err = topic.FitEmbedded(t.Context(), docs, testutil.Got(t, m.Embeddings), cfg)
	require.NoError(t, err)
	requireTrained(t, m, docs)
	requireProbabilities(t, m, 5, 1000)
}

// requireTrained wants the fitted topics of documents again.
func requireTrained(t *testing.T, m *topic.Model, docs []string) {
	t.Helper()
	want := m.Assignments()
	all, err := m.TransformEmbedded(t.Context(), docs, testutil.Got(t, m.Embeddings))
	require.NoError(t, err)
	requireMostly(t, want, all) // two documents with the same text get what the first of them has
	var sample []string
	var of []topic.Assignment
	for i := 0; i < len(docs); i += 20 {
		sample, of = append(sample, docs[i]), append(of, want[i])
	}
	again, err := m.Transform(t.Context(), sample)
	require.NoError(t, err)
	requireMostly(t, of, again)
	for i := 0; i < len(sample); i += 5 {
		one, err := m.Transform(t.Context(), sample[i:i+1])
		require.NoError(t, err)
		again[i] = one[0]
	}
	requireMostly(t, of, again)
}

// requireMostly wants 99.9 % of the topics to be the same.
func requireMostly(t *testing.T, want, got []topic.Assignment) {
	t.Helper()
	same := 0
	for i := range want {
		if want[i].Topic == got[i].Topic {
			same++
		}
	}
	require.GreaterOrEqual(t, float64(same), 0.999*float64(len(want)))
}
