package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
)

// Memberships gives for each row of the data how strongly it belongs to the top clusters whose exemplars are nearest to it,
// or, when top is 0, to every cluster: a matrix of a row per row and a column per cluster. The values of a row add up to at
// most 1: to the probability that it is in some cluster. Memory is 12 bytes for each value. [all_points_membership_vectors]
//
// The membership in a cluster is the product of two shares: that of 1/distance to the nearest exemplar of the cluster,
// and that of exp(exp(−λmax/λ)), where λ is that at which the row and the cluster become one and λmax the largest at which
// a row leaves the row's cluster. The products are normalised over the clusters that are given and multiplied by the
// probability that the row is in one of them: the largest such λ, over the largest of that cluster. Time for a row is
// that of a search among the exemplars and in proportion to top and to the depth of the condensed tree.
//
// A model of given distances has no distances to exemplars: it gives an error.
func (m *Model) Memberships(ctx context.Context, top int) (sparse.CSR[float64], error) {
	b, err := m.memberships(ctx, m.rows, top)
	if err == nil && b.sharers != nil {
		err = parallel.Loop{Workers: m.cfg.Workers, Block: 128}.Run(ctx, m.rows, func(w, lo, hi int) error {
			for i := lo; i < hi; i++ {
				p := m.tree.pos[i]
				b.share(w, i, m.tree.place(p), m.hierarchy.rowCluster[i], m.hierarchy.rowLambda[i])
			}
			return nil
		})
	}
	if err != nil {
		return sparse.CSR[float64]{}, fmt.Errorf("hdbscan: %w", err)
	}
	return b.out, nil
}

// PredictMemberships is Memberships for new points, by the same formula: a point with the coordinates of a row has the
// row's memberships. With Config.OriginalPrediction it is membership_vector of hdbscan 0.8.44, whose formula is another
// than that of all_points_membership_vectors. [membership_vector].
func (m *Model) PredictMemberships(ctx context.Context, points blas32.General, top int) (sparse.CSR[float64], error) {
	b, err := m.memberships(ctx, points.Rows, top)
	if err == nil {
		p := newPredictor(m)
		err = m.eachPoint(ctx, points, p, func(w, i int, f found) {
			switch {
			case b.sharers == nil:
			case m.cfg.OriginalPrediction:
				b.shareOriginal(w, i, f)
			default:
				b.share(w, i, f.place, f.cluster, f.lambda)
			}
		})
	}
	if err != nil {
		return sparse.CSR[float64]{}, fmt.Errorf("hdbscan: %w", err)
	}
	return b.out, nil
}

// membershipBuilder makes memberships.
type membershipBuilder struct {
	m         *Model
	top       int
	original  bool
	exemplars *kdTree   // exemplars by label where top is the number of clusters
	label     []int32   // of the exemplars, by position
	under     [][]int32 // by cluster of the hierarchy: labels of the selected clusters that it is or holds
	out       sparse.CSR[float64]
	sharers   []sharer // by worker; nil: there are no clusters
}

// sharer is the memory of one worker.
type sharer struct {
	path   []int32 // by cluster of the hierarchy: the number of the point whose ancestors it is among
	now    int32
	near   []labelled
	best   []float64 // by label, where all are wanted
	height []float64
	score  []float64
	memo   [64]memo
	stack  []pending
	buf    [leafChunk]float64
}

// memo remembers a factor of a score.
type memo struct{ of, deepest, factor float64 }

// labeled is the squared distance of the nearest exemplar of a label.
type labelled struct {
	d2    float64
	label int32
}

func (m *Model) memberships(ctx context.Context, rows, top int) (*membershipBuilder, error) {
	if top < 0 {
		return nil, fmt.Errorf("top is %d, want at least 1, or 0 for all clusters", top)
	}
	b := &membershipBuilder{m: m, original: m.cfg.OriginalPrediction}
	clusters := len(m.persistence)
	if b.top = top; top == 0 || top > clusters {
		b.top = clusters
	}
	b.out = sparse.CSR[float64]{Cols: clusters, RowPtr: make([]int, rows+1)}
	if clusters == 0 {
		return b, nil
	}
	if m.tree.given != nil {
		return nil, errors.New("a model of given distances has no distances to exemplars")
	}
	for i := range b.out.RowPtr {
		b.out.RowPtr[i] = i * b.top
	}
	b.out.Col, b.out.Value = make([]int32, rows*b.top), make([]float64, rows*b.top)
	var at, labels []int32
	for l, rows := range m.Exemplars() {
		last := int32(-1)
		for _, r := range rows {
			if p := m.tree.pos[r]; p != last {
				at, labels, last = append(at, p), append(labels, int32(l)), p
			}
		}
	}
	tree, err := m.tree.part(ctx, at, m.cfg.Workers)
	if err != nil {
		return nil, err
	}
	b.exemplars = tree
	b.label = make([]int32, len(at))
	for p, r := range tree.row {
		b.label[p] = labels[r]
	}
	b.listLabels()
	b.sharers = make([]sharer, parallel.Workers(m.cfg.Workers))
	for i := range b.sharers {
		b.sharers[i].path = make([]int32, len(m.hierarchy.parent))
		b.sharers[i].best = make([]float64, clusters)
		for j := range b.sharers[i].memo {
			b.sharers[i].memo[j].of = -1
		}
	}
	return b, nil
}

