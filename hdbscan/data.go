package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
)

// Data is what FitData clusters, one of Points, Distances and Graph, and what is known of the rows besides.
type Data struct {
	// Points has one row per thing to cluster. It is not changed, and not needed any more after the fit.
	Points blas32.General

	// Distances is a symmetric matrix of distances, +Inf where two rows are out of each other's reach. What stands on its
	// diagonal is not looked at. The model keeps it. [metric="precomputed"]
	Distances blas32.General

	// Graph has the distances of some pairs of rows; all others are out of reach. [metric="precomputed", sparse]
	Graph *Graph

	// Weights has a weight for each row, finite, at least 0 and not all 0; nil for 1 each. A row of weight w counts as w
	// rows at its place, in core distances and in the sizes of clusters. [fast_hdbscan: sample_weight]
	Weights []float64

	// Classes has what is known of the rows' classes: a number from 0, or −1 where nothing is known; nil for nothing at all.
	// With EOM, clusters are then selected that agree with the classes (semi-supervised). [fast_hdbscan: y]
	Classes []int

	// CannotLink has pairs of rows that must not be in one cluster. Nil for none. [fast_hdbscan: cannot_link]
	CannotLink [][2]int

	// Apart has a group for each row, from 0, or −1: no two rows of one group may be in one cluster. Nil for none.
	// [fast_hdbscan: cannot_link_groups]
	Apart []int
}

// Graph is a sparse symmetric matrix of distances by rows: row i has Distance[j] to row Index[j] for j in [Start[i],
// Start[i+1]). A pair may be stored once or twice; twice it must have the same distance.
type Graph struct {
	Rows     int
	Start    []int // Rows + 1 of them
	Index    []int
	Distance []float64
}

// maxRows is the largest number of rows: nodes of trees over them have numbers of type int32.
const maxRows = math.MaxInt32 / 2

// rows is the number of rows; an error says what does not fit together.
func (d Data) rows() (int, error) {
	n, kinds := d.Points.Rows, 0
	if d.Points.Rows != 0 || d.Points.Cols != 0 {
		kinds++
	}
	if d.Distances.Rows != 0 || d.Distances.Cols != 0 {
		n, kinds = d.Distances.Rows, kinds+1
	}
	if d.Graph != nil {
		n, kinds = d.Graph.Rows, kinds+1
	}
	if kinds > 1 {
		return 0, errors.New("the data has more than one of points, distances and a graph")
	}
	if n > maxRows {
		return 0, fmt.Errorf("the data has %d rows, want at most %d", n, maxRows)
	}
	for _, l := range []struct {
		what string
		len  int
		set  bool
	}{{"weights", len(d.Weights), d.Weights != nil}, {"classes", len(d.Classes), d.Classes != nil}, {"groups", len(d.Apart), d.Apart != nil}} {
		if l.set && l.len != n {
			return 0, fmt.Errorf("%d %s for %d rows, want one each", l.len, l.what, n)
		}
	}
	var total float64
	for i, w := range d.Weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return 0, &stage.ValueError{Row: i, Col: -1, Why: fmt.Sprintf("has weight %v, want a finite number, at least 0", w)}
		}
		total += w
	}
	if d.Weights != nil && n > 0 && (total == 0 || math.IsInf(total, 1)) {
		return 0, fmt.Errorf("the weights add up to %v, want a finite number above 0", total)
	}
	for _, l := range [][]int{d.Classes, d.Apart} {
		for i, v := range l {
			if v < -1 {
				return 0, &stage.ValueError{Row: i, Col: -1, Why: fmt.Sprintf("has class or group %d, want −1 or more", v)}
			}
		}
	}
	for i, p := range d.CannotLink {
		if p[0] < 0 || p[0] >= n || p[1] < 0 || p[1] >= n || p[0] == p[1] {
			return 0, fmt.Errorf("pair %d that cannot link is (%d, %d), want two rows of %d", i, p[0], p[1], n)
		}
	}
	return n, nil
}

// constrained says that there are rows that must not be in one cluster.
func (d Data) constrained() bool {
	if len(d.CannotLink) > 0 {
		return true
	}
	seen := map[int]bool{}
	for _, g := range d.Apart {
		if g >= 0 && seen[g] {
			return true
		}
		seen[g] = true
	}
	return false
}

