package ctfidf

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/sparse"
)

func golden(t *testing.T, name string, v any) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(v))
}

type runeSet map[rune]bool

func (s *runeSet) UnmarshalJSON(b []byte) error {
	var ranges [][2]rune
	if err := json.Unmarshal(b, &ranges); err != nil {
		return err
	}
	*s = runeSet{}
	for _, r := range ranges {
		for c := r[0]; c <= r[1]; c++ {
			(*s)[c] = true
		}
	}
	return nil
}

// Every code point is what CPython takes it for, but for those that its version of Unicode (14.0) has not assigned and
// Go's has: they follow Go's tables, as they do in a newer CPython.
func TestUnicodeExact(t *testing.T) {
	var g struct {
		Word, Cased, Breaks, Unassigned runeSet
		SeenThrough                     runeSet `json:"seen_through"`
		Lower                           [][2]any
	}
	golden(t, "unicode.json.gz", &g)
	lower := map[rune]string{}
	for _, p := range g.Lower {
		lower[rune(p[0].(float64))] = p[1].(string)
	}
	require.Greater(t, len(lower), 1300)
	checked, newer := 0, 0
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if 0xd800 <= c && c <= 0xdfff {
			continue
		}
		want, ok := lower[c]
		if !ok {
			want = string(c)
		}
		// A sigma that stands alone is not final.
		same := isWord(c) == g.Word[c] && lowerText(string(c)) == want &&
			(isCased(c) && !isCaseIgnorable(c)) == g.Cased[c] &&
			(isCased(c) && !isCaseIgnorable(c)) == g.Breaks[c] &&
			(isCased(c) || isCaseIgnorable(c)) == g.SeenThrough[c]
		checked++
		if same {
			continue
		}
		require.True(t, g.Unassigned[c], "%U: word %v, want %v; lower %q, want %q; cased %v, ignorable %v, want %v %v %v", c, isWord(c), g.Word[c],
			lowerText(string(c)), want, isCased(c), isCaseIgnorable(c), g.Cased[c], g.Breaks[c], g.SeenThrough[c])
		newer++
	}
	require.Equal(t, 0x110000-0x800, checked)
	t.Logf("%d code points differ: unassigned in Unicode 14.0, assigned in %s", newer, unicode.Version)
}

func analyse(cfg Config, text string) []string {
	out := []string{}
	tokens, w := newTokeniser(cfg), window{min: cfg.NGramMin, max: cfg.NGramMax}
	_ = tokens.each(text, func(token []byte) error {
		w.push(token, func(term []byte) { out = append(out, string(term)) })
		return nil
	})
	return out
}

func TestTokensExact(t *testing.T) {
	var g struct {
		Texts, Lower []string
		Terms        map[string][][]string
	}
	golden(t, "tokens.json.gz", &g)
	require.Greater(t, len(g.Texts), 350)
	settings := map[string]func(*Config){
		"default": func(*Config) {},
		"case":    func(c *Config) { c.Lowercase = false },
		"stop":    func(c *Config) { c.StopWords = English() },
		"ngrams":  func(c *Config) { c.NGramMax, c.StopWords = 3, []string{"ab", "the"} },
		"bigrams": func(c *Config) { c.NGramMin, c.NGramMax = 2, 2 },
		"clean":   func(c *Config) { c.CleanASCII = true },
	}
	require.Len(t, g.Terms, len(settings))
	for name, set := range settings {
		cfg := DefaultConfig()
		set(&cfg)
		for i, text := range g.Texts {
			want, got := g.Terms[name][i], analyse(cfg, text)
			if name == "clean" && text == "" || name == "clean" && newTokeniser(cfg).isEmpty(text) {
				require.Equal(t, []string{"emptydoc"}, want)
				continue
			}
			// n-grams come by their last token here and by their length there.
			slices.Sort(want)
			slices.Sort(got)
			require.Equal(t, want, got, "%s: %q", name, text)
		}
	}
	for i, text := range g.Texts {
		require.Equal(t, g.Lower[i], lowerText(text), "%q", text)
	}
}

type goldenCSR struct {
	Indptr  []int
	Indices []int32
	Data    []float64
}

func (g goldenCSR) matrix(cols int) sparse.CSR[float64] {
	return sparse.CSR[float64]{Cols: cols, RowPtr: g.Indptr, Col: g.Indices, Value: g.Data}
}