// nearest finds the clusters whose exemplars are nearest to a place, by label.
func (b *membershipBuilder) nearest(s *sharer, from place) {
	t := b.exemplars
	s.near = s.near[:0]
	if b.top == len(s.best) {
		for l := range s.best {
			s.best[l] = math.Inf(1)
		}
		for lo, end := int32(0), int32(t.len()); lo < end; lo += leafChunk {
			dists := s.buf[:min(leafChunk, end-lo)]
			t.dists(dists, from, lo)
			for i, d2 := range dists {
				if l := b.label[lo+int32(i)]; d2 < s.best[l] {
					s.best[l] = d2
				}
			}
		}
		for l, d2 := range s.best {
			s.near = append(s.near, labelled{d2, int32(l)})
		}
		return
	}
	s.stack = append(s.stack[:0], pending{0, 0})
	for len(s.stack) > 0 {
		at := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if len(s.near) == b.top && at.bound > s.near[b.top-1].d2 {
			continue
		}
		if !t.isLeaf(at.node) {
			near, far := 2*at.node+1, 2*at.node+2
			x, y := t.boxDist(from.at, near), t.boxDist(from.at, far)
			if y < x {
				near, far, x, y = far, near, y, x
			}
			s.stack = append(s.stack, pending{far, y}, pending{near, x})
			continue
		}
		for lo, end := t.start[at.node], t.end[at.node]; lo < end; lo += leafChunk {
			dists := s.buf[:min(leafChunk, end-lo)]
			t.dists(dists, from, lo)
			for i, d2 := range dists {
				s.insert(labelled{d2, b.label[lo+int32(i)]}, b.top)
			}
		}
	}
	// By label.
	for i := 1; i < len(s.near); i++ {
		v := s.near[i]
		j := i
		for ; j > 0 && s.near[j-1].label > v.label; j-- {
			s.near[j] = s.near[j-1]
		}
		s.near[j] = v
	}
}

// insert keeps the nearest exemplar of each of the top labels that are nearest, equally near ones by label.
func (s *sharer) insert(v labelled, top int) {
	before := func(a, b labelled) bool { return a.d2 < b.d2 || a.d2 == b.d2 && a.label < b.label }
	n := len(s.near)
	if n == top && !before(v, s.near[n-1]) {
		return
	}
	from := -1 // where the label is, or the place that becomes free
	for i, u := range s.near {
		if u.label == v.label {
			if u.d2 <= v.d2 {
				return
			}
			from = i
			break
		}
	}
	switch {
	case from >= 0:
	case n == top:
		from = n - 1
	default:
		s.near = append(s.near, v)
		from = n
	}
	for ; from > 0 && before(v, s.near[from-1]); from-- {
		s.near[from] = s.near[from-1]
	}
	s.near[from] = v
}

// heights sets for each of the clusters that are near the λ at which it becomes one with what leaves a cluster at lambda.
func (b *membershipBuilder) heights(s *sharer, cluster int32, lambda float64) {
	if b.top == len(s.best) {
		b.allHeights(s, cluster, lambda)
		return
	}
	h, sel := b.m.hierarchy, b.m.selection
	if s.now++; s.now == math.MaxInt32 {
		clear(s.path)
		s.now = 1
	}
	for c := cluster; c >= 0; c = h.parent[c] {
		s.path[c] = s.now
	}
	s.height = s.height[:0]
	for _, v := range s.near {
		own := sel.clusters[v.label]
		common := own
		for s.path[common] != s.now {
			common = h.parent[common]
		}
		if common == own || common == cluster {
			s.height = append(s.height, lambda)
		} else {
			s.height = append(s.height, h.birth[h.split[common]])
		}
	}
}

// allHeights is heights for all clusters: from what leaves up to the root, those that are in a cluster and not in the one
// before join at the λ at which that was born.
func (b *membershipBuilder) allHeights(s *sharer, cluster int32, lambda float64) {
	h, sel := b.m.hierarchy, b.m.selection
	s.height = append(s.height[:0], s.best...)
	set := func(labels []int32, height float64) {
		for _, l := range labels {
			s.height[l] = height
		}
	}
	set(b.under[cluster], lambda)
	c := cluster
	if l := sel.label[c]; l >= 0 {
		s.height[l] = lambda
		c = sel.clusters[l]
	}
	for p := h.parent[c]; p >= 0; c, p = p, h.parent[p] {
		for l, hi := h.children(int(p)); l < hi; l++ { // the siblings
			if l != int(c) {
				set(b.under[l], h.birth[c])
			}
		}
	}
}

