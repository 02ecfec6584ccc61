package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// ErrNoCoherence is returned when no topic has two words that occur in the texts, so that there is nothing to measure.
// Most often the topics and the texts were cut into words in different ways.
var ErrNoCoherence = errors.New("no topic has two words that occur in the texts")

// CoherenceMeasure says how the words of a topic are compared (Röder, Both and Hinneburg 2015,
// doi:10.1145/2684822.2685324).
type CoherenceMeasure string

const (
	// CNPMI is the mean normalised pointwise mutual information of the pairs of words, ln(P(v,w)/(P(v)·P(w))) / −ln P(v,w),
	// over windows of 10 tokens; from −1, never together, to 1, always together.
	CNPMI CoherenceMeasure = "c_npmi"
	// CUCI is the mean pointwise mutual information of the pairs of words over windows of 10 tokens, without bounds.
	CUCI CoherenceMeasure = "c_uci"
	// CV compares what the words have to do with all words of the topic: the mean cosine of a word's normalised
	// pointwise mutual informations with the topic's words and the sum of all of these, over windows of 110 tokens; from
	// 0 to 1 as a rule.
	CV CoherenceMeasure = "c_v"
	// UMass is the mean of ln P(v|w) over the pairs of a word v and one that stands before it in the topic, w, where
	// probabilities are shares of texts; 0 at best, and order matters.
	UMass CoherenceMeasure = "u_mass"
)

// CoherenceConfig says how coherence is measured. The names in brackets are those of gensim's CoherenceModel.
type CoherenceConfig struct {
	// Measure is CNPMI, CUCI, CV or UMass. Default CNPMI; gensim's is CV. [coherence]
	Measure CoherenceMeasure
	// Window is the size of the sliding window in tokens, at least 1; 0, the default, is the measure's own: 10 for CNPMI
	// and CUCI, 110 for CV. UMass has no window, and it must be 0 there. [window_size]
	Window int
	// TopN takes the first words of each topic that occur in the texts, at least 2; 0 takes all. Default 10; gensim's is
	// 20, which it applies only when the first topic is longer. [topn]
	TopN int
	// KeepRepeats keeps a word in a window until the last of its occurrences leaves, as a window is defined. Default false,
	// which is gensim: the first occurrence that leaves takes the word with it, until another enters.
	KeepRepeats bool
	// Workers is the number of goroutines; 0, the default, means GOMAXPROCS. The result is the same for any.
	Workers int
}

// DefaultCoherenceConfig is c_npmi of the first ten words, the measure that most papers report.
func DefaultCoherenceConfig() CoherenceConfig { return CoherenceConfig{Measure: CNPMI, TopN: 10} }

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c CoherenceConfig) Validate() error {
	var f check.Fields
	known := c.Measure == CNPMI || c.Measure == CUCI || c.Measure == CV || c.Measure == UMass
	f.Want(known, "eval.CoherenceConfig.Measure", string(c.Measure), `"c_npmi", "c_uci", "c_v" or "u_mass"`)
	f.Want(c.Window >= 0, "eval.CoherenceConfig.Window", c.Window, "at least 1, or 0 for the measure's own")
	f.Want(c.Window == 0 || c.Measure != UMass, "eval.CoherenceConfig.Window", c.Window, "0 for u_mass, which has no window")
	f.Want(c.TopN == 0 || c.TopN >= 2, "eval.CoherenceConfig.TopN", c.TopN, "at least 2, or 0 for all words")
	return f.Err()
}

// CoherenceResult is the coherence of topics.
type CoherenceResult struct {
	// Mean is over the topics that have a value.
	Mean float64
	// Topics has the value of each topic; NaN for a topic without one.
	Topics []float64
	// Scored is the number of topics with a value: those of two words or more that occur in the texts.
	Scored int
	// Missing is the number of words in all topics that do not occur in the texts. They are left out before TopN is
	// applied.
	Missing int
}

