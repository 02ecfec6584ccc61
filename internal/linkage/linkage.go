// Package linkage clusters items from the bottom up: of their pairwise distances it makes the binary tree of merges that
// scipy.cluster.hierarchy.linkage makes (SciPy 1.17.1), puts its leaves in the order in which neighbors are closest, and
// cuts it into flat clusters.
//
// # Condensed distances
//
// The distances of n items are the n(n−1)/2 values above the diagonal of their matrix, row by row: 0–1, 0–2, …, 0–(n−1),
// 1–2, …, as scipy.spatial.distance.squareform and pdist give them.
//
// # Definitions
//
// With d(a, b) the distance of two clusters, |a| the number of items of a, and ab the union of a and b, the distance of ab
// to another cluster c is
//
//   - single: min(d(a, c), d(b, c))
//   - complete: max(d(a, c), d(b, c))
//   - average: (|a| d(a, c) + |b| d(b, c)) / (|a| + |b|)
//   - weighted: (d(a, c) + d(b, c)) / 2
//   - ward: √(((|a|+|c|) d(a, c)² + (|b|+|c|) d(b, c)² − |c| d(a, b)²) / (|a|+|b|+|c|))
//   - centroid: √((|a| d(a, c)² + |b| d(b, c)²) / (|a|+|b|) − |a||b| d(a, b)² / (|a|+|b|)²)
//   - median: √((d(a, c)² + d(b, c)²) / 2 − d(a, b)² / 4)
//
// The last three have their geometrical meaning where the distances are Euclidean. Each merge joins the two clusters that
// are closest, so the distances of the merges rise, except that those of centroid and median may fall.
//
// The algorithms are those of Müllner, "Modern hierarchical, agglomerative clustering algorithms", arXiv:1109.2378, as
// SciPy chooses them: a spanning tree for single, chains of nearest neighbors for complete, average, weighted and ward,
// and a queue of nearest neighbors for centroid and median. Where several pairs are equally close they decide which of
// them is merged first, as they do in SciPy.
//
// # The same bits
//
// Everything is computed in float64 in one goroutine; nothing is fused, and ties break by the rules of the algorithms.
package linkage

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/stage"
)

// Method says how far a union of two clusters is from a third.
type Method string

// The methods, by the names that SciPy has for them. The package's comment defines them.
const (
	Single   Method = "single"
	Complete Method = "complete"
	Average  Method = "average"
	Weighted Method = "weighted"
	Ward     Method = "ward"
	Centroid Method = "centroid"
	Median   Method = "median"
)

// Validate reports a method that is none of those above.
func (m Method) Validate() error {
	switch m {
	case Single, Complete, Average, Weighted, Ward, Centroid, Median:
		return nil
	}
	return fmt.Errorf("linkage: method is %q, want single, complete, average, weighted, ward, centroid or median", string(m))
}

// Merge is one step of a tree, a row of SciPy's linkage matrix: the i-th merge of n items makes node n+i of the nodes Left
// and Right. Nodes below n are items.
type Merge struct {
	Left, Right int
	Distance    float64
	Size        int // number of items below
}

// Tree is the n−1 merges of n ≥ 1 items. Its methods expect one that Check finds good, as Link and Order make them.
type Tree []Merge

// largest is the largest distance: n times n times its square is finite.
const largest = 1e140

// Link makes the tree of n items, of which dist holds the condensed distances: at least 0, and at most 1e140, so that
// squares are finite. The left node of each merge is the lower one. It takes O(n²) time, for centroid and median O(n³) at
// worst, and, except for single, n² float64 of memory.
//
// The error says that the method is unknown, that n is below 1, that dist has another length than n(n−1)/2, or, as a
// *stage.ValueError with the pair of items as row and column, that a distance is NaN or out of range; or it is the cause
// of ctx's end.
func Link(ctx context.Context, n int, dist []float64, method Method) (Tree, error) {
	if err := method.Validate(); err != nil {
		return nil, err
	}
	if err := valid(ctx, n, dist); err != nil {
		return nil, err
	}
	if n == 1 {
		return Tree{}, nil
	}
	switch method {
	case Single:
		return prim(ctx, n, dist)
	case Centroid, Median:
		return generic(ctx, n, dist, method)
	}
	return chain(ctx, n, dist, method)
}

// valid reports what Link and Order cannot work with.
func valid(ctx context.Context, n int, dist []float64) error {
	if n < 1 {
		return fmt.Errorf("linkage: %d items, want at least 1", n)
	}
	if want := n * (n - 1) / 2; len(dist) != want {
		return fmt.Errorf("linkage: %d distances of %d items, want %d, those above the diagonal row by row", len(dist), n, want)
	}
	at := 0
	for i := range n - 1 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		for j, d := range dist[at : at+n-1-i] {
			if !(d >= 0 && d <= largest) {
				return fmt.Errorf("linkage: %w", &stage.ValueError{
					Row: i, Col: i + 1 + j, Why: fmt.Sprintf("distance is %v, want a number from 0 to %g", d, largest),
				})
			}
		}
		at += n - 1 - i
	}
	return nil
}

// Check reports the first merge that does not fit a tree: one that joins a node with itself, with one that was joined
// before or with one that there is not yet, or whose size is not the sum of theirs.
func (t Tree) Check() error {
	n := len(t) + 1
	joined := make([]bool, n+len(t))
	for i, m := range t {
		for _, c := range [...]int{m.Left, m.Right} {
			if c < 0 || c >= n+i {
				return fmt.Errorf("linkage: merge %d joins node %d, want one from 0 to %d", i, c, n+i-1)
			}
			if joined[c] {
				return fmt.Errorf("linkage: merge %d joins node %d, which is joined already", i, c)
			}
			joined[c] = true
		}
		if want := t.size(m.Left) + t.size(m.Right); m.Size != want {
			return fmt.Errorf("linkage: merge %d has %d items, want %d", i, m.Size, want)
		}
	}
	return nil
}

// size is the number of items below a node.
func (t Tree) size(node int) int {
	if n := len(t) + 1; node >= n {
		return t[node-n].Size
	}
	return 1
}