type goldenCase struct {
	Name, Language string
	Settings       struct {
		StopWords   any     `json:"stop_words"`
		MinDF       float64 `json:"min_df"`
		MaxDF       float64 `json:"max_df"`
		NGramRange  []int   `json:"ngram_range"`
		Lowercase   *bool
		MaxFeatures int `json:"max_features"`
		Vocabulary  []string
	}
	Vocabulary        []string
	Classes           []int
	Counts, Documents goldenCSR
	Weights           []struct {
		BM25, Reduce   bool
		SeedWords      []string `json:"seed_words"`
		SeedMultiplier float64  `json:"seed_multiplier"`
		IDF, Data      []float64
		Top            [][][2]any
		Cosine         []float64
	}
}

func (g goldenCase) config() Config {
	c, s := DefaultConfig(), g.Settings
	c.Join = true
	c.CleanASCII = g.Language == "english"
	switch w := s.StopWords.(type) {
	case string:
		c.StopWords = English()
	case []any:
		for _, x := range w {
			c.StopWords = append(c.StopWords, x.(string))
		}
	}
	df := func(x float64) DF {
		if x == math.Trunc(x) {
			return DF{Count: int(x)}
		}
		return DF{Share: x}
	}
	c.MinDF, c.MaxDF = df(s.MinDF), df(s.MaxDF)
	if s.NGramRange != nil {
		c.NGramMin, c.NGramMax = s.NGramRange[0], s.NGramRange[1]
	}
	if s.Lowercase != nil {
		c.Lowercase = *s.Lowercase
	}
	c.MaxFeatures, c.Vocabulary = s.MaxFeatures, s.Vocabulary
	return c
}

func requireClose(t *testing.T, want, got []float64, msg string) {
	t.Helper()
	require.Len(t, got, len(want), msg)
	for i, w := range want {
		require.LessOrEqual(t, math.Abs(got[i]-w), 1e-12*max(1, math.Abs(w)), "%s: %d: %v, want %v", msg, i, got[i], w)
	}
}

// Counts exactly and weights within 1e-12 of BERTopic's own path: join, clean, count, weigh, words, representatives.
func TestBERTopicCountsExactWeightsWithin1e12(t *testing.T) {
	var g struct {
		Corpora map[string]struct {
			Texts  []string
			Labels []int
		}
		Cases []goldenCase
	}
	golden(t, "counts.json.gz", &g)
	require.Len(t, g.Cases, 9)
	ctx := context.Background()
	for _, want := range g.Cases {
		docs := g.Corpora[want.Name]
		cfg := want.config()
		c, err := Count(ctx, docs.Texts, docs.Labels, cfg)
		require.NoError(t, err)
		require.Equal(t, want.Vocabulary, c.Vocabulary)
		require.Equal(t, want.Classes, c.Classes)
		require.Equal(t, want.Counts.matrix(len(c.Vocabulary)), c.Rows)

		// The documents themselves are not cleaned there, and are here: compare without cleaning.
		raw := cfg
		raw.CleanASCII = false
		rows, err := c.Documents(ctx, docs.Texts, raw)
		require.NoError(t, err)
		require.Equal(t, want.Documents.matrix(len(c.Vocabulary)), rows)

		require.Len(t, want.Weights, 12)
		for _, ww := range want.Weights {
			w, err := Weighting{BM25: ww.BM25, ReduceFrequentWords: ww.Reduce, SeedWords: ww.SeedWords, SeedMultiplier: ww.SeedMultiplier}.Weigh(c)
			require.NoError(t, err)
			requireClose(t, ww.IDF, w.IDF, "idf")
			requireClose(t, ww.Data, w.Rows.Value, "weights")
			for row := range w.Classes {
				requireTop(t, ww.Top[row], w.TopTerms(row, 10))
			}
			of, err := w.Transform(rows)
			require.NoError(t, err)
			var cosine []float64
			for i := range ww.Cosine {
				cosine = append(cosine, of.Cosine(i, w.Rows, 1))
			}
			requireClose(t, ww.Cosine, cosine, "cosine")
		}
	}
}

// requireTop compares weights in order, and the term of each weight that no other term of the list has, but for the last,
// which may be tied with a term outside of it.
func requireTop(t *testing.T, want [][2]any, got []Term) {
	t.Helper()
	for len(want) > 0 && want[len(want)-1][0] == "" {
		want = want[:len(want)-1]
	}
	require.Len(t, got, len(want))
	weight := func(i int) float64 { return want[i][1].(float64) }
	same := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(a)) }
	for i, term := range got {
		require.True(t, same(weight(i), term.Weight), "%d: %v, want %v", i, term, want[i])
		if i+1 < len(want) && !same(weight(i), weight(i+1)) && (i == 0 || !same(weight(i), weight(i-1))) {
			require.Equal(t, want[i][0], term.Term)
		}
	}
}

func TestEnglishExact(t *testing.T) {
	words := English()
	require.Len(t, words, 318)
	require.True(t, slices.IsSorted(words))
	require.False(t, slices.Contains(words, strings.ToUpper(words[0])))
}
