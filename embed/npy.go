package embed

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/stage"
)

const (
	npyMagic = "\x93NUMPY"
	// npyMaxHeader bounds the header of a two-dimensional array of numbers generously.
	npyMaxHeader = 1 << 16
	npyChunk     = 1 << 16
	// npyMaxCols keeps an array without rows from promising columns that nobody could hold.
	npyMaxCols = 1 << 24
)

// ReadNPY reads a matrix in NumPy's .npy format (versions 1 to 3): a two-dimensional array of float16, float32 or float64 of
// either byte order, or of int8 or uint8 as quantized embeddings are, in C or Fortran order. The result has as many rows and
// columns as the array, Stride = Cols, and float64 rounded to float32.
//
// The array must end where r ends. An array that is cut short gives an error that matches io.ErrUnexpectedEOF, and a value
// that is NaN, infinite or beyond float32 a *stage.ValueError, as is a row of float64 whose values are not all zero and would all
// round to zero. Memory grows with the data that is there, not with what the
// header promises.
//
// Source of the format: numpy.lib.format of NumPy 2.4.
func ReadNPY(r io.Reader) (blas32.General, error) { return readNPY(r, 0) }

// ReadNPYFile is ReadNPY of a file. Errors name it.
func ReadNPYFile(path string) (blas32.General, error) {
	f, err := os.Open(path)
	if err != nil {
		return blas32.General{}, fmt.Errorf("read matrix: %w", err)
	}
	defer f.Close()
	var size int64
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	x, err := readNPY(f, size)
	if err != nil {
		return blas32.General{}, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}

// readNPY reads from r, which holds at least size bytes.
func readNPY(r io.Reader, size int64) (blas32.General, error) {
	var none blas32.General
	h, err := readNPYHeader(r)
	if err != nil {
		return none, err
	}
	want, ok := h.values()
	if !ok {
		return none, fmt.Errorf("array is to have %d rows of %d values, want sizes that fit into memory", h.rows, h.cols)
	}
	if h.rows > 0 && h.cols == 0 || h.cols > npyMaxCols {
		return none, fmt.Errorf("array has %d rows of %d columns, want 1 to %d columns", h.rows, h.cols, npyMaxCols)
	}
	data := make([]float32, 0, min(int64(want), size/int64(h.dtype.size)))
	var tiny []bool // the rows with a value that rounds to zero, nil where there is none
	buf := make([]byte, npyChunk)
	for len(data) < want {
		n, err := io.ReadFull(r, buf[:min(len(buf), (want-len(data))*h.dtype.size)])
		at := len(data)
		for i := 0; i+h.dtype.size <= n; i += h.dtype.size {
			v, ok := h.dtype.decode(buf[i:])
			if !ok {
				row, col := h.place(len(data))
				return none, &stage.ValueError{Row: row, Col: col, Why: "is a float64 beyond the range of float32, want a finite float32"}
			}
			if v == 0 && h.dtype.size == 8 && h.dtype.tiny(buf[i:]) {
				if tiny == nil {
					tiny = make([]bool, h.rows)
				}
				row, _ := h.place(len(data))
				tiny[row] = true
			}
			data = append(data, v)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return none, h.short(at*h.dtype.size + n)
		}
		if err != nil {
			return none, fmt.Errorf("read row %d: %w", at/max(h.cols, 1), err)
		}
	}
	switch _, err := io.ReadFull(r, buf[:1]); {
	case err == nil:
		return none, fmt.Errorf("data goes on after the %d rows of %d values that the header promises, want the end at byte %d",
			h.rows, h.cols, h.bytes+int64(want)*int64(h.dtype.size))
	case err != io.EOF:
		return none, fmt.Errorf("read the end: %w", err)
	}
	if h.fortran {
		data = transposed(data, h.rows, h.cols)
	}
	x := blas32.General{Rows: h.rows, Cols: h.cols, Stride: max(1, h.cols), Data: data}
	for i, lost := range tiny {
		if lost && !slices.ContainsFunc(x.Data[i*x.Stride:(i+1)*x.Stride], func(v float32) bool { return v != 0 }) {
			return none, &stage.ValueError{Row: i, Col: -1, Why: "has no value that float32 can tell from zero, want a matrix of a larger scale"}
		}
	}
	if err := check.Matrix(x); err != nil {
		return none, err
	}
	return x, nil
}

// values is the number of values; false when so many cannot be in memory.
func (h *npyHeader) values() (int, bool) {
	if h.rows == 0 || h.cols == 0 {
		return 0, true
	}
	return h.rows * h.cols, h.rows <= math.MaxInt/h.dtype.size/h.cols
}

// place is the row and the column of value i in the order of the file.
func (h *npyHeader) place(i int) (row, col int) {
	if h.fortran {
		return i % h.rows, i / h.rows
	}
	return i / h.cols, i % h.cols
}

// short is the error of an array that ends after n bytes.
func (h *npyHeader) short(n int) error {
	whole, unit, promised := n/(h.cols*h.dtype.size), "rows", h.rows
	if h.fortran {
		whole, unit, promised = n/(h.rows*h.dtype.size), "columns", h.cols
	}
	return fmt.Errorf("array is cut short: the header promises %d rows of %d %s, and %d of %d %s are there, it ends at byte %d: %w",
		h.rows, h.cols, h.dtype.name, whole, promised, unit, h.bytes+int64(n), io.ErrUnexpectedEOF)
}

// transposed is the row-major order of a matrix in column-major order.
func transposed(data []float32, rows, cols int) []float32 {
	out := make([]float32, len(data))
	for j := range cols {
		for i, v := range data[j*rows : (j+1)*rows] {
			out[i*cols+j] = v
		}
	}
	return out
}

// npyType is a type of elements.
type npyType struct {
	size  int
	order binary.ByteOrder
	name  string
}

// decode reads the first value of b; false when it is finite and no float32 is.
func (t *npyType) decode(b []byte) (float32, bool) {
	switch t.size {
	case 1:
		if t.name == "int8" {
			return float32(int8(b[0])), true
		}
		return float32(b[0]), true
	case 2:
		return safetensors.Float16(t.order.Uint16(b)), true
	case 4:
		return math.Float32frombits(t.order.Uint32(b)), true
	}
	d := math.Float64frombits(t.order.Uint64(b))
	v := float32(d)
	return v, !math.IsInf(float64(v), 0) || math.IsInf(d, 0)
}

// tiny reports whether the float64 at the beginning of b is no zero.
func (t *npyType) tiny(b []byte) bool { return t.order.Uint64(b)<<1 != 0 }
