package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unsafe"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage/state"
)

// matrixIn returns the matrix of a .npy file whose content is text, in the memory of text. It
// reports false if that is impossible: the values are not aligned, or not in the byte order of this
// computer.
func matrixIn(text []byte) (x blas32.General, ok bool) {
	const magic = "\x93NUMPY\x01\x00"
	rest, ok := bytes.CutPrefix(text, []byte(magic))
	if !ok || len(rest) < 2 || binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return x, false
	}
	n := int(binary.LittleEndian.Uint16(rest))
	if rest = rest[2:]; len(rest) < n {
		return x, false
	}
	header, values := string(rest[:n]), rest[n:]
	if !strings.Contains(header, "'descr': '<f4'") || !strings.Contains(header, "'fortran_order': False") {
		return x, false
	}
	_, shape, _ := strings.Cut(header, "'shape': (")
	shape, _, _ = strings.Cut(shape, ")")
	first, second, _ := strings.Cut(shape, ",")
	rows, err := strconv.ParseUint(strings.TrimSpace(first), 10, 31)
	if err != nil {
		return x, false
	}
	cols, err := strconv.ParseUint(strings.Trim(second, " ,"), 10, 31)
	if err != nil {
		return x, false
	}
	data := unsafe.SliceData(values)
	if rows == 0 || cols == 0 || uint64(len(values))/4/rows != cols || uint64(len(values)) != 4*rows*cols ||
		uintptr(unsafe.Pointer(data))%4 != 0 {
		return x, false
	}
	x = blas32.General{Rows: int(rows), Cols: int(cols), Stride: int(cols)}
	x.Data = unsafe.Slice((*float32)(unsafe.Pointer(data)), rows*cols)
	return x, true
}

// decodeMatrix reads the matrix of a .npy file into memory of its own.
func decodeMatrix(name string, r *io.SectionReader) (x blas32.General, err error) {
	err = state.ReadSections(oneFile{name, r}, state.Section{Name: name, Data: &x})
	return x, err
}

// oneFile is a file system of one section.
type oneFile struct {
	name string
	r    *io.SectionReader
}

func (o oneFile) Open(string) (fs.File, error) { return &sectionFile{o.r, o.name}, nil }

// encodeMatrix writes a matrix as a .npy file.
func encodeMatrix(w io.Writer, name string, x blas32.General) error {
	if x.Rows < 0 || x.Cols < 0 || x.Rows > 0 && x.Cols > 0 &&
		(x.Stride < x.Cols || len(x.Data) < x.Cols || (len(x.Data)-x.Cols)/x.Stride < x.Rows-1) {
		return fmt.Errorf("a matrix of %d × %d, stride %d, has %d values", x.Rows, x.Cols, x.Stride, len(x.Data))
	}
	if x.Cols == 0 {
		x = blas32.General{Rows: x.Rows} // its rows need no data, whatever the stride
	}
	return state.WriteSections(oneWriter{w}, state.Section{Name: name, Data: &x})
}

// oneWriter is a stage.Writer of one section.
type oneWriter struct{ w io.Writer }

func (o oneWriter) Create(string) (io.Writer, error) { return o.w, nil }
