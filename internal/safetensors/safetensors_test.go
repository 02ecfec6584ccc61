package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

const golden = "testdata/values.safetensors"

// TestGoldenExact: what the Python library wrote is read with its types, shapes and values, NaN as NaN.
func TestGoldenExact(t *testing.T) {
	text, err := os.ReadFile("testdata/values.json")
	require.NoError(t, err)
	var want struct {
		Tensors map[string]struct {
			DType   string
			Shape   []int
			Float32 []uint32
			Int8    []int8
		}
	}
	require.NoError(t, json.Unmarshal(text, &want))
	f, err := Open(golden)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"format": `pt "quoted" ü`}, f.Metadata())
	require.Len(t, f.Names(), len(want.Tensors))
	require.Len(t, want.Tensors, 12)
	floats, bytes := 0, 0
	for name, w := range want.Tensors {
		require.True(t, f.Has(name))
		x, err := f.Tensor(name)
		require.NoError(t, err)
		require.Equal(t, w.DType, x.DType, name)
		require.Equal(t, w.Shape, x.Shape, name)
		v, shape, err := f.Float32(name)
		if w.Float32 != nil {
			require.NoError(t, err)
			require.Equal(t, w.Shape, shape)
			require.Len(t, v, len(w.Float32))
			for i, bits := range w.Float32 {
				if u := math.Float32frombits(bits); u != u {
					require.True(t, v[i] != v[i], "%s[%d] is %v, want NaN", name, i, v[i])
				} else {
					require.Equal(t, bits, math.Float32bits(v[i]), "%s[%d] is %v, want %v", name, i, v[i], u)
				}
				floats++
			}
		} else {
			require.EqualError(t, err, fmt.Sprintf("%s: tensor %q is %s of shape %v, want F32, F16, BF16 or F64", golden, name, w.DType, w.Shape))
		}
		q, shape, err := f.Int8(name)
		if w.Int8 != nil {
			require.NoError(t, err)
			require.Equal(t, w.Shape, shape)
			require.Equal(t, w.Int8, q)
			bytes += len(q)
		} else {
			require.EqualError(t, err, fmt.Sprintf("%s: tensor %q is %s of shape %v, want I8", golden, name, w.DType, w.Shape))
		}
	}
	require.Equal(t, 24+34+22+14+1+1, floats)
	require.Equal(t, 256, bytes)
}

// TestFloat16Exact: every half-precision number is what IEEE 754 says.
func TestFloat16Exact(t *testing.T) {
	for h := range 1 << 16 {
		sign, exp, frac := 1-2*float64(h>>15), h>>10&31, float64(h&1023)
		want := sign * math.Ldexp(1+frac/1024, exp-15)
		switch {
		case exp == 0:
			want = math.Copysign(math.Ldexp(frac/1024, -14), sign)
		case exp == 31 && frac == 0:
			want = math.Inf(int(sign))
		case exp == 31:
			want = math.NaN()
		}
		got := Float16(uint16(h))
		if math.IsNaN(want) {
			require.True(t, got != got, "%#04x is %v, want NaN", h, got)
		} else if math.Float32bits(got) != math.Float32bits(float32(want)) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
	}
}

// TestToFloat16Exact: each half-precision number becomes itself; each value between two becomes the nearer one, and the one
// in the middle the even one.
func TestToFloat16Exact(t *testing.T) {
	for h := range uint16(0x7C00) {
		low, high := Float16(h), float32(65536) // what would follow the largest
		if h+1 < 0x7C00 {
			high = Float16(h + 1)
		}
		middle := float32((float64(low) + float64(high)) / 2) // exact
		for v, want := range map[float32]uint16{
			low:                            h,
			math.Nextafter32(middle, low):  h,
			math.Nextafter32(middle, high): h + 1,
			middle:                         h + h&1,
			math.Nextafter32(low, high):    h,
			math.Nextafter32(high, low):    h + 1,
		} {
			require.Equal(t, want, ToFloat16(v), "%v", v)
			require.Equal(t, want|0x8000, ToFloat16(-v)|0x8000, "%v", -v)
		}
	}
	require.Equal(t, uint16(0x8000), ToFloat16(float32(math.Copysign(0, -1))))
	require.Equal(t, uint16(0x7C00), ToFloat16(float32(math.Inf(1))))
	require.Equal(t, uint16(0xFC00), ToFloat16(float32(math.Inf(-1))))
	require.Equal(t, uint16(0x7E00), ToFloat16(float32(math.NaN())))
	require.Equal(t, uint16(0), ToFloat16(math.SmallestNonzeroFloat32))
}

