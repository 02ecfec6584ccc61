package embed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/stage"
)

// NPYType is the type of the values of a .npy file, as NumPy names it.
type NPYType string

// The types that are written.
const (
	NPYFloat16 NPYType = "float16"
	NPYFloat32 NPYType = "float32"
	NPYFloat64 NPYType = "float64"
)

// NPYFormat is how a .npy file is written: C order and little-endian, as NumPy writes it with the same settings. The zero
// value is float32 and version 1, as numpy.save does.
type NPYFormat struct {
	// Type is the type of the values; empty, the default, means float32. float16 is half the size and keeps three digits:
	// each value becomes the nearest one, to even in the middle.
	Type NPYType
	// Version is that of the format, 1 to 3; 0, the default, means 1. A reader of NumPy's reads all of them.
	Version int
}

// Validate reports every bad field at once.
func (f NPYFormat) Validate() error {
	var e check.Fields
	switch f.Type {
	case "", NPYFloat16, NPYFloat32, NPYFloat64:
	default:
		e.Want(false, "embed.NPYFormat.Type", fmt.Sprintf("%q", string(f.Type)), "float16, float32 or float64")
	}
	e.Want(f.Version >= 0 && f.Version <= 3, "embed.NPYFormat.Version", f.Version, "1 to 3, or 0 for 1")
	return e.Err()
}

// size is the bytes of a value.
func (f NPYFormat) size() int {
	switch f.Type {
	case NPYFloat16:
		return 2
	case NPYFloat64:
		return 8
	}
	return 4
}

// check reports what keeps a matrix from being written.
func (f NPYFormat) check(x blas32.General) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if err := check.Matrix(x); err != nil {
		return err
	}
	if f.Type != NPYFloat16 || x.Cols == 0 {
		return nil
	}
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			if safetensors.ToFloat16(v)&0x7FFF == 0x7C00 {
				return &stage.ValueError{Row: i, Col: j, Why: fmt.Sprintf("is %v, beyond the range of float16, want at most 65504", v)}
			}
		}
	}
	return nil
}

// WriteNPY writes a matrix as numpy.save does: version 1.0, float32, little-endian, C order. A NaN or an infinite value is a
// *stage.ValueError, and then nothing is written.
func WriteNPY(w io.Writer, x blas32.General) error { return NPYFormat{}.Write(w, x) }

// WriteNPYFile is WriteNPY to a file. The file appears whole or not at all: the matrix goes to a temporary file in the same
// directory, which then takes the name. What is no regular file, a pipe or a device, is written to directly.
func WriteNPYFile(path string, x blas32.General) error { return NPYFormat{}.WriteFile(path, x) }

// Write is WriteNPY in another format. A value that is beyond the range of float16 is a *stage.ValueError too.
func (f NPYFormat) Write(w io.Writer, x blas32.General) error {
	if err := f.check(x); err != nil {
		return err
	}
	buf := make([]byte, 0, npyChunk+8)
	buf = append(buf, f.header(x.Rows, x.Cols)...)
	for i := range x.Rows {
		if x.Cols == 0 {
			break
		}
		for _, v := range x.Data[i*x.Stride : i*x.Stride+x.Cols] {
			switch f.size() {
			case 2:
				buf = binary.LittleEndian.AppendUint16(buf, safetensors.ToFloat16(v))
			case 4:
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			default:
				buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(float64(v)))
			}
			if len(buf) >= npyChunk {
				if _, err := w.Write(buf); err != nil {
					return fmt.Errorf("write matrix: %w", err)
				}
				buf = buf[:0]
			}
		}
	}
	if _, err := w.Write(buf); err != nil {
		return fmt.Errorf("write matrix: %w", err)
	}
	return nil
}

// header is all that comes before the values, the same bytes as NumPy's.
func (f NPYFormat) header(rows, cols int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{'descr': '<f%d', 'fortran_order': False, 'shape': (%d, %d), }", f.size(), rows, cols)
	for range 21 - len(fmt.Sprint(rows)) { // NumPy leaves room for the number of rows to grow to 21 digits
		b.WriteByte(' ')
	}
	version := max(f.Version, 1)
	wide := 2 // bytes of the length
	if version > 1 {
		wide = 4
	}
	for (len(npyMagic)+2+wide+b.Len()+1)%64 != 0 {
		b.WriteByte(' ')
	}
	b.WriteByte('\n')
	head := append([]byte(npyMagic), byte(version), 0)
	if version > 1 {
		head = binary.LittleEndian.AppendUint32(head, uint32(b.Len()))
	} else {
		head = binary.LittleEndian.AppendUint16(head, uint16(b.Len()))
	}
	return append(head, b.Bytes()...)
}

// WriteFile is WriteNPYFile in another format.
func (f NPYFormat) WriteFile(path string, x blas32.General) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}()
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			return errors.New("is a directory, want the name of a file")
		case !info.Mode().IsRegular():
			return f.writeTo(func() (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }, x)
		}
		mode = info.Mode().Perm()
	}
	var tmp string
	err = f.writeTo(func() (*os.File, error) {
		file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.tmp")
		if err == nil {
			tmp = file.Name()
		}
		return file, err
	}, x)
	if err == nil {
		err = os.Chmod(tmp, mode)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil && tmp != "" {
		os.Remove(tmp) // the first error is the one to report
	}
	return err
}

func (f NPYFormat) writeTo(open func() (*os.File, error), x blas32.General) error {
	if err := f.check(x); err != nil {
		return err
	}
	file, err := open()
	if err != nil {
		return err
	}
	err = f.Write(file, x)
	return errors.Join(err, file.Close())
}
