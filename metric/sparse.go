package metric

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Sparse is a row of a sparse matrix: Value[j] in the column Index[j], the columns rising; all else is 0.
type Sparse struct {
	Index []int32
	Value []float32
}

// SparseRow returns row i of x, which it aliases.
func SparseRow(x sparse.CSR[float32], i int) Sparse {
	cols, values := x.Row(i)
	return Sparse{cols, values}
}

// Sparse says that the distance can be had of sparse rows.
func (m Metric) Sparse() bool {
	switch m.Kind {
	case Euclidean, Cosine, Hellinger, Jaccard, Dice:
		return true
	}
	return false
}

// CheckSparse is Check of a sparse matrix: it reports parts that do not fit together, columns that do not rise, NaN and
// infinite values, negative values under Hellinger (the last three as *stage.ValueError), and a metric for which Sparse is
// false.
func (m Metric) CheckSparse(x sparse.CSR[float32]) error {
	if !m.Sparse() {
		return fmt.Errorf("the metric %v is not available for sparse rows, want euclidean, cosine, hellinger, jaccard or dice", m.Kind)
	}
	if err := check.Sparse(x); err != nil {
		return err
	}
	if m.Kind != Hellinger {
		return nil
	}
	for i := range x.Rows() {
		r := SparseRow(x, i)
		for j, v := range r.Value {
			if v < 0 {
				return &stage.ValueError{Row: i, Col: int(r.Index[j]), Why: negative(v)}
			}
		}
	}
	return nil
}

// SparseStats is Stats of a sparse row.
func (m Metric) SparseStats(a Sparse) Stats {
	switch m.Kind {
	case Cosine:
		return Stats{Norm: sparseDot(a, a)}
	case Hellinger:
		return Stats{Norm: sum(a.Value)}
	case Jaccard, Dice:
		n := 0
		for _, v := range a.Value {
			if v != 0 {
				n++
			}
		}
		return Stats{Norm: float64(n)}
	}
	return Stats{}
}

// SparseDistance is the distance of two sparse rows, with the bits that Distance gives for the same rows written out in
// full. The metric is one for which Sparse is true.
func (m Metric) SparseDistance(a, b Sparse) float64 {
	return m.SparseBetween(a, b, m.SparseStats(a), m.SparseStats(b))
}

// SparseBetween is SparseDistance of rows whose stats are known.
func (m Metric) SparseBetween(a, b Sparse, sa, sb Stats) float64 {
	switch m.Kind {
	case Euclidean:
		return math.Sqrt(sparseSquares(a, b))
	case Cosine:
		return m.SparseFrom(sparseDot(a, b), sa, sb)
	case Hellinger:
		s := 0.0
		common(a, b, func(i, j int) { s += math.Sqrt(float64(a.Value[i]) * float64(b.Value[j])) })
		return m.SparseFrom(s, sa, sb)
	}
	n := 0
	common(a, b, func(i, j int) {
		if a.Value[i] != 0 && b.Value[j] != 0 {
			n++
		}
	})
	return m.SparseFrom(float64(n), sa, sb)
}

// SparseFrom is the distance of two rows from what they have in common: their inner product under Cosine, the sum of the
// roots of products under Hellinger, the number of columns in which both are not 0 under Jaccard and Dice.
func (m Metric) SparseFrom(ab float64, sa, sb Stats) float64 {
	switch m.Kind {
	case Cosine:
		return cosine(ab, sa.Norm, sb.Norm)
	case Hellinger:
		return hellinger(ab, sa.Norm, sb.Norm)
	}
	both := int(ab)
	one := int(sa.Norm) + int(sb.Norm) - 2*both
	if m.Kind == Jaccard {
		return ratio(one, both+one)
	}
	return ratio(one, 2*both+one)
}

// common calls f with the places of each column that both rows have, in their order.
func common(a, b Sparse, f func(i, j int)) {
	for i, j := 0, 0; i < len(a.Index) && j < len(b.Index); {
		switch x, y := a.Index[i], b.Index[j]; {
		case x < y:
			i++
		case x > y:
			j++
		default:
			f(i, j)
			i++
			j++
		}
	}
}

// sparseDot is dot: the columns go to the same sums in the same order.
func sparseDot(a, b Sparse) float64 {
	var s [8]float64
	common(a, b, func(i, j int) { s[a.Index[i]&7] += float64(a.Value[i]) * float64(b.Value[j]) })
	return simd.Total(&s)
}

// sparseSquares is squares.
func sparseSquares(a, b Sparse) float64 {
	var s [8]float64
	i, j := 0, 0
	for i < len(a.Index) || j < len(b.Index) {
		switch {
		case j == len(b.Index) || i < len(a.Index) && a.Index[i] < b.Index[j]:
			s[a.Index[i]&7] += square(a.Value[i], 0)
			i++
		case i == len(a.Index) || a.Index[i] > b.Index[j]:
			s[b.Index[j]&7] += square(b.Value[j], 0)
			j++
		default:
			s[a.Index[i]&7] += square(a.Value[i], b.Value[j])
			i++
			j++
		}
	}
	return simd.Total(&s)
}
