package ctfidf

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

func TestCodeTokens(t *testing.T) {
	for text, want := range map[string][]string{
		"":                               nil,
		"call json.loads(x).":            {"call", "json.loads"},
		"std::vector<int> v;":            {"std::vector", "int"},
		"set CUDA_VISIBLE_DEVICES=0,1":   {"set", "CUDA_VISIBLE_DEVICES"},
		"gpt-4-turbo vs. gpt-3.5":        {"gpt-4-turbo", "vs", "gpt-3.5"},
		"C++ and C# or g++, x+y a+ b#c":  {"C++", "and", "C#", "or", "g++", "b#"},
		"v1.2.3 3.11 -- a... b: c :: d.": {"v1.2.3", "3.11"},
		"--keep-code -x ends-":           {"keep-code", "ends"},
		"naïve.été über-cool":            {"naïve.été", "über-cool"},
		"https://a.example/b":            {"https", "a.example"},
	} {
		require.Equal(t, want, CodeTokens(text), text)
	}
}

func FuzzCodeTokens(f *testing.F) {
	for _, s := range []string{"", "a.b::c-d", "c++", "+++", "é.é", "a::", "x\xff.y", "#a#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\ufffd")
		at := 0
		for _, token := range CodeTokens(text) {
			i := strings.Index(text[at:], token)
			require.GreaterOrEqual(t, i, 0)
			at += i + len(token)
			require.GreaterOrEqual(t, len([]rune(token)), 2)
		}
		// Without joints the tokens are those of the default pattern.
		plain := strings.Map(func(r rune) rune {
			if strings.ContainsRune(".-:+#", r) {
				return ' '
			}
			return r
		}, text)
		cfg := DefaultConfig()
		cfg.Lowercase = false
		got := CodeTokens(plain)
		if got == nil {
			got = []string{}
		}
		require.Equal(t, analyse(cfg, plain), got)
	})
}

func TestStopWords(t *testing.T) {
	require.Len(t, StopWordLanguages(), 16)
	for _, language := range StopWordLanguages() {
		words, err := StopWords(language)
		require.NoError(t, err)
		require.True(t, slices.IsSorted(words))
		require.Greater(t, len(words), 150, language)
		for _, w := range words {
			require.Equal(t, lowerText(w), w)
			if language != "chinese" && language != "japanese" && len([]rune(w)) > 1 {
				require.Equal(t, []string{w}, analyse(DefaultConfig(), w), "a stop word must be a token")
			}
		}
	}
	english, err := StopWords("english")
	require.NoError(t, err)
	require.Equal(t, English(), english)
	_, err = StopWords("klingon")
	require.ErrorContains(t, err, "klingon")
	require.ErrorContains(t, err, "german")
}

func TestStemAndPreprocessor(t *testing.T) {
	cfg := DefaultConfig()
	cfg.StopWords = []string{"the"}
	cfg.NGramMax = 2
	cfg.Stem = func(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "s"), "gone") }
	require.Equal(t, map[string]float64{"cat": 2, "dog": 1, "cat dog": 1, "dog cat": 1},
		countedTerms(t, cfg, "The cats the dogs gone CAT"))
	cfg = DefaultConfig()
	cfg.Preprocessor = func(s string) string { return strings.ReplaceAll(s, "-", "") + "\xff" }
	cfg.StripAccents = AccentsASCII // no effect beside a preprocessor
	require.Equal(t, map[string]float64{"Émail": 1, "AB": 1}, countedTerms(t, cfg, "É-mail A-B"))
}

// Tokens with spaces in them: different ones may make the same n-gram, which is one term.
func TestTokensWithSpaces(t *testing.T) {
	cfg := DefaultConfig()
	cfg.NGramMax = 2
	cfg.Tokenizer = func(s string) []string { return strings.Split(s, ",") }
	c, err := Count(context.Background(), []string{"new york,city", "new,york city", "a\tb,c!"}, []int{0, 0, 1}, cfg)
	require.NoError(t, err)
	require.True(t, slices.IsSorted(c.Vocabulary))
	require.Equal(t, 2.0, countOf(c, 0, "new york city"))
	require.NoError(t, c.check())
}

func countOf(c Counts, row int, term string) float64 {
	j := slices.Index(c.Vocabulary, term)
	cols, values := c.Rows.Row(row)
	k, ok := slices.BinarySearch(cols, int32(j))
	if !ok {
		return 0
	}
	return values[k]
}

