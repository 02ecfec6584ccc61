package umap

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
)

// transformEpochs is the number of epochs for a new row when Config.NEpochs is automatic: umap-learn's for up to 10,000
// rows. It uses 30 for more, which would let the position of a row depend on the size of the call.
const transformEpochs = 100

// Transform places the rows of x (any number, as many columns as the training rows) among the training rows, and gives
// their positions, rows × NComponents.
//
// A row equal to a training row gets that row's position, bit for bit; where several training rows are equal, the first
// one's. Any other row starts at the mean of its nearest training rows' positions, weighted by its memberships in them,
// and is then moved as in the layout, while the training rows stay: a third of Config.NEpochs epochs, or 100, with a
// quarter of the learning rate. A row without neighbors (all too far away) gets the mean of all positions.
//
// It follows UMAP.transform of umap-learn 0.5.12, but the position of a row depends on that row alone: edges are used in
// proportion to their weight where umap-learn divides by the largest weight of the call, the number of epochs is fixed,
// the least sigma comes from the row's own distances, and random numbers belong to the row's content. Models fitted with
// DensMAP or to classes place new rows without regard to density and classes.
//
// Errors: *stage.ValueError for NaN and Inf, an error for another number of columns or a model of sparse rows, and the
// context's cause.
func (m *Model) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	if m.data.sparse() {
		return blas32.General{}, errors.New("umap: transform: the model was fitted to sparse rows: use TransformSparse")
	}
	if m.data.bare() {
		return blas32.General{}, errors.New("umap: transform: the model was fitted to neighbors or a graph without rows: give Data.X in the fit")
	}
	if err := check.Matrix(x); err != nil {
		return blas32.General{}, fmt.Errorf("umap: transform: input: %w", err)
	}
	if x.Rows > 0 && x.Cols != m.data.X.Cols {
		return blas32.General{}, fmt.Errorf("umap: transform: input has %d columns, want %d as in the fit", x.Cols, m.data.X.Cols)
	}
	if err := m.cfg.distance().Check(x); err != nil {
		return blas32.General{}, fmt.Errorf("umap: transform: input: %w", err)
	}
	return m.transform(ctx, Data{X: x})
}

// TransformSparse is Transform for a model fitted to sparse rows.
func (m *Model) TransformSparse(ctx context.Context, x sparse.CSR[float32]) (blas32.General, error) {
	if !m.data.sparse() {
		return blas32.General{}, errors.New("umap: transform: the model was fitted to dense rows: use Transform")
	}
	if err := m.cfg.distance().CheckSparse(x); err != nil {
		return blas32.General{}, fmt.Errorf("umap: transform: input: %w", err)
	}
	if x.Rows() > 0 && x.Cols != m.data.Sparse.Cols {
		return blas32.General{}, fmt.Errorf("umap: transform: input has %d columns, want %d as in the fit", x.Cols, m.data.Sparse.Cols)
	}
	return m.transform(ctx, Data{Sparse: x})
}

func (m *Model) transform(ctx context.Context, x Data) (blas32.General, error) {
	n := x.rows()
	y := dense.New(n, m.cfg.NComponents)
	hash := make([]uint64, n)
	var unseen []int32
	for i := range n {
		hash[i] = x.hash(i)
		if t, ok := m.rows[hash[i]]; ok && x.equal(i, &m.data, int(t)) {
			copy(y.Data[i*y.Stride:][:y.Cols], m.y.Data[int(t)*m.y.Stride:])
			continue
		}
		unseen = append(unseen, int32(i))
	}
	if len(unseen) == 0 || m.y.Rows == 1 { // a single training row is at 0, and so is all around it
		return y, context.Cause(ctx)
	}
	nb, err := m.query(ctx, x.take(unseen))
	if err != nil {
		return blas32.General{}, fmt.Errorf("umap: transform: %w", err)
	}
	epochs := transformEpochs
	if m.cfg.NEpochs != 0 {
		epochs = max(m.cfg.NEpochs, 0) / 3
	}
	crews := make([]crew, parallel.Workers(m.cfg.Workers))
	err = parallel.Loop{Workers: m.cfg.Workers, Block: simd.WalkLanes}.Run(ctx, len(unseen), func(w, lo, hi int) error {
		c := &crews[w]
		if c.used == nil {
			*c = newCrew(m.forces, m.y, m.cfg.NegativeSampleRate, nb.K)
		}
		m.placeNew(c, y, unseen[lo:hi], hash, nb, lo, epochs)
		return context.Cause(ctx)
	})
	if err != nil {
		return blas32.General{}, fmt.Errorf("umap: transform: %w", err)
	}
	return y, nil
}

