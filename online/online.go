package online

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
)

// ErrNothingSeen is returned where a model that has seen no rows is asked about others.
var ErrNothingSeen = errors.New("online: the model has seen no rows; call Update first")

// checkBatch reports a matrix that is not finite or has not the columns of earlier ones, 0 when there were none.
func checkBatch(x blas32.General, cols int) error {
	if err := check.Matrix(x); err != nil {
		return fmt.Errorf("online: %w", err)
	}
	if x.Rows > 0 && x.Cols == 0 {
		return errors.New("online: rows without columns, want at least one")
	}
	if x.Rows > 0 && cols > 0 && x.Cols != cols {
		return fmt.Errorf("online: rows of %d columns, want %d as in the batches before", x.Cols, cols)
	}
	return nil
}

// mostRows is more rows than a model will have seen.
const mostRows = math.MaxInt / 2

// bounded says whether all values are of the range of float32, as those of rows are.
func bounded(x []float64) bool {
	for _, v := range x {
		if math.Abs(v) > math.MaxFloat32 {
			return false
		}
	}
	return true
}

// apart is the squared distance of a row from a point.
func apart(x []float32, from []float64) float64 {
	sum := 0.0
	for j, v := range x {
		d := float64(v) - from[j]
		sum += float64(d * d)
	}
	return sum
}