// TestRewriteExact: a file that was read and written again holds the same, each tensor at a multiple of its element's size,
// and the same bytes in whatever order the tensors are given.
func TestRewriteExact(t *testing.T) {
	f, err := Open(golden)
	require.NoError(t, err)
	var ts []Tensor
	for _, name := range f.Names() {
		x, err := f.Tensor(name)
		require.NoError(t, err)
		ts = append(ts, x)
	}
	meta := map[string]string{"b": "2", "a": "1", "ü": "\x00\"", "": ""}
	var first bytes.Buffer
	require.NoError(t, Write(&first, ts, meta))
	g, err := Parse(first.Bytes())
	require.NoError(t, err)
	require.Equal(t, meta, g.Metadata())
	require.Len(t, g.Names(), len(ts))
	for _, x := range ts {
		y, err := g.Tensor(x.Name)
		require.NoError(t, err)
		require.Equal(t, x, y)
		if len(y.Data) > 0 {
			at := bytes.Index(first.Bytes(), y.Data)
			require.Zero(t, at%sizes[y.DType], "%s begins at byte %d", y.Name, at)
		}
	}
	for i := range 50 {
		other := slices.Clone(ts)
		slices.Reverse(other[i%len(ts):])
		slices.Reverse(other)
		var b bytes.Buffer
		require.NoError(t, Write(&b, other, meta))
		require.Equal(t, first.Bytes(), b.Bytes())
	}
}

// TestWriteEmpty: a file needs neither tensors nor metadata.
func TestWriteEmpty(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, nil, nil))
	require.Equal(t, "\x08\x00\x00\x00\x00\x00\x00\x00{}      ", b.String())
	f, err := Parse(b.Bytes())
	require.NoError(t, err)
	require.Empty(t, f.Names())
	require.NotNil(t, f.Metadata())
	require.Empty(t, f.Metadata())
}

