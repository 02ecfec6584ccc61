package ctfidf

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

func randomDocs(n, classes int) (docs []string, labels []int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range n {
		label := rng.IntN(classes)
		var words []string
		for range rng.IntN(12) {
			words = append(words, fmt.Sprintf("w%d", int(300*math.Pow(rng.Float64(), 2))+40*label))
		}
		docs, labels = append(docs, strings.Join(words, " ")), append(labels, label-1)
	}
	return docs, labels
}

func pairs(docs []string, labels []int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i, d := range docs {
			if !yield(labels[i], d) {
				return
			}
		}
	}
}

func TestSameBits(t *testing.T) {
	ctx := context.Background()
	docs, labels := randomDocs(4000, 7)
	cfg := Config{}
	cfg.NGramMax, cfg.MaxFeatures, cfg.MinDF = 2, 900, DF{Count: 2}
	type result struct {
		C    Counts
		W    Weights
		Docs sparse.CSR[float64]
		Top  [][]Term
	}
	run := func(workers, procs int, set func(*Config)) (r result) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		cfg := cfg
		cfg.Workers = workers
		set(&cfg)
		var err error
		r.C, err = Count(ctx, docs, labels, cfg)
		require.NoError(t, err)
		r.W, err = Weighting{BM25: true, ReduceFrequentWords: true}.Weigh(r.C)
		require.NoError(t, err)
		r.Docs, err = r.C.Documents(ctx, docs[:500], cfg)
		require.NoError(t, err)
		for row := range r.C.Classes {
			r.Top = append(r.Top, r.W.TopTerms(row, 20))
		}
		return r
	}
	for name, set := range map[string]func(*Config){
		"default":    func(*Config) {},
		"joined":     func(c *Config) { c.Join = true },
		"binary":     func(c *Config) { c.Binary = true },
		"characters": func(c *Config) { c.Analyzer, c.MinDF = CharsWithin, DF{} },
		"tokenizer":  func(c *Config) { c.Tokenizer, c.Stem = CodeTokens, strings.ToUpper },
	} {
		want := run(1, 1, set)
		for _, workers := range []int{0, 2, 3, 8} {
			for _, procs := range []int{1, 2, 4} {
				require.Equal(t, want, run(workers, procs, set), "%s: workers %d, procs %d", name, workers, procs)
			}
		}
	}
}

// The counts are those of a plain twin that counts with maps, for streams and slices, and for windows that are cut down.
func TestCountExactAgainstTwin(t *testing.T) {
	ctx := context.Background()
	docs, labels := randomDocs(900, 5)
	docs = append(docs, strings.Repeat("long document that overflows the window again ", 5000))
	labels = append(labels, 3)
	for _, join := range []bool{false, true} {
		for _, n := range [][2]int{{1, 1}, {1, 2}, {2, 3}, {3, 3}} {
			cfg := Config{}
			cfg.Join, cfg.NGramMin, cfg.NGramMax = join, n[0], n[1]
			c, err := Count(ctx, docs, labels, cfg)
			require.NoError(t, err)
			s, err := CountSeq(ctx, pairs(docs, labels), cfg)
			require.NoError(t, err)
			require.Equal(t, c, s)

			tokens := map[int][][]string{}
			for i, d := range docs {
				words := strings.Fields(d)
				if join && len(tokens[labels[i]]) > 0 {
					tokens[labels[i]][0] = append(tokens[labels[i]][0], words...)
				} else {
					tokens[labels[i]] = append(tokens[labels[i]], words)
				}
			}
			cells := 0
			for class, texts := range tokens {
				want := map[string]float64{}
				for _, words := range texts {
					for i := range words {
						for k := n[0]; k <= n[1] && i+k <= len(words); k++ {
							want[strings.Join(words[i:i+k], " ")]++
						}
					}
				}
				row, ok := slices.BinarySearch(c.Classes, class)
				require.True(t, ok)
				cols, values := c.Rows.Row(row)
				got := map[string]float64{}
				for k, col := range cols {
					got[c.Vocabulary[col]] = values[k]
				}
				require.Equal(t, want, got)
				cells += len(want)
			}
			require.Len(t, c.Rows.Col, cells)
			require.NoError(t, checkCounts(c.Rows))
			require.True(t, slices.IsSorted(c.Vocabulary))
		}
	}
}

func TestNGramsStayWithinDocuments(t *testing.T) {
	cfg := Config{}
	cfg.NGramMin, cfg.NGramMax = 2, 2
	docs, classes := []string{"red green", "blue"}, []int{0, 0}
	c, err := Count(context.Background(), docs, classes, cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"red green"}, c.Vocabulary)
	cfg.Join = true
	c, err = Count(context.Background(), docs, classes, cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"green blue", "red green"}, c.Vocabulary)
}

