// Package safetensors reads and writes .safetensors files: a little-endian length, a JSON header with the type, shape and
// place of each tensor, and the tensors' bytes, as the reference implementation (safetensors 0.8) defines the format.
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
	"slices"
	"sort"
	"unicode/utf8"
)

// The types of elements that have conversions here. Others can be read and written as bytes.
const (
	F64  = "F64"
	F32  = "F32"
	F16  = "F16"
	BF16 = "BF16"
	I8   = "I8"
)

// sizes are the bytes of an element.
var sizes = map[string]int{
	"BOOL": 1, "U8": 1, I8: 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
	"I16": 2, "U16": 2, F16: 2, BF16: 2,
	"I32": 4, "U32": 4, F32: 4,
	"I64": 8, "U64": 8, F64: 8, "C64": 8,
}

// maxHeader is the longest header that the reference implementation takes.
const maxHeader = 100_000_000

// Tensor is one named array.
type Tensor struct {
	Name  string
	DType string // "F32", "F16", "BF16", "I8", …
	Shape []int  // row-major; empty for a scalar
	Data  []byte // little-endian elements; a view of the file's bytes when it was read
}

// File is a parsed file. It is immutable and safe for concurrent use.
type File struct {
	path    string
	tensors []Tensor // in the order of their bytes
	index   map[string]int
	meta    map[string]string
}

// Open reads a regular file into memory and parses it. It reads the tensors only after it has compared the
// header with the length of the file, so that a false header costs no memory beyond its own.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read safetensors: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read safetensors: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read safetensors: %s is not a regular file", path)
	}
	begin := make([]byte, min(8, info.Size()))
	if _, err := io.ReadFull(file, begin); err != nil {
		return nil, fmt.Errorf("read safetensors: %s: %w", path, err)
	}
	n, err := headerSize(begin, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(file, header); err != nil {
		return nil, fmt.Errorf("read safetensors: %s: %w", path, err)
	}
	size := info.Size() - 8 - n
	f, places, err := layout(header, uint64(size))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, fmt.Errorf("read safetensors: %s: %w", path, err)
	}
	f.attach(places, data)
	f.path = path
	return f, nil
}

// headerSize returns the length of the header of a file of size bytes that starts with begin.
func headerSize(begin []byte, size int64) (int64, error) {
	if size < 8 {
		return 0, fmt.Errorf("file has %d bytes, want at least the 8 of the header's length", size)
	}
	n := binary.LittleEndian.Uint64(begin)
	if n > maxHeader || n > uint64(size-8) {
		return 0, fmt.Errorf("header is to have %d bytes, want at most %d and no more than the %d that follow", n, maxHeader, size-8)
	}
	return int64(n), nil
}

// Parse reads a file from memory. The tensors are views of b, which must not change.
func Parse(b []byte) (*File, error) {
	n, err := headerSize(b, int64(len(b)))
	if err != nil {
		return nil, err
	}
	data := b[8+n:]
	f, places, err := layout(b[8:8+n], uint64(len(data)))
	if err != nil {
		return nil, err
	}
	f.attach(places, data)
	return f, nil
}

// attach makes the data of each tensor a view of data.
func (f *File) attach(places []place, data []byte) {
	for i, p := range places {
		f.tensors[i].Data = data[p.begin:p.end:p.end]
	}
}

