package umap

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
)

// Update is the model with the rows of x added to its training rows; the model itself stays as it is. The neighbors, the
// graph and all that follows are those of all rows. Positions of the former rows stay where they are and new rows are
// placed among them as Transform places them, unless Config.NEpochs asks for epochs: then all rows move from there, as in
// a fit. It is UMAP.update of umap-learn 0.5.12, which puts new rows at the mean of their neighbors and stretches all
// positions anew.
//
// Errors: those of Transform, and one for a model fitted to classes, targets, given neighbors or a graph, or to rows some of
// which were equal without Config.KeepCopies.
func (m *Model) Update(ctx context.Context, x blas32.General) (*Model, error) {
	y, err := m.Transform(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("umap: update: %w", err)
	}
	return m.update(ctx, Data{X: x}, y)
}

// UpdateSparse is Update for a model fitted to sparse rows.
func (m *Model) UpdateSparse(ctx context.Context, x sparse.CSR[float32]) (*Model, error) {
	y, err := m.TransformSparse(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("umap: update: %w", err)
	}
	return m.update(ctx, Data{Sparse: x}, y)
}

func (m *Model) update(ctx context.Context, x Data, y blas32.General) (*Model, error) {
	switch {
	case m.supervised:
		return nil, errors.New("umap: update: the model was fitted to classes or targets, which the new rows lack")
	case m.inverse != nil:
		return nil, errors.New("umap: update: the model was fitted to equal rows as one vertex: fit it with KeepCopies")
	case m.given:
		return nil, errors.New("umap: update: the model was fitted to given neighbors or a given graph")
	}
	cfg := m.cfg
	old, added := m.data.rows(), x.rows()
	all := Data{}
	if x.sparse() || m.data.sparse() {
		all.Sparse = m.data.Sparse.Clone()
		all.Sparse.Append(x.Sparse)
	} else {
		all.X = dense.New(old+added, m.data.X.Cols)
		copy(all.X.Data, m.data.X.Data)
		for i := range added {
			copy(all.X.Data[(old+i)*all.X.Stride:], x.X.Data[i*x.X.Stride:][:x.X.Cols])
		}
	}
	start := dense.New(old+added, cfg.NComponents)
	for i := range old {
		copy(start.Data[i*start.Stride:], m.y.Data[i*m.y.Stride:][:cfg.NComponents])
	}
	copy(start.Data[old*start.Stride:], y.Data)

	u := newModel(all, m.config, cfg)
	if all.rows() == 1 {
		return m, nil
	}
	u.data.X, u.data.Sparse = all.X, all.Sparse
	if err := u.makeGraph(ctx, &all, cfg, func(_, _, _ int) {}); err != nil {
		return nil, fmt.Errorf("umap: update: %w", err)
	}
	u.warnDisconnected()
	if cfg.NEpochs <= 0 {
		u.place(start)
		return u, nil
	}
	cfg.Progress = nil
	if err := u.layOut(ctx, start, cfg.prune(u.graph), cfg); err != nil {
		return nil, fmt.Errorf("umap: update: %w", err)
	}
	return u, nil
}

// InverseTransform gives, for the rows of y (any number of positions), rows as they would be in the input: near the
// training rows whose positions are near. It starts from their weighted mean and moves it such that its memberships in
// their neighborhoods are those of the position (a third of Config.NEpochs epochs, or 100). The result of a row does
// not depend on the other rows.
//
// It follows UMAP.inverse_transform of umap-learn 0.5.12, which looks for the nearest positions in a Delaunay
// triangulation; here they are the nearest ones. As there, as many are taken as the input has columns, but no more than it
// has rows. It works best in few dimensions.
//
// Errors: *stage.ValueError for NaN and Inf, an error for another number of columns than NComponents, a model without neighbors
// (restored, or fitted to a graph), sparse rows or a metric without a gradient (Hamming, Jaccard, Dice, Haversine,
// Custom), and the context's cause.
func (m *Model) InverseTransform(ctx context.Context, y blas32.General) (blas32.General, error) {
	if err := check.Matrix(y); err != nil {
		return blas32.General{}, fmt.Errorf("umap: inverse transform: input: %w", err)
	}
	if y.Rows > 0 && y.Cols != m.cfg.NComponents {
		return blas32.General{}, fmt.Errorf("umap: inverse transform: input has %d columns, want the %d components of the fit", y.Cols, m.cfg.NComponents)
	}
	if m.data.sparse() {
		return blas32.General{}, errors.New("umap: inverse transform: the model was fitted to sparse rows")
	}
	if m.data.bare() {
		return blas32.General{}, errors.New("umap: inverse transform: the model was fitted to neighbors without rows")
	}
	if len(m.sigma) != m.y.Rows {
		return blas32.General{}, errors.New("umap: inverse transform: the model has no neighbors")
	}
	slope, err := gradientOf(m.cfg.distance())
	if err != nil {
		return blas32.General{}, fmt.Errorf("umap: inverse transform: %w", err)
	}
	x, err := m.invert(ctx, y, slope)
	if err != nil {
		return blas32.General{}, fmt.Errorf("umap: inverse transform: %w", err)
	}
	return x, nil
}
