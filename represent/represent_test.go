package represent_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// trees is a view of two topics and an outlier.
func trees(t testing.TB) (topic.View, [][]ctfidf.Term) {
	docs := []string{
		"green oak and green elm", "a tall green oak", "old elm beside the oak", "oak wood", "fast car with a loud engine", "the car needs a new engine",
		"engine noise", "loud car", "nothing of that kind",
	}
	labels := []int{0, 0, 0, 0, 1, 1, 1, 1, -1}
	counts, err := ctfidf.Count(t.Context(), docs, labels, ctfidf.Config{})
	require.NoError(t, err)
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	require.NoError(t, err)
	x, err := lengths{}.Embed(t.Context(), docs)
	require.NoError(t, err)
	v := topic.View{
		Docs: docs, Topics: labels, IDs: []int{-1, 0, 1}, Weights: weights, Vocabulary: ctfidf.Config{}, TopWords: 4,
		Embedder: lengths{}, Embeddings: x, Means: blas32.General{Rows: 3, Cols: 3, Stride: 3, Data: make([]float32, 9)},
	}
	var topics [][]ctfidf.Term
	for i := range v.IDs {
		topics = append(topics, weights.TopTerms(i, 30))
	}
	v.Representative, err = v.Typical(t.Context(), 3, 0)
	require.NoError(t, err)
	return v, topics
}

// lengths embeds a text as its counts of three letters.
type lengths struct{}

func (lengths) Embed(_ context.Context, texts []string) (blas32.General, error) {
	x := blas32.General{Rows: len(texts), Cols: 3, Stride: 3}
	for _, text := range texts {
		for _, letter := range []string{"e", "a", "o"} {
			x.Data = append(x.Data, float32(strings.Count(text, letter)))
		}
	}
	return x, nil
}

// nonzero is lengths without vectors of zeros, which would make outliers.
type nonzero struct{ lengths }

func (n nonzero) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	x, err := n.lengths.Embed(ctx, texts)
	for i := range x.Rows {
		if row := x.Data[i*3:][:3]; row[0]+row[1]+row[2] == 0 {
			row[0] = 1
		}
	}
	return x, err
}

// wide is an embedder with other dimensions.
type wide struct{ lengths }

func (w wide) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	x, err := w.lengths.Embed(ctx, texts)
	out := blas32.General{Rows: x.Rows, Cols: 4, Stride: 4}
	for i := range x.Rows {
		out.Data = append(append(out.Data, x.Data[i*3:i*3+3]...), 1)
	}
	return out, err
}

func TestSameBits(t *testing.T) {
	v, topics := trees(t)
	for _, r := range []topic.Representer{
		represent.KeyBERT{}, represent.MMR{Diversity: 0.4, TopTerms: 3},
	} {
		var want [][]ctfidf.Term
		for _, workers := range []int{1, 2, 3, 8} {
			v.Run.Workers = workers
			got, err := r.Represent(t.Context(), v, topics)
			require.NoError(t, err)
			if want == nil {
				want = got
			}
			require.Equal(t, want, got, "%T", r)
		}
		again, _ := trees(t)
		require.Equal(t, again.Docs, v.Docs)
		_, fresh := trees(t)
		require.Equal(t, fresh, topics, "%T left what it was given alone", r)
	}
}

// In a chain KeyBERT chooses among the terms that it is given; first in it, among the best by weight.
func TestKeyBERTInAChain(t *testing.T) {
	v, topics := trees(t)
	k := represent.KeyBERT{}
	k.Candidates = 3
	few := [][]ctfidf.Term{topics[0], topics[1][:4], topics[2][2:6]}
	got, err := k.Represent(t.Context(), v, few)
	require.NoError(t, err)
	require.ElementsMatch(t, termsOf(topics[0][:3]), termsOf(got[0]), "the first of a chain has three candidates")
	for i := range got[1:] {
		require.ElementsMatch(t, termsOf(few[i+1]), termsOf(got[i+1]))
	}
	k.Candidates = 100
	k.TopTerms = 1
	got, err = k.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Len(t, got[1], 1)
}

func termsOf(terms []ctfidf.Term) (out []string) {
	for _, t := range terms {
		out = append(out, t.Term)
	}
	return out
}

func TestKeyBERTWithForeignEmbeddings(t *testing.T) {
	v, topics := trees(t)
	v.Embedder = wide{}
	_, err := represent.KeyBERT{}.Represent(t.Context(), v, topics)
	require.ErrorContains(t, err, "the embedder gives 4 dimensions and the documents' embeddings have 3")

	// An embedder of its own embeds the documents too.
	k := represent.KeyBERT{}
	k.Embedder = lengths{}
	got, err := k.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	v.Embedder = lengths{}
	want, err := represent.KeyBERT{}.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.False(t, k.NeedsEmbedder())
	require.True(t, represent.KeyBERT{}.NeedsEmbedder())
}

func TestEmbedderIsMissing(t *testing.T) {
	v, topics := trees(t)
	v.Embedder = nil
	for _, r := range []topic.Representer{represent.KeyBERT{}, represent.MMR{}} {
		_, err := r.Represent(t.Context(), v, topics)
		require.ErrorIs(t, err, topic.ErrNoEmbedder)
	}
}

