package ctfidf

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/sparse"
)

// terms of a text, as the counter has them.
func countedTerms(t *testing.T, cfg Config, text string) map[string]float64 {
	t.Helper()
	c, err := Count(context.Background(), []string{text}, []int{0}, cfg)
	if err != nil {
		require.ErrorIs(t, err, ErrEmptyVocabulary)
		return map[string]float64{}
	}
	found := map[string]float64{}
	for k, col := range c.Rows.Col {
		found[c.Vocabulary[col]] = c.Rows.Value[k]
	}
	return found
}

func TestVectorizerOptionsExact(t *testing.T) {
	var g struct {
		Texts        []string
		Terms        map[string][][]string
		Docs         []string
		Labels       []int
		BinaryJoined struct {
			Vocabulary []string
			goldenCSR
		} `json:"binary_joined"`
		Binary struct {
			Vocabulary []string
			goldenCSR
		}
	}
	golden(t, "options.json.gz", &g)
	settings := map[string]func(*Config){
		"accents unicode":           func(c *Config) { c.StripAccents = AccentsUnicode },
		"accents ascii":             func(c *Config) { c.StripAccents = AccentsASCII },
		"accents without lowercase": func(c *Config) { c.StripAccents, c.Lowercase = AccentsUnicode, false },
		"char":                      func(c *Config) { c.Analyzer, c.NGramMin, c.NGramMax = Chars, 2, 3 },
		"char_wb":                   func(c *Config) { c.Analyzer, c.NGramMax = CharsWithin, 4 },
		"char with accents": func(c *Config) {
			c.Analyzer, c.NGramMin, c.NGramMax, c.StripAccents = CharsWithin, 3, 3, AccentsUnicode
		},
		"pattern": func(c *Config) { c.TokenPattern, c.NGramMax = `[a-z]+-?[a-z]+`, 2 },
		"group":   func(c *Config) { c.TokenPattern, c.StopWords = `(?:^| )([a-z0-9]+)`, []string{"the", "ab"} },
	}
	require.Len(t, g.Terms, len(settings))
	for name, set := range settings {
		cfg := DefaultConfig()
		cfg.Workers = 1
		set(&cfg)
		for i, text := range g.Texts {
			want := map[string]float64{}
			for _, term := range g.Terms[name][i] {
				want[term]++
			}
			require.Equal(t, want, countedTerms(t, cfg, text), "%s: %q", name, text)
		}
	}

	cfg := DefaultConfig()
	cfg.Binary, cfg.NGramMax = true, 2
	c, err := Count(context.Background(), g.Docs, g.Labels, cfg)
	require.NoError(t, err)
	require.Equal(t, g.Binary.Vocabulary, c.Vocabulary)
	require.Equal(t, g.Binary.matrix(len(c.Vocabulary)), c.Rows)
	cfg.Join = true
	c, err = Count(context.Background(), g.Docs, g.Labels, cfg)
	require.NoError(t, err)
	require.Equal(t, g.BinaryJoined.Vocabulary, c.Vocabulary)
	require.Equal(t, g.BinaryJoined.matrix(len(c.Vocabulary)), c.Rows)
}

// Batch after batch, beside OnlineCountVectorizer: the same terms, and counts within 1e-12.
func TestOnlineWithin1e12(t *testing.T) {
	var g struct {
		Batches []struct {
			Texts  []string
			Labels []int
		}
		Cases []struct {
			Decay, Delete float64
			NGrams        int
			Steps         []struct {
				Vocabulary []string
				goldenCSR
			}
		}
	}
	golden(t, "online.json.gz", &g)
	require.Len(t, g.Cases, 5)
	for _, want := range g.Cases {
		cfg := DefaultConfig()
		cfg.Join, cfg.NGramMax = true, want.NGrams
		online := Online{Decay: want.Decay, DeleteMinDF: want.Delete}
		var c Counts
		for i, step := range want.Steps {
			past := c
			var err error
			c, err = online.Update(context.Background(), past, g.Batches[i].Texts, g.Batches[i].Labels, cfg)
			require.NoError(t, err)
			require.Equal(t, step.Vocabulary, c.Vocabulary)
			require.Equal(t, step.Indptr, c.Rows.RowPtr)
			require.Equal(t, step.Indices, c.Rows.Col)
			requireClose(t, step.Data, c.Rows.Value, fmt.Sprintf("decay %v, step %d", want.Decay, i))
			require.NoError(t, c.check())
		}
	}
}

type goldenImportance struct {
	Texts            []string
	Labels           []int
	Soft             [][]float64
	Vocabulary       []string
	Centroids, Terms [][]float32
	SoftCounts       [][]float64 `json:"soft_counts"`
	Weights          map[string][][]float64
	Seeds            []struct {
		SeedWords  []string `json:"seed_words"`
		Multiplier float64
		Guided     []string
		BM25       bool
		IDF, Data  []float64
	}
}