// Coherence is how well the words of each topic, best first, go together in texts. It is gensim 4.4's CoherenceModel
// with Dictionary(texts), to rounding, also for a word that a topic has twice, which makes a pair with itself.
// Differences are in what cannot be measured: gensim drops words that the dictionary does not have and counts nothing;
// here Missing counts them. gensim's mean becomes NaN for a topic of a single word, and it fails for a topic of none;
// here such a topic has no value and does not reach the mean. A single word has a c_v of 1 in gensim and none here. A
// word of a larger dictionary that the texts do not have is infinitely coherent in gensim; here it is missing.
//
// Only windows that hold words of the topics are looked at; time grows with the occurrences of those words times the
// words of a topic, memory with their occurrences.
//
// Errors: *[stage.ConfigError]s; no texts or topics; an error that wraps [ErrNoCoherence]; the context's cause.
func Coherence(ctx context.Context, topics [][]string, texts *Texts, cfg CoherenceConfig) (CoherenceResult, error) {
	if err := cfg.Validate(); err != nil {
		return CoherenceResult{}, fmt.Errorf("eval: coherence: %w", err)
	}
	if texts == nil {
		return CoherenceResult{}, errors.New("eval: coherence: texts are nil, want those of NewTexts or NewTextsOf")
	}
	if len(topics) == 0 {
		return CoherenceResult{}, errors.New("eval: coherence: no topics, want at least one")
	}
	r := CoherenceResult{Topics: make([]float64, len(topics))}
	known := make([][]int32, len(topics)) // the words of each topic, numbered in the order in which they are first seen
	var words []int32                     // their numbers in texts
	numbers := map[int32]int32{}
	for i, topic := range topics {
		for _, word := range topic {
			id, ok := texts.words[word]
			if !ok {
				r.Missing++
				continue
			}
			if cfg.TopN > 0 && len(known[i]) == cfg.TopN {
				continue
			}
			n, ok := numbers[id]
			if !ok {
				n = int32(len(words))
				numbers[id] = n
				words = append(words, id)
			}
			known[i] = append(known[i], n)
		}
		if len(known[i]) >= 2 {
			r.Scored++
		}
	}
	if r.Scored == 0 {
		return CoherenceResult{}, fmt.Errorf("eval: coherence: of %d topics: %w", len(topics), ErrNoCoherence)
	}
	c, err := cfg.count(ctx, texts, words)
	if err != nil {
		return CoherenceResult{}, fmt.Errorf("eval: coherence: %w", err)
	}
	err = parallel.Loop{Workers: cfg.Workers, Block: 1}.Run(ctx, len(topics), func(_, i, _ int) error {
		r.Topics[i] = math.NaN()
		if len(known[i]) < 2 {
			return nil
		}
		t, err := c.together(ctx, known[i])
		if err != nil {
			return err
		}
		r.Topics[i] = t.score(cfg.Measure)
		return nil
	})
	if err != nil {
		return CoherenceResult{}, fmt.Errorf("eval: coherence: %w", err)
	}
	for i, v := range r.Topics {
		if len(known[i]) >= 2 {
			r.Mean += v
		}
	}
	r.Mean /= float64(r.Scored)
	return r, nil
}

// occurrences is where the words of all topics stand.
type occurrences struct {
	windows float64
	of      [][]span
}

func (c CoherenceConfig) count(ctx context.Context, texts *Texts, words []int32) (occurrences, error) {
	size := c.Window
	if size == 0 {
		size = map[CoherenceMeasure]int{CNPMI: 10, CUCI: 10, CV: 110, UMass: 0}[c.Measure]
	}
	w := newWindows(texts, size, c.KeepRepeats)
	o := occurrences{windows: float64(w.count()), of: make([][]span, len(words))}
	err := parallel.Loop{Workers: c.Workers, Block: 4}.Run(ctx, len(words), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			o.of[i] = w.of(words[i])
		}
		return nil
	})
	return o, err
}

// together counts the words of one topic.
func (o occurrences) together(ctx context.Context, words []int32) (*topicCounts, error) {
	k := len(words)
	t := &topicCounts{k: k, words: words, both: make([]float64, k*k)}
	for i, v := range words {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		t.both[i*k+i] = float64(size(o.of[v])) / o.windows
		for j, w := range words[:i] {
			p := t.both[i*k+i]
			if v != w {
				p = float64(common(o.of[v], o.of[w])) / o.windows
			}
			t.both[i*k+j], t.both[j*k+i] = p, p
		}
	}
	return t, nil
}

// topicCounts is the shares of windows that hold two words of a topic, and on the diagonal those that hold one.
type topicCounts struct {
	k     int
	words []int32
	both  []float64
}

// tiny keeps the logarithm of words that never meet finite.
const tiny = 1e-12

func (t *topicCounts) score(m CoherenceMeasure) float64 {
	if m == CV {
		return t.indirect()
	}
	sum, pairs := 0.0, 0
	for i := range t.k {
		for j := range i { // pairs in both orders, where the measure is symmetric, have the same mean
			switch m {
			case CNPMI:
				sum += t.npmi(i, j)
			case CUCI:
				sum += t.pmi(i, j)
			case UMass:
				sum += bitmath.Log((t.both[i*t.k+j] + tiny) / t.both[j*t.k+j])
			}
			pairs++
		}
	}
	return sum / float64(pairs)
}

func (t *topicCounts) pmi(i, j int) float64 {
	return bitmath.Log((t.both[i*t.k+j] + tiny) / (t.both[i*t.k+i] * t.both[j*t.k+j]))
}

func (t *topicCounts) npmi(i, j int) float64 { return t.pmi(i, j) / -bitmath.Log(t.both[i*t.k+j]+tiny) }

// indirect is c_v: the mean over the words of the cosine of the word's vector, its npmi with each word of the topic, and
// the sum of all vectors. A word that the topic has twice is one column with twice the value.
func (t *topicCounts) indirect() float64 {
	column, columns := make([]int, t.k), 0
	for i, w := range t.words {
		column[i] = columns
		for j, v := range t.words[:i] {
			if v == w {
				column[i] = column[j]
				break
			}
		}
		if column[i] == columns {
			columns++
		}
	}
	vectors, all := make([]float64, t.k*columns), make([]float64, columns)
	for i := range t.k {
		for j := range t.k {
			v := t.npmi(i, j)
			vectors[i*columns+column[j]] += v
			all[column[j]] += v
		}
	}
	sum := 0.0
	for i := range t.k {
		sum += cosine(vectors[i*columns:(i+1)*columns], all)
	}
	return sum / float64(t.k)
}

func cosine(a, b []float64) float64 {
	dot, aa, bb := 0.0, 0.0, 0.0
	for i, v := range a {
		dot += float64(v * b[i])
		aa += float64(v * v)
		bb += float64(b[i] * b[i])
	}
	return dot / (math.Sqrt(aa) * math.Sqrt(bb))
}
