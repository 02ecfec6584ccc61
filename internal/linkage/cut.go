package linkage

import "fmt"

// Leaves is the items from left to right: those below a merge's left node come before those below its right one.
func (t Tree) Leaves() []int {
	n := len(t) + 1
	leaves := make([]int, n)
	for v, at := range t.starts()[:n] {
		leaves[at] = v
	}
	return leaves
}

// Members is the items below each merge, from left to right: parts of one slice, Leaves.
func (t Tree) Members() [][]int {
	leaves, starts := t.Leaves(), t.starts()
	members := make([][]int, len(t))
	for i, m := range t {
		lo := starts[len(t)+1+i]
		members[i] = leaves[lo : lo+m.Size : lo+m.Size]
	}
	return members
}

// starts is the place among the leaves of each node's leftmost item.
func (t Tree) starts() []int {
	n := len(t) + 1
	starts := make([]int, n+len(t))
	for i := len(t) - 1; i >= 0; i-- { // a merge is made after those below it
		starts[t[i].Left] = starts[n+i]
		starts[t[i].Right] = starts[n+i] + t.size(t[i].Left)
	}
	return starts
}

// Cut is the labels of k flat clusters, the last k−1 merges undone. Clusters are numbered from 0 by their first items.
// [scikit-learn's AgglomerativeClustering with n_clusters, whose numbers differ] The error says that k is not from 1 to
// the number of items.
func (t Tree) Cut(k int) ([]int, error) {
	n := len(t) + 1
	if k < 1 || k > n {
		return nil, fmt.Errorf("linkage: cut into %d clusters, want 1 to %d", k, n)
	}
	return t.flat(func(i int) bool { return i < n-k }), nil
}

// CutAt is the labels of the flat clusters that have no merge above distance d in them, numbered from 0 by their first
// items. With a d that is NaN each item is a cluster. [fcluster with criterion distance, whose numbers differ].
func (t Tree) CutAt(d float64) []int {
	n := len(t) + 1
	made := make([]bool, n+len(t))
	for i := range made {
		made[i] = i < n || t[i-n].Distance <= d && made[t[i-n].Left] && made[t[i-n].Right]
	}
	return t.flat(func(i int) bool { return made[n+i] })
}

// flat is the labels of the items when some merges are made, with all those below them.
func (t Tree) flat(made func(i int) bool) []int {
	n := len(t) + 1
	top := make([]int, n+len(t)) // the highest made node above or at a node
	for i := range top {
		top[i] = i
	}
	for i := len(t) - 1; i >= 0; i-- {
		if made(i) {
			top[t[i].Left], top[t[i].Right] = top[n+i], top[n+i]
		}
	}
	labels := make([]int, n)
	number := make([]int, len(top)) // from 1
	next := 0
	for i := range labels {
		c := top[i]
		if number[c] == 0 {
			next++
			number[c] = next
		}
		labels[i] = number[c] - 1
	}
	return labels
}
