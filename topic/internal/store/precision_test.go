package store

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/stage"
)

// Every binary16 number is read as its value, and stored as itself.
func TestFloat16Exact(t *testing.T) {
	for h := range 1 << 16 {
		v := fromFloat16(uint16(h))
		exponent, mantissa := h>>10&0x1f, float64(h&0x3ff)
		want := math.Ldexp(1+mantissa/1024, exponent-15)
		switch {
		case exponent == 0:
			want = math.Ldexp(mantissa, -24)
		case exponent == 0x1f && mantissa == 0:
			want = math.Inf(1)
		case exponent == 0x1f:
			require.True(t, v != v)
			require.True(t, math.IsNaN(float64(fromFloat16(toFloat16(v)))))
			continue
		}
		if h >= 0x8000 {
			want = -want
		}
		require.Equal(t, want, float64(v), "%#x", h)
		require.Equal(t, uint16(h), toFloat16(v), "%#x", h)
	}
}

// A number is stored as the nearest binary16 number, the even one of two.
func TestFloat16IsNearestExact(t *testing.T) {
	for h := range 0x7bff {
		a, b := fromFloat16(uint16(h)), fromFloat16(uint16(h+1))
		middle := float32((float64(a) + float64(b)) / 2) // exact
		require.Equal(t, uint16(h+h&1), toFloat16(middle), "%#x", h)
		require.Equal(t, uint16(h), toFloat16(math.Nextafter32(middle, 0)), "%#x", h)
		require.Equal(t, uint16(h+1), toFloat16(math.Nextafter32(middle, 1e9)), "%#x", h)
	}
	require.Equal(t, uint16(0x7bff), toFloat16(maxFloat16))
}

// Rounding twice is rounding once, and no value moves further than the precision allows.
func TestRoundOnceExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := dense.New(3000, 37)
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64() * math.Pow(10, float64(i/37%30-15)))
	}
	copy(dense.Row(x, 5), make([]float32, 37)) // zeros stay
	for _, p := range []Precision{Float16, Int8} {
		if p == Float16 {
			for i := range x.Data {
				x.Data[i] = max(min(x.Data[i], maxFloat16), -maxFloat16)
			}
		}
		require.NoError(t, p.Check(x))
		once := p.Round(x)
		require.Equal(t, once.Data, p.Round(once).Data, p)
		for i := range x.Rows {
			row, got := dense.Row(x, i), append([]float32{}, dense.Row(x, i)...)
			p.RoundRow(got)
			require.Equal(t, dense.Row(once, i), got)
			largest, _ := greatest(row)
			for j, v := range row {
				bound := float64(largest) / 127 * 0.51
				if p == Float16 {
					bound = max(math.Abs(float64(v))/2048, math.Ldexp(1, -25))
				}
				require.InDelta(t, v, got[j], bound, "%s: row %d", p, i)
			}
		}
	}
	require.Equal(t, x, Precision("").Round(x))
}

func TestPrecisionRefusesWhatItCannotHold(t *testing.T) {
	row := func(v ...float32) blas32.General {
		return blas32.General{Rows: 1, Cols: len(v), Stride: len(v), Data: v}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		p   Precision
		x   blas32.General
		col int
	}{
		{Float16, row(1, 65505), 1},
		{Float16, row(nan, 1), 0},
		{Int8, row(1, inf), 1},
		{Int8, row(1e-31, 0), -1},
	} {
		var bad *stage.ValueError
		require.ErrorAs(t, c.p.Check(c.x), &bad, "%s %v", c.p, c.x.Data)
		require.Equal(t, c.col, bad.Col)
		dir := filepath.Join(t.TempDir(), "model")
		err := Write(dir, func(w *Writer) error { return w.WriteRounded("x.npy", c.x, c.p) })
		require.ErrorAs(t, err, &bad)
		require.NoDirExists(t, dir)
	}
	require.NoError(t, Float16.Check(row(maxFloat16, -maxFloat16)))
	require.NoError(t, Int8.Check(row(math.MaxFloat32, 1e-40)))
	require.False(t, Precision("float8").Valid())
}

// A rounded matrix is stored once however often it is written, and read as Round has it.
func TestRoundedMatricesAreStoredOnce(t *testing.T) {
	for _, rows := range []int{0, 1, 3, 40_000} { // packed, and in a file of its own
		x := dense.New(rows, 33)
		for i := range x.Data {
			x.Data[i] = float32(math.Sin(float64(i)))
		}
		for _, p := range []Precision{Float16, Int8} {
			dir := filepath.Join(t.TempDir(), "model")
			require.NoError(t, Write(dir, func(w *Writer) error {
				for _, name := range []string{"a.npy", "b/c.npy"} {
					if err := w.WriteRounded(name, x, p); err != nil {
						return err
					}
				}
				return nil
			}))
			r, err := Open(dir)
			require.NoError(t, err)
			a, err := r.ReadMatrix("a.npy")
			require.NoError(t, err)
			b, err := r.ReadMatrix("b/c.npy")
			require.NoError(t, err)
			require.Equal(t, p.Round(x).Data, a.Data)
			require.Equal(t, rows, a.Rows)
			if rows > 0 {
				require.Same(t, &a.Data[0], &b.Data[0])
			}
			require.NoError(t, r.Close())
			total := int64(0)
			require.NoError(t, filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				info, err := e.Info()
				total += info.Size()
				return err
			}))
			require.Less(t, total, int64(rows*p.rowBytes(33)+1500))
		}
	}
}
