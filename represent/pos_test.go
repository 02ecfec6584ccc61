package represent_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/topic"
)

// lexicon is a tagger with a list of words; it counts its texts.
type lexicon struct {
	tags  map[string]string
	texts *[]string
}

func (l lexicon) Tag(_ context.Context, text string) ([]represent.Token, error) {
	if l.texts != nil {
		*l.texts = append(*l.texts, text)
	}
	var out []represent.Token
	at := 0
	for _, word := range strings.Fields(text) {
		at += strings.Index(text[at:], word)
		out = append(out, represent.Token{Start: at, End: at + len(word), Tag: l.tags[strings.ToLower(word)]})
		at += len(word)
	}
	return out, nil
}

var treeTags = map[string]string{"green": "ADJ", "tall": "ADJ", "loud": "ADJ", "oak": "NOUN", "elm": "NOUN", "car": "NOUN", "engine": "NOUN", "new": "ADJ"}

func TestPartOfSpeechExact(t *testing.T) {
	docs := []string{"Green  oak, green elm", "tall Oak", "the oak runs", "loud car with engine", "new engine", "a loud\nengine"}
	labels := []int{0, 0, 0, 1, 1, 1}
	cfg := ctfidf.Config{}
	cfg.NGramMax = 2
	counts, err := ctfidf.Count(t.Context(), docs, labels, cfg)
	require.NoError(t, err)
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	require.NoError(t, err)
	v := topic.View{Docs: docs, Topics: labels, IDs: []int{0, 1}, Weights: weights, Vocabulary: cfg, TopWords: 10}
	topics := [][]ctfidf.Term{weights.TopTerms(0, 30), weights.TopTerms(1, 30)}
	var tagged []string
	p := represent.PartOfSpeech{}
	p.Tagger = lexicon{treeTags, &tagged}
	v.Run.Workers = 1
	docs[0] = "Green  oak green elm"
	got, err := p.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"green oak", "green elm", "tall oak", "green", "tall", "oak", "elm"}, termsOf(got[0]))
	require.ElementsMatch(t, []string{"loud car", "new engine", "loud engine", "loud", "new", "car", "engine"}, termsOf(got[1]))
	for i, terms := range got {
		for j, term := range terms {
			require.Contains(t, topics[i], term, "the weight is the topic's")
			require.True(t, j == 0 || terms[j-1].Weight >= term.Weight)
		}
	}
	require.Equal(t, docs, tagged)

	// Two documents for each term, and as many terms as the model keeps.
	tagged, v.TopWords = nil, 2
	got, err = p.Represent(t.Context(), v, [][]ctfidf.Term{{{Term: "oak", Weight: 1}}, {{Term: "nowhere", Weight: 1}}})
	require.NoError(t, err)
	require.Equal(t, docs[:2], tagged)
	require.Len(t, got[0], 2)
	require.Equal(t, []string{"nowhere"}, termsOf(got[1]), "a topic without a match keeps its terms")

	p.Patterns = [][]string{{"NOUN", ""}}
	require.ErrorContains(t, p.Validate(), "Patterns[0]")
	p.Patterns = [][]string{{"VERB"}}
	got, err = p.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, topics, got)
}

// broken is a tagger that goes wrong.
type broken struct {
	err    error
	tokens []represent.Token
}

func (b broken) Tag(context.Context, string) ([]represent.Token, error) { return b.tokens, b.err }

func TestTaggersThatGoWrong(t *testing.T) {
	v, topics := trees(t)
	p := represent.PartOfSpeech{}
	why := errors.New("no dictionary")
	p.Tagger = broken{err: why}
	_, err := p.Represent(t.Context(), v, topics)
	require.ErrorIs(t, err, why)
	for _, tokens := range [][]represent.Token{{{-1, 2, "NOUN"}}, {{0, 1000, "NOUN"}}, {{2, 1, "NOUN"}}, {{0, 3, "X"}, {2, 4, "X"}}} {
		p.Tagger = broken{tokens: tokens}
		_, err = p.Represent(t.Context(), v, topics)
		require.ErrorContains(t, err, "the tagger gave a token at")
	}
}