func TestFrom(t *testing.T) {
	shape := []int{2, 2}
	values := []float32{1, float32(math.Inf(-1)), 1e-45, float32(math.Copysign(0, -1))}
	x, y := FromFloat32("x", shape, values), FromInt8("y", shape, []int8{-128, 127, 0, -1})
	shape[0] = 7 // is not kept
	var b bytes.Buffer
	require.NoError(t, Write(&b, []Tensor{y, x, {Name: "s", DType: F64, Data: make([]byte, 8)}}, nil))
	f, err := Parse(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, []string{"s", "x", "y"}, f.Names(), "wide elements first")
	v, dims, err := f.Float32("x")
	require.NoError(t, err)
	require.Equal(t, []int{2, 2}, dims)
	for i := range v {
		require.Equal(t, math.Float32bits(values[i]), math.Float32bits(v[i]))
	}
	q, dims, err := f.Int8("y")
	require.NoError(t, err)
	require.Equal(t, []int{2, 2}, dims)
	require.Equal(t, []int8{-128, 127, 0, -1}, q)
	v, dims, err = f.Float32("s")
	require.NoError(t, err)
	require.Empty(t, dims)
	require.Equal(t, []float32{0}, v)

	for _, get := range []func(string) error{
		func(s string) error { _, err := f.Tensor(s); return err },
		func(s string) error { _, _, err := f.Float32(s); return err },
		func(s string) error { _, _, err := f.Int8(s); return err },
	} {
		require.EqualError(t, get("z"), `tensor "z" is missing (there are 3 others)`)
	}
	require.False(t, f.Has("z"))
	// What is handed out is the caller's.
	s, err := f.Tensor("x")
	require.NoError(t, err)
	s.Shape[0] = 9
	v[0] = 9
	again, dims, err := f.Float32("x")
	require.NoError(t, err)
	require.Equal(t, []int{2, 2}, dims)
	require.Equal(t, float32(1), again[0])
	f.Metadata()["k"] = "v"
	require.Empty(t, f.Metadata())
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

// TestWriteRefuses tensors that no file can hold, before a byte is written; and it reports the writer's error.
func TestWriteRefuses(t *testing.T) {
	one := func(dtype string, n int, shape ...int) []Tensor {
		return []Tensor{{Name: "a", DType: dtype, Shape: shape, Data: make([]byte, n)}}
	}
	large := int64(1) << 32 // of an int of 64 bits
	for want, ts := range map[string][]Tensor{
		`tensor "a" has type "F7", which is not known`:                                     one("F7", 4, 1),
		`tensor "a" has 4 bytes, want what F32 of shape [2] needs`:                         one(F32, 4, 2),
		`tensor "a" has 0 bytes, want what F32 of shape [] needs`:                          one(F32, 0),
		`tensor "a" has 4 bytes, want what F32 of shape [-1] needs`:                        one(F32, 4, -1),
		`tensor "a" has 0 bytes, want what I8 of shape [4294967296 4294967296] needs`:      one(I8, 0, int(large), int(large)),
		`tensor "a" has 0 bytes, want what F64 of shape [2305843009213693952] needs`:       one(F64, 0, int(large<<29)),
		`tensor "a": want a name in UTF-8 that no other tensor has, and not __metadata__`:  append(one(F32, 4, 1), one(F32, 4, 1)...),
		`tensor "\xff": want a name in UTF-8 that no other tensor has`:                     {{Name: "\xff", DType: I8}},
		`tensor "__metadata__": want a name in UTF-8 that no other tensor has, and not __`: {{Name: "__metadata__", DType: I8}},
	} {
		var b bytes.Buffer
		err := Write(&b, ts, nil)
		require.ErrorContains(t, err, want)
		require.Zero(t, b.Len())
	}
	var b bytes.Buffer
	require.EqualError(t, Write(&b, nil, map[string]string{"a": "\xff"}), "metadata is not all valid UTF-8")
	require.EqualError(t, Write(&b, nil, map[string]string{"\xff": "a"}), "metadata is not all valid UTF-8")
	require.Zero(t, b.Len())
	require.ErrorContains(t, Write(&b, nil, map[string]string{"a": strings.Repeat("x", maxHeader)}), "header has 100000032 bytes, want at most 100000000")
	require.Zero(t, b.Len())
	for after := range 3 {
		require.EqualError(t, Write(&failing{after}, one(F32, 4, 1), nil), "disk full")
	}
	require.NoError(t, Write(&failing{3}, one(F32, 4, 1), nil))
}

// file is a file with a header and n bytes of data.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

const good = `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`

// broken are files that must be refused, with the words of the error.
var broken = []struct {
	name, want string
	data       []byte
}{
	{"nothing", "file has 0 bytes, want at least the 8", nil},
	{"seven bytes", "file has 7 bytes, want at least the 8", make([]byte, 7)},
	{"no header", "header begins with", make([]byte, 8)},
	{"header longer than the file", "header is to have 56 bytes, want at most 100000000 and no more than the 55 that follow", file(good+"  ", 0)[:8+55]},
	{"huge header", "header is to have 100000001 bytes, want", append(binary.LittleEndian.AppendUint64(nil, maxHeader+1), '{')},
	{"header of 2^64-1", "header is to have 18446744073709551615 bytes, want", append(bytes.Repeat([]byte{0xFF}, 8), '{', '}')},
	{"not an object", `header begins with "[]", want a JSON object`, file("[]", 0)},
	{"space first", `header begins with " {}", want a JSON object`, file(" {}", 0)},
	{"half an object", "header: ", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, 4)},
	{"half an entry", `tensor "a": `, file(`{"a":{"dtype":"F32","shape":[1]`, 4)},
	{"text after", "header goes on after the JSON object", file(good+` x`, 4)},
	{"zeros after", "header goes on after the JSON object", file(good+"\x00\x00", 4)},
	{"two objects", "header goes on after the JSON object", file(good+good, 4)},
	{"comma at the end", "header: invalid character '}'", file(good[:len(good)-1]+",}", 4)},
	{"name not UTF-8", "header is not valid UTF-8", file(strings.Replace(good, `"a"`, "\"\xff\"", 1), 4)},
	{"half a code point at the end", "header is not valid UTF-8", file(good+"\xc3", 4)},
	{"name twice", `tensor "a" is there twice`, file(good[:len(good)-1]+","+good[1:], 4)},
	{"name twice, escaped", `tensor "a" is there twice`, file(good[:len(good)-1]+","+strings.Replace(good[1:], `"a"`, `"\u0061"`, 1), 4)},
	{"metadata twice", `tensor "__metadata__" is there twice`, file(`{"__metadata__":{},"__metadata__":{}}`, 0)},
	{"metadata of numbers", "__metadata__ is not an object of strings: json", file(`{"__metadata__":{"a":1}}`, 0)},
	{"metadata of nulls", "__metadata__ is not an object of strings: a value is null", file(`{"__metadata__":{"a":null}}`, 0)},
	{"metadata a list", "__metadata__ is not an object of strings: json", file(`{"__metadata__":[]}`, 0)},
	{"entry a number", `tensor "a": want an object of dtype, shape and data_offsets`, file(`{"a":1}`, 0)},
	{"entry null", `tensor "a": want an object of dtype`, file(`{"a":null}`, 0)},
	{"entry a list", `tensor "a": want an object of dtype`, file(`{"a":[]}`, 0)},
	{"entry empty", `tensor "a": want an object of dtype, shape and data_offsets with a begin and an end`, file(`{"a":{}}`, 0)},
	{"no type", `tensor "a": want an object of dtype`, file(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4)},
	{"no shape", `tensor "a": want an object of dtype`, file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4)},
	{"no place", `tensor "a": want an object of dtype`, file(`{"a":{"dtype":"F32","shape":[1]}}`, 4)},
	{"type null", `tensor "a": want an object of dtype`, file(strings.Replace(good, `"F32"`, "null", 1), 4)},
	{"type a number", `tensor "a": dtype: json`, file(strings.Replace(good, `"F32"`, "32", 1), 4)},
	{"type unknown", `tensor "a": has type "F33", want one of`, file(strings.Replace(good, "F32", "F33", 1), 4)},
	{"type in lower case", `tensor "a": has type "f32", want one of`, file(strings.Replace(good, "F32", "f32", 1), 4)},
	{"type of half bytes", `tensor "a": has type "F4", want one of`, file(strings.Replace(good, "F32", "F4", 1), 4)},
	{"field in upper case", `tensor "a": want an object of dtype`, file(strings.Replace(good, "dtype", "Dtype", 1), 4)},
	{"field twice", `tensor "a": shape is there twice`, file(strings.Replace(good, `"shape":[1]`, `"shape":[1],"shape":[1]`, 1), 4)},
	{"shape null", `tensor "a": want an object of dtype`, file(strings.Replace(good, "[1]", "null", 1), 4)},
	{"shape of null", `tensor "a": shape: size 0 is negative or null`, file(strings.Replace(good, "[1]", "[null]", 1), 0)},
	{"shape of a fraction", `tensor "a": shape: json`, file(strings.Replace(good, "[1]", "[1.0]", 1), 4)},
	{"shape negative", `tensor "a": shape: size 1 is negative or null`, file(strings.Replace(good, "[1]", "[1,-1]", 1), 4)},
	{"shape twice negative", `tensor "a": shape: size 0 is negative or null`, file(strings.Replace(good, "[1]", "[-1,-1]", 1), 4)},
	{"shape beyond int64", `tensor "a": shape: json`, file(strings.Replace(good, "[1]", "[9223372036854775808]", 1), 4)},
	{"shape too large", `tensor "a" has 4 bytes, want what F32 of shape [2] needs`, file(strings.Replace(good, "[1]", "[2]", 1), 4)},
	{"shape too small", `tensor "a" has 4 bytes, want what F16 of shape [1] needs`, file(strings.Replace(good, "F32", "F16", 1), 4)},
	{"type too wide", `tensor "a" has 4 bytes, want what F64 of shape [1] needs`, file(strings.Replace(good, "F32", "F64", 1), 4)},
	{"scalar of two", `tensor "a" has 4 bytes, want what F16 of shape [] needs`, file(strings.Replace(strings.Replace(good, "F32", "F16", 1), "[1]", "[]", 1), 4)},
	{"product wraps to 0", "want what F32 of shape [4611686018427387904]", file(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0)},
	{"product wraps to 4", "want what F32 of shape [4611686018427387905]", file(`{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, 4)},
	{"product of sizes wraps", "want what I8 of shape [4294967296 4294967296]", file(`{"a":{"dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0)},
	{"product wraps, then 0", "want what I8 of shape [4294967296 4294967296 0]", file(`{"a":{"dtype":"I8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`, 0)},
	{"place of one", `tensor "a": want an object of dtype`, file(strings.Replace(good, "[0,4]", "[0]", 1), 4)},
	{"place of three", `tensor "a": want an object of dtype`, file(strings.Replace(good, "[0,4]", "[0,4,4]", 1), 4)},
	{"place of null", `tensor "a": want an object of dtype`, file(strings.Replace(good, "[0,4]", "[null,4]", 1), 4)},
	{"place negative", `tensor "a": data_offsets: json`, file(strings.Replace(good, "[0,4]", "[-4,0]", 1), 4)},
	{"place a fraction", `tensor "a": data_offsets: json`, file(strings.Replace(good, "[0,4]", "[0,4.5]", 1), 4)},
	{"place beyond uint64", `tensor "a": data_offsets: json`, file(strings.Replace(good, "[0,4]", "[0,18446744073709551616]", 1), 4)},
	{"place beyond the file", `tensor "a" takes bytes 0 to 4, want an end between its begin and the 3 bytes of data`, file(good, 3)},
	{"place far beyond", `tensor "a" takes bytes 0 to 18446744073709551615, want`, file(strings.Replace(good, "[0,4]", "[0,18446744073709551615]", 1), 4)},
	{"place reversed", `tensor "a" begins at byte 4 of the data, want 0`, file(strings.Replace(good, "[0,4]", "[4,0]", 1), 4)},
	{
		"place reversed, where the last one ends", `tensor "b" takes bytes 4 to 0, want`,
		file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4),
	},
	{"a hole at the start", `tensor "a" begins at byte 4 of the data, want 0`, file(strings.Replace(good, "[0,4]", "[4,8]", 1), 8)},
	{
		"a hole", `tensor "b" begins at byte 8 of the data, want 4`,
		file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12),
	},
	{
		"an overlap", `tensor "a" begins at byte 2 of the data, want 4`,
		file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 6),
	},
	{
		"the same place", `tensor "b" begins at byte 0 of the data, want 4`,
		file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
	},
	{"data after", "tensors end at byte 4, want the end of the data at 5", file(good, 5)},
	{"data without tensors", "tensors end at byte 0, want the end of the data at 1", file("{}", 1)},
}