func TestNoTermsAndCancelling(t *testing.T) {
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	v, topics := trees(t)
	empty := v
	empty.Weights = ctfidf.Weights{}
	for _, r := range []topic.Representer{represent.KeyBERT{}, represent.MMR{}} {
		got, err := r.Represent(t.Context(), empty, make([][]ctfidf.Term, 3))
		require.NoError(t, err)
		require.Equal(t, make([][]ctfidf.Term, 3), got)
		_, err = r.Represent(ctx, v, topics)
		require.ErrorIs(t, err, stop)
	}
}

func TestMMRPrefersWordsThatDiffer(t *testing.T) {
	v, _ := trees(t)
	terms := []ctfidf.Term{{Term: "eea", Weight: 4}, {Term: "eeea", Weight: 3}, {Term: "ooo", Weight: 2}, {Term: "ee", Weight: 1}}
	for diversity, want := range map[float64][]string{stage.None: {"eea", "eeea"}, 0.9: {"eeea", "ooo"}} {
		got, err := represent.MMR{Diversity: diversity, TopTerms: 2}.Represent(t.Context(), v, [][]ctfidf.Term{terms, terms, nil})
		require.NoError(t, err)
		require.Equal(t, want, termsOf(got[0]), "%v", diversity)
		require.Equal(t, got[0], got[1])
		require.Empty(t, got[2])
	}
	got, err := represent.MMR{Diversity: 1}.Represent(t.Context(), v, [][]ctfidf.Term{terms, terms, terms})
	require.NoError(t, err)
	require.Equal(t, terms, got[0], "as many as the model keeps")
}

func TestValidateNamesEveryField(t *testing.T) {
	v, topics := trees(t)
	for _, c := range []struct {
		r      topic.Representer
		fields []string
	}{
		{represent.KeyBERT{Candidates: -1, Docs: -1, TopTerms: -1}, []string{"KeyBERT.Candidates", "KeyBERT.Docs", "KeyBERT.TopTerms"}},
		{represent.MMR{Diversity: 2, TopTerms: -1}, []string{"MMR.Diversity", "MMR.TopTerms"}},
		{represent.PartOfSpeech{TopTerms: -1, Patterns: [][]string{{"NOUN"}, {}, {""}}}, []string{"PartOfSpeech.Patterns[1]", "PartOfSpeech.Patterns[2]", "PartOfSpeech.TopTerms"}},
		{represent.KeyBERT{Candidates: 1_000_001, Docs: 10_001}, []string{"KeyBERT.Candidates", "KeyBERT.Docs"}},
		{represent.MMR{Diversity: math.NaN()}, []string{"MMR.Diversity"}},
		{represent.ZeroShot{MinScore: math.NaN()}, []string{"ZeroShot.Labels", "ZeroShot.MinScore"}},
		{represent.ZeroShot{Labels: []string{"a", " ", "a"}}, []string{"ZeroShot.Labels[1]", "ZeroShot.Labels[2]"}},
	} {
		err := c.r.(stage.Validator).Validate()
		for _, field := range c.fields {
			require.ErrorContains(t, err, "represent."+field+" is ")
		}
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad)
		_, again := c.r.Represent(t.Context(), v, topics)
		require.Equal(t, err.Error(), again.Error())
	}
	for _, r := range []stage.Validator{represent.KeyBERT{}, represent.MMR{}, represent.PartOfSpeech{}, represent.ZeroShot{Labels: []string{"a"}}} {
		require.NoError(t, r.Validate())
	}
}

// Corpora of every odd kind go through a chain of all representers and through each alone.
func TestSmallAndOddCorpora(t *testing.T) {
	llm := represent.DefaultLanguageModel(echo)
	all := []topic.Representer{represent.PartOfSpeech{}, represent.KeyBERT{}, represent.MMR{}, represent.ZeroShot{Labels: []string{"oak", "car"}}, llm}
	equal := make([]string, 40)
	for i := range equal {
		equal[i] = "the same text"
	}
	for name, docs := range map[string][]string{
		"one document":           {"a single text"},
		"two documents":          {"a first text", "a second one"},
		"all equal":              equal,
		"one with text":          {"", "  \t\n", "words here", "\u00a0"},
		"no word of two letters": {"a", "b !", "?? c"},
		"invalid UTF-8":          append(slices.Clone(equal), "cat \xff\xfe dog \x80", "\xff"),
		"long":                   append(slices.Clone(equal), strings.Repeat("oak elm ", 1<<15)),
		"other scripts":          {"日本語 テキスト", "текст на русском", "हिन्दी में", "نص عربي"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := topic.DefaultConfig()
			cfg.Embedder, cfg.Reducer = nonzero{}, nil
			cfg.Representers = all
			for i, r := range all {
				cfg.Aspects = append(cfg.Aspects, topic.Aspect{Name: strings.Repeat("x", i+1), Representers: []topic.Representer{r}})
			}
			m, err := topic.Fit(t.Context(), docs, cfg)
			require.NoError(t, err)
			require.NoError(t, m.Check())
			for _, tp := range m.Topics() {
				for _, terms := range tp.Aspects {
					for _, term := range terms {
						require.NotEmpty(t, term.Term)
						require.False(t, math.IsNaN(term.Weight))
					}
				}
			}
		})
	}
}