// The eight bytes at once are those of the table, wherever the token begins and ends.
func TestWordBytesExactAgainstTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	tables := map[bool]*[256]byte{false: byteTable(false, false), true: byteTable(true, false)}
	for range 200_000 {
		var b [8]byte
		for i := range b {
			b[i] = byte(rng.IntN(256))
			if rng.IntN(3) > 0 {
				b[i] = "abzAZ09_@[`{/:^~"[rng.IntN(16)]
			}
		}
		for lower, table := range tables {
			fold := uint64(0)
			if lower {
				fold = 0x20 * ones
			}
			x, run := wordBytes(load(string(b[:]), 0), fold)
			want := 0
			for want < 8 && table[b[want]] > decode {
				require.Equal(t, table[b[want]], byte(x>>(8*want)))
				want++
			}
			require.Equal(t, want, run, "%q", b)
		}
	}
}

// Heads decide like the terms they begin, and the table finds what it was given, for terms of all lengths.
func TestTermsExactAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	table, twin := newTerms(), map[string]int32{}
	for range 60_000 {
		term := make([]byte, rng.IntN(20))
		for i := range term {
			term[i] = "\x00abé"[rng.IntN(5)]
		}
		if rng.IntN(2) == 0 {
			term = slices.Clip(term)
		}
		id, ok := twin[string(term)]
		if !ok {
			require.Equal(t, int32(-1), table.find(term))
			id = int32(len(twin))
			twin[string(term)] = id
		}
		require.Equal(t, id, table.add(term))
	}
	sorted, rank := table.sorted()
	require.True(t, slices.IsSorted(sorted))
	require.Len(t, sorted, len(twin))
	for term, id := range twin {
		require.Equal(t, term, sorted[rank[id]])
		require.True(t, bytes.Equal([]byte(term), table.at(id)))
	}
}

// A count beyond 32 bits is kept.
func TestCellsCarry(t *testing.T) {
	var c cells
	p := c.at(7)
	p.n = math.MaxUint32 - 1
	for range 3 {
		c.add(c.at(7))
	}
	c.add(c.at(9))
	got := map[uint64]int64{}
	c.each(func(_ int32, key uint64, n int64) { got[key] = n })
	require.Equal(t, map[uint64]int64{7: math.MaxUint32 + 2, 9: 1}, got)
}

// Batches without decay are the whole, in whatever order; the past stays as it was.
func TestOnlineExactAgainstWhole(t *testing.T) {
	ctx := context.Background()
	docs, labels := randomDocs(900, 5)
	cfg := DefaultConfig()
	cfg.NGramMax = 2
	want, err := Count(ctx, docs, labels, cfg)
	require.NoError(t, err)
	for _, batch := range []int{1000, 250, 77} {
		var c Counts
		c, err = Online{}.Update(ctx, c, nil, nil, cfg)
		require.NoError(t, err)
		for lo := 0; lo < len(docs); lo += batch {
			hi := min(lo+batch, len(docs))
			before := c
			kept := slices.Clone(before.Rows.Value)
			c, err = Online{}.Update(ctx, before, docs[lo:hi], labels[lo:hi], cfg)
			require.NoError(t, err)
			require.Equal(t, kept, before.Rows.Value[:len(kept)])
		}
		require.Equal(t, want, c)
	}

	forgotten, err := Online{Decay: 1}.Update(ctx, want, []string{"only this"}, []int{0}, cfg)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, 1}, forgotten.Rows.Value)
	require.Equal(t, 1.0, forgotten.Docs)
	none, err := Online{DeleteMinDF: 1e9}.Update(ctx, want, nil, nil, cfg)
	require.NoError(t, err)
	require.Empty(t, none.Vocabulary)
	require.Equal(t, want.Classes, none.Classes)
	require.NoError(t, none.check())

	given := DefaultConfig()
	given.Vocabulary = []string{"zz", "aa"}
	c, err := Online{DeleteMinDF: 5}.Update(ctx, Counts{}, []string{"aa bb"}, []int{3}, given)
	require.NoError(t, err)
	c, err = Online{DeleteMinDF: 5}.Update(ctx, c, []string{"zz aa"}, []int{1}, given)
	require.NoError(t, err)
	require.Equal(t, given.Vocabulary, c.Vocabulary)
	require.Equal(t, []float64{1, 1, 1}, c.Rows.Value)
	_, err = Online{}.Update(ctx, c, nil, nil, DefaultConfig())
	require.ErrorContains(t, err, "sorted")
	_, err = Online{}.Update(ctx, want, nil, nil, given)
	require.ErrorContains(t, err, "Vocabulary")

	cfg.MinDF, cfg.MaxDF, cfg.MaxFeatures = DF{Count: 2}, DF{Count: 3}, 4
	_, err = Online{Decay: 2, DeleteMinDF: math.NaN()}.Update(ctx, Counts{}, nil, nil, cfg)
	for _, field := range []string{"Config.MinDF", "Config.MaxDF", "Config.MaxFeatures", "Online.Decay", "Online.DeleteMinDF"} {
		require.ErrorContains(t, err, "ctfidf."+field)
	}
	_, err = Online{}.Update(ctx, Counts{}, []string{"one"}, nil, DefaultConfig())
	require.ErrorContains(t, err, "1 documents and 0 classes")
	broken := want
	broken.Sizes = nil
	_, err = Online{}.Update(ctx, broken, nil, nil, DefaultConfig())
	require.ErrorContains(t, err, "sizes")
}

