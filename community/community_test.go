package community

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
)

// planted is rows around k directions, size each, and the graph of the pairs that a draw ties: most within a direction.
func planted(k, size int) (blas32.General, sparse.CSR[float32], []int) {
	n, cols := k*size, 16
	x := blas32.General{Rows: n, Cols: cols, Stride: cols + 3, Data: make([]float32, n*(cols+3))}
	truth := make([]int, n)
	r := rng.New(3)
	weight := make([][]float32, n)
	for i := range n {
		truth[i] = i % k
		for j := range cols {
			x.Data[i*x.Stride+j] = float32(0.1 * (r.Float64() - 0.5))
		}
		x.Data[i*x.Stride+truth[i]]++
		weight[i] = make([]float32, n)
	}
	for i := range n {
		for range 6 {
			j := r.Intn(size)*k + truth[i]
			if r.Intn(12) == 0 {
				j = r.Intn(n)
			}
			if w := float32(0.2 + 0.8*r.Float64()); j != i {
				weight[i][j], weight[j][i] = w, w
			}
		}
	}
	g := sparse.CSR[float32]{Cols: n, RowPtr: []int{0}}
	for i := range n {
		for j, w := range weight[i] {
			if w > 0 {
				g.Col, g.Value = append(g.Col, int32(j)), append(g.Value, w)
			}
		}
		g.RowPtr = append(g.RowPtr, len(g.Col))
	}
	return x, g, truth
}

func TestPlantedCommunitiesAreFoundExact(t *testing.T) {
	for _, k := range []int{2, 5, 11} {
		x, g, truth := planted(k, 60)
		m, err := Fit(t.Context(), x, g, Config{})
		require.NoError(t, err)
		require.Equal(t, truth, m.Labels(), "%d communities, numbered by their first rows", k)
		layers := m.Layers()
		require.Equal(t, k, layers[m.Chosen()].Clusters)
		for i, s := range m.Strengths() {
			require.Greater(t, s, 0.3, i)
		}
		labels, strength, err := m.Predict(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, m.Labels(), labels)
		require.Equal(t, m.Strengths(), strength)
		for i := range x.Rows {
			x.Data[i*x.Stride+15] += 0.01
		}
		labels, _, err = m.Predict(t.Context(), blas32.General{Rows: 40, Cols: x.Cols, Stride: x.Stride, Data: append([]float32(nil), x.Data[:40*x.Stride]...)})
		require.NoError(t, err)
		require.Equal(t, truth[:40], labels)
	}
}

func TestSameBitsForAnyWorkers(t *testing.T) {
	x, g, _ := planted(7, 50)
	var want *Model
	for _, workers := range []int{1, 2, 5} {
		cfg := Config{}
		cfg.Workers = workers
		m, err := Fit(t.Context(), x, g, cfg)
		require.NoError(t, err)
		if want == nil {
			want = m
		}
		require.Equal(t, want.Layers(), m.Layers())
		require.Equal(t, want.Labels(), m.Labels())
		require.Equal(t, want.Strengths(), m.Strengths())
	}
}

// A partition that a pass of move leaves as it is must not gain by moving a vertex: checked against the definition.
func TestNoVertexWantsToMoveExact(t *testing.T) {
	_, g, _ := planted(4, 40)
	net := newNetwork(g)
	n := net.n()
	for _, r := range []float64{0.2, 1, 3} {
		part := make([]int32, n)
		for v := range part {
			part[v] = int32(v)
		}
		s := &search{resolution: r}
		s.prepare(n)
		for moved := true; moved; {
			var err error
			moved, err = s.move(t.Context(), net, part)
			require.NoError(t, err)
		}
		quality := func() float64 {
			q, volume := 0.0, map[int32]float64{}
			for v := range n {
				volume[part[v]] += net.vol[v]
				for e := net.start[v]; e < net.start[v+1]; e++ {
					if part[net.to[e]] == part[v] {
						q += net.w[e]
					}
				}
			}
			for _, s := range volume {
				q -= r * s * s / net.total
			}
			return q
		}
		base := quality()
		for v := range n {
			own := part[v]
			for e := net.start[v]; e < net.start[v+1]; e++ {
				part[v] = part[net.to[e]]
				require.LessOrEqual(t, quality(), base+1e-9)
			}
			part[v] = own
		}
	}
}

func TestWantedNumberAndOtherLayers(t *testing.T) {
	x, g, _ := planted(6, 60)
	cfg := Config{}
	cfg.Communities = 3
	m, err := Fit(t.Context(), x, g, cfg)
	require.NoError(t, err)
	layers := m.Layers()
	for _, l := range layers {
		require.LessOrEqual(t, abs(layers[m.Chosen()].Clusters-3), abs(l.Clusters-3))
	}
	for i, l := range layers {
		o, err := m.AtLayer(i)
		require.NoError(t, err)
		most := -1
		for _, c := range o.Labels() {
			most = max(most, c)
		}
		require.Equal(t, l.Clusters, most+1)
	}
	_, err = m.AtLayer(len(layers))
	require.ErrorContains(t, err, fmt.Sprintf("layer %d, want from 0 to %d", len(layers), len(layers)-1))
}

func TestEqualRowsAndSmallGroups(t *testing.T) {
	x, g, _ := planted(3, 60)
	copy(x.Data[5*x.Stride:][:x.Cols], x.Data[0:x.Cols]) // row 5 of another direction
	m, err := Fit(t.Context(), x, g, Config{})
	require.NoError(t, err)
	for i := range m.Layers() {
		o, err := m.AtLayer(i)
		require.NoError(t, err)
		require.Equal(t, o.Labels()[0], o.Labels()[5])
		size := map[int]int{}
		for _, c := range o.Labels() {
			size[c]++
		}
		for c, s := range size {
			require.True(t, c < 0 || s >= 9, "%v", size)
		}
	}
}

func TestOneRowAndNoEdges(t *testing.T) {
	x := blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: []float32{1, 0, 0, 1, 1, 1}}
	m, err := Fit(t.Context(), x, sparse.CSR[float32]{Cols: 3, RowPtr: make([]int, 4)}, Config{})
	require.NoError(t, err)
	require.Equal(t, []int{-1, -1, -1}, m.Labels())
	labels, strength, err := m.Predict(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, []int{-1, -1, -1}, labels)
	require.Equal(t, []float64{0, 0, 0}, strength)
}

func TestErrors(t *testing.T) {
	x, g, _ := planted(2, 20)
	bad := func(says string, x blas32.General, g sparse.CSR[float32], cfg Config) {
		t.Helper()
		_, err := Fit(t.Context(), x, g, cfg)
		require.ErrorContains(t, err, says)
	}
	bad("community.Config.Coarsest is -1", x, g, Config{Coarsest: -1})
	short := g
	short.RowPtr = g.RowPtr[:10]
	bad("does not fit together", x, short, Config{})
	lame := sparse.CSR[float32]{Cols: 2, RowPtr: []int{0, 1, 1}, Col: []int32{1}, Value: []float32{1}}
	bad("not symmetric", blas32.General{Rows: 2, Cols: 1, Stride: 1, Data: []float32{1, 2}}, lame, Config{})
	x.Data[7] = float32(math.NaN())
	bad("is NaN", x, g, Config{})
	x.Data[7] = 0
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("enough"))
	_, err := Fit(ctx, x, g, Config{})
	require.ErrorContains(t, err, "enough")
}
