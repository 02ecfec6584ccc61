package fuzzy

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

// rows returns n rows in seven directions, some of them the opposite of others, and their classes.
// From row 100 on every fifth row is one of two: crowds of equal rows.
func rows(n int) (blas32.General, []int) {
	s := rng.New(11, uint64(n))
	x := blas32.General{Rows: n, Cols: 24, Stride: 24, Data: make([]float32, n*24)}
	classes := make([]int, n)
	for i := range n {
		row := x.Data[i*24:][:24]
		classes[i] = i%9 - 1
		if i%5 == 4 && i > 100 {
			copy(row, x.Data[i%2*24:][:24])
			continue
		}
		for j := range row {
			row[j] = float32(s.Float64() - 0.5)
		}
		row[i%7] += 2
		if i%50 == 3 {
			for j := range row {
				row[j] = -row[j]
			}
		}
	}
	return x, classes
}

func options(classes []int, workers int) Options {
	return Options{
		Neighbors: 15, Metric: metric.Metric{Kind: metric.Cosine}, Limit: 2, Connectivity: 1, MixRatio: 1,
		Classes: classes, TargetWeight: 0.5, Workers: workers,
	}
}

func hash(g sparse.CSR[float32]) uint64 {
	h := fnv.New64a()
	word := func(v uint64, size int) { _, _ = h.Write(binary.LittleEndian.AppendUint64(nil, v)[:size]) }
	for _, v := range g.RowPtr {
		word(uint64(v), 8)
	}
	for _, v := range g.Col {
		word(uint64(v), 4)
	}
	for _, v := range g.Value {
		word(uint64(math.Float32bits(v)), 4)
	}
	return h.Sum64()
}

// The hashes were recorded from the graphs of package umap before its code moved here.
func TestBuildSameBits(t *testing.T) {
	for _, c := range []struct {
		n     int
		known bool
		edges int
		hash  uint64
	}{
		{1, false, 0, 0x88201fb960ff6465},
		{1, true, 0, 0x88201fb960ff6465},
		{2, false, 0, 0x81d23fd7003c2305},
		{2, true, 0, 0x81d23fd7003c2305},
		{12, false, 126, 0x43f744cc03637e11},
		{12, true, 126, 0x534114b9de22ae7d},
		{1500, false, 31944, 0x672919cb37c3d71b},
		{1500, true, 31944, 0xe0589674f8103d1b},
	} {
		for _, workers := range []int{1, 3} {
			x, classes := rows(c.n)
			if !c.known {
				classes = nil
			}
			g, err := Build(t.Context(), x, options(classes, workers))
			name := fmt.Sprintf("%d rows, classes %v, %d workers", c.n, c.known, workers)
			require.NoError(t, err, name)
			require.NoError(t, Check(g), name)
			require.Len(t, g.Col, c.edges, name)
			require.Equal(t, c.hash, hash(g), name)
		}
	}
}

// Every row of a crowd of equal rows has an edge to a row that differs from it.
func TestCrowdsHaveOtherNeighborsExact(t *testing.T) {
	x, _ := rows(1500)
	g, err := Build(t.Context(), x, options(nil, 0))
	require.NoError(t, err)
	groups := Distinct(x)
	require.Greater(t, x.Rows-len(groups.First), 250)
	for i := range g.Rows() {
		cols, _ := g.Row(i)
		other := false
		for _, j := range cols {
			other = other || groups.Of[j] != groups.Of[i]
		}
		require.True(t, other, "row %d", i)
	}
}

func TestBuildErrors(t *testing.T) {
	x, classes := rows(40)
	_, err := Build(t.Context(), blas32.General{Cols: 3, Stride: 3}, options(nil, 0))
	require.EqualError(t, err, "no rows, want at least 1")
	_, err = Build(t.Context(), x, options(classes[1:], 0))
	require.EqualError(t, err, "39 classes for 40 rows")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, n := range []int{1, 40} {
		x, _ := rows(n)
		_, err = Build(canceled, x, options(nil, 0))
		require.ErrorIs(t, err, context.Canceled)
	}
	o := options(classes, 0)
	o.TargetWeight = 2
	_, err = Build(t.Context(), x, o)
	require.EqualError(t, err, "target weight is 2, want 0 to 1")
}

func TestCheckExact(t *testing.T) {
	good := func() sparse.CSR[float32] {
		return sparse.CSR[float32]{Cols: 2, RowPtr: []int{0, 1, 2}, Col: []int32{1, 0}, Value: []float32{0.5, 0.5}}
	}
	require.NoError(t, Check(good()))
	require.NoError(t, Check(Single()))
	for says, change := range map[string]func(g *sparse.CSR[float32]){
		"does not fit together":                          func(g *sparse.CSR[float32]) { g.Cols = 3 },
		"with 2 columns, 2 edges and 1 weights":          func(g *sparse.CSR[float32]) { g.Value = g.Value[1:] },
		"the edges of vertex 0 end before they start":    func(g *sparse.CSR[float32]) { g.RowPtr[1] = 3 },
		"edge 0 of vertex 1 leads to 2, want rising":     func(g *sparse.CSR[float32]) { g.Col[1] = 2 },
		"edge from 0 to 1 has weight 0":                  func(g *sparse.CSR[float32]) { g.Value[0] = 0 },
		"edge from 1 to 0 has weight NaN":                func(g *sparse.CSR[float32]) { g.Value[1] = float32(math.NaN()) },
		"edge 0 of vertex 0 leads to -1":                 func(g *sparse.CSR[float32]) { g.Col[0] = -1 },
		"0 vertices with 0 columns, 0 edges and 0 weigh": func(g *sparse.CSR[float32]) { *g = sparse.CSR[float32]{} },
	} {
		g := good()
		change(&g)
		require.ErrorContains(t, Check(g), says)
	}
}
