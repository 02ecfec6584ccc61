package embed

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
)

func golden(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "npy", name))
	require.NoError(tb, err)
	return b
}

// eachLayout names the golden files of one matrix: every type, byte order, layout and version of the format.
func eachLayout(f func(name string)) {
	for _, kind := range []string{"f2", "f4", "f8"} {
		for _, order := range []string{"little", "big"} {
			for _, layout := range []string{"C", "F"} {
				for version := 1; version <= 3; version++ {
					f(fmt.Sprintf("%s-%s-%s-v%d.npy", kind, order, layout, version))
				}
			}
		}
	}
}

// goldenMatrix is what scripts/golden/npy.py says is in them.
func goldenMatrix() blas32.General {
	x := blas32.General{Rows: 7, Cols: 5, Stride: 5, Data: make([]float32, 35)}
	for i := range x.Data {
		x.Data[i] = (float32(i) - 7) / 4
	}
	return x
}

// requireSame compares bit by bit.
func requireSame(tb testing.TB, want, got blas32.General) {
	tb.Helper()
	require.Equal(tb, [3]int{want.Rows, want.Cols, max(1, want.Cols)}, [3]int{got.Rows, got.Cols, got.Stride})
	require.Len(tb, got.Data, want.Rows*want.Cols)
	for i := range want.Rows {
		for j := range want.Cols {
			a, b := want.Data[i*want.Stride+j], got.Data[i*got.Stride+j]
			if math.Float32bits(a) != math.Float32bits(b) {
				tb.Fatalf("row %d, column %d is %v, want %v", i, j, b, a)
			}
		}
	}
}

func TestReadNPYGoldenExact(t *testing.T) {
	files := 0
	eachLayout(func(name string) {
		files++
		b := golden(t, name)
		x, err := ReadNPY(bytes.NewReader(b))
		require.NoError(t, err, name)
		requireSame(t, goldenMatrix(), x)
		y, err := ReadNPYFile(filepath.Join("testdata", "npy", name))
		require.NoError(t, err, name)
		requireSame(t, goldenMatrix(), y)
		z, err := ReadNPY(iotest.OneByteReader(bytes.NewReader(b)))
		require.NoError(t, err, name)
		requireSame(t, goldenMatrix(), z)
		z, err = ReadNPY(iotest.DataErrReader(bytes.NewReader(b)))
		require.NoError(t, err, name)
		requireSame(t, goldenMatrix(), z)
	})
	require.Equal(t, 36, files)
	x, err := ReadNPY(bytes.NewReader(golden(t, "none.npy")))
	require.NoError(t, err)
	requireSame(t, blas32.General{Rows: 0, Cols: 384}, x)
}

// TestReadNPYValuesExact: float64 is rounded as NumPy rounds it, to subnormal numbers and to the largest one too.
func TestReadNPYValuesExact(t *testing.T) {
	x, err := ReadNPY(bytes.NewReader(golden(t, "values.npy")))
	require.NoError(t, err)
	want, err := ReadNPY(bytes.NewReader(golden(t, "values-f4.npy")))
	require.NoError(t, err)
	require.Equal(t, 14, want.Cols)
	require.Equal(t, float32(math.MaxFloat32), want.Data[8])
	require.Equal(t, float32(math.SmallestNonzeroFloat32), want.Data[5])
	require.Equal(t, uint32(1<<31), math.Float32bits(want.Data[1]))
	requireSame(t, want, x)
}

// npyBytes is a file with any header.
func npyBytes(version int, header string, data ...byte) []byte {
	b := append([]byte(npyMagic), byte(version), 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	}
	return append(append(b, header...), data...)
}

func npyHeaderFor(descr string, fortran string, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
}

