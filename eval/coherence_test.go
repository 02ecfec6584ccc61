package eval_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/stage"
)

var measures = []eval.CoherenceMeasure{eval.CNPMI, eval.CUCI, eval.CV, eval.UMass}

// testdata/coherence.json.gz is made by scripts/golden/coherence.py.
type coherenceGolden struct {
	Versions  map[string]string
	Coherence []struct {
		Name          string
		Texts, Topics [][]string
		Values        []struct {
			Measure      eval.CoherenceMeasure
			Window, TopN int
			Topics       []*float64
		}
	}
	Diversity []struct {
		Topics                [][]string
		TopN                  int
		Weight                float64
		IRBO, Unique, Overlap float64
	}
}

func TestCoherenceWithin1e9OfGensim(t *testing.T) {
	var g coherenceGolden
	readJSON(t, "coherence.json.gz", &g)
	require.Equal(t, "4.4.0", g.Versions["gensim"])
	require.Len(t, g.Coherence, 6)
	for _, c := range g.Coherence {
		texts, err := eval.NewTexts(t.Context(), c.Texts)
		require.NoError(t, err)
		for _, v := range c.Values {
			cfg := eval.CoherenceConfig{Measure: v.Measure, Window: v.Window, TopN: v.TopN}
			r, err := eval.Coherence(t.Context(), c.Topics, texts, cfg)
			require.NoError(t, err)
			require.Len(t, r.Topics, len(v.Topics))
			sum, n := 0.0, 0
			for i, want := range v.Topics {
				what := fmt.Sprintf("%s, %+v, topic %d %v", c.Name, cfg, i, c.Topics[i])
				if math.IsNaN(r.Topics[i]) {
					// gensim has NaN for a single word, but a c_v of 1.
					if want != nil {
						require.Equal(t, eval.CV, v.Measure, what)
						require.InDelta(t, 1, *want, 1e-12, what)
						known := slices.DeleteFunc(slices.Clone(c.Topics[i]), func(w string) bool { return texts.Count(w) == 0 })
						require.Len(t, known, 1, what)
					}
					continue
				}
				require.NotNil(t, want, what)
				require.InDelta(t, *want, r.Topics[i], 1e-9, what)
				sum += r.Topics[i]
				n++
			}
			require.Equal(t, n, r.Scored)
			require.InDelta(t, sum/float64(n), r.Mean, 1e-12)
		}
	}
}

// slideTwin walks every window and looks at every token in it.
func slideTwin(texts [][]string, size int) (windows []map[string]bool) {
	for _, text := range texts {
		for from := 0; from == 0 || from+size <= len(text); from++ {
			in := map[string]bool{}
			for _, w := range text[from:min(from+size, len(text))] {
				in[w] = true
			}
			windows = append(windows, in)
		}
	}
	return windows
}

// forgetTwin is slideTwin, but a word that leaves at the left is forgotten although it stands in the window again.
func forgetTwin(texts [][]string, size int) (windows []map[string]bool) {
	for _, text := range texts {
		in := map[string]bool{}
		for _, w := range text[:min(size, len(text))] {
			in[w] = true
		}
		windows = append(windows, in)
		for from := 1; from+size <= len(text); from++ {
			next := map[string]bool{}
			for w := range in {
				next[w] = in[w] && w != text[from-1]
			}
			next[text[from+size-1]] = true
			in = next
			windows = append(windows, in)
		}
	}
	return windows
}

func npmiTwin(windows []map[string]bool, topic []string) float64 {
	share := func(words ...string) float64 {
		n := 0
		for _, in := range windows {
			if !slices.ContainsFunc(words, func(w string) bool { return !in[w] }) {
				n++
			}
		}
		return float64(n) / float64(len(windows))
	}
	sum, n := 0.0, 0
	for i, v := range topic {
		for j, w := range topic {
			if i != j {
				sum += math.Log((share(v, w)+1e-12)/(share(v)*share(w))) / -math.Log(share(v, w)+1e-12)
				n++
			}
		}
	}
	return sum / float64(n)
}

func randomTexts(rng *rand.Rand, n, most, words int) [][]string {
	texts := make([][]string, n)
	for i := range texts {
		texts[i] = make([]string, rng.IntN(most+1))
		for j := range texts[i] {
			texts[i][j] = fmt.Sprintf("w%d", int(float64(words)*math.Pow(rng.Float64(), 3)))
		}
	}
	return texts
}

