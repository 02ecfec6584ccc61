//go:build amd64 && !purego

package simd

import (
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// encodings is how AMX instructions are encoded, worked out by hand from Intel's manual and checked
// against the disassembler of GNU binutils 2.40. Processors without AMX can test no more than this.
var encodings = map[string]string{
	"LDTILECFG [AX]":               "C4 E2 78 49 00",
	"TDPBF16PS T0, T4, T6":         "C4 E2 4A 5C C4",
	"TDPBF16PS T1, T4, T7":         "C4 E2 42 5C CC",
	"TDPBF16PS T2, T5, T6":         "C4 E2 4A 5C D5",
	"TDPBF16PS T3, T5, T7":         "C4 E2 42 5C DD",
	"TDPBUSD T0, T4, T6":           "C4 E2 49 5E C4",
	"TDPBUSD T1, T4, T7":           "C4 E2 41 5E CC",
	"TDPBUSD T2, T5, T6":           "C4 E2 49 5E D5",
	"TDPBUSD T3, T5, T7":           "C4 E2 41 5E DD",
	"TILELOADD T4, [DI+R8+0]":      "C4 A2 7B 4B 24 07",
	"TILELOADD T5, [R9+R8+0]":      "C4 82 7B 4B 2C 01",
	"TILELOADD T6, [SI+DX+0]":      "C4 E2 7B 4B 34 16",
	"TILELOADD T7, [R10+DX+0]":     "C4 C2 7B 4B 3C 12",
	"TILELOADD T7, [SI+DX+64]":     "C4 E2 7B 4B 7C 16 40",
	"TILERELEASE":                  "C4 E2 78 49 C0",
	"TILESTORED [R10+DX+0], T0":    "C4 C2 7A 4B 04 12",
	"TILESTORED [R10+DX+2048], T2": "C4 C2 7A 4B 94 12 00 08 00 00",
	"TILESTORED [R10+DX+2112], T3": "C4 C2 7A 4B 9C 12 40 08 00 00",
	"TILESTORED [R10+DX+64], T1":   "C4 C2 7A 4B 4C 12 40",
	"TILESTORED [R11+R15+0], T0":   "C4 82 7A 4B 04 3B",
	"TILESTORED [R11+R15+64], T1":  "C4 82 7A 4B 4C 3B 40",
	"TILESTORED [R12+R15+0], T2":   "C4 82 7A 4B 14 3C",
	"TILESTORED [R12+R15+64], T3":  "C4 82 7A 4B 5C 3C 40",
	"TILEZERO T0":                  "C4 E2 7B 49 C0",
	"TILEZERO T1":                  "C4 E2 7B 49 C8",
	"TILEZERO T2":                  "C4 E2 7B 49 D0",
	"TILEZERO T3":                  "C4 E2 7B 49 D8",
}

// TestTileEncodings compares what the generator says it wrote with the list, and the bytes in the
// assembly with both.
func TestTileEncodings(t *testing.T) {
	b, err := os.ReadFile("amx_encodings.txt")
	require.NoError(t, err)
	wrote := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		text, hex, ok := strings.Cut(line, "  ")
		require.True(t, ok, line)
		wrote[text] = strings.TrimSpace(hex)
	}
	require.Equal(t, encodings, wrote)

	code, err := os.ReadFile("amx_amd64.s")
	require.NoError(t, err)
	instruction := regexp.MustCompile(`(?m)^\t// (.*)\n((?:\tBYTE +\$0x[0-9a-f]{2}\n)+)`)
	seen := map[string]string{}
	count := 0
	for _, m := range instruction.FindAllStringSubmatch(string(code), -1) {
		hex := strings.ToUpper(strings.Join(regexp.MustCompile(`[0-9a-f]{2}\n`).FindAllString(m[2], -1), ""))
		seen[m[1]] = strings.TrimSpace(strings.ReplaceAll(hex, "\n", " "))
		count += strings.Count(m[2], "BYTE")
	}
	require.Equal(t, encodings, seen)
	require.Equal(t, strings.Count(string(code), "BYTE"), count)
}

// tiled is one product by the given kernels.
func tiled(k *Kernels, a blas32.General, n int, w []int8, scale, bias []float32) []float32 {
	var q Quantised
	k.Quantise(&q, a)
	c := blas32.General{Rows: a.Rows, Cols: n, Stride: n + 3, Data: make([]float32, a.Rows*(n+3))}
	fill(c.Data, 7)
	k.MulInt8(c, &q, k.PackInt8(n, a.Cols, w, scale), bias)
	return c.Data
}

