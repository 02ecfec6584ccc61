package community

import (
	"context"
	"errors"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// distinct numbers the rows of d by their contents and classes.
func distinct(d stage.Data) fuzzy.Groups {
	row := func(i int32) []float32 { return dense.Row(d.X, int(i)) }
	return fuzzy.Group(d.X.Rows, func(i int32) uint64 { return fuzzy.Hash(row(i)) }, func(i, j int32) bool {
		return slices.Equal(row(i), row(j)) && (d.Classes == nil || d.Classes[i] == d.Classes[j])
	})
}

// clusterCopies finds the communities of rows some of which are equal, on the graph of the different ones. A row that
// comes m times counts as m rows: its edges weigh as much as those of m rows do, and it is tied to itself as its copies,
// which are nearest to each other, would be. With MinSize copies it may be a community.
func (c Config) clusterCopies(ctx context.Context, d stage.Data, e fuzzy.Groups) (*Model, error) {
	x := dense.Pick(d.X, e.First)
	times := make([]int, x.Rows)
	for _, v := range e.Of {
		times[v]++
	}
	var classes []int
	if d.Classes != nil {
		for _, i := range e.First {
			classes = append(classes, d.Classes[i])
		}
	}
	if err := simd.Forced(); err != nil {
		return nil, err
	}
	g, err := c.build(ctx, x, classes)
	if err != nil {
		return nil, err
	}
	m := newModel(x, weighted(g, times, c.resolve().Neighbors), c)
	m.times = times
	if m, err = m.fit(ctx); err != nil {
		return nil, err
	}
	return m.expand(d.X, e)
}

// weighted returns the graph of different rows that come as often as times says, among which a row has k neighbors,
// itself included.
func weighted(g sparse.CSR[float32], times []int, k int) sparse.CSR[float32] {
	out := sparse.CSR[float32]{Cols: g.Cols, RowPtr: make([]int, 1, g.Rows()+1)}
	for v := range g.Rows() {
		own := float32(times[v]) * float32(min(times[v], k)-1)
		index, weight := g.Row(v)
		for e, u := range index {
			if own > 0 && int(u) > v {
				out.Col, out.Value = append(out.Col, int32(v)), append(out.Value, own)
				own = 0
			}
			out.Col, out.Value = append(out.Col, u), append(out.Value, weight[e]*(float32(times[v]+times[u])/2))
		}
		if own > 0 {
			out.Col, out.Value = append(out.Col, int32(v)), append(out.Value, own)
		}
		out.RowPtr = append(out.RowPtr, len(out.Col))
	}
	return out
}

// expand returns the model of the rows x, of which m has the different ones. The edges of equal rows are those of the
// first of them.
func (m *Model) expand(x blas32.General, e fuzzy.Groups) (*Model, error) {
	g := sparse.CSR[float32]{Cols: x.Rows, RowPtr: make([]int, 1, x.Rows+1), Value: m.graph.Value}
	for i, v := range e.Of {
		if int(e.First[v]) == i {
			index, _ := m.graph.Row(int(v))
			for _, u := range index {
				g.Col = append(g.Col, e.First[u])
			}
		}
		g.RowPtr = append(g.RowPtr, len(g.Col))
	}
	if len(g.Col) != len(g.Value) {
		return nil, errors.New("the edges of different rows do not come in their order")
	}
	out := newModel(x, g, m.config)
	for i, v := range e.Of {
		out.first[i] = e.First[v]
	}
	out.chosen = m.chosen
	for _, l := range m.layers {
		to := *l
		to.labels, to.strength, to.whole = make([]int, x.Rows), make([]float64, x.Rows), make([]int32, x.Rows)
		for i, v := range e.Of {
			to.labels[i], to.strength[i], to.whole[i] = l.labels[v], l.strength[v], l.whole[v]
		}
		out.layers = append(out.layers, &to)
	}
	return out, nil
}