func TestCoherenceWithin1e12OfTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 60 {
		tokens := randomTexts(rng, 1+rng.IntN(40), 1+rng.IntN(60), 2+rng.IntN(30))
		tokens = append(tokens, []string{"w0", "w1"})
		texts, err := eval.NewTexts(t.Context(), tokens)
		require.NoError(t, err)
		topic := []string{"w0", "w1"}
		for w := 2; w < 8; w++ {
			if s := fmt.Sprintf("w%d", w); texts.Count(s) > 0 {
				topic = append(topic, s)
			}
		}
		size := 1 + rng.IntN(70)
		for _, keep := range []bool{false, true} {
			twin := forgetTwin
			if keep {
				twin = slideTwin
			}
			cfg := eval.CoherenceConfig{Measure: eval.CNPMI, Window: size, KeepRepeats: keep}
			r, err := eval.Coherence(t.Context(), [][]string{topic}, texts, cfg)
			require.NoError(t, err)
			require.InDelta(t, npmiTwin(twin(tokens, size), topic), r.Mean, 1e-12, "trial %d, window %d", trial, size)
		}
	}
}

// A frequent word beside a rare one: the leaps through the longer list count the same.
func TestCoherenceOfRareWordsWithin1e12OfTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tokens := make([][]string, 4000)
	for i := range tokens {
		for range rng.IntN(30) {
			word := "other"
			switch {
			case rng.IntN(2000) == 0:
				word = "rare"
			case rng.IntN(3) == 0:
				word = "frequent"
			}
			tokens[i] = append(tokens[i], word)
		}
	}
	texts, err := eval.NewTexts(t.Context(), tokens)
	require.NoError(t, err)
	require.Greater(t, texts.Count("rare"), 5)
	require.Greater(t, texts.Count("frequent"), 20*texts.Count("rare"))
	topic := []string{"frequent", "rare"}
	r, err := eval.Coherence(t.Context(), [][]string{topic}, texts, eval.CoherenceConfig{Measure: eval.CNPMI, Window: 3})
	require.NoError(t, err)
	require.InDelta(t, npmiTwin(forgetTwin(tokens, 3), topic), r.Mean, 1e-12)
}

func TestCoherenceProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 30 {
		tokens := randomTexts(rng, 30, 80, 20)
		texts, err := eval.NewTexts(t.Context(), tokens)
		require.NoError(t, err)
		topic := []string{"w0", "w1", "w2", "w3", "w4"}
		turned := slices.Clone(topic)
		rng.Shuffle(len(turned), func(i, j int) { turned[i], turned[j] = turned[j], turned[i] })
		shuffled := slices.Clone(tokens)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again, err := eval.NewTexts(t.Context(), shuffled)
		require.NoError(t, err)
		for _, m := range measures {
			cfg := eval.CoherenceConfig{Measure: m}
			a, err := eval.Coherence(t.Context(), [][]string{topic}, texts, cfg)
			require.NoError(t, err)
			b, err := eval.Coherence(t.Context(), [][]string{topic}, again, cfg) // the order of the texts is nothing
			require.NoError(t, err)
			require.Equal(t, a, b, m)
			switch m {
			case eval.UMass:
				require.LessOrEqual(t, a.Mean, 1e-9)
				continue // order matters
			case eval.CNPMI, eval.CV:
				require.LessOrEqual(t, math.Abs(a.Mean), 1+1e-9, m)
			}
			c, err := eval.Coherence(t.Context(), [][]string{turned}, texts, cfg)
			require.NoError(t, err)
			require.InDelta(t, a.Mean, c.Mean, 1e-12, m)
		}
	}
}