// encoded is a matrix of one type and layout.
func encoded(descr string, fortran bool, rows, cols int, at func(i, j int) float64) []byte {
	var order binary.AppendByteOrder = binary.LittleEndian
	if descr[0] == '>' {
		order = binary.BigEndian
	}
	var data []byte
	put := func(v float64) {
		switch descr[1:] {
		case "f8":
			data = order.AppendUint64(data, math.Float64bits(v))
		case "f4":
			data = order.AppendUint32(data, math.Float32bits(float32(v)))
		case "f2":
			bits := map[float64]uint16{0: 0, 1: 0x3C00, math.Inf(1): 0x7C00, math.Inf(-1): 0xFC00}[v]
			if v != v {
				bits = 0x7E00
			}
			data = order.AppendUint16(data, bits)
		}
	}
	word := "False"
	if fortran {
		word = "True"
		for j := range cols {
			for i := range rows {
				put(at(i, j))
			}
		}
	} else {
		for i := range rows {
			for j := range cols {
				put(at(i, j))
			}
		}
	}
	return npyBytes(1, npyHeaderFor(descr, word, fmt.Sprintf("(%d, %d)", rows, cols)), data...)
}

// TestReadNPYNotFinite: the error names the row and the column of the first value that is not finite.
func TestReadNPYNotFinite(t *testing.T) {
	for _, descr := range []string{"<f2", ">f2", "<f4", ">f4", "<f8", ">f8"} {
		for _, fortran := range []bool{false, true} {
			for why, bad := range map[string]float64{
				"is NaN, want a finite number": math.NaN(), "is +Inf, want a finite number": math.Inf(1), "is -Inf, want a finite number": math.Inf(-1),
			} {
				for _, place := range [][2]int{{0, 0}, {3, 1}, {2, 4}, {6, 4}} {
					b := encoded(descr, fortran, 7, 5, func(i, j int) float64 {
						if [2]int{i, j} == place || i == 6 && j == 4 {
							return bad
						}
						return 1
					})
					x, err := ReadNPY(bytes.NewReader(b))
					var value *stage.ValueError
					require.ErrorAs(t, err, &value, "%s %t", descr, fortran)
					require.Equal(t, stage.ValueError{Row: place[0], Col: place[1], Why: why}, *value, "%s %t", descr, fortran)
					require.Zero(t, x)
				}
			}
		}
	}
	for _, fortran := range []bool{false, true} {
		for _, bad := range []float64{3.4028236e38, -1e300, math.MaxFloat64} {
			b := encoded("<f8", fortran, 4, 3, func(i, j int) float64 {
				if i == 2 && j == 1 {
					return bad
				}
				return 1
			})
			_, err := ReadNPY(bytes.NewReader(b))
			require.EqualError(t, err, "row 2, column 1: is a float64 beyond the range of float32, want a finite float32")
			var value *stage.ValueError
			require.ErrorAs(t, err, &value)
		}
	}
}

// TestReadNPYTruncated: a file that ends anywhere is told from a whole one, and so is one that goes on.
func TestReadNPYTruncated(t *testing.T) {
	eachLayout(func(name string) {
		b := golden(t, name)
		for n := range b {
			x, err := ReadNPY(bytes.NewReader(b[:n]))
			require.Error(t, err, "%s: %d bytes", name, n)
			require.Zero(t, x)
			if n >= len(npyMagic) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%s: %d bytes", name, n)
			}
		}
		_, err := ReadNPY(bytes.NewReader(append(b, 0)))
		require.EqualError(t, err, fmt.Sprintf("data goes on after the 7 rows of 5 values that the header promises, want the end at byte %d", len(b)), name)
	})
	b := golden(t, "f4-little-C-v1.npy")
	_, err := ReadNPY(bytes.NewReader(b[:len(b)-25]))
	require.EqualError(t, err, "array is cut short: the header promises 7 rows of 5 float32, and 5 of 7 rows are there, it ends at byte 243: unexpected EOF")
	b = golden(t, "f8-big-F-v2.npy")
	_, err = ReadNPY(bytes.NewReader(b[:len(b)-57]))
	require.EqualError(t, err, fmt.Sprintf("array is cut short: the header promises 7 rows of 5 float64, and 3 of 5 columns are there, it ends at byte %d: unexpected EOF", len(b)-57))
	for _, n := range []int{0, 5} {
		_, err = ReadNPY(strings.NewReader(npyMagic[:n]))
		require.EqualError(t, err, fmt.Sprintf(`begins with %q, want "\x93NUMPY" as every .npy file`, npyMagic[:n]))
	}

	path := filepath.Join(t.TempDir(), "half.npy")
	require.NoError(t, os.WriteFile(path, b[:200], 0o600))
	_, err = ReadNPYFile(path)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, path+": array is cut short")
	_, err = ReadNPYFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "read matrix: open ")
	_, err = ReadNPYFile(t.TempDir())
	require.Error(t, err)
}