func TestParseRefuses(t *testing.T) {
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			f, err := Parse(c.data)
			require.Nil(t, f)
			require.ErrorContains(t, err, c.want)
			path := filepath.Join(t.TempDir(), "m.safetensors")
			require.NoError(t, os.WriteFile(path, c.data, 0o600))
			_, err = Open(path)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path+": ")
		})
	}
}

func TestParseAccepts(t *testing.T) {
	for _, header := range []string{
		good,
		good + " \t\r\n  ",
		`{ "a" : { "data_offsets" : [ 0 , 4 ] , "shape" : [ 1 ] , "dtype" : "F32" } }`,
		strings.Replace(good, `"shape"`, `"new field":{"shape":[7]},"shape"`, 1),
		strings.Replace(good, "[1]", "[]", 1),
		strings.Replace(good, "[1]", "[1,1,1]", 1),
		`{"a":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]}}`,
		`{"__metadata__":null,` + good[1:],
		`{"none":{"dtype":"I64","shape":[3,0],"data_offsets":[4,4]},"zero":{"dtype":"I64","shape":[0,4611686018427387904],"data_offsets":[0,0]},` + good[1:],
	} {
		f, err := Parse(file(header, 4))
		require.NoError(t, err, header)
		require.True(t, f.Has("a"))
		require.NotNil(t, f.Metadata())
	}
	f, err := Parse(file(strings.Replace(good, `"a"`, `""`, 1), 4))
	require.NoError(t, err, "a name may be empty")
	require.True(t, f.Has(""))
}