func TestSameBitsCoherence(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	tokens := randomTexts(rng, 3000, 60, 500)
	var topics [][]string
	for range 40 {
		var topic []string
		for range 10 {
			topic = append(topic, fmt.Sprintf("w%d", rng.IntN(500)))
		}
		topics = append(topics, topic)
	}
	docs := make([]string, len(tokens))
	for i, words := range tokens {
		docs[i] = strings.Join(words, " ")
	}
	for _, m := range measures {
		var want eval.CoherenceResult
		for i, workers := range []int{1, 2, 3, 8} {
			texts, err := eval.NewTexts(t.Context(), tokens)
			require.NoError(t, err)
			if i > 1 {
				texts, err = eval.NewTextsOf(t.Context(), docs, nil)
				require.NoError(t, err)
			}
			r, err := eval.Coherence(t.Context(), topics, texts, eval.CoherenceConfig{Measure: m, TopN: 10, Workers: workers})
			require.NoError(t, err)
			if i == 0 {
				want = r
			}
			require.Equal(t, want, r, "%s with %d workers", m, workers)
		}
	}
}

func TestCoherenceOfWhatCannotBeMeasured(t *testing.T) {
	texts, err := eval.NewTextsOf(t.Context(), []string{"The file was closed", "close a file", ""}, nil)
	require.NoError(t, err)
	require.Equal(t, 3, texts.Docs())
	require.Equal(t, 6, texts.Tokens())
	require.Equal(t, 2, texts.Count("file"))
	require.Equal(t, 0, texts.Count("File"))
	topics := [][]string{{"file", "absent", "closed"}, {"absent"}, {"file"}, nil, {"nowhere", "close", "never", "file", "closed"}}
	cfg := eval.DefaultCoherenceConfig()
	cfg.TopN = 2
	r, err := eval.Coherence(t.Context(), topics, texts, cfg)
	require.NoError(t, err)
	require.Equal(t, 2, r.Scored)
	require.Equal(t, 4, r.Missing)
	require.True(t, math.IsNaN(r.Topics[1]) && math.IsNaN(r.Topics[2]) && math.IsNaN(r.Topics[3]))
	require.InDelta(t, (r.Topics[0]+r.Topics[4])/2, r.Mean, 1e-15)

	_, err = eval.Coherence(t.Context(), topics[1:4], texts, cfg)
	require.ErrorIs(t, err, eval.ErrNoCoherence)
	_, err = eval.Coherence(t.Context(), topics, nil, cfg)
	require.ErrorContains(t, err, "texts are nil")
	_, err = eval.Coherence(t.Context(), nil, texts, cfg)
	require.ErrorContains(t, err, "no topics")
	_, err = eval.Coherence(t.Context(), topics, texts, eval.CoherenceConfig{Measure: "npmi", Window: -1, TopN: 1})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "Measure")
	require.ErrorContains(t, err, "Window")
	require.ErrorContains(t, err, "TopN")
	_, err = eval.Coherence(t.Context(), topics, texts, eval.CoherenceConfig{Measure: eval.UMass, Window: 5})
	require.ErrorContains(t, err, "0 for u_mass")
	none, err := eval.NewTexts(t.Context(), nil)
	require.NoError(t, err)
	_, err = eval.Coherence(t.Context(), topics, none, cfg)
	require.ErrorIs(t, err, eval.ErrNoCoherence)

	cause := errors.New("enough")
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err = eval.Coherence(stopped, topics, texts, cfg)
	require.ErrorIs(t, err, cause)
	_, err = eval.NewTexts(stopped, [][]string{{"a"}})
	require.ErrorIs(t, err, cause)
}

func FuzzCoherence(f *testing.F) {
	f.Add("a b a c|b a|", "a b c", uint8(2))
	f.Fuzz(func(t *testing.T, corpus, words string, size uint8) {
		var tokens [][]string
		for text := range strings.SplitSeq(corpus, "|") {
			tokens = append(tokens, strings.Fields(text))
		}
		texts, err := eval.NewTexts(t.Context(), tokens)
		require.NoError(t, err)
		topic := slices.DeleteFunc(strings.Fields(words), func(w string) bool { return texts.Count(w) == 0 })
		window := int(size)%20 + 1
		for _, keep := range []bool{false, true} {
			r, err := eval.Coherence(t.Context(), [][]string{topic}, texts, eval.CoherenceConfig{Measure: eval.CNPMI, Window: window, KeepRepeats: keep})
			if len(topic) < 2 {
				require.ErrorIs(t, err, eval.ErrNoCoherence)
				continue
			}
			require.NoError(t, err)
			windows := forgetTwin(tokens, window)
			if keep {
				windows = slideTwin(tokens, window)
			}
			require.InDelta(t, npmiTwin(windows, topic), r.Mean, 1e-9)
		}
	})
}
