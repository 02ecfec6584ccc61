package supervised

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

// knownClasses returns the classes that occur, rising. The data is checked.
func knownClasses(d stage.Data) ([]int, error) {
	if err := simd.Forced(); err != nil {
		return nil, err
	}
	if err := check.Matrix(d.X); err != nil {
		return nil, err
	}
	if d.Classes != nil && len(d.Classes) != d.X.Rows {
		return nil, fmt.Errorf("%d classes for %d rows, want one each", len(d.Classes), d.X.Rows)
	}
	var classes []int
	for i, c := range d.Classes {
		if c < stage.Outlier {
			return nil, &stage.ValueError{Row: i, Col: -1, Why: fmt.Sprintf("has class %d, want −1 or more", c)}
		}
		if c != stage.Outlier {
			classes = append(classes, c)
		}
	}
	slices.Sort(classes)
	if classes = slices.Compact(classes); len(classes) == 0 {
		return nil, stage.ErrNoClasses
	}
	return classes, nil
}

// indexOf returns the position of a class, or −1.
func indexOf(classes []int, c int) int {
	if k, ok := slices.BinarySearch(classes, c); ok {
		return k
	}
	return -1
}

// checkRows returns new rows after a check that they fit a fit of cols columns.
func checkRows(x blas32.General, cols int) (blas32.General, error) {
	if x.Rows > 0 && x.Cols != cols {
		return x, fmt.Errorf("rows of %d dimensions, want %d as in the fit", x.Cols, cols)
	}
	return tight(x), check.Matrix(x)
}

// tight returns x with a stride of 0 if it has no columns, so that its rows lie in data that is not there.
func tight(x blas32.General) blas32.General {
	if x.Cols == 0 {
		x.Stride = 0
	}
	return x
}

// checkLoaded reports classes and their rows, read from a file, that do not fit together.
func checkLoaded(classes []int, rows blas32.General) error {
	if len(classes) == 0 || len(classes) != rows.Rows {
		return fmt.Errorf("%d classes with %d rows", len(classes), rows.Rows)
	}
	for k, c := range classes {
		if c < 0 || k > 0 && c <= classes[k-1] {
			return errors.New("the classes are not rising numbers of 0 or more")
		}
	}
	return check.Matrix(rows)
}
