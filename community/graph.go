package community

import (
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/sparse"
)

// checkGraph reports a graph whose parts do not fit together, or which is not symmetric.
func checkGraph(g sparse.CSR[float32]) error {
	if err := fuzzy.Check(g); err != nil {
		return err
	}
	n := g.Rows()
	sum, other := make([]float64, n), make([]float64, n)
	for i := range n {
		cols, weights := g.Row(i)
		for e, j := range cols {
			sum[i] += float64(weights[e])
			other[j] += float64(weights[e])
		}
	}
	for i, s := range sum {
		if math.Abs(s-other[i]) > 1e-6*s {
			return fmt.Errorf("graph: the edges from vertex %d weigh %v, those to it %v: it is not symmetric", i, s, other[i])
		}
	}
	return nil
}
