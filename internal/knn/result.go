package knn

import (
	"cmp"
	"slices"
)

type neighbour struct {
	distance float64
	index    int32
}

func (a neighbour) compare(b neighbour) int {
	if c := cmp.Compare(a.distance, b.distance); c != 0 {
		return c
	}
	return cmp.Compare(a.index, b.index)
}

// result collects the neighbors of the rows of queries, group by group.
type result struct {
	Neighbors
	queries, points *groups
	self            bool
	k               int // neighbors of a row
	kg              int // groups that hold them: fewer when there are not so many
	told            int // rows that Progress was told of
}

func newResult(queries, points *groups, self bool, k int) *result {
	n := queries.x.Rows
	return &result{
		Neighbors: Neighbors{K: k, Index: make([]int32, n*k), Distance: make([]float32, n*k)},
		queries:   queries, points: points, self: self, k: k, kg: min(k, points.n()),
	}
}

// set takes the kg nearest groups of points, in any order, as those of a group of queries. list is memory to work in.
func (r *result) set(g int, near, list []neighbour) []neighbour {
	slices.SortFunc(near, neighbour.compare)
	// Groups ascend with their first rows, so the k first rows by (distance, row) lie in the k first groups.
	list = list[:0]
	single := true
	for i, v := range near {
		if len(list) >= r.k && v.distance > near[i-1].distance {
			break
		}
		m := r.points.members(int(v.index))
		single = single && len(m) == 1
		for _, j := range m[:min(len(m), r.k)] {
			list = append(list, neighbour{v.distance, j})
		}
	}
	if !single {
		slices.SortFunc(list, neighbour.compare)
	}
	for _, i := range r.queries.members(g) {
		r.write(int(i), list)
	}
	return list
}

// write stores the first neighbors of the list as those of row i.
func (r *result) write(i int, list []neighbour) {
	index, distance := r.Index[i*r.k:(i+1)*r.k], r.Distance[i*r.k:(i+1)*r.k]
	j := 0
	if r.self {
		index[0], distance[0] = int32(i), 0
		j = 1
	}
	for _, v := range list {
		if j == r.k {
			return
		}
		if r.self && int(v.index) == i {
			continue
		}
		index[j], distance[j] = v.index, float32(v.distance)
		j++
	}
}

// keep adds v to a heap of the n nearest, whose root is the farthest.
func keep(heap []neighbour, v neighbour, n int) []neighbour {
	if len(heap) < n {
		heap = append(heap, v)
		for i := len(heap) - 1; i > 0; {
			up := (i - 1) / 2
			if heap[i].compare(heap[up]) <= 0 {
				break
			}
			heap[i], heap[up] = heap[up], heap[i]
			i = up
		}
		return heap
	}
	if v.compare(heap[0]) >= 0 {
		return heap
	}
	heap[0] = v
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return heap
		}
		if down+1 < n && heap[down+1].compare(heap[down]) > 0 {
			down++
		}
		if heap[down].compare(heap[i]) <= 0 {
			return heap
		}
		heap[i], heap[down] = heap[down], heap[i]
		i = down
	}
}
