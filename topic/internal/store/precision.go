package store

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/npy"
	"github.com/gobertopic/gobertopic/stage"
)

// Precision says how exactly the rows of a matrix are stored. "" means Float32.
type Precision string

const (
	Float32 Precision = "float32" // 4 bytes a value, exact
	Float16 Precision = "float16" // 2 bytes a value (IEEE 754 binary16), the nearest
	// Int8 is 1 byte a value and 4 bytes a row: the scale of the row times a number in −127…127. The
	// scale has 17 significant bits, so that products with it are exact and rounding twice is rounding
	// once.
	Int8 Precision = "int8"
)

// Valid reports whether p is one of the precisions, or "".
func (p Precision) Valid() bool { return p == "" || p == Float32 || p == Float16 || p == Int8 }

// Exact reports whether p stores every value as it is.
func (p Precision) Exact() bool { return p == "" || p == Float32 }

const (
	maxFloat16 = 65504
	minInt8    = 1e-30 // least absolute value that a row of Int8 that is not zero must reach
)

// Check fails with a *stage.ValueError for a row that p cannot hold.
func (p Precision) Check(x blas32.General) error {
	if p.Exact() {
		return nil
	}
	for i := range x.Rows {
		largest, at := greatest(dense.Row(x, i))
		switch {
		case !(largest <= math.MaxFloat32):
			return &stage.ValueError{Row: i, Col: at, Why: "not a finite number"}
		case p == Float16 && largest > maxFloat16:
			return &stage.ValueError{Row: i, Col: at, Why: fmt.Sprintf("%v is too large for float16; store float32 or int8", largest)}
		case p == Int8 && largest > 0 && largest < minInt8:
			return &stage.ValueError{Row: i, Col: -1, Why: "all values are too small for int8; store float32"}
		}
	}
	return nil
}

// greatest returns the largest absolute value of a row and its column; NaN if there is one.
func greatest(row []float32) (largest float32, at int) {
	for j, v := range row {
		if a := float32(math.Abs(float64(v))); a > largest || a != a {
			if largest, at = a, j; a != a {
				break
			}
		}
	}
	return largest, at
}

// Round returns x with the values that are read after x was stored with p; x itself if these are the
// same. p must have passed Check.
func (p Precision) Round(x blas32.General) blas32.General {
	if p.Exact() || x.Rows == 0 {
		return x
	}
	out := dense.New(x.Rows, x.Cols)
	code := make([]byte, p.rowBytes(x.Cols))
	for i := range x.Rows {
		p.encodeRow(code, dense.Row(x, i))
		p.decodeRow(dense.Row(out, i), code)
	}
	return out
}

// RoundRow rounds a row in place.
func (p Precision) RoundRow(row []float32) {
	if !p.Exact() {
		code := make([]byte, p.rowBytes(len(row)))
		p.encodeRow(code, row)
		p.decodeRow(row, code)
	}
}

// descr returns NumPy's name of the values of a stored row.
func (p Precision) descr() string {
	switch p {
	case Float16:
		return "<f2"
	case Int8:
		return "|i1"
	}
	return "<f4"
}

// scaleBytes is the length of the scale at the end of a row of Int8.
const scaleBytes = 4

// rowBytes returns the length of a stored row.
func (p Precision) rowBytes(cols int) int {
	if p == Float16 {
		return 2 * cols
	}
	return cols + scaleBytes
}

func (p Precision) encodeRow(to []byte, row []float32) {
	if p == Float16 {
		for j, v := range row {
			binary.LittleEndian.PutUint16(to[2*j:], toFloat16(v))
		}
		return
	}
	largest, _ := greatest(row)
	scale := scaleOf(largest)
	for j, v := range row {
		q := 0.0
		if scale > 0 {
			q = math.RoundToEven(float64(v / scale))
		}
		to[j] = byte(int8(q))
	}
	binary.LittleEndian.PutUint32(to[len(row):], math.Float32bits(scale))
}

// scaleOf returns the least number of 17 significant bits that is at least largest/127.
func scaleOf(largest float32) float32 {
	const low = 1<<7 - 1
	bits := math.Float32bits(largest / 127)
	if bits&low != 0 {
		bits = (bits | low) + 1
	}
	return math.Float32frombits(bits)
}

func (p Precision) decodeRow(to []float32, code []byte) {
	if p == Float16 {
		for j := range to {
			to[j] = fromFloat16(binary.LittleEndian.Uint16(code[2*j:]))
		}
		return
	}
	scale := math.Float32frombits(binary.LittleEndian.Uint32(code[len(to):]))
	for j := range to {
		to[j] = float32(int8(code[j])) * scale
	}
}

// toFloat16 returns the bits of the binary16 number nearest to v, the even one of two.
func toFloat16(v float32) uint16 {
	bits := math.Float32bits(v)
	sign, abs := uint16(bits>>16&0x8000), bits&0x7fffffff
	switch {
	case abs > 0x7f800000: // NaN
		return sign | 0x7e00
	case abs >= 0x47800000: // 65536 and more
		return sign | 0x7c00
	case abs < 0x38800000: // below 2^-14: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(abs))*(1<<24)))
	}
	// Drop 13 bits of the mantissa; a carry runs into the exponent, as it must.
	abs += 0xfff + abs>>13&1
	return sign | uint16((abs-(112<<23))>>13)
}

// fromFloat16 returns the value of the bits of a binary16 number.
func fromFloat16(h uint16) float32 {
	sign, exponent, mantissa := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0:
		v := float32(mantissa) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | mantissa<<13)
}

// encode writes the .npy file of a matrix that is not stored exactly. A row of Int8 has 4 more
// columns, which are the bytes of its scale.
func (p Precision) encode(w io.Writer, x blas32.General) error {
	n := p.rowBytes(x.Cols)
	cols := n
	if p == Float16 {
		cols = x.Cols
	}
	out := bufio.NewWriterSize(w, 1<<16)
	_, err := out.Write(npy.Header(p.descr(), x.Rows, cols))
	row := make([]byte, n)
	for i := 0; i < x.Rows && err == nil; i++ {
		p.encodeRow(row, dense.Row(x, i))
		_, err = out.Write(row)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// decodeRounded returns the matrix of a file that encode wrote.
func decodeRounded(h npyFile) (blas32.General, error) {
	p, cols := Float16, h.cols
	if h.descr == Int8.descr() {
		if p, cols = Int8, h.cols-scaleBytes; cols < 0 {
			return blas32.General{}, fmt.Errorf("rows of %d bytes have no scale", h.cols)
		}
	}
	n := p.rowBytes(cols)
	if h.rows > 0 && (len(h.values)/h.rows != n || len(h.values) != n*h.rows) || h.rows == 0 && len(h.values) > 0 {
		return blas32.General{}, fmt.Errorf("%d bytes for %d rows of %d", len(h.values), h.rows, n)
	}
	if h.rows > 0 && cols == 0 {
		return blas32.General{Rows: h.rows}, nil
	}
	x := dense.New(h.rows, cols)
	for i := range h.rows {
		row := dense.Row(x, i)
		p.decodeRow(row, h.values[i*n:][:n])
		if largest, at := greatest(row); !(largest <= math.MaxFloat32) {
			return x, &stage.ValueError{Row: i, Col: at, Why: "not a finite number"}
		}
	}
	return x, nil
}
