package knn

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// groups are the rows of a matrix with those that are equal taken together. A group is numbered by its first row's rank
// among first rows, so groups ascend with their first row.
type groups struct {
	x      blas32.General
	start  []int32 // of each group in member, and the end of the last
	member []int32 // rows by group, ascending within each
}

func (g *groups) n() int { return len(g.start) - 1 }

func (g *groups) members(i int) []int32 { return g.member[g.start[i]:g.start[i+1]] }

// row is the values of the rows of a group.
func (g *groups) row(i int) []float32 { return dense.Row(g.x, int(g.member[g.start[i]])) }

func newGroups(ctx context.Context, x blas32.General) (*groups, error) {
	n := x.Rows
	size := 16
	for size < 2*n {
		size *= 2
	}
	table := make([]int32, size) // open addressing: a group's number + 1
	var hashes []uint64          // of each group
	var first []int32            // row of each group
	of := make([]int32, n)
	for i := range n {
		if i%1024 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
		}
		v := dense.Row(x, i)
		h := hash(v)
		slot := int(h>>32) & (size - 1)
		for ; table[slot] != 0; slot = (slot + 1) & (size - 1) {
			if g := table[slot] - 1; hashes[g] == h && equal(v, dense.Row(x, int(first[g]))) {
				break
			}
		}
		if table[slot] == 0 {
			hashes, first = append(hashes, h), append(first, int32(i))
			table[slot] = int32(len(first))
		}
		of[i] = table[slot] - 1
	}

	g := &groups{x: x, start: make([]int32, len(first)+1), member: make([]int32, n)}
	for _, j := range of {
		g.start[j+1]++
	}
	for j := range first {
		g.start[j+1] += g.start[j]
	}
	next := append([]int32(nil), g.start...)
	for i, j := range of {
		g.member[next[j]] = int32(i)
		next[j]++
	}
	return g, nil
}

// hash is the same for rows that are equal; the two zeros are made one.
func hash(v []float32) uint64 {
	h := uint64(len(v))
	for _, f := range v {
		h = (h ^ uint64(math.Float32bits(f+0))) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

func equal(a, b []float32) bool {
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}
