package umap

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
)

// equals are the rows of a matrix by what they hold: rows that are equal have one number.
type equals struct {
	of    []int32 // per row: its number
	first []int32 // per number: the first row that has it
}

// ringNeighbours is how many of its like a row in a crowd of equal rows has for neighbours.
const ringNeighbours = 2

// distinct numbers the rows of x. 0 and −0 are the same.
func distinct(x blas32.General) equals {
	row := func(i int32) []float32 { return x.Data[int(i)*x.Stride:][:x.Cols] }
	return number(x.Rows, func(i int32) uint64 { return hashRow(row(i)) }, func(i, j int32) bool { return slices.Equal(row(i), row(j)) })
}

// distinctSparse numbers sparse rows.
func distinctSparse(x sparse.CSR[float32]) equals {
	hash := func(i int32) uint64 { return hashSparse(metric.SparseRow(x, int(i))) }
	return number(x.Rows(), hash, func(i, j int32) bool { return sameRow(x, int(i), x, int(j)) })
}

// sameRow reports whether row i of x has the entries of row j of y.
func sameRow(x sparse.CSR[float32], i int, y sparse.CSR[float32], j int) bool {
	a, b := metric.SparseRow(x, i), metric.SparseRow(y, j)
	return slices.Equal(a.Index, b.Index) && slices.Equal(a.Value, b.Value)
}

func hashSparse(r metric.Sparse) uint64 {
	h := hashRow(r.Value)
	for _, c := range r.Index {
		h = (h ^ uint64(c)) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return h
}

func number(n int, hash func(i int32) uint64, equal func(i, j int32) bool) equals {
	e := equals{of: make([]int32, n)}
	known := make(map[uint64][]int32, n) // numbers by hash
	for i := range int32(n) {
		h := hash(i)
		k := slices.IndexFunc(known[h], func(v int32) bool { return equal(e.first[v], i) })
		if k < 0 {
			known[h] = append(known[h], int32(len(e.first)))
			e.of[i] = int32(len(e.first))
			e.first = append(e.first, i)
			continue
		}
		e.of[i] = known[h][k]
	}
	return e
}

// crowded lists the rows all of whose neighbours are at distance 0.
func (nb Neighbours) crowded() []int32 {
	var rows []int32
	for i := range nb.Rows() {
		if nb.K > 1 && nb.Distance[(i+1)*nb.K-1] == 0 {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// spreadOut gives crowded rows neighbours that differ from them, found by search among the rows that it is given second.
// Where a neighbour has equals, the crowd's members take turns in choosing one.
func (nb Neighbours) spreadOut(ctx context.Context, crowded []int32, e equals, search func(rows, all []int32) (knn.Neighbours, error)) error {
	members := make([][]int32, len(e.first))
	for i, v := range e.of {
		members[v] = append(members[v], int32(i))
	}
	var numbers, rows []int32 // of the crowds, and a row of each
	for _, i := range crowded {
		if v := e.of[i]; e.first[v] == i {
			numbers, rows = append(numbers, v), append(rows, i)
		}
	}
	if len(numbers) == 0 || len(e.first) < 2 {
		return context.Cause(ctx)
	}
	found, err := search(rows, e.first)
	if err != nil {
		return err
	}
	for c, v := range numbers {
		crowd := members[v]
		for at, i := range crowd {
			index, distance := nb.Index[int(i)*nb.K:][:nb.K], nb.Distance[int(i)*nb.K:][:nb.K]
			k := 1 // the row itself comes first
			for step := 1; step <= min(ringNeighbours, len(crowd)-1) && k < nb.K-1; step++ {
				index[k], distance[k] = crowd[(at+step)%len(crowd)], 0
				k++
			}
			for f := 0; f < found.K && k < nb.K; f++ {
				other := found.Index[c*found.K+f]
				if other == v {
					continue
				}
				like := members[other]
				index[k], distance[k] = like[at%len(like)], found.Distance[c*found.K+f]
				k++
			}
			for ; k < nb.K; k++ { // fewer different rows than neighbours
				index[k], distance[k] = -1, float32(math.Inf(1))
			}
		}
	}
	return nil
}
