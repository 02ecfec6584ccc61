package online_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/online"
)

func TestPCAWithinTolerance(t *testing.T) {
	const tolerance = 1e-6
	for _, c := range readGolden(t).PCA {
		p, err := online.NewPCA(online.PCAConfig{NComponents: c.K})
		require.NoError(t, err)
		at := 0
		for _, s := range c.Steps {
			p, err = p.Update(t.Context(), matrix(c.X[at:at+s.Rows]))
			require.NoError(t, err)
			at += s.Rows
			require.Equal(t, at, p.Rows())
			require.InDeltaSlice(t, s.Mean, p.Means(), tolerance)
			require.InDeltaSlice(t, s.Variance, p.Variances(), tolerance)
			require.InDeltaSlice(t, s.Singular, p.SingularValues(), tolerance*s.Singular[0])
			require.InDeltaSlice(t, s.Explained, p.ExplainedVariance(), tolerance*s.Explained[0])
			for i, axis := range p.Axes() {
				if s.Singular[i] > 1e-6*s.Singular[0] { // where the rows have no variance any direction will do
					require.InDeltaSlice(t, s.Components[i], axis, tolerance)
				}
			}
			requireOrthonormal(t, p.Axes())
		}
		got, err := p.Transform(t.Context(), matrix(c.X))
		require.NoError(t, err)
		for i, want := range c.Transformed {
			for j, v := range want {
				require.InDelta(t, v, got.Data[i*got.Stride+j], 1e-5)
			}
		}
	}
}

func requireOrthonormal(t *testing.T, axes [][]float64) {
	t.Helper()
	for i := range axes {
		for j := range i + 1 {
			dot := 0.0
			for k, v := range axes[i] {
				dot += v * axes[j][k]
			}
			want := 0.0
			if i == j {
				want = 1
			}
			require.InDelta(t, want, dot, 1e-12)
		}
	}
}

// With as many components as columns nothing is forgotten: any batches give what one does.
func TestPCAOfAnyBatchesWithinTolerance(t *testing.T) {
	const n, d = 60, 7
	x := blobs(n, d, 4, 1)
	whole := updatePCA(t, d, 1, x, n)
	for _, size := range []int{1, 2, 7, 31, 59} {
		p := updatePCA(t, d, 1, x, size)
		require.InDeltaSlice(t, whole.Means(), p.Means(), 1e-12)
		require.InDeltaSlice(t, whole.Variances(), p.Variances(), 1e-10)
		require.InDeltaSlice(t, whole.SingularValues(), p.SingularValues(), 1e-9)
		for i, axis := range whole.Axes() {
			require.InDeltaSlice(t, axis, p.Axes()[i], 1e-9)
		}
	}
}

// Rows that are alike, or vary in one direction alone, leave components without variance; they are directions all the same.
func TestPCAWithoutVariance(t *testing.T) {
	for name, x := range map[string]blas32.General{
		"one row":       matrix([][]float32{{1, 2, 3}}),
		"alike":         matrix([][]float32{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}),
		"one direction": matrix([][]float32{{1, 2, 3}, {2, 4, 6}, {4, 8, 12}}),
		"huge":          matrix([][]float32{{1e30, 2, 3}, {-1e30, 4, 6}, {4, 8e29, 12}}),
		"tiny":          matrix([][]float32{{1e-30, 2e-35, 3e-33}, {-1e-30, 4e-35, 6e-32}}),
	} {
		for _, size := range []int{1, 3} {
			p := updatePCA(t, 3, 1, x, size)
			requireOrthonormal(t, p.Axes())
			out, err := p.Transform(t.Context(), x)
			require.NoError(t, err)
			for _, v := range out.Data {
				require.False(t, math.IsNaN(float64(v)), name)
			}
		}
	}
}

func updatePCA(t *testing.T, k, workers int, x blas32.General, size int) *online.PCA {
	t.Helper()
	p, err := online.NewPCA(online.PCAConfig{NComponents: k, Workers: workers})
	require.NoError(t, err)
	for at := 0; at < x.Rows; at += size {
		p, err = p.Update(t.Context(), rows(x, at, min(at+size, x.Rows)))
		require.NoError(t, err)
	}
	return p
}