// space is where the data lies; broken is set when a distance of the caller's is no number of at least 0.
func (d Data) space(ctx context.Context, cfg Config, broken *atomic.Pointer[error]) (*space, error) {
	switch {
	case d.Graph != nil:
		return &space{scale: 1 / cfg.Alpha, given: d.Graph.distance}, d.Graph.check()
	case d.Distances.Rows > 0 || d.Distances.Cols > 0:
		return &space{scale: 1 / cfg.Alpha, given: func(i, j int) float64 {
			return float64(d.Distances.Data[i*d.Distances.Stride+j])
		}}, checkDistances(ctx, d.Distances)
	}
	s, err := newSpace(d.Points, cfg)
	if err == nil && cfg.Metric == Custom {
		s.between = func(a, b []float32) float64 {
			v := cfg.Distance(a, b)
			if !(v >= 0) {
				err := fmt.Errorf("Config.Distance gave %v for the rows %v and %v, want a number of at least 0", v, head(a), head(b))
				broken.CompareAndSwap(nil, &err)
				return math.Inf(1)
			}
			return v
		}
	}
	return s, err
}

// head is as much of a row as fits an error.
func head(row []float32) []float32 { return row[:min(len(row), 4)] }

// checkDistances reports what makes a matrix no matrix of distances.
func checkDistances(ctx context.Context, x blas32.General) error {
	n := x.Rows
	if x.Cols != n {
		return fmt.Errorf("the matrix of distances is %d×%d, want as many columns as rows", n, x.Cols)
	}
	if x.Stride < n || len(x.Data) < (n-1)*x.Stride+n {
		return check.Matrix(x)
	}
	for i := range n {
		if i&63 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for j, v := range x.Data[i*x.Stride : i*x.Stride+i] {
			if !(v >= 0) {
				return &stage.ValueError{Row: i, Col: j, Why: fmt.Sprintf("is %v, want a distance of at least 0, or +Inf", v)}
			}
			if u := x.Data[j*x.Stride+i]; u != v {
				return &stage.ValueError{Row: i, Col: j, Why: fmt.Sprintf("is %v, but %v the other way round: distances must be symmetric", v, u)}
			}
		}
	}
	return nil
}

func (g *Graph) check() error {
	if g.Rows < 0 || len(g.Start) != g.Rows+1 && (g.Rows > 0 || len(g.Start) > 0) {
		return fmt.Errorf("the graph has %d starts for %d rows, want one more than rows", len(g.Start), g.Rows)
	}
	if g.Rows == 0 {
		return nil
	}
	if g.Start[0] != 0 || g.Start[g.Rows] != len(g.Index) || len(g.Index) != len(g.Distance) || !slices.IsSorted(g.Start) {
		return fmt.Errorf("the graph's starts do not fit its %d indices and %d distances", len(g.Index), len(g.Distance))
	}
	for i := range g.Rows {
		for e := g.Start[i]; e < g.Start[i+1]; e++ {
			j, v := g.Index[e], g.Distance[e]
			if j < 0 || j >= g.Rows || j == i {
				return &stage.ValueError{Row: i, Col: j, Why: fmt.Sprintf("is a column of the graph, want another row of %d", g.Rows)}
			}
			if !(v >= 0) {
				return &stage.ValueError{Row: i, Col: j, Why: fmt.Sprintf("is %v, want a distance of at least 0", v)}
			}
		}
	}
	return nil
}

// distance finds a distance without an index of the graph: +Inf where there is none.
func (g *Graph) distance(i, j int) float64 {
	for range 2 {
		for e := g.Start[i]; e < g.Start[i+1]; e++ {
			if g.Index[e] == j {
				return g.Distance[e]
			}
		}
		i, j = j, i
	}
	return math.Inf(1)
}

// pairs are the graph's pairs in the order of their rows, each once.
func (g *Graph) pairs() ([]link, error) {
	all := make([]link, 0, len(g.Index))
	for i := range g.Rows {
		for e := g.Start[i]; e < g.Start[i+1]; e++ {
			all = append(all, newLink(g.Distance[e], g.Distance[e], int32(i), int32(g.Index[e])))
		}
	}
	slices.SortFunc(all, func(e, f link) int {
		if e.a != f.a {
			return int(e.a - f.a)
		}
		return int(e.b - f.b)
	})
	out := all[:0]
	for _, e := range all {
		if n := len(out); n > 0 && out[n-1].a == e.a && out[n-1].b == e.b {
			if out[n-1].d2 != e.d2 {
				return nil, &stage.ValueError{Row: int(e.a), Col: int(e.b), Why: fmt.Sprintf(
					"is %v, but %v the other way round: distances must be symmetric", out[n-1].d2, e.d2)}
			}
			continue
		}
		out = append(out, e)
	}
	return out, nil
}