// TestReadNPYReaderFails: an error of the reader is passed on, wherever it comes.
func TestReadNPYReaderFails(t *testing.T) {
	b := golden(t, "f4-little-C-v2.npy")
	why := errors.New("the line is dead")
	for n := range len(b) + 1 {
		_, err := ReadNPY(io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(why)))
		require.ErrorIs(t, err, why, "after %d bytes", n)
	}
}

func TestReadNPYRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"vector.npy": "array has 1 dimensions, want 2: one row per document",
		"cube.npy":   "array has 3 dimensions, want 2: one row per document",
		"int.npy":    `array has type "<i8", want float16, float32 or float64 ('<f2', '<f4', '<f8', or with '>')`,
		"fields.npy": "array has a type with fields, want float16, float32 or float64",
		"object.npy": `array has type "|O", want float16, float32 or float64 ('<f2', '<f4', '<f8', or with '>')`,
	} {
		_, err := ReadNPY(bytes.NewReader(golden(t, name)))
		require.EqualError(t, err, want, name)
	}
	four := func(shape string) string { return npyHeaderFor("<f4", "False", shape) }
	for header, want := range map[string]string{
		"":                 `header has "" where "{" should be`,
		"[]":               `header has "[]" where "{" should be`,
		"{}":               `header lacks "descr"`,
		"{'descr': '<f4'}": `header lacks "fortran_order"`,
		"{'descr': '<f4', 'fortran_order': True}":            `header lacks "shape"`,
		"{'shape': (1, 1), 'fortran_order': True}":           `header lacks "descr"`,
		"{'descr': '<f4', 'descr': '<f4'}":                   `header has "descr" twice`,
		"{'dtype': '<f4'}":                                   `header has the key "dtype", want descr, fortran_order and shape`,
		"{'descr' '<f4'}":                                    `header has "'<f4'}" where ":" should be`,
		"{'descr': <f4}":                                     `header has "<f4}" where a string should be`,
		"{'descr': '<f4}":                                    `where a string should be`,
		"{descr: '<f4'}":                                     `header has "descr: '<f4'}" where a string should be`,
		"{'descr': '<f4' 'shape': (1, 1)}":                   `where "}" should be`,
		strings.Replace(four("(1, 1)"), "False", "0", 1):     `where "False" should be`,
		strings.Replace(four("(1, 1)"), "False", "None", 1):  `where "False" should be`,
		strings.Replace(four("(1, 1)"), "<f4", "<f16", 1):    `array has type "<f16", want`,
		strings.Replace(four("(1, 1)"), "<f4", "f4", 1):      `array has type "f4", want`,
		strings.Replace(four("(1, 1)"), "<f4", "|f4", 1):     `array has type "|f4", want`,
		strings.Replace(four("(1, 1)"), "<f4", "<<4", 1):     `array has type "<<4", want`,
		strings.Replace(four("(1, 1)"), "<f4", "<c8", 1):     `array has type "<c8", want`,
		strings.Replace(four("(1, 1)"), "<f4", "", 1):        `array has type "", want`,
		strings.Replace(four("(1, 1)"), "'<f4'", "['a']", 1): "array has a type with fields",
		four("()"):                       "array has 0 dimensions, want 2",
		four("(2,)"):                     "array has 1 dimensions, want 2",
		four("(1, 1, 1)"):                "array has 3 dimensions, want 2",
		four("[1, 1]"):                   `where "(" should be`,
		four("(1 1)"):                    `where ")" should be`,
		four("(-1, 1)"):                  `header has "-1, 1), }\n" where a size should be`,
		four("(1.0, 1)"):                 `where ")" should be`,
		four("(1, x)"):                   "where a size should be",
		four("(9223372036854775808, 1)"): "where a size should be",
		four("(5, 0)"):                   "array has 5 rows of 0 columns, want 1 to 16777216 columns",
		four("(0, 16777217)"):            "array has 0 rows of 16777217 columns, want 1 to 16777216 columns",
		four("(1, 1)") + "x":             `header has "x" where the end should be`,
		four("(4611686018427387904, 4)"): "array is to have 4611686018427387904 rows of 4 values, want sizes that fit into memory",
		four("(3037000500, 3037000500)"): "want sizes that fit into memory",
		four("(9223372036854775807, 1)"): "want sizes that fit into memory",
	} {
		for version := 1; version <= 3; version++ {
			_, err := ReadNPY(bytes.NewReader(npyBytes(version, header, 0, 0, 0, 0)))
			require.ErrorContains(t, err, want, "%q", header)
		}
	}
	b := npyBytes(2, four("(1, 1)"), 0, 0, 0, 0)
	_, err := ReadNPY(bytes.NewReader(b))
	require.NoError(t, err)
	for _, version := range []byte{0, 4, 255} {
		b[6] = version
		_, err := ReadNPY(bytes.NewReader(b))
		require.EqualError(t, err, fmt.Sprintf("has format version %d.0, want 1, 2 or 3", version))
	}
	_, err = ReadNPY(bytes.NewReader(npyBytes(2, four("(1, 1)")+strings.Repeat(" ", npyMaxHeader))))
	require.ErrorContains(t, err, "want at most 65536")
	_, err = ReadNPY(strings.NewReader("PK\x03\x04 an archive"))
	require.EqualError(t, err, `begins with "PK\x03\x04 a", want "\x93NUMPY" as every .npy file`)
}