// layout reads a header and checks that the tensors cover size bytes of data exactly. It returns the file
// without data, and the place of each tensor.
func layout(header []byte, size uint64) (*File, []place, error) {
	f := &File{index: map[string]int{}, meta: map[string]string{}}
	places, err := f.header(header)
	if err != nil {
		return nil, nil, err
	}
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := places[order[i]], places[order[j]]
		return a.begin < b.begin || a.begin == b.begin && a.end < b.end
	})
	tensors, sorted := make([]Tensor, len(places)), make([]place, len(places))
	var at uint64
	for i, k := range order {
		p, t := places[k], f.tensors[k]
		switch {
		case p.begin != at:
			return nil, nil, fmt.Errorf("tensor %q begins at byte %d of the data, want %d, the end of the one before: no holes, no overlaps", t.Name, p.begin, at)
		case p.end < p.begin || p.end > size:
			return nil, nil, fmt.Errorf("tensor %q takes bytes %d to %d, want an end between its begin and the %d bytes of data", t.Name, p.begin, p.end, size)
		}
		want, ok := byteSize(t.DType, t.Shape)
		if !ok || want != p.end-p.begin {
			return nil, nil, fmt.Errorf("tensor %q has %d bytes, want what %s of shape %v needs", t.Name, p.end-p.begin, t.DType, t.Shape)
		}
		tensors[i], sorted[i] = t, p
		f.index[t.Name] = i
		at = p.end
	}
	if at != size {
		return nil, nil, fmt.Errorf("tensors end at byte %d, want the end of the data at %d", at, size)
	}
	f.tensors = tensors
	return f, sorted, nil
}

type place struct{ begin, end uint64 }

// header reads the JSON: f.tensors without data, and their places.
func (f *File) header(header []byte) ([]place, error) {
	if !utf8.Valid(header) {
		return nil, fmt.Errorf("header is not valid UTF-8")
	}
	if len(header) == 0 || header[0] != '{' {
		return nil, fmt.Errorf("header begins with %.10q, want a JSON object", header)
	}
	var places []place
	d := json.NewDecoder(bytes.NewReader(header))
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		name := key.(string) // a key of an object always is
		if seen[name] {
			return nil, fmt.Errorf("tensor %q is there twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			if err := f.readMeta(d); err != nil {
				return nil, fmt.Errorf("__metadata__ is not an object of strings: %w", err)
			}
			continue
		}
		t, p, err := readInfo(d)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		t.Name = name
		f.tensors, places = append(f.tensors, t), append(places, p)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("header goes on after the JSON object, want spaces only")
	}
	return places, nil
}

func (f *File) readMeta(d *json.Decoder) error {
	var meta map[string]*string
	if err := d.Decode(&meta); err != nil {
		return err
	}
	for k, v := range meta {
		if v == nil {
			return errors.New("a value is null")
		}
		f.meta[k] = *v
	}
	return nil
}

// readInfo reads the type, the shape and the place of a tensor. It takes a field under its exact name alone, once, and
// without null, as encoding/json on its own would not; other fields are skipped, as the reference implementation does.
func readInfo(d *json.Decoder) (t Tensor, p place, err error) {
	const want = "want an object of dtype, shape and data_offsets"
	switch open, err := d.Token(); {
	case err != nil:
		return t, p, err
	case open != json.Delim('{'):
		return t, p, errors.New(want)
	}
	var (
		dtype   *string
		shape   []*int
		offsets []*uint64
	)
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return t, p, err
		}
		var to any = new(json.RawMessage)
		switch key {
		case "dtype":
			to = &dtype
		case "shape":
			to = &shape
		case "data_offsets":
			to = &offsets
		}
		if seen[key.(string)] {
			return t, p, fmt.Errorf("%v is there twice", key)
		}
		seen[key.(string)] = true
		if err := d.Decode(to); err != nil {
			return t, p, fmt.Errorf("%v: %w", key, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return t, p, err
	}
	if dtype == nil || shape == nil || len(offsets) != 2 || offsets[0] == nil || offsets[1] == nil {
		return t, p, errors.New(want + " with a begin and an end")
	}
	t.DType, t.Shape = *dtype, make([]int, len(shape))
	if sizes[t.DType] == 0 {
		return t, p, fmt.Errorf("has type %q, want one of F64, F32, F16, BF16, I8 or another whole number of bytes", t.DType)
	}
	for i, n := range shape {
		if n == nil || *n < 0 {
			return t, p, fmt.Errorf("shape: size %d is negative or null", i)
		}
		t.Shape[i] = *n
	}
	return t, place{*offsets[0], *offsets[1]}, nil
}