func TestEmptyDocuments(t *testing.T) {
	ctx := context.Background()
	_, err := Count(ctx, nil, nil, Config{})
	require.ErrorIs(t, err, ErrEmptyVocabulary)
	_, err = Count(ctx, []string{"", " \n", "a b"}, []int{0, 1, 2}, Config{})
	require.ErrorIs(t, err, ErrEmptyVocabulary)

	c, err := Count(ctx, []string{"", "good words"}, []int{4, -1}, Config{})
	require.NoError(t, err)
	require.Equal(t, []int{-1, 4}, c.Classes)
	require.Equal(t, []int{0, 2, 2}, c.Rows.RowPtr)
	w, err := Weighting{}.Weigh(c)
	require.NoError(t, err)
	row, ok := w.Row(4)
	require.True(t, ok)
	require.Empty(t, w.TopTerms(row, 10))
	require.Zero(t, w.Rows.Cosine(0, w.Rows, 1))
	_, ok = w.Row(3)
	require.False(t, ok)

	cfg := Config{}
	cfg.Join, cfg.CleanASCII = true, true
	c, err = Count(ctx, []string{"日本", "good words", "日本", "日本"}, []int{0, 1, 2, 2}, cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"emptydoc", "good", "words"}, c.Vocabulary)
	require.Equal(t, []int{0, 1, 3, 3}, c.Rows.RowPtr)
}

func TestPruning(t *testing.T) {
	ctx := context.Background()
	docs, classes := []string{"all two one", "all two", "all", "all xx xx xx"}, []int{0, 1, 2, 3}
	terms := func(set func(*Config)) []string {
		cfg := Config{}
		set(&cfg)
		c, err := Count(ctx, docs, classes, cfg)
		require.NoError(t, err)
		require.NoError(t, checkCounts(c.Rows))
		return c.Vocabulary
	}
	require.Equal(t, []string{"all", "one", "two", "xx"}, terms(func(*Config) {}))
	require.Equal(t, []string{"all", "two"}, terms(func(c *Config) { c.MinDF = DF{Count: 2} }))
	require.Equal(t, []string{"all"}, terms(func(c *Config) { c.MinDF = DF{Share: 1} }))
	require.Equal(t, []string{"one", "xx"}, terms(func(c *Config) { c.MaxDF = DF{Count: 1} }))
	require.Equal(t, []string{"one", "two", "xx"}, terms(func(c *Config) { c.MaxDF = DF{Share: 0.75} }))
	require.Equal(t, []string{"all", "xx"}, terms(func(c *Config) { c.MaxFeatures = 2 }))
	require.Equal(t, []string{"all", "two", "xx"}, terms(func(c *Config) { c.MaxFeatures = 3 }))
	require.Equal(t, []string{"xx", "zz", "all"}, terms(func(c *Config) {
		c.Vocabulary, c.MinDF, c.MaxFeatures = []string{"xx", "zz", "all"}, DF{Count: 2}, 1
	}))

	cfg := Config{}
	cfg.MinDF, cfg.MaxDF = DF{Count: 3}, DF{Count: 3}
	_, err := Count(ctx, docs, classes, cfg)
	require.ErrorIs(t, err, ErrEmptyVocabulary)
	require.ErrorContains(t, err, "MinDF")
	cfg.MaxDF = DF{Share: 0.5}
	_, err = Count(ctx, docs, classes, cfg)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "ctfidf.Config.MaxDF", bad.Field)
	require.ErrorContains(t, err, "MinDF")
}

func TestValidateNamesEveryField(t *testing.T) {
	require.NoError(t, Config{}.Validate())
	require.NoError(t, Config{NGramMin: 3}.Validate())
	require.ErrorContains(t, Config{NGramMin: 3, NGramMax: 2}.Validate(), "NGramMax")
	require.ErrorContains(t, Config{NGramMax: 1001}.Validate(), "NGramMax")
	err := Config{
		MinDF: DF{Count: -1}, MaxDF: DF{Count: 1, Share: 0.5}, NGramMin: -1, NGramMax: -1, Workers: -1, MaxFeatures: -1, Vocabulary: []string{"aa", "bb", "aa"},
	}.Validate()
	for _, field := range []string{"NGramMin", "NGramMax", "MinDF", "MaxDF", "MaxFeatures", "Vocabulary", "Workers"} {
		require.ErrorContains(t, err, "ctfidf.Config."+field)
	}
	err = Config{
		NGramMin: 1, NGramMax: 1, StripAccents: "all", Analyzer: "words", Join: true, TokenPattern: "(a", Tokenizer: strings.Fields,
	}.Validate()
	for _, field := range []string{"StripAccents", "Analyzer", "Join", "TokenPattern"} {
		require.ErrorContains(t, err, "ctfidf.Config."+field)
	}
	require.ErrorContains(t, Config{NGramMin: 1, NGramMax: 1, TokenPattern: "(a)(b)"}.Validate(), "at most one group")
	require.ErrorContains(t, Config{Vocabulary: []string{}, NGramMin: 1, NGramMax: 1}.Validate(), "Vocabulary")
	require.ErrorContains(t, Config{MinDF: DF{Share: math.NaN()}, NGramMin: 1, NGramMax: 1}.Validate(), "MinDF")
	_, err = Weighting{SeedMultiplier: -1}.Weigh(Counts{})
	require.ErrorContains(t, err, "SeedMultiplier")
	require.ErrorContains(t, Weighting{SeedMultiplier: math.NaN()}.Validate(), "SeedMultiplier")
	_, err = Count(context.Background(), []string{"aa"}, nil, Config{})
	require.ErrorContains(t, err, "1 documents and 0 classes")
}