// TestReadNPYAccepts headers that are written otherwise than NumPy does now.
func TestReadNPYAccepts(t *testing.T) {
	for _, header := range []string{
		"{'shape': (1, 1), 'fortran_order': False, 'descr': '<f4'}",
		"  {\n'shape'\t: ( 1 , 1 , ) ,'fortran_order':True,\r\n'descr':'=f4',}  ",
		`{"descr": "<f4", "fortran_order": False, "shape": (1L, 1L), }`,
	} {
		x, err := ReadNPY(bytes.NewReader(npyBytes(1, header, 0, 0, 0x80, 0x3F)))
		require.NoError(t, err, header)
		requireSame(t, blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{1}}, x)
	}
}

// TestReadNPYNoBomb: a header that promises much allocates no more than the data that is there calls for.
func TestReadNPYNoBomb(t *testing.T) {
	dir := t.TempDir()
	for _, shape := range []string{"(1000000000, 1000)", "(100000000000, 16777216)", "(1, 16777216)", "(0, 16777216)"} {
		for _, fortran := range []string{"True", "False"} {
			b := npyBytes(1, npyHeaderFor("<f4", fortran, shape), make([]byte, 4000)...)
			path := filepath.Join(dir, "bomb.npy")
			require.NoError(t, os.WriteFile(path, b, 0o600))
			for _, read := range []func() error{
				func() error { _, err := ReadNPY(bytes.NewReader(b)); return err },
				func() error { _, err := ReadNPYFile(path); return err },
			} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				require.Error(t, read())
				runtime.ReadMemStats(&after)
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), shape)
			}
		}
	}
}