// byteSize is the bytes of a tensor; false where no such tensor can be, because the product of its sizes overflows on the
// way from the first to the last, too.
func byteSize(dtype string, shape []int) (uint64, bool) {
	size := uint64(1)
	for _, n := range shape {
		hi, lo := bits.Mul64(size, uint64(n))
		if n < 0 || hi != 0 {
			return 0, false
		}
		size = lo
	}
	hi, lo := bits.Mul64(size, uint64(sizes[dtype]))
	return lo, hi == 0 && sizes[dtype] > 0
}

// Names lists the tensors in the order of their bytes.
func (f *File) Names() []string {
	names := make([]string, len(f.tensors))
	for i, t := range f.tensors {
		names[i] = t.Name
	}
	return names
}

// Metadata is the file's free text; never nil.
func (f *File) Metadata() map[string]string {
	out := make(map[string]string, len(f.meta))
	for k, v := range f.meta {
		out[k] = v
	}
	return out
}

// Has tells whether there is such a tensor.
func (f *File) Has(name string) bool {
	_, ok := f.index[name]
	return ok
}

// Tensor is the tensor with a name. Its data is a view of the file and must not be written to.
func (f *File) Tensor(name string) (Tensor, error) {
	i, ok := f.index[name]
	if !ok {
		return Tensor{}, f.errorf("tensor %q is missing (there are %d others)", name, len(f.tensors))
	}
	t := f.tensors[i]
	t.Shape = slices.Clone(t.Shape)
	return t, nil
}

func (f *File) errorf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if f.path != "" {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return err
}

// Float32 is a copy of a tensor of type F64, F32, F16 or BF16 as float32, in row-major order, with its shape. F64 is rounded
// to the nearest float32, the others convert exactly.
func (f *File) Float32(name string) ([]float32, []int, error) {
	t, err := f.Tensor(name)
	if err != nil {
		return nil, nil, err
	}
	out, ok := t.float32s()
	if !ok {
		return nil, nil, f.errorf("tensor %q is %s of shape %v, want F32, F16, BF16 or F64", name, t.DType, t.Shape)
	}
	return out, t.Shape, nil
}

func (t Tensor) float32s() ([]float32, bool) {
	b := t.Data
	switch t.DType {
	case F32:
		out := make([]float32, len(b)/4)
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		return out, true
	case F64:
		out := make([]float32, len(b)/8)
		for i := range out {
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
		return out, true
	case F16:
		out := make([]float32, len(b)/2)
		for i := range out {
			out[i] = Float16(binary.LittleEndian.Uint16(b[2*i:]))
		}
		return out, true
	case BF16:
		out := make([]float32, len(b)/2)
		for i := range out {
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
		return out, true
	}
	return nil, false
}

// Int8 is a copy of a tensor of type I8, in row-major order, with its shape.
func (f *File) Int8(name string) ([]int8, []int, error) {
	t, err := f.Tensor(name)
	if err != nil {
		return nil, nil, err
	}
	if t.DType != I8 {
		return nil, nil, f.errorf("tensor %q is %s of shape %v, want I8", name, t.DType, t.Shape)
	}
	out := make([]int8, len(t.Data))
	for i, b := range t.Data {
		out[i] = int8(b)
	}
	return out, t.Shape, nil
}

// Float16 is the value of an IEEE 754 half-precision number.
func Float16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10&0x1F), uint32(h&0x3FF)
	switch exp {
	case 0: // zero, or frac units of 2⁻²⁴
		return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
	case 0x1F:
		return math.Float32frombits(sign | 0x7F800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// ToFloat16 is the half-precision number that is nearest to a value, the even one of two. A value from 65520 on becomes
// infinite, a NaN stays one.
func ToFloat16(v float32) uint16 {
	b := math.Float32bits(v)
	sign, b := uint16(b>>16)&0x8000, b&0x7FFFFFFF
	switch {
	case b > 0x7F800000:
		return sign | 0x7E00
	case b >= 0x477FF000: // 65520
		return sign | 0x7C00
	case b < 0x38800000: // below 2⁻¹⁴: units of 2⁻²⁴, which an addition rounds to
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b += 0xFFF + b>>13&1 // half a unit, or a little less for an even number to stay
	return sign | uint16(b>>13-(127-15)<<10)
}