func TestOpenMissing(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "read safetensors: open ")
}

// TestOpenBomb checks that a file of 3 GB whose header is false is refused within 100 ms in memory of a few
// times the header, and that a device that never ends is refused, too.
func TestOpenBomb(t *testing.T) {
	var many strings.Builder // 20,000 tensors without a byte
	many.WriteString("{")
	for i := range 20000 {
		fmt.Fprintf(&many, `"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`, i)
	}
	many.WriteString(good[1:])
	for name, header := range map[string]string{
		"holds less": good, "many tensors": many.String(), "claims more": strings.Replace(good, "[0,4]", "[0,9000000000]", 1),
		"nested": `{"a":` + strings.Repeat("[", 1<<18), "spaces": good + strings.Repeat(" ", 1<<18),
	} {
		path := filepath.Join(t.TempDir(), "bomb.safetensors")
		require.NoError(t, os.WriteFile(path, file(header, 0), 0o600))
		require.NoError(t, os.Truncate(path, 3<<30)) // sparse: it takes no disk
		var err error
		took := testutil.Allocated(func() { _, err = Open(path) })
		require.Error(t, err, name)
		require.Contains(t, err.Error(), path, name)
		require.Less(t, len(err.Error()), 1000, name)
		require.Less(t, took, uint64(1<<20+32*len(header)), name)
		if len(header) <= 1<<18+len(good) {
			testutil.Soon(t, name, func() time.Duration {
				begin := time.Now()
				_, _ = Open(path)
				return time.Since(begin)
			})
		}
	}
	if _, err := os.Stat("/dev/zero"); err == nil {
		_, err = Open("/dev/zero")
		require.ErrorContains(t, err, "/dev/zero is not a regular file")
	}
}