// TestReadNPYHeaderBombs tests that a header that is said to be of gigabytes, or that nests deeply, is refused
// in little memory.
func TestReadNPYHeaderBombs(t *testing.T) {
	for name, b := range map[string][]byte{
		"a header of 4 GB":     append([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "{'descr': '<f4'"...),
		"version 3, too":       append([]byte("\x93NUMPY\x03\x00\xff\xff\xff\x7f"), "{'descr': '<f4'"...),
		"deep tuples":          npyBytes(2, "{'descr': '<f4', 'fortran_order': False, 'shape': "+strings.Repeat("(", 1<<20)+"}"),
		"a product beyond 64b": npyBytes(1, npyHeaderFor("<f4", "False", "(4294967296, 4294967296)")),
	} {
		path := filepath.Join(t.TempDir(), "bomb.npy")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		took := testutil.Allocated(func() {
			_, err := ReadNPY(bytes.NewReader(b))
			require.Error(t, err, name)
			_, err = ReadNPYFile(path)
			require.Error(t, err, name)
		})
		require.Less(t, took, uint64(16<<20), name)
	}
}

// TestWriteNPYHeaderExact: the header has the bytes of NumPy's, whatever the shape.
func TestWriteNPYHeaderExact(t *testing.T) {
	var want map[string]string
	require.NoError(t, json.Unmarshal(golden(t, "headers.json"), &want))
	require.Len(t, want, 10)
	for shape, text := range want {
		var rows, cols int
		_, err := fmt.Sscanf(shape, "%d,%d", &rows, &cols)
		require.NoError(t, err)
		bytes := []byte{}
		for _, r := range text {
			bytes = append(bytes, byte(r))
		}
		require.Equal(t, bytes, NPYFormat{}.header(rows, cols), shape)
	}
}

// TestSameBits: a matrix gives the bytes of numpy.save, whatever its stride and what lies between its rows, each time.
func TestSameBits(t *testing.T) {
	want := golden(t, "f4-little-C-v1.npy")
	for _, stride := range []int{5, 6, 17} {
		x := blas32.General{Rows: 7, Cols: 5, Stride: stride, Data: make([]float32, 6*stride+5)}
		for i := range x.Data {
			x.Data[i] = float32(math.NaN())
		}
		for i := range 7 {
			copy(x.Data[i*stride:], goldenMatrix().Data[i*5:(i+1)*5])
		}
		for range 3 {
			var b bytes.Buffer
			require.NoError(t, WriteNPY(&b, x))
			require.Equal(t, want, b.Bytes())
			path := filepath.Join(t.TempDir(), "x.npy")
			require.NoError(t, WriteNPYFile(path, x))
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	var b bytes.Buffer
	require.NoError(t, WriteNPY(&b, blas32.General{Rows: 0, Cols: 384, Stride: 384}))
	require.Equal(t, golden(t, "none.npy"), b.Bytes())
	v, err := ReadNPY(bytes.NewReader(golden(t, "values-f4.npy")))
	require.NoError(t, err)
	b.Reset()
	require.NoError(t, WriteNPY(&b, v))
	require.Equal(t, golden(t, "values-f4.npy"), b.Bytes())
}

// TestNPYFormatExact: every type and version has the bytes of NumPy's.
func TestNPYFormatExact(t *testing.T) {
	for kind, dtype := range map[string]NPYType{"f2": NPYFloat16, "f4": NPYFloat32, "f8": NPYFloat64} {
		for version := 1; version <= 3; version++ {
			want := golden(t, fmt.Sprintf("%s-little-C-v%d.npy", kind, version))
			f := NPYFormat{Type: dtype, Version: version}
			var b bytes.Buffer
			require.NoError(t, f.Write(&b, goldenMatrix()))
			require.Equal(t, want, b.Bytes())
			path := filepath.Join(t.TempDir(), "x.npy")
			require.NoError(t, f.WriteFile(path, goldenMatrix()))
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	err := NPYFormat{Type: "int8", Version: 4}.Write(io.Discard, goldenMatrix())
	require.ErrorContains(t, err, `embed.NPYFormat.Type is "int8", want float16, float32 or float64`)
	require.ErrorContains(t, err, "embed.NPYFormat.Version is 4, want 1 to 3")
	for v, ok := range map[float32]bool{65504: true, 65519.996: true, 65520: false, -65520: false, 1e30: false, -65504: true} {
		x := goldenMatrix()
		x.Data[13] = v
		var b bytes.Buffer
		err := NPYFormat{Type: NPYFloat16}.Write(&b, x)
		require.Equal(t, ok, err == nil, v)
		if ok {
			y, err := ReadNPY(&b)
			require.NoError(t, err)
			require.Equal(t, math.Copysign(65504, float64(v)), float64(y.Data[13]))
			continue
		}
		var bad *stage.ValueError
		require.ErrorAs(t, err, &bad)
		require.Equal(t, [2]int{2, 3}, [2]int{bad.Row, bad.Col})
		require.Zero(t, b.Len())
		path := filepath.Join(t.TempDir(), "x.npy")
		require.ErrorContains(t, NPYFormat{Type: NPYFloat16}.WriteFile(path, x), "beyond the range of float16")
		require.NoFileExists(t, path)
	}
}

// TestRoundTripExact: what is written is read again, bit by bit, at sizes around the length of a buffer too.
func TestRoundTripExact(t *testing.T) {
	for _, shape := range [][2]int{{0, 1}, {1, 1}, {1, 40000}, {3, npyChunk / 4}, {npyChunk/4 - 1, 1}, {npyChunk / 4, 1}, {npyChunk/4 + 1, 3}, {257, 129}} {
		x := blas32.General{Rows: shape[0], Cols: shape[1], Stride: shape[1] + 3, Data: make([]float32, shape[0]*(shape[1]+3))}
		state := uint32(1)
		for i := range x.Data {
			for {
				state = state*1664525 + 1013904223
				if v := math.Float32frombits(state); v-v == 0 {
					x.Data[i] = v
					break
				}
			}
		}
		var b bytes.Buffer
		require.NoError(t, WriteNPY(&b, x))
		y, err := ReadNPY(&b)
		require.NoError(t, err)
		requireSame(t, x, y)
	}
}

func TestWriteNPYRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	bad := goldenMatrix()
	bad.Data[13] = float32(math.Inf(1))
	for want, x := range map[string]blas32.General{
		"row 2, column 3: is +Inf, want a finite number":           bad,
		"matrix has a negative size: -1×5":                         {Rows: -1, Cols: 5, Stride: 5},
		"matrix has stride 4, less than its 5 columns":             {Rows: 1, Cols: 5, Stride: 4, Data: make([]float32, 5)},
		"matrix of 2×5 with stride 5 needs 10 values, has 9":       {Rows: 2, Cols: 5, Stride: 5, Data: make([]float32, 9)},
		"matrix of 3×5 with stride 100 needs 205 values, has 204":  {Rows: 3, Cols: 5, Stride: 100, Data: make([]float32, 204)},
		"matrix of 1×5 with stride 5 needs 5 values, has 0":        {Rows: 1, Cols: 5, Stride: 5},
		"matrix has stride 0, less than its 1 columns":             {Rows: 2, Cols: 1, Data: make([]float32, 2)},
		"matrix of 1×1 with stride 1 needs 1 values, has 0":        {Rows: 1, Cols: 1, Stride: 1},
		"matrix has a negative size: 2×-3":                         {Rows: 2, Cols: -3},
		"matrix of 9×9 with stride 9 needs 81 values, has 9":       {Rows: 9, Cols: 9, Stride: 9, Data: make([]float32, 9)},
		"matrix has stride -9, less than its 9 columns":            {Rows: 9, Cols: 9, Stride: -9, Data: make([]float32, 81)},
		"matrix of 2×1 with stride 1 needs 2 values, has 1":        {Rows: 2, Cols: 1, Stride: 1, Data: make([]float32, 1)},
		"matrix of 1×2 with stride 100 needs 2 values, has 1":      {Rows: 1, Cols: 2, Stride: 100, Data: make([]float32, 1)},
		"matrix of 10×2 with stride 2 needs 20 values, has 0":      {Rows: 10, Cols: 2, Stride: 2},
		"matrix of 2×2 with stride 1000000 needs 1000002 values, ": {Rows: 2, Cols: 2, Stride: 1000000, Data: make([]float32, 4)},
	} {
		var b bytes.Buffer
		require.ErrorContains(t, WriteNPY(&b, x), want)
		require.Zero(t, b.Len(), "nothing is written")
		err := WriteNPYFile(path, x)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, path+": ")
		require.NoFileExists(t, path)
	}
	var value *stage.ValueError
	require.ErrorAs(t, WriteNPY(io.Discard, bad), &value)
	require.Equal(t, [2]int{2, 3}, [2]int{value.Row, value.Col})
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Empty(t, files, "nothing is left behind")
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriteNPYWriterFails(t *testing.T) {
	x := blas32.General{Rows: 1000, Cols: 100, Stride: 100, Data: make([]float32, 100000)}
	for _, after := range []int{0, 70000, 400127} {
		require.ErrorIs(t, WriteNPY(&failing{after}, x), io.ErrClosedPipe)
	}
	require.NoError(t, WriteNPY(&failing{400128}, x))
}

// TestWriteNPYFileWhole: a file is replaced as a whole and keeps its mode; one that cannot be written stays as it was.
func TestWriteNPYFileWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	require.NoError(t, WriteNPYFile(path, goldenMatrix()))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o644), info.Mode())
	require.NoError(t, os.Chmod(path, 0o600))
	small := blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{4}}
	require.NoError(t, WriteNPYFile(path, small))
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	bad := goldenMatrix()
	bad.Data[0] = float32(math.NaN())
	require.Error(t, WriteNPYFile(path, bad))
	x, err := ReadNPYFile(path)
	require.NoError(t, err)
	requireSame(t, small, x)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)

	require.EqualError(t, WriteNPYFile(dir, small), dir+": is a directory, want the name of a file")
	require.ErrorIs(t, WriteNPYFile(filepath.Join(dir, "no", "x.npy"), small), fs.ErrNotExist)
	require.NoError(t, WriteNPYFile(os.DevNull, small), "a device is written to")
	info, err = os.Stat(os.DevNull)
	require.NoError(t, err)
	require.False(t, info.Mode().IsRegular())
}