// listLabels lists for each cluster of the hierarchy the labels of the selected ones that it is or holds.
func (b *membershipBuilder) listLabels() {
	h, sel := b.m.hierarchy, b.m.selection
	b.under = make([][]int32, len(h.parent))
	order := make([]int32, 0, len(sel.clusters))
	// From the root down and back, without recursion: a cluster is met again, as −1−c, when all below it has been.
	from := make([]int32, len(h.parent))
	stack := []int32{0}
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c < 0 {
			c = -1 - c
			b.under[c] = order[from[c]:len(order):len(order)]
			continue
		}
		from[c] = int32(len(order))
		if l := sel.label[c]; l >= 0 {
			order = append(order, int32(l))
			b.under[c] = order[len(order)-1 : len(order) : len(order)]
		} else if lo, hi := h.children(int(c)); lo != 0 {
			stack = append(stack, -1-c)
			for l := lo; l < hi; l++ {
				stack = append(stack, int32(l))
			}
		}
	}
}

// closeness sets the score of each cluster that is near to its share of 1/distance.
func (b *membershipBuilder) closeness(s *sharer) {
	s.score = s.score[:0]
	var sum float64
	zero := 0
	for _, v := range s.near {
		d := b.m.tree.distance(v.d2)
		if d == 0 {
			zero++
		}
		s.score = append(s.score, 1/d)
		sum += 1 / d
	}
	for i, v := range s.score {
		switch {
		case zero == 0:
			s.score[i] = v / sum
		case math.IsInf(v, 1):
			s.score[i] = 1 / float64(zero)
		default:
			s.score[i] = 0
		}
	}
}

// quotient is a/b for a λ and one at least as large; two that are infinite are the same.
func quotient(a, b float64) float64 {
	if math.IsInf(a, 1) && math.IsInf(b, 1) {
		return 1
	}
	return a / b
}

// share writes the memberships of row i of the result, which leaves a cluster at lambda.
func (b *membershipBuilder) share(w, i int, from place, cluster int32, lambda float64) {
	s, h := &b.sharers[w], b.m.hierarchy
	b.nearest(s, from)
	b.heights(s, cluster, lambda)
	b.closeness(s)
	deepest := h.death[cluster]
	if b.original {
		deepest += 1e-8
	}
	first := -1
	last, factor := math.Inf(-1), 1.0 // most heights come several times
	for j, height := range s.height {
		if height != last {
			last = height
			if i := int(math.Float64bits(height)*0x9e3779b97f4a7c15>>58) & (len(s.memo) - 1); s.memo[i].of == height && s.memo[i].deepest == deepest {
				factor = s.memo[i].factor
			} else {
				factor = bitmath.Exp(bitmath.Exp(-quotient(deepest, height)))
				s.memo[i] = memo{height, deepest, factor}
			}
		}
		s.score[j] *= factor
		if first < 0 || height > s.height[first] || height == s.height[first] && !b.original && s.near[j].d2 < s.near[first].d2 {
			first = j
		}
	}
	in := s.height[first]
	if most := max(in, lambda, h.death[b.m.selection.clusters[s.near[first].label]]); most > 0 {
		in = quotient(in, most)
	}
	b.write(s, i, in)
}

// write normalises the scores to a sum of in.
func (b *membershipBuilder) write(s *sharer, i int, in float64) {
	var sum float64
	for _, v := range s.score {
		sum += v
	}
	lo := b.out.RowPtr[i]
	for j, v := range s.near {
		b.out.Col[lo+j] = v.label
		b.out.Value[lo+j] = s.score[j] / sum * in
	}
}

// shareOriginal is share for a new point by the formula of membership_vector: root of the distances' share times the
// square of a share of exp(λmax/(λmax − λ)), with the cluster of the row that is nearest.
func (b *membershipBuilder) shareOriginal(w, i int, f found) {
	s, h := &b.sharers[w], b.m.hierarchy
	cluster, lambda := h.rowCluster[f.nearest], min(f.ownLambda, h.rowLambda[f.nearest])
	b.nearest(s, f.place)
	b.closeness(s)
	for j, v := range s.score {
		s.score[j] = math.Sqrt(v)
	}
	b.heights(s, cluster, float64(float32(lambda)))
	deepest := h.death[cluster]
	most := math.Inf(-1)
	for j, height := range s.height {
		below := deepest - height
		if below <= 0 {
			below = 1e-8
		}
		s.height[j] = deepest / below
		most = max(most, s.height[j])
	}
	var sum float64
	for j, v := range s.height {
		s.height[j] = bitmath.Exp(v - most)
		sum += s.height[j]
	}
	for j, v := range s.height {
		s.score[j] *= float64(v / sum * (v / sum))
	}
	b.heights(s, cluster, lambda)
	first := 0
	for j, height := range s.height {
		if height > s.height[first] {
			first = j
		}
	}
	b.write(s, i, s.height[first]/(max(lambda, h.death[b.m.selection.clusters[s.near[first].label]])+1e-8))
}