// FuzzParse: a file is refused, or all of its tensors can be read and written again, and make a file with the same in it.
func FuzzParse(f *testing.F) {
	whole, err := os.ReadFile(golden)
	require.NoError(f, err)
	f.Add(whole)
	f.Add(file(good, 4))
	f.Add(file(`{"__metadata__":{"a":"b"},"a":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[0],"data_offsets":[4,4]}}`, 4))
	for _, c := range broken {
		f.Add(c.data)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var x *File
		var err error
		took := testutil.Allocated(func() { x, err = Parse(b) })
		require.LessOrEqual(t, took, uint64(1<<18+64*len(b)), "memory beyond what the file calls for")
		if err != nil {
			require.Nil(t, x)
			return
		}
		var ts []Tensor
		total := 0
		for _, name := range x.Names() {
			tensor, err := x.Tensor(name)
			require.NoError(t, err)
			ts = append(ts, tensor)
			total += len(tensor.Data)
			n := 1
			for _, k := range tensor.Shape {
				n *= k
			}
			require.Len(t, tensor.Data, n*sizes[tensor.DType])
			if v, shape, err := x.Float32(name); err == nil {
				require.Len(t, v, n)
				require.Equal(t, tensor.Shape, shape)
			}
			if v, _, err := x.Int8(name); err == nil {
				require.Len(t, v, n)
			}
		}
		require.Equal(t, len(b), 8+int(binary.LittleEndian.Uint64(b))+total, "every byte belongs to a tensor")
		var again bytes.Buffer
		require.NoError(t, Write(&again, ts, x.Metadata()))
		y, err := Parse(again.Bytes())
		require.NoError(t, err)
		require.Equal(t, x.Metadata(), y.Metadata())
		require.Len(t, y.Names(), len(ts))
		for _, want := range ts {
			got, err := y.Tensor(want.Name)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	})
}