// FuzzReadNPY: a file is refused, or the matrix that it holds is sound and written and read again as it is.
func FuzzReadNPY(f *testing.F) {
	eachLayout(func(name string) { f.Add(golden(f, name)) })
	for _, name := range []string{"none.npy", "vector.npy", "cube.npy", "int.npy", "fields.npy", "object.npy", "values.npy"} {
		f.Add(golden(f, name))
	}
	f.Add(npyBytes(1, npyHeaderFor("<f8", "True", "(100000000000, 16777216)"), 1, 2, 3))
	f.Add(npyBytes(3, `{"descr": "=f2", "fortran_order": True, "shape": (2L, 1L)}`, 0, 0x3C, 0, 0x7C))
	f.Fuzz(func(t *testing.T, b []byte) {
		var x blas32.General
		var err error
		took := testutil.Allocated(func() { x, err = ReadNPY(bytes.NewReader(b)) })
		require.LessOrEqual(t, took, uint64(1<<18+32*len(b)), "memory beyond what the file calls for")
		if err != nil {
			require.Zero(t, x)
			return
		}
		require.Len(t, x.Data, x.Rows*x.Cols)
		require.LessOrEqual(t, len(x.Data)*2, len(b))
		var out bytes.Buffer
		require.NoError(t, WriteNPY(&out, x))
		y, err := ReadNPY(bytes.NewReader(out.Bytes()))
		require.NoError(t, err)
		requireSame(t, x, y)
	})
}