// TestTilesSameBits compares all levels with plain Go at sizes around those of a tile, a block and
// a call.
func TestTilesSameBits(t *testing.T) {
	type size struct{ rows, cols, depth int }
	var sizes []size
	for _, rows := range []int{1, 11, 12, 13, 15, 16, 17, 28, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 100, 107, 108, 130, 192, 200} {
		sizes = append(sizes, size{rows, 96, 128})
	}
	for _, cols := range []int{1, 16, 31, 32, 33, 63, 64, 65, 100, 256} {
		sizes = append(sizes, size{40, cols, 64})
	}
	for _, depth := range []int{4, 63, 64, 65, 128, 192, 256, 320, 384, 448, 1536, 2048, 2112} {
		sizes = append(sizes, size{37, 70, depth})
	}
	for n, d := range sizes {
		r := rng.New(41, uint64(n))
		a := matrix(&r, d.rows, d.depth, n%3, n%5)
		w, scale, bias := bytesAt(&r, d.cols*d.depth), floats(&r, d.cols, 0.01), floats(&r, d.cols, 1)
		if n%4 == 0 {
			bias = nil
		}
		want := tiled(kernels(t, PureGo), a, d.cols, w, scale, bias)
		for _, level := range Levels()[1:] {
			require.Equal(t, bits(want), bits(tiled(kernels(t, level), a, d.cols, w, scale, bias)), "%s %v", level, d)
		}
	}
}

// TestTilesExtremesExact takes the greatest sums and zero points, at the greatest depth of the
// kernel on tiles and beyond.
func TestTilesExtremesExact(t *testing.T) {
	const n = 32
	for _, depth := range []int{64, 384, tileMaxK / 64 * 64, tileMaxK + 1, maxInt8} {
		w := make([]int8, n*depth)
		for j := range n {
			for l := range depth {
				w[j*depth+l] = [4]int8{-128, 127, int8(255*(l%2) - 128), -1}[j%4]
			}
		}
		a := blas32.General{Rows: 18, Cols: depth, Stride: depth, Data: make([]float32, 18*depth)}
		for i := range 18 {
			fill(a.Data[i*depth:][:depth], [2]float32{255, -255}[i%2])
		}
		scale := make([]float32, n)
		fill(scale, 1)
		for _, level := range Levels() {
			c := tiled(kernels(t, level), a, n, w, scale, nil)
			for i := range 18 {
				for j := range n {
					sum := [4]int{-128 * depth, 127 * depth, -128*((depth+1)/2) + 127*(depth/2), -depth}[j%4]
					want := float32([2]int{255, -255}[i%2] * sum)
					require.Equal(t, want, c[i*(n+3)+j], "%s %d: %d,%d", level, depth, i, j)
				}
			}
		}
	}
}

// TestTilesSplitExact: the two halves of a number make it up again, for all that there can be.
func TestTilesSplitExact(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		if !k.tiles {
			continue
		}
		const depth = tileMaxK / 64 * 64
		w := make([]int8, 4*depth)
		fillInt8 := func(row int, v int8) {
			for l := range depth {
				w[row*depth+l] = v
			}
		}
		fillInt8(0, -128)
		fillInt8(1, 127)
		fillInt8(2, 1)
		p := k.PackInt8(4, depth, w, make([]float32, 4))
		for i, m := range p.minus {
			low, high := int32(int16(p.split[i])), p.split[i]>>16
			require.Equal(t, m, 128*high+low)
			require.True(t, low >= 0 && low < 128)
		}
	}
}

// TestTilesNotFinite: a row with a NaN or an infinity is NaN, its neighbors in the tile are not.
func TestTilesNotFinite(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		r := rng.New(43)
		a := matrix(&r, 33, 64, 0, 0)
		a.Data[5*64+3], a.Data[32*64] = float32(math.NaN()), float32(math.Inf(-1))
		scale := floats(&r, 32, 1)
		c := tiled(k, a, 32, bytesAt(&r, 32*64), scale, nil)
		for i := range 33 {
			for j := range 32 {
				v := c[i*35+j]
				require.Equal(t, i == 5 || i == 32, v != v, "%s %d,%d", level, i, j)
			}
		}
	}
}

func TestTilesAllocateNothing(t *testing.T) {
	for _, level := range Levels() {
		k := kernels(t, level)
		r := rng.New(44)
		a, c := matrix(&r, 110, 128, 0, 0), matrix(&r, 110, 70, 0, 0)
		p := k.PackInt8(70, 128, bytesAt(&r, 70*128), floats(&r, 70, 1))
		var q Quantised
		k.Quantise(&q, a)
		require.Zero(t, testing.AllocsPerRun(10, func() {
			k.Quantise(&q, a)
			k.MulInt8(c, &q, p, nil)
		}), level)
	}
}
