package metric

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// every is each metric, some of them twice.
func every(cols int) []Metric {
	w := make([]float64, cols)
	for i := range w {
		w[i] = float64(i % 3)
	}
	return []Metric{
		{},
		{Kind: Cosine},
		{Kind: Correlation},
		{Kind: Manhattan},
		{Kind: Chebyshev},
		{Kind: Minkowski},
		{Kind: Minkowski, P: 1},
		{Kind: Minkowski, P: 1.7},
		{Kind: Minkowski, P: 3},
		{Kind: Minkowski, P: math.Inf(1)},
		{Kind: Minkowski, P: 1, Weights: w},
		{Kind: Minkowski, P: 2, Weights: w},
		{Kind: Minkowski, P: 3.5, Weights: w},
		{Kind: Minkowski, P: math.Inf(1), Weights: w},
		{Kind: Canberra},
		{Kind: BrayCurtis},
		{Kind: Hamming},
		{Kind: Jaccard},
		{Kind: Dice},
		{Kind: Hellinger},
		{Kind: Haversine},
		{Kind: Custom, Func: manhattan},
	}
}

func TestGoldenWithinTolerance(t *testing.T) {
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g struct {
		Groups []struct {
			Cols  int
			Rows  [][]float32
			Found []struct {
				Metric    string
				P         float64
				Weights   []float64
				Sparse    bool
				Distances []float64
			}
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	seen := map[Kind]bool{}
	for _, group := range g.Groups {
		for _, found := range group.Found {
			kind, err := Parse(found.Metric)
			require.NoError(t, err)
			seen[kind] = true
			m := Metric{Kind: kind, P: found.P, Weights: found.Weights}
			require.NoError(t, m.Validate())
			scale, tolerance := slices.Max(found.Distances), 1e-13
			if found.Sparse { // it works in float32 there
				tolerance = 2e-7
			}
			for i, a := range group.Rows {
				for j, b := range group.Rows {
					want := found.Distances[i*len(group.Rows)+j]
					got := m.Distance(a, b)
					if found.Sparse {
						got = m.SparseDistance(without(a), without(b))
					}
					what := fmt.Sprintf("%s, p %v, rows %d and %d", found.Metric, m.P, i, j)
					switch kind {
					case Hellinger, Haversine: // the root makes 1e-8 of a rounding of 1e-16
						require.InDelta(t, want*want, got*got, 4*tolerance, what)
					default:
						require.InDelta(t, want, got, tolerance*scale, what)
					}
				}
			}
		}
	}
	require.Len(t, seen, int(Custom), "every metric has a golden")
}

func without(a []float32) Sparse {
	var s Sparse
	for i, v := range a {
		if v != 0 {
			s.Index = append(s.Index, int32(i))
			s.Value = append(s.Value, v)
		}
	}
	return s
}

// some is a row of values of all kinds, not negative if the metric wants that.
func some(s *rng.Stream, m Metric, cols int) []float32 {
	a := make([]float32, cols)
	scale := math.Pow(10, float64(s.Intn(5)-2))
	zeros := s.Intn(3)
	for i := range a {
		if s.Intn(3) >= zeros {
			a[i] = float32((s.Float64()*2 - 1) * scale)
		}
		if m.Kind == Hellinger {
			a[i] = float32(math.Abs(float64(a[i])))
		}
	}
	return a
}

func columns(m Metric, n int) int {
	if m.Kind == Haversine {
		return 2
	}
	return n
}

func TestEveryMetricExact(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 8, 37} {
		for _, m := range every(n) {
			n := columns(m, n)
			s := rng.New(uint64(n))
			f := m.Function()
			for range 200 {
				a, b := some(&s, m, n), some(&s, m, n)
				require.NoError(t, m.Check(blas32.General{Rows: 1, Cols: n, Stride: n, Data: a}))
				d := m.Distance(a, b)
				require.GreaterOrEqual(t, d, 0.0, m)
				require.Equal(t, d, m.Distance(b, a), "%v exchanged", m)
				require.Equal(t, d, f(a, b))
				require.Equal(t, d, m.Between(a, b, m.Stats(a), m.Stats(b)))
				require.Zero(t, m.Distance(a, slices.Clone(a)), "%v of equal rows", m)
				// Bits do not depend on where a row lies.
				shifted := append(make([]float32, 1, n+1), a...)[1:]
				require.Equal(t, d, m.Distance(shifted, b))
			}
		}
	}
}

func TestTriangleWithinTolerance(t *testing.T) {
	for _, n := range []int{1, 2, 5, 20} {
		for _, m := range every(n) {
			if !m.Triangle() {
				continue
			}
			n := columns(m, n)
			s := rng.New(uint64(n))
			for range 500 {
				a, b, c := some(&s, m, n), some(&s, m, n), some(&s, m, n)
				if m.Kind == Haversine {
					a[0], b[0], c[0] = min(max(a[0], -1.5), 1.5), min(max(b[0], -1.5), 1.5), min(max(c[0], -1.5), 1.5)
				}
				ab, bc, ac := m.Distance(a, b), m.Distance(b, c), m.Distance(a, c)
				require.LessOrEqual(t, ac, ab+bc+1e-12*(1+ab+bc), m)
			}
		}
	}
}

func TestSparseEqualsDenseExact(t *testing.T) {
	s := rng.New(5)
	for _, kind := range []Kind{Euclidean, Cosine, Hellinger, Jaccard, Dice} {
		m := Metric{Kind: kind}
		require.True(t, m.Sparse())
		for range 500 {
			n := s.Intn(40)
			a, b := some(&s, m, n), some(&s, m, n)
			x, y := without(a), without(b)
			require.Equal(t, m.Distance(a, b), m.SparseDistance(x, y), m)
			// Zeros that are written out make no difference.
			full := Sparse{Value: a}
			for i := range a {
				full.Index = append(full.Index, int32(i))
			}
			require.Equal(t, m.Distance(a, b), m.SparseDistance(full, y), m)
			require.Equal(t, m.Distance(a, b), m.SparseBetween(x, y, m.SparseStats(x), m.SparseStats(y)), m)
		}
	}
}

func TestZeroRows(t *testing.T) {
	zero, one, other := []float32{0, 0, 0}, []float32{1, 2, 3}, []float32{2, 2, 2}
	for _, kind := range []Kind{Cosine, Hellinger, Jaccard, Dice} {
		m := Metric{Kind: kind}
		require.Equal(t, 1.0, m.Distance(zero, one), m)
		require.Equal(t, 1.0, m.SparseDistance(without(zero), without(one)), m)
		require.Zero(t, m.SparseDistance(Sparse{}, Sparse{}), m)
	}
	m := Metric{Kind: Correlation}
	require.Zero(t, m.Distance(zero, other))
	require.Equal(t, 1.0, m.Distance(one, other))
	require.Equal(t, 1.0, m.Distance([]float32{1, -1, 0}, []float32{1, 1, -2}), "uncorrelated")
}

func TestExtremesExact(t *testing.T) {
	top := float32(math.MaxFloat32)
	low := float32(math.SmallestNonzeroFloat32)
	for _, m := range every(2) {
		for _, pair := range [][2][]float32{{{top, 0}, {0, top}}, {{top, top}, {0, 0}}, {{low, 0}, {0, low}}, {{low, top}, {top, low}}} {
			d := m.Distance(pair[0], pair[1])
			require.False(t, math.IsNaN(d) || math.IsInf(d, 0), "%v of %v is %v", m, pair, d)
		}
	}
	m := Metric{Kind: Minkowski, P: 40}
	require.InEpsilon(t, float64(top)*math.Pow(2, 1.0/40), m.Distance([]float32{top, 0}, []float32{0, top}), 1e-13)
	require.InEpsilon(t, float64(low)*math.Pow(2, 1.0/40), m.Distance([]float32{low, 0}, []float32{0, low}), 1e-13)
}

// TestBits holds the bits of each metric: they are the same on every architecture.
func TestBits(t *testing.T) {
	a, b := make([]float32, 21), make([]float32, 21)
	s := rng.New(3)
	for i := range a {
		a[i], b[i] = float32(s.Float64()), float32(s.Float64()*s.Float64())
	}
	for i, m := range every(21) {
		name := fmt.Sprintf("%d %v", i, m.Kind)
		n := columns(m, 21)
		require.Equal(t, bits[name], math.Float64bits(m.Distance(a[:n], b[:n])), "%s is %v", name, m.Distance(a[:n], b[:n]))
	}
}

func TestFunctionsWithinTolerance(t *testing.T) {
	s := rng.New(9)
	for range 20000 {
		x := (s.Float64() - 0.5) * math.Pow(10, float64(s.Intn(8)-1))
		sin, cos := sincos(x)
		require.InDelta(t, math.Sin(x), sin, 2e-15, x)
		require.InDelta(t, math.Cos(x), cos, 2e-15, x)
		u := s.Float64()
		require.InDelta(t, math.Asin(u), asin(u), 3e-15)
		y, p := math.Pow(2, 200*s.Float64()-100), 0.1+5*s.Float64()
		require.InEpsilon(t, math.Pow(y, p), pow(y, p), 1e-13, "%v to the power %v", y, p)
	}
	require.Equal(t, math.Pi/2, asin(1))
	require.Zero(t, asin(0))
	require.Zero(t, pow(1e-300, 20.5))
	require.True(t, math.IsInf(pow(1e300, 20.5), 1))
}

func TestParse(t *testing.T) {
	for k := Euclidean; k < Custom; k++ {
		got, err := Parse(k.String())
		require.NoError(t, err)
		require.Equal(t, k, got)
	}
	got, err := Parse("l1")
	require.NoError(t, err)
	require.Equal(t, Manhattan, got)
	_, err = Parse("custom")
	require.EqualError(t, err, `unknown metric "custom", want one of euclidean, cosine, correlation, manhattan, chebyshev, minkowski, canberra, braycurtis, hamming, jaccard, dice, hellinger, haversine`)
	require.Equal(t, "Kind(77)", Kind(77).String())
}

func TestValidate(t *testing.T) {
	for _, m := range every(5) {
		require.NoError(t, m.Validate())
	}
	for field, m := range map[string]Metric{
		"Metric.Kind":       {Kind: 99},
		"Metric.P":          {Kind: Minkowski, P: -1},
		"Metric.Weights[1]": {Kind: Minkowski, Weights: []float64{1, math.NaN()}},
		"Metric.Func":       {Kind: Custom},
	} {
		var bad *stage.ConfigError
		require.ErrorAs(t, m.Validate(), &bad)
		require.Equal(t, field, bad.Field)
	}
	require.EqualError(t, Metric{Kind: Cosine, P: 3}.Validate(), "Metric.P is 3, want 0 for the metric cosine")
	require.EqualError(t, Metric{Kind: Cosine, Func: manhattan}.Validate(), "Metric.Func is set, want nil for the metric cosine")
	require.Error(t, Metric{Kind: Minkowski, P: math.NaN()}.Validate())
}

func TestCheck(t *testing.T) {
	x := blas32.General{Rows: 2, Cols: 3, Stride: 3, Data: []float32{0, 1, 2, 3, -4, 5}}
	require.NoError(t, Metric{}.Check(x))
	var bad *stage.ValueError
	require.ErrorAs(t, Metric{Kind: Hellinger}.Check(x), &bad)
	require.Equal(t, stage.ValueError{Row: 1, Col: 1, Why: "is -4, want 0 or greater for the metric hellinger"}, *bad)
	require.EqualError(t, Metric{Kind: Haversine}.Check(x), "rows have 3 columns, want 2 for the metric haversine: latitude and longitude in radians")
	require.EqualError(t, Metric{Kind: Minkowski, Weights: []float64{1}}.Check(x), "rows have 3 columns, the metric minkowski has 1 weights")
	x.Data[2] = float32(math.NaN())
	require.ErrorAs(t, Metric{}.Check(x), &bad)
}

func TestCheckSparse(t *testing.T) {
	good := func() sparse.CSR[float32] {
		return sparse.CSR[float32]{Cols: 5, RowPtr: []int{0, 2, 2, 4}, Col: []int32{1, 4, 0, 3}, Value: []float32{1, 2, 3, 4}}
	}
	m := Metric{Kind: Hellinger}
	require.NoError(t, m.CheckSparse(good()))
	require.NoError(t, m.CheckSparse(sparse.CSR[float32]{}))
	require.Equal(t, Sparse{[]int32{0, 3}, []float32{3, 4}}, SparseRow(good(), 2))
	for what, change := range map[string]func(*sparse.CSR[float32]){
		"row pointers":                          func(x *sparse.CSR[float32]) { x.RowPtr = x.RowPtr[:3] },
		"row 0 from 0 to 9":                     func(x *sparse.CSR[float32]) { x.RowPtr[1] = 9 },
		"row 1 from 2 to 1":                     func(x *sparse.CSR[float32]) { x.RowPtr[2] = 1 },
		"row 0: has column 1, want one after 1": func(x *sparse.CSR[float32]) { x.Col[1] = 1 },
		"row 0: has column 5":                   func(x *sparse.CSR[float32]) { x.Col[1] = 5 },
		"row 0: has column -1":                  func(x *sparse.CSR[float32]) { x.Col[0] = -1 },
		"row 2, column 3: is +Inf":              func(x *sparse.CSR[float32]) { x.Value[3] = float32(math.Inf(1)) },
		"row 2, column 3: is -1":                func(x *sparse.CSR[float32]) { x.Value[3] = -1 },
		"size 3×-1":                             func(x *sparse.CSR[float32]) { x.Cols = -1 },
	} {
		x := good()
		change(&x)
		require.ErrorContains(t, m.CheckSparse(x), what)
	}
	require.ErrorContains(t, Metric{Kind: Canberra}.CheckSparse(good()), "the metric canberra is not available for sparse rows")
}

func BenchmarkDistance(b *testing.B) {
	for _, n := range []int{5, 384} {
		for _, m := range every(n) {
			n := columns(m, n)
			s := rng.New(1)
			x, y := make([]float32, n), make([]float32, n)
			for i := range x {
				x[i], y[i] = float32(s.Float64()), float32(s.Float64())
			}
			sx, sy := m.Stats(x), m.Stats(y)
			b.Run(fmt.Sprintf("%v%v/%d", m.Kind, m.P, n), func(b *testing.B) {
				for b.Loop() {
					m.Between(x, y, sx, sy)
				}
			})
		}
	}
}
