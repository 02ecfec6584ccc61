package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/check"
)

// DiversityConfig says how the words of topics are compared with each other.
type DiversityConfig struct {
	// TopN takes the first words of each topic, at least 1; 0 takes all. Default 10. [topk of OCTIS]
	TopN int
	// Weight is p of the rank-biased overlap, in (0, 1): the lower, the more the first words count. Default 0.9. [weight
	// of OCTIS]
	Weight float64
}

// DefaultDiversityConfig is what OCTIS has: ten words, weight 0.9.
func DefaultDiversityConfig() DiversityConfig { return DiversityConfig{TopN: 10, Weight: 0.9} }

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c DiversityConfig) Validate() error {
	var f check.Fields
	f.Want(c.TopN >= 0, "eval.DiversityConfig.TopN", c.TopN, "at least 1, or 0 for all words")
	f.Want(c.Weight > 0 && c.Weight < 1, "eval.DiversityConfig.Weight", c.Weight, "more than 0 and less than 1")
	return f.Err()
}

// DiversityResult is how different the words of topics are.
type DiversityResult struct {
	// Unique is the number of different words, divided by the number of all words (Dieng, Ruiz and Blei 2020,
	// doi:10.1162/tacl_a_00325): 1 when no word stands in two topics. It is TopicDiversity of OCTIS.
	Unique float64
	// InvertedRBO is 1 − the mean rank-biased overlap of all pairs of topics (Webber, Moffat and Zobel 2010,
	// doi:10.1145/1852102.1852106, extrapolated): 1 when no word stands in two topics, 0 when all topics have the same
	// words in the same order. It is InvertedRBO of OCTIS. 1 for a single topic.
	InvertedRBO float64
	// Overlap is the mean Jaccard index of the words of all pairs of topics: 0 when no word stands in two topics, 1 when
	// all have the same. 0 for a single topic.
	Overlap float64
	// Topics is how many topics have words; others are left out.
	Topics int
}

// Diversity is how different the words of topics, best first, are from each other. A word that a topic has twice is one
// word for InvertedRBO and Overlap. Time grows with the square of the number of topics.
//
// Errors: *[stage.ConfigError]s; no topic that has words; the context's cause.
func Diversity(ctx context.Context, topics [][]string, cfg DiversityConfig) (DiversityResult, error) {
	if err := cfg.Validate(); err != nil {
		return DiversityResult{}, fmt.Errorf("eval: diversity: %w", err)
	}
	var v vocabulary
	var lists [][]int32
	total := 0
	for _, topic := range topics {
		if cfg.TopN > 0 && len(topic) > cfg.TopN {
			topic = topic[:cfg.TopN]
		}
		if len(topic) == 0 {
			continue
		}
		total += len(topic)
		list := make([]int32, len(topic))
		for i, word := range topic {
			list[i] = v.number(word)
		}
		lists = append(lists, list)
	}
	if len(lists) == 0 {
		return DiversityResult{}, errors.New("eval: diversity: no topic has words")
	}
	r := DiversityResult{Unique: float64(len(v.list)) / float64(total), InvertedRBO: 1, Topics: len(lists)}
	if len(lists) == 1 {
		return r, nil
	}
	m := newOverlaps(len(v.list), cfg.Weight)
	rbo, jaccard, pairs := 0.0, 0.0, float64(len(lists))*float64(len(lists)-1)/2
	for i, a := range lists {
		if ctx.Err() != nil {
			return DiversityResult{}, fmt.Errorf("eval: diversity: %w", context.Cause(ctx))
		}
		for _, b := range lists[:i] {
			o, j := m.of(a, b)
			rbo += o
			jaccard += j
		}
	}
	r.InvertedRBO, r.Overlap = 1-rbo/pairs, jaccard/pairs
	return r, nil
}

// overlaps compares lists of words that are numbers.
type overlaps struct {
	p    float64
	pair int   // the number of the pair that is looked at
	in   []int // per word and list, the last pair in which it was seen
}

func newOverlaps(words int, p float64) *overlaps { return &overlaps{p: p, in: make([]int, 2*words)} }

// of is the rank-biased overlap of two lists, neither empty, and their Jaccard index.
//
// Where one list is longer than the other, the agreement at depth d is twice the common words over the words of both, as
// OCTIS has it.
func (o *overlaps) of(a, b []int32) (rbo, jaccard float64) {
	if len(a) > len(b) {
		a, b = b, a
	}
	o.pair++
	s, l := float64(len(a)), float64(len(b))
	both, inA, inB := 0, 0, 0
	agreement, sum, power, short := 0.0, 0.0, 1.0, 0.0 // short is the overlap at the depth of the shorter list
	for i := range b {
		d := float64(i + 1)
		if i < len(a) && o.in[2*a[i]] != o.pair {
			o.in[2*a[i]] = o.pair
			inA++
			if o.in[2*a[i]+1] == o.pair {
				both++
			}
		}
		if o.in[2*b[i]+1] != o.pair {
			o.in[2*b[i]+1] = o.pair
			inB++
			if o.in[2*b[i]] == o.pair {
				both++
			}
		}
		agreement = 2 * float64(both) / float64(inA+inB)
		power *= o.p
		sum += float64(power * agreement)
		if i+1 == len(a) {
			short = agreement * s
		}
		if i+1 > len(a) {
			sum += float64(power * (short * (d - s) / s / d))
		}
	}
	long := agreement * s
	rbo = float64((1-o.p)/o.p*sum) + float64(power*((long-short)/l+short/s))
	return math.Min(rbo, 1), float64(both) / float64(inA+inB-both)
}
