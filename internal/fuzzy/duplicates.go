package fuzzy

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
)

// Groups numbers the rows of a matrix by their contents: equal rows have one number.
type Groups struct {
	Of    []int32 // per row: its number
	First []int32 // per number: the first row that has it
}

// ringNeighbors is the number of duplicate rows kept as neighbors of a row.
const ringNeighbors = 2

// Distinct numbers the rows of x. 0 and −0 are equal.
func Distinct(x blas32.General) Groups {
	row := func(i int32) []float32 { return dense.Row(x, int(i)) }
	return Group(x.Rows, func(i int32) uint64 { return Hash(row(i)) }, func(i, j int32) bool { return slices.Equal(row(i), row(j)) })
}

// Hash returns a hash of the values of a row; that of 0 and −0 is the same.
func Hash(row []float32) uint64 {
	h := uint64(len(row))
	for _, v := range row {
		h = (h ^ uint64(math.Float32bits(v+0))) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return h
}

// Group numbers n rows of any kind. Equal rows must have equal hashes.
func Group(n int, hash func(i int32) uint64, equal func(i, j int32) bool) Groups {
	g := Groups{Of: make([]int32, n)}
	known := make(map[uint64][]int32, n) // numbers by hash
	for i := range int32(n) {
		h := hash(i)
		k := slices.IndexFunc(known[h], func(v int32) bool { return equal(g.First[v], i) })
		if k < 0 {
			known[h] = append(known[h], int32(len(g.First)))
			g.Of[i] = int32(len(g.First))
			g.First = append(g.First, i)
			continue
		}
		g.Of[i] = known[h][k]
	}
	return g
}

// Crowded lists the rows all of whose neighbors are at distance 0.
func Crowded(nb knn.Neighbors) []int32 {
	var rows []int32
	for i := range Rows(nb) {
		if nb.K > 1 && nb.Distance[(i+1)*nb.K-1] == 0 {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// spreadOut gives crowded rows, next to ringNeighbors of their duplicates, neighbors that differ
// from them. Where such a neighbor has duplicates itself, the crowded rows take turns in choosing
// one. search is as for Settle.
func spreadOut(ctx context.Context, nb knn.Neighbors, crowded []int32, g Groups, search func(rows, all []int32) (knn.Neighbors, error)) error {
	members := make([][]int32, len(g.First))
	for i, v := range g.Of {
		members[v] = append(members[v], int32(i))
	}
	var numbers, rows []int32 // of the crowded groups, and a row of each
	for _, i := range crowded {
		if v := g.Of[i]; g.First[v] == i {
			numbers, rows = append(numbers, v), append(rows, i)
		}
	}
	if len(numbers) == 0 || len(g.First) < 2 {
		return context.Cause(ctx)
	}
	found, err := search(rows, g.First)
	if err != nil {
		return err
	}
	for c, v := range numbers {
		crowd := members[v]
		for at, i := range crowd {
			index, distance := nb.Index[int(i)*nb.K:][:nb.K], nb.Distance[int(i)*nb.K:][:nb.K]
			k := 1 // the row itself comes first
			for step := 1; step <= min(ringNeighbors, len(crowd)-1) && k < nb.K-1; step++ {
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
			for ; k < nb.K; k++ { // fewer different rows than neighbors
				index[k], distance[k] = -1, float32(math.Inf(1))
			}
		}
	}
	return nil
}
