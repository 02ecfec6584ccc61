// Package check holds the error types and the input checks that every stage shares. The public packages export the
// types under their own names (umap.ConfigError, topic.ValueError, …), so that a caller tests for one type whichever
// stage found the fault.
package check

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"
)

// ConfigError is one field of a configuration with a value outside its range.
type ConfigError struct {
	Field string // the field's name as it is written in Go, "umap.Config.MinDist"
	Value any    // what it was
	Want  string // the range that is allowed, in words
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s is %v, want %s", e.Field, e.Value, e.Want)
}

// ValueError is an input value that a stage cannot work with. Row and Col count from 0; Col is −1 when the fault is the
// row's as a whole.
type ValueError struct {
	Row, Col int
	Why      string
}

func (e *ValueError) Error() string {
	if e.Col < 0 {
		return fmt.Sprintf("row %d: %s", e.Row, e.Why)
	}
	return fmt.Sprintf("row %d, column %d: %s", e.Row, e.Col, e.Why)
}

// Fields collects what is wrong with a configuration, so that Validate reports every bad field at once.
type Fields struct {
	errs []error
}

// Want records field as bad unless ok holds.
func (f *Fields) Want(ok bool, field string, value any, want string) {
	if !ok {
		f.errs = append(f.errs, &ConfigError{Field: field, Value: value, Want: want})
	}
}

// Err is nil when every field was good, otherwise all of the errors joined.
func (f *Fields) Err() error { return errors.Join(f.errs...) }

// Matrix reports a shape that does not fit its data (an error that is not a *ValueError) and the first NaN or Inf (a
// *ValueError). A matrix without rows is good.
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
				return &ValueError{Row: i, Col: j, Why: "is NaN, want a finite number"}
			}
			return &ValueError{Row: i, Col: j, Why: fmt.Sprintf("is %v, want a finite number", v)}
		}
	}
	return nil
}