// requireCells compares the weights with the cells of a dense matrix.
func requireCells(t *testing.T, want [][]float64, w Weights, msg string) {
	t.Helper()
	require.Len(t, want, w.Rows.Rows(), msg)
	for i := range want {
		cols, values := w.Rows.Row(i)
		var of []float64
		for _, j := range cols {
			of = append(of, want[i][j])
		}
		requireClose(t, of, values, fmt.Sprintf("%s, row %d", msg, i))
	}
}

func TestImportanceWithin1e12(t *testing.T) {
	var g goldenImportance
	golden(t, "importance.json.gz", &g)
	ctx := context.Background()
	c, err := Count(ctx, g.Texts, g.Labels, DefaultConfig())
	require.NoError(t, err)
	require.Equal(t, g.Vocabulary, c.Vocabulary)
	memberships := sparseRows(g.Soft)
	soft, err := CountSoft(ctx, g.Texts, memberships, DefaultConfig())
	require.NoError(t, err)
	require.Equal(t, g.Vocabulary, soft.Vocabulary)
	requireCells(t, g.SoftCounts, Weights{Rows: soft.Rows}, "soft counts")

	weigh := func(w interface {
		Weigh(Counts) (Weights, error)
	}, c Counts,
	) Weights {
		out, err := w.Weigh(c)
		require.NoError(t, err)
		return out
	}
	requireCells(t, g.Weights["npmi 5"], weigh(NPMI{Smoothing: 5, Turftopic: true}, c), "npmi 5")
	requireCells(t, g.Weights["npmi 0.5"], weigh(NPMI{Smoothing: 0.5, Turftopic: true}, c), "npmi 0.5")
	requireCells(t, g.Weights["fighting corpus"], weigh(FightingWords{}, c), "fighting words, corpus")
	requireCells(t, g.Weights["fighting 0.01"], weigh(FightingWords{Prior: 0.01}, c), "fighting words, 0.01")
	requireCells(t, g.Weights["soft"], weigh(Soft{}, soft), "soft")
	requireCells(t, g.Weights["soft hard"], weigh(Soft{}, c), "soft, hard")
	centroid := Centroid{Centroids: denseRows(g.Centroids), Terms: denseRows(g.Terms)}
	requireCells(t, g.Weights["centroid"], weigh(centroid, c), "centroid")
	centroid.All = true
	all := weigh(centroid, c)
	require.Len(t, all.Rows.Value, len(c.Classes)*len(c.Vocabulary))
	requireCells(t, g.Weights["centroid"], all, "centroid, all terms")

	// The documented formula differs from turftopic's in one sign: from its value and p(t) follows ours.
	ours, theirs := weigh(DefaultNPMI(), c), g.Weights["npmi 5"]
	for i := range c.Classes {
		class := math.Log2((c.Sizes[i] + 5) / (c.Docs + 5*float64(len(c.Classes))))
		cols, values := c.Rows.Row(i)
		row := sum(values) + 5*float64(len(c.Vocabulary))
		for k, j := range cols {
			given := math.Log2((values[k] + 5) / row)
			want := theirs[i][j] * (class - given) / (-given - class)
			require.InDelta(t, want, ours.Rows.Value[ours.Rows.RowPtr[i]+k], 1e-12)
		}
	}
	require.Less(t, slices.Max(ours.Rows.Value), 1.0)
}

func TestSeedWordsAndGuidedWithin1e12(t *testing.T) {
	var g goldenImportance
	golden(t, "importance.json.gz", &g)
	c, err := Count(context.Background(), g.Texts, g.Labels, DefaultConfig())
	require.NoError(t, err)
	require.Len(t, g.Seeds, 12)
	for _, want := range g.Seeds {
		w, err := Weighting{BM25: want.BM25, SeedWords: want.SeedWords, SeedMultiplier: want.Multiplier, GuidedWords: want.Guided}.Weigh(c)
		require.NoError(t, err)
		requireClose(t, want.IDF, w.IDF, "idf")
		requireClose(t, want.Data, w.Rows.Value, "weights")
	}
}

func sparseRows(rows [][]float64) sparse.CSR[float64] {
	m := sparse.CSR[float64]{Cols: len(rows[0]), RowPtr: []int{0}}
	for _, row := range rows {
		for j, v := range row {
			if v != 0 {
				m.Col, m.Value = append(m.Col, int32(j)), append(m.Value, v)
			}
		}
		m.RowPtr = append(m.RowPtr, len(m.Col))
	}
	return m
}

func denseRows(rows [][]float32) blas32.General {
	return blas32.General{Rows: len(rows), Cols: len(rows[0]), Stride: len(rows[0]), Data: slices.Concat(rows...)}
}