func TestSoftCounts(t *testing.T) {
	ctx := context.Background()
	docs, labels := randomDocs(9000, 4)
	hard := sparse.CSR[float64]{Cols: 4, RowPtr: []int{0}}
	share := sparse.CSR[float64]{Cols: 6, RowPtr: []int{0}}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, l := range labels {
		hard.Col, hard.Value = append(hard.Col, int32(l+1)), append(hard.Value, 1)
		hard.RowPtr = append(hard.RowPtr, len(hard.Col))
		for j := range int32(5) { // class 5 stays empty
			if rng.IntN(2) == 0 {
				share.Col, share.Value = append(share.Col, j), append(share.Value, rng.Float64())
			}
		}
		share.RowPtr = append(share.RowPtr, len(share.Col))
	}
	cfg := DefaultConfig()
	cfg.NGramMax, cfg.MinDF, cfg.MaxFeatures = 2, DF{Count: 2}, 700
	want, err := Count(ctx, docs, labels, cfg)
	require.NoError(t, err)
	got, err := CountSoft(ctx, docs, hard, cfg)
	require.NoError(t, err)
	for i := range want.Classes {
		want.Classes[i]++
	}
	require.Equal(t, want, got, "memberships of one class each are classes")

	cfg.Workers = 1
	one, err := CountSoft(ctx, docs, share, cfg)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5}, one.Classes)
	require.Equal(t, one.Rows.RowPtr[5], one.Rows.RowPtr[6])
	for _, workers := range []int{2, 3, 8} {
		cfg.Workers = workers
		many, err := CountSoft(ctx, docs, share, cfg)
		require.NoError(t, err)
		require.Equal(t, one, many)
	}

	_, err = CountSoft(ctx, docs[:3], share, cfg)
	require.ErrorContains(t, err, "3 documents and memberships of 9000")
	share.Value[7] = math.NaN()
	_, err = CountSoft(ctx, docs, share, cfg)
	var bad *stage.ValueError
	require.ErrorAs(t, err, &bad)
	cfg.Join = true
	_, err = CountSoft(ctx, docs, hard, cfg)
	require.ErrorContains(t, err, "ctfidf.Config.Join")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = CountSoft(cancelled, docs, hard, DefaultConfig())
	require.ErrorIs(t, err, context.Canceled)
}

func TestImportanceRejects(t *testing.T) {
	c, err := Count(context.Background(), []string{"one two", "two three"}, []int{0, 1}, DefaultConfig())
	require.NoError(t, err)
	_, err = NPMI{Smoothing: -1}.Weigh(c)
	require.ErrorContains(t, err, "ctfidf.NPMI.Smoothing")
	_, err = FightingWords{Prior: math.Inf(1)}.Weigh(c)
	require.ErrorContains(t, err, "ctfidf.FightingWords.Prior")
	without := c
	without.Sizes, without.Docs = nil, 0
	_, err = NPMI{}.Weigh(without)
	require.ErrorContains(t, err, "Counts.Sizes")
	_, err = Soft{}.Weigh(without)
	require.ErrorContains(t, err, "Counts.Docs")
	_, err = Weighting{GuidedMultiplier: math.NaN()}.Weigh(c)
	require.ErrorContains(t, err, "GuidedMultiplier")

	matrix := func(rows, cols int) blas32.General {
		return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
	}
	good := Centroid{Centroids: matrix(2, 4), Terms: matrix(3, 4)}
	w, err := good.Weigh(c)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0, 0, 0}, w.Rows.Value, "the cosine with zeros is 0")
	_, err = Centroid{Centroids: matrix(2, 4), Terms: matrix(3, 5)}.Weigh(c)
	require.ErrorContains(t, err, "same columns")
	_, err = Centroid{Centroids: matrix(1, 4), Terms: matrix(3, 4)}.Weigh(c)
	require.ErrorContains(t, err, "2 classes and 3 terms")
	good.Terms.Data[5] = float32(math.NaN())
	_, err = good.Weigh(c)
	var bad *stage.ValueError
	require.ErrorAs(t, err, &bad)

	// One class and one term leave nothing to compare.
	lone, err := Count(context.Background(), []string{"word word"}, []int{0}, DefaultConfig())
	require.NoError(t, err)
	for _, weigher := range []interface {
		Weigh(Counts) (Weights, error)
	}{NPMI{}, DefaultNPMI(), FightingWords{}, Soft{}} {
		w, err := weigher.Weigh(lone)
		require.NoError(t, err)
		require.False(t, math.IsNaN(w.Rows.Value[0]) || math.IsInf(w.Rows.Value[0], 0), "%T", weigher)
	}
}
