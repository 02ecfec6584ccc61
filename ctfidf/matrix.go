package ctfidf

import (
	"fmt"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// check reports the first thing that keeps c from being weighed.
func (c Counts) check() error {
	if err := checkCounts(c.Rows); err != nil {
		return err
	}
	if c.Rows.Rows() != len(c.Classes) || c.Rows.Cols != len(c.Vocabulary) {
		return fmt.Errorf("ctfidf: counts of %d×%d for %d classes and %d terms",
			c.Rows.Rows(), c.Rows.Cols, len(c.Classes), len(c.Vocabulary))
	}
	return nil
}

// checkCounts reports the first thing that keeps m from being a matrix of non-negative finite numbers.
func checkCounts(m sparse.CSR[float64]) error {
	if err := check.Sparse(m); err != nil {
		return fmt.Errorf("ctfidf: %w", err)
	}
	for i := range m.Rows() {
		cols, values := m.Row(i)
		for k, v := range values {
			if v < 0 {
				return fmt.Errorf("ctfidf: %w", &stage.ValueError{Row: i, Col: int(cols[k]), Why: fmt.Sprintf("is %v, want a count of at least 0", v)})
			}
		}
	}
	return nil
}
