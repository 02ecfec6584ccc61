package eval

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/gobertopic/gobertopic/internal/assignment"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Solution is what one run of a topic model gave. Words and Centroids may be missing, in all solutions alike.
type Solution struct {
	Labels    []int          // per document, the same documents in all solutions; −1 is an outlier
	Words     [][]string     // per topic, best first; nil where they are not compared
	Centroids blas32.General // per topic, in a space that all solutions share, such as that of the embeddings; or no data
}

// StabilityConfig says how solutions are compared.
type StabilityConfig struct {
	// Outliers says what −1 is when labels are compared. Default OutliersGroup.
	Outliers Outliers
	// TopN takes the first words of each topic, at least 1; 0 takes all. Default 10.
	TopN int
	// Workers is the number of goroutines; 0, the default, means GOMAXPROCS. The result is the same for any.
	Workers int
}

// DefaultStabilityConfig compares ten words of each topic.
func DefaultStabilityConfig() StabilityConfig { return StabilityConfig{TopN: 10} }

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c StabilityConfig) Validate() error {
	var f check.Fields
	f.Want(c.Outliers.valid(), "eval.StabilityConfig.Outliers", string(c.Outliers), `"", "left out" or "apart"`)
	f.Want(c.TopN >= 0, "eval.StabilityConfig.TopN", c.TopN, "at least 1, or 0 for all words")
	return f.Err()
}

// StabilityResult is how much the solutions are alike: means over all pairs of them.
type StabilityResult struct {
	Pairs int // of solutions
	// ARI and AMI are the mean agreement of the labels, LowestARI that of the pair that agrees least.
	ARI, AMI, LowestARI float64
	// Words is the Jaccard index of the words of topics, averaged over the topics of two solutions when they are paired
	// so that the sum is greatest (Greene, O'Callaghan and Cunningham 2014, arXiv:1404.4606); from 0 to 1. A topic
	// without a partner, where one solution has more, counts as 0. NaN without words.
	Words float64
	// Centroids is the same with the cosine of the centroids, from −1 to 1. NaN without centroids.
	Centroids float64
}