func TestWeighRejectsBrokenCounts(t *testing.T) {
	good := func() Counts {
		return Counts{Classes: []int{0, 1}, Vocabulary: []string{"aa", "bb"}, Rows: sparse.CSR[float64]{
			Cols: 2, RowPtr: []int{0, 2, 3}, Col: []int32{0, 1, 1}, Value: []float64{1, 2, 3},
		}}
	}
	_, err := Weighting{}.Weigh(good())
	require.NoError(t, err)
	for name, damage := range map[string]func(*Counts){
		"NaN":       func(c *Counts) { c.Rows.Value[1] = math.NaN() },
		"Inf":       func(c *Counts) { c.Rows.Value[1] = math.Inf(1) },
		"negative":  func(c *Counts) { c.Rows.Value[1] = -1 },
		"column":    func(c *Counts) { c.Rows.Col[2] = 2 },
		"order":     func(c *Counts) { c.Rows.Col[1] = 0 },
		"pointer":   func(c *Counts) { c.Rows.RowPtr[1] = 4 },
		"backwards": func(c *Counts) { c.Rows.RowPtr[1] = -1 },
		"end":       func(c *Counts) { c.Rows.RowPtr[2] = 2 },
		"none":      func(c *Counts) { c.Rows = sparse.CSR[float64]{} },
		"classes":   func(c *Counts) { c.Classes = c.Classes[:1] },
		"terms":     func(c *Counts) { c.Vocabulary = c.Vocabulary[:1] },
	} {
		c := good()
		damage(&c)
		_, err := Weighting{}.Weigh(c)
		require.Error(t, err, name)
	}
	c := good()
	c.Rows.Value[2] = math.NaN()
	_, err = Weighting{}.Weigh(c)
	var bad *stage.ValueError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, []int{1, 1}, []int{bad.Row, bad.Col})

	w, err := Weighting{}.Weigh(good())
	require.NoError(t, err)
	_, err = w.Transform(sparse.CSR[float64]{Cols: 3, RowPtr: []int{0}})
	require.ErrorContains(t, err, "3 terms, want the 2 terms")
	_, err = w.Transform(sparse.CSR[float64]{})
	require.Error(t, err)
}

func TestTermsNobodyHasWeighNothing(t *testing.T) {
	cfg := Config{}
	cfg.Vocabulary = []string{"never", "here"}
	c, err := Count(context.Background(), []string{"here we are"}, []int{0}, cfg)
	require.NoError(t, err)
	for _, bm25 := range []bool{false, true} {
		w, err := Weighting{BM25: bm25, SeedWords: []string{"never"}}.Weigh(c)
		require.NoError(t, err)
		require.Zero(t, w.IDF[0])
		rows, err := c.Documents(context.Background(), []string{"never here"}, cfg)
		require.NoError(t, err)
		m, err := w.Transform(rows)
		require.NoError(t, err)
		require.Equal(t, 0.5*w.IDF[1], m.Value[1])
	}
}

func TestClampAndSeedWords(t *testing.T) {
	docs, classes := randomDocs(400, 4)
	// Few classes and a heavy term: BM25 turns negative for it.
	docs = append(docs, strings.Repeat("heavy ", 4000))
	c, err := Count(context.Background(), docs, append(classes, 0), Config{})
	require.NoError(t, err)
	w, err := Weighting{BM25: true}.Weigh(c)
	require.NoError(t, err)
	require.Negative(t, slices.Min(w.IDF))
	for row := range w.Classes {
		for _, term := range w.TopTerms(row, len(w.Vocabulary)) {
			require.Positive(t, term.Weight)
		}
	}
	clamped, err := Weighting{BM25: true, Clamp: true}.Weigh(c)
	require.NoError(t, err)
	require.Zero(t, slices.Min(clamped.IDF))

	seed, err := Weighting{SeedWords: []string{c.Vocabulary[3]}}.Weigh(c)
	require.NoError(t, err)
	plain, err := Weighting{}.Weigh(c)
	require.NoError(t, err)
	require.Equal(t, 2*plain.IDF[3], seed.IDF[3])
	require.Equal(t, plain.IDF[4], seed.IDF[4])
}

