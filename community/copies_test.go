package community

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/stage"
)

// directions are k rows that point anywhere, each n times, one after the other.
func directions(k, n int) (blas32.General, []int) {
	const cols = 40
	r := rng.New(uint64(k))
	x, of := dense.New(k*n, cols), make([]int, k*n)
	for i := range x.Rows {
		of[i] = i % k
		if row := dense.Row(x, i); i < k {
			for j := range row {
				row[j] = float32(r.Float64() - 0.3)
			}
		} else {
			copy(row, dense.Row(x, of[i]))
		}
	}
	return x, of
}

// Rows that all come as often, often enough for a community, are a community each.
func TestCopiesAreCommunitiesExact(t *testing.T) {
	for _, k := range []int{2, 3, 5, 7, 12, 20} {
		for _, n := range []int{15, 40, 100, 500} {
			x, of := directions(k, n)
			c, err := Config{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: x})
			require.NoError(t, err)
			require.Equal(t, of, c.Labels(), "%d × %d", k, n)
			m := c.(*Model)
			require.Equal(t, x.Rows, m.graph.Rows())
			s, err := m.Memberships(t.Context(), 0)
			require.NoError(t, err)
			for i := range of {
				_, shares := s.Row(i)
				require.InDelta(t, m.Strengths()[i], shares[indexOf(t, s.Col[s.RowPtr[i]:s.RowPtr[i+1]], of[i])], 1e-6)
			}
			labels, _, err := m.Predict(t.Context(), x)
			require.NoError(t, err)
			require.Equal(t, of, labels)
		}
	}
}

func indexOf(t *testing.T, cols []int32, c int) int {
	t.Helper()
	for i, v := range cols {
		if int(v) == c {
			return i
		}
	}
	require.Fail(t, "no share in the own community")
	return 0
}

// Copies among other rows have one community in every layer, also with classes, which may part them.
func TestCopiesHaveOneLabelExact(t *testing.T) {
	base, _, truth := planted(4, 60)
	y := dense.New(base.Rows+300, base.Cols)
	of, classes := make([]int, y.Rows), make([]int, y.Rows)
	for i := range of {
		if of[i] = i; i >= base.Rows {
			of[i] = i % 7 * 9
		}
		copy(dense.Row(y, i), dense.Row(base, of[i]))
		if classes[i] = -1; i%2 == 0 {
			classes[i] = truth[of[i]]
		}
	}
	for _, known := range [][]int{nil, classes} {
		c, err := Config{}.Cluster(t.Context(), stage.Run{}, stage.Data{X: y, Classes: known})
		require.NoError(t, err)
		m := c.(*Model)
		for layer := range m.Layers() {
			l, err := m.AtLayer(layer)
			require.NoError(t, err)
			label := map[[2]int]int{}
			for i, v := range l.Labels() {
				key := [2]int{of[i], 0}
				if known != nil {
					key[1] = known[i]
				}
				if first, ok := label[key]; ok {
					require.Equal(t, first, v, "row %d", i)
				}
				label[key] = v
			}
		}
	}
}
