package ctfidf_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
)

// The zero value of a setting is its default, and a negative number is 0.
func TestZeroValuesAreDefaultsExact(t *testing.T) {
	docs, classes := []string{"Red red fish", "blue fish swim", "one Blue sky"}, []int{0, 0, 1}
	zero, err := ctfidf.Count(t.Context(), docs, classes, ctfidf.Config{})
	require.NoError(t, err)
	full, err := ctfidf.Count(t.Context(), docs, classes, ctfidf.Config{NGramMin: 1, NGramMax: 1})
	require.NoError(t, err)
	require.Equal(t, full, zero)
	require.Equal(t, []string{"blue", "fish", "one", "red", "sky", "swim"}, zero.Vocabulary)
	pairs, err := ctfidf.Count(t.Context(), docs, classes, ctfidf.Config{NGramMin: 2, Join: true})
	require.NoError(t, err)
	require.Contains(t, pairs.Vocabulary, "fish blue", "NGramMax 0 means NGramMin, across the border of two documents with Join")
	require.NotContains(t, pairs.Vocabulary, "fish")

	weigh := func(w ctfidf.Weigher) []float64 {
		out, err := w.Weigh(zero)
		require.NoError(t, err)
		return out.Rows.Value
	}
	require.Equal(t, weigh(ctfidf.NPMI{Smoothing: 5}), weigh(ctfidf.NPMI{}))
	require.NotEqual(t, weigh(ctfidf.NPMI{Smoothing: stage.None}), weigh(ctfidf.NPMI{}))

	weights, err := ctfidf.Weighting{}.Weigh(zero)
	require.NoError(t, err)
	of := func(opt ctfidf.Windows) []float64 {
		d, err := weights.Distribute(t.Context(), docs, ctfidf.Config{}, opt)
		require.NoError(t, err)
		return d.Rows.Value
	}
	require.Equal(t, of(ctfidf.Windows{Size: 4, Stride: 1, MinSimilarity: 0.1}), of(ctfidf.Windows{}))
	require.NoError(t, ctfidf.Windows{MinSimilarity: stage.None}.Validate())
}

func TestNeedsOfWeighers(t *testing.T) {
	require.Zero(t, ctfidf.NeedsOf(ctfidf.Weighting{}))
	require.Equal(t, ctfidf.Needs{Memberships: true}, ctfidf.NeedsOf(ctfidf.Soft{}))
	require.Equal(t, ctfidf.Needs{Embeddings: true}, ctfidf.NeedsOf(ctfidf.Centroid{All: true}))
	x := blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{1}}
	require.Zero(t, ctfidf.NeedsOf(ctfidf.Centroid{Centroids: x, Terms: x}))
	var guided ctfidf.Guided = ctfidf.Weighting{GuidedWords: []string{"aa"}}
	require.Equal(t, ctfidf.Weighting{GuidedWords: []string{"aa", "bb"}}, guided.WithGuidedWords([]string{"bb"}))
}

// A Centroid without matrices takes those of the counts.
func TestCentroidOfCountsExact(t *testing.T) {
	counts, err := ctfidf.Count(t.Context(), []string{"red fish", "blue fish"}, []int{0, 1}, ctfidf.Config{})
	require.NoError(t, err)
	_, err = ctfidf.Centroid{}.Weigh(counts)
	require.ErrorContains(t, err, "for 2 classes and 3 terms")
	counts.ClassEmbeddings = blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 0, 1, 1}}
	counts.TermEmbeddings = blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: []float32{1, 0, 2, 1, 0, 3}}
	given, err := ctfidf.Centroid{Centroids: counts.ClassEmbeddings, Terms: counts.TermEmbeddings}.Weigh(counts)
	require.NoError(t, err)
	own, err := ctfidf.Centroid{}.Weigh(counts)
	require.NoError(t, err)
	require.Equal(t, given, own)
}

// The keys of saved settings are independent of the names in Go.
func TestSavedKeys(t *testing.T) {
	for want, settings := range map[string]any{
		`{"keep_case":true,"ngram_min":0,"ngram_max":2,"stop_words":null,"min_df":{"count":2,"share":0},"max_df":{"count":0,"share":0},"max_features":0,"vocabulary":null,"binary":false,"strip_accents":"","analyzer":"","token_pattern":"","python_words":false,"clean_ascii":false,"join":false}`: ctfidf.Config{KeepCase: true, NGramMax: 2, MinDF: ctfidf.DF{Count: 2}, Workers: 3},
		`{"bm25_weighting":true,"reduce_frequent_words":false,"seed_words":null,"seed_multiplier":0,"guided_words":null,"guided_multiplier":0,"clamp":false}`:                                                                                                                                        ctfidf.Weighting{BM25: true},
		`{"smoothing":-1,"turftopic":false}`: ctfidf.NPMI{Smoothing: stage.None},
		`{"prior":0}`:                        ctfidf.FightingWords{},
		`{"all":true}`:                       ctfidf.Centroid{All: true},
		`{"decay":0.5,"delete_min_df":0}`:    ctfidf.Online{Decay: 0.5},
		`{"window":0,"stride":0,"min_similarity":0,"padding":true,"calculate_tokens":false}`: ctfidf.Windows{Padding: true},
	} {
		got, err := json.Marshal(settings)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}