// Stability is how much the solutions of several runs, over seeds or over samples, are alike. Two solutions without topics
// have the same words. For k topics, time for a pair is that of k² comparisons and O(k³) at worst.
//
// Errors: *[stage.ConfigError]s; fewer than two solutions; labels of different lengths; words or centroids in some of the
// solutions only; centroids of different widths; *[stage.ValueError] for NaN and Inf; the context's cause.
func Stability(ctx context.Context, solutions []Solution, cfg StabilityConfig) (StabilityResult, error) {
	fail := func(err error) (StabilityResult, error) {
		return StabilityResult{}, fmt.Errorf("eval: stability: %w", err)
	}
	if err := cfg.Validate(); err != nil {
		return fail(err)
	}
	if len(solutions) < 2 {
		return fail(fmt.Errorf("%d solutions, want at least two", len(solutions)))
	}
	first := solutions[0]
	var v vocabulary
	words := make([][][]int32, len(solutions))
	for i, s := range solutions {
		if len(s.Labels) != len(first.Labels) {
			return fail(fmt.Errorf("solution %d has %d labels, solution 0 has %d", i, len(s.Labels), len(first.Labels)))
		}
		if (s.Words == nil) != (first.Words == nil) {
			return fail(fmt.Errorf("of the solutions 0 and %d, one has words and one has none", i))
		}
		if (s.Centroids.Data == nil) != (first.Centroids.Data == nil) {
			return fail(fmt.Errorf("of the solutions 0 and %d, one has centroids and one has none", i))
		}
		if s.Centroids.Cols != first.Centroids.Cols {
			return fail(fmt.Errorf("solution %d has centroids of %d columns, solution 0 of %d", i, s.Centroids.Cols, first.Centroids.Cols))
		}
		if err := check.Matrix(s.Centroids); err != nil {
			return fail(fmt.Errorf("centroids of solution %d: %w", i, err))
		}
		words[i] = wordSets(&v, s.Words, cfg.TopN)
	}
	type pair struct{ a, b int }
	var pairs []pair
	for b := range solutions {
		for a := range b {
			pairs = append(pairs, pair{a, b})
		}
	}
	results := make([]StabilityResult, len(pairs))
	err := parallel.Loop{Workers: cfg.Workers, Block: 1}.Run(ctx, len(pairs), func(_, i, _ int) error {
		a, b, r := pairs[i].a, pairs[i].b, &results[i]
		g, err := Compare(ctx, solutions[a].Labels, solutions[b].Labels, cfg.Outliers)
		if err != nil {
			return err
		}
		r.ARI, r.AMI, r.Words, r.Centroids = g.ARI, g.AMI, math.NaN(), math.NaN()
		if first.Words != nil {
			r.Words, err = bestMatch(ctx, len(words[a]), len(words[b]), func(p, q int) float64 { return jaccard(words[a][p], words[b][q]) })
			if err != nil {
				return err
			}
		}
		if first.Centroids.Data != nil {
			x, y := lengthOne(solutions[a].Centroids), lengthOne(solutions[b].Centroids)
			r.Centroids, err = bestMatch(ctx, len(x), len(y), func(p, q int) float64 { return dense.DotInOrder(x[p], y[q]) })
		}
		return err
	})
	if err != nil {
		return fail(err)
	}
	r := StabilityResult{Pairs: len(pairs), LowestARI: math.Inf(1)}
	for _, p := range results {
		r.ARI += p.ARI
		r.AMI += p.AMI
		r.Words += p.Words
		r.Centroids += p.Centroids
		r.LowestARI = min(r.LowestARI, p.ARI)
	}
	n := float64(len(pairs))
	r.ARI, r.AMI, r.Words, r.Centroids = r.ARI/n, r.AMI/n, r.Words/n, r.Centroids/n
	return r, nil
}

// bestMatch pairs n topics with m so that the sum of a similarity is greatest, which it divides by the larger number.
func bestMatch(ctx context.Context, n, m int, similarity func(p, q int) float64) (float64, error) {
	if n == 0 && m == 0 {
		return 1, nil
	}
	score := blas64.General{Rows: n, Cols: m, Stride: m, Data: make([]float64, n*m)}
	for p := range n {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		for q := range m {
			score.Data[p*m+q] = similarity(p, q)
		}
	}
	best, err := assignment.Max(ctx, score)
	if err != nil {
		return 0, err
	}
	return best.Total / float64(max(n, m)), nil
}

// wordSets is the first words of each topic as numbers, rising, each once.
func wordSets(v *vocabulary, topics [][]string, topN int) [][]int32 {
	sets := make([][]int32, len(topics))
	for i, topic := range topics {
		if topN > 0 && len(topic) > topN {
			topic = topic[:topN]
		}
		for _, word := range topic {
			sets[i] = append(sets[i], v.number(word))
		}
		slices.Sort(sets[i])
		sets[i] = slices.Compact(sets[i])
	}
	return sets
}

// jaccard is the common share of two rising lists; two empty ones have nothing in common.
func jaccard(a, b []int32) float64 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			i, j, both = i+1, j+1, both+1
		}
	}
	return float64(both) / float64(max(len(a)+len(b)-both, 1))
}

// lengthOne is the rows of x with length 1; rows of zeros stay.
func lengthOne(x blas32.General) [][]float64 {
	rows := make([][]float64, x.Rows)
	for i := range rows {
		row := make([]float64, x.Cols)
		for j, v := range dense.Row(x, i) {
			row[j] = float64(v)
		}
		if length := dense.NormInOrder(row); length > 0 {
			for j := range row {
				row[j] /= length
			}
		}
		rows[i] = row
	}
	return rows
}
