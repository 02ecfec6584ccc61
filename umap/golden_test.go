package umap

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// golden is testdata/golden.json.gz, made by scripts/golden/umap.py.
type golden struct {
	Rows, Cols, K int
	Graphs        []struct {
		Metric      string
		Mix, Local  float64
		Rho, Sigma  []float32
		Graph       Graph
		Eigenvalues []float64
		Spectral    []float64
		Layouts     []struct {
			Dim             int
			MinDist         float64 `json:"min_dist"`
			Trustworthiness []float64
		}
	}
	AB []struct {
		MinDist      float64 `json:"min_dist"`
		Spread, A, B float64
	}
	Components []struct {
		Groups, K, Dim    int
		Label             []int32
		Spectral, Centres []float64
	}
}

func readGolden(t *testing.T) (golden, blas32.General) {
	t.Helper()
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.NewDecoder(z).Decode(&g))

	raw, err := os.ReadFile("testdata/embeddings.f16")
	require.NoError(t, err)
	x := dense.New(g.Rows, g.Cols)
	require.Len(t, raw, 2*len(x.Data))
	for i := range x.Data {
		x.Data[i] = half(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return g, x
}

// half is the value of an IEEE float16 that is finite.
func half(v uint16) float32 {
	mantissa, exponent := float64(v&0x3ff), int(v>>10&0x1f)
	if exponent == 0 {
		exponent = 1
	} else {
		mantissa += 1024
	}
	f := math.Ldexp(mantissa, exponent-25)
	if v>>15 != 0 {
		f = -f
	}
	return float32(f)
}

func metricNamed(name string) Metric {
	if name == "cosine" {
		return Cosine
	}
	return Euclidean
}

func withMetric(m Metric) Config {
	cfg := DefaultConfig()
	cfg.Metric = m
	return cfg
}

func TestGraphWithinToleranceOfUmapLearn(t *testing.T) {
	ctx := context.Background()
	golden, x := readGolden(t)
	require.Len(t, golden.Graphs, 3)
	for _, c := range golden.Graphs {
		nb, err := NearestNeighbours(ctx, x, golden.K, withMetric(metricNamed(c.Metric)))
		require.NoError(t, err)
		rho, sigma, err := SmoothKNN(ctx, nb, c.Local, 0)
		require.NoError(t, err)
		require.Len(t, c.Rho, x.Rows)
		for i := range rho {
			require.InEpsilon(t, c.Rho[i], rho[i], 1e-4, "rho of row %d, %s", i, c.Metric)
			require.InEpsilon(t, c.Sigma[i], sigma[i], 1e-4, "sigma of row %d, %s", i, c.Metric)
		}
		g, err := FuzzySimplicialSet(ctx, nb, rho, sigma, c.Mix)
		require.NoError(t, err)
		require.NoError(t, g.check())
		requireSymmetric(t, g)
		// An edge weaker than the tolerance may be on one side only.
		require.Equal(t, denseGraph(c.Graph).Rows, x.Rows)
		want, got := denseGraph(c.Graph), denseGraph(g)
		require.Greater(t, len(c.Graph.Weight), 10*x.Rows)
		for i := range want.Data {
			require.InDelta(t, want.Data[i], got.Data[i], 1e-5, "edge from %d to %d, %s", i/x.Rows, i%x.Rows, c.Metric)
		}
	}
}

func denseGraph(g Graph) blas32.General {
	n := g.Vertices()
	m := dense.New(n, n)
	for i := range n {
		index, weight := g.row(i)
		for e, j := range index {
			m.Data[i*n+int(j)] = weight[e]
		}
	}
	return m
}

func requireSymmetric(t *testing.T, g Graph) {
	t.Helper()
	require.Equal(t, g, g.transpose())
}

func TestABWithin1e4OfUmapLearn(t *testing.T) {
	golden, _ := readGolden(t)
	require.NotEmpty(t, golden.AB)
	for _, c := range golden.AB {
		a, b := FindAB(c.MinDist, c.Spread)
		require.InDelta(t, c.A, a, 1e-4, "a for %v, %v", c.MinDist, c.Spread)
		require.InDelta(t, c.B, b, 1e-4, "b for %v, %v", c.MinDist, c.Spread)
	}
	for _, bad := range [][2]float64{{-1, 1}, {2, 1}, {0, 0}, {math.NaN(), 1}, {0, math.Inf(1)}} {
		a, b := FindAB(bad[0], bad[1])
		require.True(t, math.IsNaN(a) && math.IsNaN(b), "%v", bad)
	}
}

// The golden vectors have a tolerance of 1e-10; all eigenvalues in question are distinct, so each vector has one
// direction, and the angle to it is compared.
func TestSpectralAnglesWithin1e3OfUmapLearn(t *testing.T) {
	ctx := context.Background()
	golden, x := readGolden(t)
	tested := 0
	for _, c := range golden.Graphs {
		if len(c.Spectral) == 0 {
			continue
		}
		tested++
		cfg := DefaultConfig()
		cfg.NComponents = 5
		cfg.Metric = metricNamed(c.Metric)
		y, err := SpectralLayout(ctx, x, c.Graph.prune(c.Graph.maxWeight()/500), cfg)
		require.NoError(t, err)
		for d := range 5 {
			gap := min(c.Eigenvalues[d+2]-c.Eigenvalues[d+1], c.Eigenvalues[d+1]-c.Eigenvalues[d])
			require.Greater(t, gap, 1e-3)
			sine, length := angle(column(c.Spectral, 5, d), column(wide(y.Data), 5, d))
			require.Less(t, sine, 1e-3, "vector %d, %s", d, c.Metric)
			require.InDelta(t, 1, length, 1e-5)
		}
	}
	require.Equal(t, 2, tested)
}

func wide(v []float32) []float64 {
	w := make([]float64, len(v))
	for i := range v {
		w[i] = float64(v[i])
	}
	return w
}

func column(m []float64, cols, d int) []float64 {
	var v []float64
	for i := d; i < len(m); i += cols {
		v = append(v, m[i])
	}
	return v
}

// angle gives the sine of the angle between two directions, and the length of the second vector.
func angle(a, b []float64) (sine, length float64) {
	la, lb := math.Sqrt(dot64(a, a)), math.Sqrt(dot64(b, b))
	cosine := dot64(a, b) / (la * lb)
	rest := 0.0
	for i := range a {
		e := b[i]/lb - cosine*a[i]/la
		rest += e * e
	}
	return math.Sqrt(rest), lb
}

func TestSpectralOfComponentsWithin1e3OfUmapLearn(t *testing.T) {
	ctx := context.Background()
	golden, x := readGolden(t)
	require.Len(t, golden.Components, 2)
	for _, c := range golden.Components {
		n := 30 * c.Groups
		xs := dense.New(n, 16)
		for i := range n {
			copy(xs.Data[i*16:(i+1)*16], x.Data[i*x.Stride:])
			xs.Data[i*16+i%c.Groups] += 4
		}
		nb, err := NearestNeighbours(ctx, xs, c.K, DefaultConfig())
		require.NoError(t, err)
		rho, sigma, err := SmoothKNN(ctx, nb, 1, 0)
		require.NoError(t, err)
		g, err := FuzzySimplicialSet(ctx, nb, rho, sigma, 1)
		require.NoError(t, err)
		g = g.prune(g.maxWeight() / 500)
		label, count := g.components()
		require.Equal(t, c.Label, label)
		require.Equal(t, c.Groups, count)

		cfg := DefaultConfig()
		cfg.NComponents = c.Dim
		centre, err := componentCentres(ctx, &Data{X: xs}, label, count, cfg)
		require.NoError(t, err)
		if c.Centres != nil {
			for k, v := range c.Centres {
				require.InDelta(t, v, centre[k/c.Dim][k%c.Dim], 1e-4)
			}
		}
		y, err := SpectralLayout(ctx, xs, g, cfg)
		require.NoError(t, err)
		for k := range count {
			for d := range c.Dim {
				var want, got []float64
				for i := range n {
					if label[i] == int32(k) {
						want = append(want, c.Spectral[i*c.Dim+d]-centre[k][d])
						got = append(got, float64(y.Data[i*c.Dim+d])-centre[k][d])
					}
				}
				sine, length := angle(want, got)
				require.Less(t, sine, 1e-3, "%d groups, component %d, column %d", c.Groups, k, d)
				require.InEpsilon(t, math.Sqrt(dot64(want, want)), length, 1e-3)
			}
		}
	}
}