// Integers of a byte are numbers.
func TestReadNPYBytesExact(t *testing.T) {
	for descr, want := range map[string][]float32{"|i1": {0, 1, 127, -128, -1, -2}, "<u1": {0, 1, 127, 128, 255, 254}} {
		for _, fortran := range []string{"False", "True"} {
			data := []byte{0, 1, 127, 128, 255, 254}
			if fortran == "True" {
				data = []byte{0, 128, 1, 255, 127, 254}
			}
			x, err := ReadNPY(bytes.NewReader(npyBytes(1, npyHeaderFor(descr, fortran, "(2, 3)"), data...)))
			require.NoError(t, err)
			require.Equal(t, blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: want}, x)
		}
	}
}

// A row that float32 cannot tell from zero is an error; single values that round to zero are none, and neither are zeros.
func TestReadNPYTiny(t *testing.T) {
	at := func(values ...float64) func(i, j int) float64 { return func(i, j int) float64 { return values[2*i+j] } }
	for _, fortran := range []bool{false, true} {
		_, err := ReadNPY(bytes.NewReader(encoded("<f8", fortran, 2, 2, at(1, 2, 1e-200, -1e-60))))
		var value *stage.ValueError
		require.ErrorAs(t, err, &value)
		require.Equal(t, 1, value.Row)
		require.ErrorContains(t, err, "want a matrix of a larger scale")
		x, err := ReadNPY(bytes.NewReader(encoded("<f8", fortran, 2, 2, at(1, 1e-200, 0, 0))))
		require.NoError(t, err)
		require.Equal(t, []float32{1, 0, 0, 0}, x.Data)
	}
}