// TopTerms is the head of a full stable sort.
func TestTopTermsExactAgainstSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := rng.IntN(60)
		w := Weights{Rows: sparse.CSR[float64]{Cols: n, RowPtr: []int{0, n}}}
		var want []Term
		for j := range n {
			v := float64(rng.IntN(8) - 1) // ties, zeros and negative weights
			w.Vocabulary = append(w.Vocabulary, fmt.Sprintf("t%02d", j))
			w.Rows.Col, w.Rows.Value = append(w.Rows.Col, int32(j)), append(w.Rows.Value, v)
			if v > 0 {
				want = append(want, Term{w.Vocabulary[j], v})
			}
		}
		slices.SortStableFunc(want, func(a, b Term) int { return int(b.Weight - a.Weight) })
		for _, k := range []int{-1, 0, 1, 5, 30, 100} {
			got := w.TopTerms(0, k)
			require.Len(t, got, min(max(k, 0), len(want)))
			for i := range got {
				require.Equal(t, want[i], got[i])
			}
		}
	}
}

func TestCustomTokenizer(t *testing.T) {
	cfg := Config{}
	cfg.Tokenizer = func(s string) []string { return strings.Split(s, ",") }
	cfg.StopWords, cfg.CleanASCII = []string{"stop"}, false
	c, err := Count(context.Background(), []string{"New York,STOP,,x\xff"}, []int{0}, cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"new york", "x\ufffd"}, c.Vocabulary)
	cfg.KeepCase, cfg.CleanASCII = true, true
	cfg.Tokenizer = strings.Fields
	c, err = Count(context.Background(), []string{"New-York\tdon't é a"}, []int{0}, cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"NewYork", "a", "dont"}, c.Vocabulary)
}

func TestProgress(t *testing.T) {
	docs, classes := randomDocs(5000, 3)
	for _, workers := range []int{1, 2} {
		cfg := Config{}
		cfg.Workers = workers
		var seen []int
		cfg.Progress = func(done, total int) {
			require.Equal(t, 5000, total)
			seen = append(seen, done)
		}
		_, err := Count(context.Background(), docs, classes, cfg)
		require.NoError(t, err)
		require.True(t, slices.IsSorted(seen))
		require.Greater(t, len(seen), 1)
		require.Equal(t, 5000, seen[len(seen)-1])
	}
}

func TestCancel(t *testing.T) {
	cause := errors.New("enough")
	for _, workers := range []int{1, 3} {
		// Canceled while a stream without an end is read.
		cfg := Config{}
		cfg.Workers = workers
		testutil.Soon(t, fmt.Sprint(workers, " workers"), func() time.Duration {
			ctx, cancel := context.WithCancelCause(context.Background())
			var at time.Time
			_, err := CountSeq(ctx, func(yield func(int, string) bool) {
				for i := 0; yield(0, "the same text over and over"); i++ {
					if i == 5000 {
						at = time.Now()
						cancel(cause)
					}
				}
			}, cfg)
			require.ErrorIs(t, err, cause)
			return time.Since(at)
		})

		// Canceled within one long document.
		ctx, cancel := context.WithCancelCause(context.Background())
		cfg.NGramMax = 3
		cfg.Tokenizer = func(s string) []string {
			cancel(cause)
			return slices.Repeat([]string{"one", "two"}, 2_000_000)
		}
		_, err := Count(ctx, []string{"long"}, []int{0}, cfg)
		require.ErrorIs(t, err, cause)
		_, err = Counts{Vocabulary: []string{"one"}}.Documents(ctx, []string{"long"}, cfg)
		require.ErrorIs(t, err, cause)
	}
}

// twinTerms is the token pattern read naively: lower the whole text, cut it at every rune that is no word character.
func twinTerms(text string) []string {
	var out []string
	for _, s := range strings.FieldsFunc(lowerText(text), func(r rune) bool { return !isWord(r) }) {
		if utf8.RuneCountInString(s) >= 2 {
			out = append(out, s)
		}
	}
	return out
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "plain words", "İΑΣ' ΑΣ.β x²", "\xff\xfea\xc3(b", "日本 e\u0301té", "don't\tstop\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want := twinTerms(text)
		if want == nil {
			want = []string{}
		}
		require.Equal(t, want, analyse(pythonConfig(), text))
		clean := Config{}
		clean.CleanASCII = true
		want = twinTerms(cleanASCII(text))
		if want == nil {
			want = []string{}
		}
		require.Equal(t, want, analyse(clean, text))
		require.Equal(t, newTokeniser(clean).isEmpty(text), cleanASCII(text) == "")
	})
}
