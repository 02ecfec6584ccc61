package fuzzy

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

const (
	unknownDistance = 1.0  // of a row whose class is not known from any other
	farDistance     = 2.5  // of rows of different classes, over 1 − target weight
	farthest        = 1e12 // and where that is 0
)

// Supervise weakens the edges between rows of different classes: their strengths are multiplied by
// exp(−2.5/(1−weight)), those of edges to a row of unknown class (−1) by exp(−1); then the graph is
// rescaled without spread. weight goes from 0 to 1, where no edge between classes is left. It is
// discrete_metric_simplicial_set_intersection of umap-learn 0.5.12.
func Supervise(g sparse.CSR[float32], classes []int, weight float64) (sparse.CSR[float32], error) {
	if err := Check(g); err != nil {
		return graph{}, err
	}
	if len(classes) != g.Rows() {
		return graph{}, fmt.Errorf("%d classes for %d rows", len(classes), g.Rows())
	}
	if !(weight >= 0 && weight <= 1) {
		return graph{}, fmt.Errorf("target weight is %v, want 0 to 1", weight)
	}
	far := farthest
	if weight < 1 {
		far = farDistance / (1 - weight)
	}
	unknown, different := bitmath.Exp(-unknownDistance), bitmath.Exp(-far)
	out := graph{Cols: g.Cols, RowPtr: make([]int, g.Rows()+1)}
	for i := range g.Rows() {
		index, weights := g.Row(i)
		for k, j := range index {
			w := weights[k]
			switch {
			case classes[i] == stage.Outlier || classes[j] == stage.Outlier:
				w = float32(float64(w) * unknown)
			case classes[i] != classes[j]:
				w = float32(float64(w) * different)
			}
			if w > 0 {
				out.Col = append(out.Col, j)
				out.Value = append(out.Value, w)
			}
		}
		out.RowPtr[i+1] = len(out.Col)
	}
	return Rescale(out, false)
}

// Rescale gives every vertex an edge of strength 1 again: it divides the strengths of a vertex by
// the largest and joins both directions as a + b − ab. With spread, the strengths of a vertex are
// raised to a power before they are joined, such that their sum is log₂ 15. It is
// reset_local_connectivity of umap-learn 0.5.12.
func Rescale(g sparse.CSR[float32], spread bool) (sparse.CSR[float32], error) {
	if err := Check(g); err != nil {
		return graph{}, err
	}
	out := graph{Cols: g.Cols, RowPtr: g.RowPtr, Col: g.Col, Value: make([]float32, len(g.Value))}
	for i := range g.Rows() {
		lo, hi := g.RowPtr[i], g.RowPtr[i+1]
		row := out.Value[lo:hi]
		var most float32
		for _, w := range g.Value[lo:hi] {
			most = max(most, w)
		}
		for k, w := range g.Value[lo:hi] {
			row[k] = w / most
		}
		if spread {
			spreadRow(row)
		}
	}
	return join(out, 1), nil
}

// spreadRow raises the strengths of a vertex, of which the largest is 1, to the power that makes
// their sum log₂ 15.
func spreadRow(row []float32) {
	const k, steps = 15, 32
	target := bitmath.Log(k) / math.Ln2
	lo, hi, mid := 0.0, math.Inf(1), 1.0
	for range steps {
		sum := 0.0
		for _, w := range row {
			sum += bitmath.Pow(float64(w), mid)
		}
		if math.Abs(sum-target) < smoothTolerance {
			break
		}
		if sum < target {
			hi = mid
			mid = (lo + hi) / 2
		} else {
			lo = mid
			if math.IsInf(hi, 1) {
				mid *= 2
			} else {
				mid = (lo + hi) / 2
			}
		}
	}
	for k, w := range row {
		row[k] = float32(bitmath.Pow(float64(w), mid))
	}
}
