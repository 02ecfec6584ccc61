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

	"github.com/gobertopic/gobertopic/internal/npy"
	"github.com/gobertopic/gobertopic/stage/state"
)

// npyFile is the content of a .npy file of a matrix.
type npyFile struct {
	descr      string
	rows, cols int
	values     []byte
}

// parseNPY returns the parts of the .npy file of a matrix in C order, or false for any other text.
func parseNPY(text []byte) (h npyFile, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(npy.Magic))
	if !ok || len(rest) < 2 {
		return h, false
	}
	n := int(binary.LittleEndian.Uint16(rest))
	if rest = rest[2:]; len(rest) < n {
		return h, false
	}
	header := string(rest[:n])
	h.values = rest[n:]
	_, descr, _ := strings.Cut(header, "'descr': '")
	h.descr, _, ok = strings.Cut(descr, "'")
	if !ok || !strings.Contains(header, "'fortran_order': False") {
		return h, false
	}
	_, shape, _ := strings.Cut(header, "'shape': (")
	shape, _, _ = strings.Cut(shape, ")")
	first, second, _ := strings.Cut(shape, ",")
	rows, err := strconv.ParseUint(strings.TrimSpace(first), 10, 31)
	if err != nil {
		return h, false
	}
	cols, err := strconv.ParseUint(strings.Trim(second, " ,"), 10, 31)
	if err != nil {
		return h, false
	}
	h.rows, h.cols = int(rows), int(cols)
	return h, true
}

// matrixIn returns the matrix of a .npy file of float32 values in the memory of the file. It reports
// false if that is impossible: the values are not aligned, or not in the byte order of this computer.
func matrixIn(h npyFile) (x blas32.General, ok bool) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 || h.descr != Float32.descr() {
		return x, false
	}
	rows, cols, values := uint64(h.rows), uint64(h.cols), h.values
	data := unsafe.SliceData(values)
	if rows == 0 || cols == 0 || uint64(len(values))/4/rows != cols || uint64(len(values)) != 4*rows*cols ||
		uintptr(unsafe.Pointer(data))%4 != 0 {
		return x, false
	}
	x = blas32.General{Rows: h.rows, Cols: h.cols, Stride: h.cols}
	x.Data = unsafe.Slice((*float32)(unsafe.Pointer(data)), rows*cols)
	return x, true
}

// readMatrix reads the matrix of a section: in the memory of its file if that is possible, otherwise
// into memory of its own.
func readMatrix(name string, f *file, at location) (x blas32.General, err error) {
	// What is read as one piece: small files, and files that are mapped.
	if at.Bytes == f.want.Bytes || f.want.Bytes <= maxPacked {
		b, err := f.bytes()
		if err != nil {
			return x, err
		}
		if h, ok := parseNPY(b[at.Offset:][:at.Bytes]); ok && h.descr != Float32.descr() {
			return decodeRounded(h)
		} else if ok && at.Bytes == f.want.Bytes { // the section begins where the memory does
			if x, ok := matrixIn(h); ok {
				return x, nil
			}
		}
	}
	s, err := f.reader(at)
	if err != nil {
		return x, err
	}
	return decodeMatrix(name, s)
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
