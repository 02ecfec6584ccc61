// Package check holds the checks of settings and input that all stages share. They report the errors of package stage.
package check

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

// Fields collects what is wrong with a configuration, so that Validate reports every bad field at once.
type Fields struct {
	errs []error
}

// Want records field as bad unless ok holds.
func (f *Fields) Want(ok bool, field string, value any, want string) {
	if !ok {
		f.errs = append(f.errs, &stage.ConfigError{Field: field, Value: value, Want: want})
	}
}

// Err is nil when every field was good, otherwise all of the errors joined.
func (f *Fields) Err() error { return errors.Join(f.errs...) }

// Matrix reports a shape that does not fit its data (an error that is not a *stage.ValueError) and the first NaN or Inf (a
// *stage.ValueError). A matrix without rows is good.
func Matrix(x blas32.General) error {
	if x.Rows < 0 || x.Cols < 0 {
		return fmt.Errorf("matrix has a negative size: %d×%d", x.Rows, x.Cols)
	}
	if x.Rows == 0 || x.Cols == 0 {
		return nil
	}
	if x.Stride < x.Cols {
		return fmt.Errorf("matrix has stride %d, less than its %d columns", x.Stride, x.Cols)
	}
	if need := (x.Rows-1)*x.Stride + x.Cols; len(x.Data) < need {
		return fmt.Errorf("matrix of %d×%d with stride %d needs %d values, has %d", x.Rows, x.Cols, x.Stride, need, len(x.Data))
	}
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			const exponent = 0x7f800000 // all of it set: NaN or Inf
			if math.Float32bits(v)&exponent != exponent {
				continue
			}
			if v != v {
				return &stage.ValueError{Row: i, Col: j, Why: "is NaN, want a finite number"}
			}
			return &stage.ValueError{Row: i, Col: j, Why: fmt.Sprintf("is %v, want a finite number", v)}
		}
	}
	return nil
}