func TestEnglishFindsNounsAndAdjectives(t *testing.T) {
	for text, want := range map[string]string{
		"The new compiler reports an unused variable in the main package.": "ADJ:new NOUN:compiler ADJ:unused NOUN:variable ADJ:main NOUN:package",
		"How do I read a large file quickly?":                              "ADJ:large NOUN:file",
		"She bought fresh bread and old cheese at the small market.":       "ADJ:fresh NOUN:bread ADJ:old NOUN:cheese ADJ:small NOUN:market",
		"it doesn't work": "",
	} {
		tokens, err := represent.English().Tag(t.Context(), text)
		require.NoError(t, err)
		var found []string
		for _, token := range tokens {
			if token.Tag == "NOUN" || token.Tag == "ADJ" {
				found = append(found, token.Tag+":"+text[token.Start:token.End])
			}
		}
		require.Equal(t, want, strings.Join(found, " "), text)
	}
}

func TestZeroShot(t *testing.T) {
	v, topics := trees(t)
	v.Means.Data = []float32{0, 0, 0, 1, 2, 2, 2, 0, 1} // per topic: e, a, o
	z := represent.ZeroShot{Labels: []string{"aaoo e", "ee o", "u"}}
	got, err := z.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, topics[0], got[0], "a topic that no label fits keeps its terms")
	require.Equal(t, []string{"aaoo e"}, termsOf(got[1]))
	require.InDelta(t, 1, got[1][0].Weight, 1e-15)
	require.Equal(t, []string{"ee o"}, termsOf(got[2]))
	z.All, z.MinScore = true, 0.1
	got, err = z.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, []string{"ee o", "aaoo e"}, termsOf(got[2]))
	require.InDelta(t, 4/math.Sqrt(9*5), got[2][1].Weight, 1e-15)

	// An embedder of its own embeds the typical documents too.
	z.Embedder, v.Embedder = wide{}, nil
	require.False(t, z.NeedsEmbedder())
	got, err = z.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Len(t, got[1], 3)
	z.Embedder = nil
	_, err = z.Represent(t.Context(), v, topics)
	require.ErrorIs(t, err, topic.ErrNoEmbedder)
	v.Embedder = wide{}
	_, err = z.Represent(t.Context(), v, topics)
	require.ErrorContains(t, err, "the embedder gives 4 dimensions")

	// Whatever else scores labels is asked for each topic.
	var asked []string
	z = represent.ZeroShot{Labels: []string{"trees", "cars"}, MinScore: 0.8, Classify: func(_ context.Context, text string, labels []string) ([]float64, error) {
		asked = append(asked, text)
		if strings.Contains(text, "engine") {
			return []float64{0.1, 0.9}, nil
		}
		return []float64{0.8, 0.2}, nil
	}}
	got, err = z.Represent(t.Context(), v, topics)
	require.NoError(t, err)
	require.Equal(t, []ctfidf.Term{{Term: "cars", Weight: 0.9}}, got[2])
	require.Equal(t, topics[:2], got[:2], "0.8 is not above 0.8")
	require.Equal(t, strings.Join(termsOf(topics[1]), " "), asked[1])
	for _, scores := range [][]float64{{1}, {1, math.NaN()}} {
		z.Classify = func(context.Context, string, []string) ([]float64, error) { return scores, nil }
		_, err = z.Represent(t.Context(), v, topics)
		require.ErrorContains(t, err, "topic -1: ")
	}
}

func TestPartsAndLabelsSameBits(t *testing.T) {
	v, topics := trees(t)
	copy(v.Means.Data, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9})
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	own := represent.ZeroShot{Labels: []string{"oak", "car"}}
	own.Embedder = wide{}
	for _, r := range []topic.Representer{represent.PartOfSpeech{}, represent.ZeroShot{Labels: []string{"oak", "car"}}, own} {
		before := slices.Clone(topics)
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
		require.Equal(t, before, topics)
		_, err := r.Represent(ctx, v, topics)
		require.ErrorIs(t, err, stop, "%T", r)
		empty := v
		empty.Weights = ctfidf.Weights{}
		_, err = r.Represent(t.Context(), empty, make([][]ctfidf.Term, 3))
		require.NoError(t, err)
	}
}