// search is the training rows made ready for searches, when there is one.
type search struct {
	mu     sync.Mutex
	dense  *knn.Index
	sparse *knn.SparseIndex
}

// query finds the nearest training rows of every row of x.
func (m *Model) query(ctx context.Context, x Data) (Neighbors, error) {
	k := m.cfg.neighbors(m.y.Rows)
	s := m.search
	s.mu.Lock()
	var err error
	switch {
	case m.data.sparse() && s.sparse == nil:
		s.sparse, err = knn.NewSparse(ctx, m.data.Sparse, m.cfg.distance(), m.cfg.options(nil))
	case !m.data.sparse() && s.dense == nil:
		s.dense, err = knn.New(ctx, m.data.X, m.cfg.distance(), m.cfg.options(nil))
	}
	s.mu.Unlock()
	if err != nil {
		return Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
	}
	var nb knn.Neighbors
	if m.data.sparse() {
		nb, err = s.sparse.Query(ctx, x.Sparse, k)
	} else {
		nb, err = s.dense.Query(ctx, x.X, k)
	}
	if err != nil {
		return Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
	}
	fuzzy.Disconnect(nb, m.cfg.limit())
	return Neighbors(nb), nil
}

// memberships gives the training rows that a new row is connected to, and how strongly, by its nearest neighbors. A new
// row is one neighbor short of a training row, which is its own nearest, so local connectivity is less by 1.
func (m *Model) memberships(index []int32, distance []float32) ([]int32, []float32) {
	rho, sigma := fuzzy.SmoothRow(distance, max(m.cfg.LocalConnectivity-1, 0), fuzzy.MeanFinite(distance))
	var to []int32
	var weight []float32
	for k, j := range index {
		if j < 0 {
			continue
		}
		if w := fuzzy.Membership(distance[k], rho, sigma); w > 0 {
			to = append(to, j)
			weight = append(weight, w)
		}
	}
	return to, weight
}

// average sets own to the weighted mean of the positions of training rows, to the position of the first that is a full
// neighbor, or, without any, to the mean of all.
func (m *Model) average(own []float32, index []int32, weight []float32) {
	mean := make([]float64, len(own))
	sum := 0.0
	add := func(j int, w float64) {
		for d, v := range m.y.Data[j*m.y.Stride:][:len(own)] {
			mean[d] += float64(w * float64(v))
		}
		sum += w
	}
	for k, j := range index {
		if weight[k] == 1 {
			copy(own, m.y.Data[int(j)*m.y.Stride:])
			return
		}
		add(int(j), float64(weight[k]))
	}
	if len(index) == 0 {
		for j := range m.y.Rows {
			add(j, 1)
		}
	}
	for d := range own {
		own[d] = float32(mean[d] / sum)
	}
}

// placeNew finds positions for up to layoutChunk new rows, which become the rows of y with the given numbers; their
// neighbors begin with row first of nb. An edge of weight 1 is used in every epoch.
func (m *Model) placeNew(c *crew, y blas32.General, rows []int32, hash []uint64, nb Neighbors, first, epochs int) {
	type edges struct {
		index []int32
		due   []uint32
		key   uint32
	}
	all := make([]edges, len(rows))
	for at, i := range rows {
		own := y.Data[int(i)*y.Stride:][:y.Cols]
		index, weight := m.memberships(nb.Index[(first+at)*nb.K:][:nb.K], nb.Distance[(first+at)*nb.K:][:nb.K])
		m.average(own, index, weight)
		s := rng.New(m.cfg.TransformSeed, streamTransform, hash[i])
		all[at] = edges{index: index, due: make([]uint32, len(index)), key: uint32(s.Uint64())}
		for k, w := range weight {
			if float64(w)*float64(epochs) >= 1 {
				all[at].due[k] = share(float64(w))
			}
		}
	}
	for epoch := range epochs {
		step := alpha(m.cfg.LearningRate/4, epoch, epochs)
		c.scale(step, step)
		c.members = c.members[:0]
		for at, i := range rows {
			e := &all[at]
			c.add(y.Data[int(i)*y.Stride:][:y.Cols], -1, e.key+uint32(epoch)*epochStep, e.index, e.due, uint32(epoch))
		}
		c.walk()
	}
}
