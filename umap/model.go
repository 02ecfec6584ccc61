package umap

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/knn"
)

var (
	// ErrFewRows, as a warning, says that there were no more rows than neighbours asked for.
	ErrFewRows = errors.New("fewer rows than neighbours")
	// ErrDisconnected, as a warning, says that rows have no edge to any other row.
	ErrDisconnected = errors.New("rows without neighbours")
)

// Model is a fitted reduction. It does not change and may be used by several goroutines at once.
type Model struct {
	cfg        Config // without Start and Progress
	a, b       float64
	x          blas32.General // the training rows
	y          blas32.General // their positions, padded
	neighbours Neighbours
	rho, sigma []float32
	graph      Graph
	rows       map[uint64]int32 // hash of a training row → the first row with it
	forces     forces
	warnings   []error
}

// Fit places the rows of x (rows × columns, at least one of each) in cfg.NComponents dimensions. x is copied.
//
// One row is placed at 0. With no more rows than cfg.NNeighbors there is a warning and a neighbour less than rows. A row
// without edges (all its neighbours at cosine distance 2, or two rows in all) stays where the start put it, which is a
// finite position, and is reported as a warning.
//
// Errors: *ConfigError for each bad field of cfg, *ValueError for NaN and Inf, an error for an x without rows or columns,
// and the context's cause when it is cancelled.
func Fit(ctx context.Context, x blas32.General, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("umap: %w", err)
	}
	if err := check.Matrix(x); err != nil {
		return nil, fmt.Errorf("umap: input: %w", err)
	}
	if x.Rows == 0 || x.Cols == 0 {
		return nil, fmt.Errorf("umap: input: matrix of %d×%d, want at least one row and one column", x.Rows, x.Cols)
	}
	if cfg.Init == Given {
		if err := check.Matrix(cfg.Start); err != nil {
			return nil, fmt.Errorf("umap: start: %w", err)
		}
		if cfg.Start.Rows != x.Rows {
			return nil, fmt.Errorf("umap: %w", &ConfigError{Field: "umap.Config.Start", Value: fmt.Sprintf("a matrix of %d rows", cfg.Start.Rows), Want: fmt.Sprintf("one of %d, as the input", x.Rows)})
		}
	}
	report := stages(cfg.Progress)
	n := x.Rows
	m := newModel(x, cfg)
	if n == 1 {
		m.neighbours = Neighbours{K: 1, Index: []int32{0}, Distance: []float32{0}}
		m.rho, m.sigma, m.graph = []float32{0}, []float32{0}, Graph{Start: []int{0, 0}}
		m.y = padded(newMatrix(1, cfg.NComponents))
		m.warn(fmt.Errorf("%w: 1", ErrFewRows))
		report(stageEnd, 1, 1)
		return m, nil
	}

	k := cfg.neighbours(n)
	if k < cfg.NNeighbors {
		m.warn(fmt.Errorf("%w: %d rows, %d neighbours asked for, %d used", ErrFewRows, n, cfg.NNeighbors, k))
	}
	var err error
	m.neighbours, err = nearest(ctx, m.x, k, cfg.Metric, knn.Options{
		Workers:  cfg.Workers,
		Progress: func(done, total int) { report(stageNeighbours, done, total) },
	})
	if err != nil {
		return nil, err
	}
	if m.rho, m.sigma, err = SmoothKNN(ctx, m.neighbours, cfg.LocalConnectivity, cfg.Workers); err != nil {
		return nil, err
	}
	if m.graph, err = FuzzySimplicialSet(ctx, m.neighbours, m.rho, m.sigma, cfg.SetOpMixRatio); err != nil {
		return nil, err
	}
	m.warnDisconnected()

	epochs := cfg.epochs(n)
	if epochs <= 10 {
		epochs = defaultEpochs(n)
	}
	used := m.graph.prune(m.graph.maxWeight() / float32(epochs)) // the others would not be used in any epoch
	report(stageGraph, 1, 1)
	y, warnings, err := start(ctx, m.x, used, cfg)
	if err != nil {
		return nil, fmt.Errorf("umap: start: %w", err)
	}
	m.warnings = append(m.warnings, warnings...)
	report(stageStart, 1, 1)

	cfg.Progress = func(done, total int) { report(stageEnd, done, total) }
	l := newLayout(y, used, 0, m.forces, cfg)
	if err := l.Run(ctx, l.Epochs()); err != nil {
		return nil, err
	}
	m.y = padded(l.Positions())
	report(stageEnd, 1, 1)
	return m, nil
}

// newModel is a model without positions, and without what only a fit knows.
func newModel(x blas32.General, cfg Config) *Model {
	m := &Model{cfg: cfg, x: compact(x), rows: make(map[uint64]int32, x.Rows)}
	m.cfg.Start, m.cfg.Progress, m.cfg.Epoch = blas32.General{}, nil, nil
	for i := range x.Rows {
		h := hashRow(m.x.Data[i*x.Cols : (i+1)*x.Cols])
		if _, ok := m.rows[h]; !ok {
			m.rows[h] = int32(i)
		}
	}
	m.a, m.b = cfg.curve()
	m.forces = newForces(m.a, m.b, cfg.RepulsionStrength)
	return m
}

// compact is a copy of x without gaps.
func compact(x blas32.General) blas32.General {
	y := newMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		copy(y.Data[i*y.Stride:(i+1)*y.Stride], x.Data[i*x.Stride:])
	}
	return y
}

func (m *Model) warn(err error) { m.warnings = append(m.warnings, fmt.Errorf("umap: %w", err)) }

func (m *Model) warnDisconnected() {
	alone, first := 0, 0
	for i := range m.graph.Vertices() {
		if m.graph.Start[i] == m.graph.Start[i+1] {
			if alone == 0 {
				first = i
			}
			alone++
		}
	}
	if alone > 0 {
		m.warn(fmt.Errorf("%w: %d, the first is row %d", ErrDisconnected, alone, first))
	}
}

// The parts of a fit, as percentages of its time when they are done.
const (
	stageNeighbours = 40
	stageGraph      = 42
	stageStart      = 50
	stageEnd        = 100
)

// stages turns the progress of the parts into one that rises to 100.
func stages(progress func(done, total int)) func(stage, done, total int) {
	last, begin, current := 0, 0, 0
	return func(stage, done, total int) {
		if progress == nil {
			return
		}
		if stage != current {
			begin, current = last, stage
		}
		if at := begin + (stage-begin)*done/max(total, 1); at > last {
			last = at
			progress(at, 100)
		}
	}
}

// Embedding is the positions of the training rows, rows × NComponents. The caller owns the result.
func (m *Model) Embedding() blas32.General {
	return compact(m.y)
}

// Config is the configuration of the fit, without Start and Progress.
func (m *Model) Config() Config { return m.cfg }

// AB is the parameters of the curve.
func (m *Model) AB() (a, b float64) { return m.a, m.b }

// Neighbours is the nearest neighbours of the training rows. The caller owns the result.
func (m *Model) Neighbours() Neighbours {
	nb := m.neighbours
	nb.Index, nb.Distance = slices.Clone(nb.Index), slices.Clone(nb.Distance)
	return nb
}

// LocalScale is rho and sigma of the training rows, as SmoothKNN gives them. The caller owns the result.
func (m *Model) LocalScale() (rho, sigma []float32) {
	return slices.Clone(m.rho), slices.Clone(m.sigma)
}

// Graph is the fuzzy simplicial set of the training rows. The caller owns the result.
func (m *Model) Graph() Graph {
	return Graph{Start: slices.Clone(m.graph.Start), Index: slices.Clone(m.graph.Index), Weight: slices.Clone(m.graph.Weight)}
}

// Warnings is what is worth knowing about the fit and was no reason to fail.
func (m *Model) Warnings() []error { return slices.Clone(m.warnings) }

// hashRow is a hash of the values of a row; 0 and −0 are the same.
func hashRow(row []float32) uint64 {
	h := uint64(len(row))
	for _, v := range row {
		h = (h ^ uint64(math.Float32bits(v+0))) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return h
}

// Restore makes the model of a fit again from its training rows, their positions and its configuration, all of which it
// copies. Its Transform gives the same bits as that of the fitted model. Neighbours, LocalScale, Graph and Warnings of
// the result are empty: they belong to the fit. Errors are those of Fit, and one for positions of another shape.
func Restore(x, y blas32.General, cfg Config) (*Model, error) {
	cfg.Start, cfg.Progress = blas32.General{}, nil
	if cfg.Init == Given {
		cfg.Init = Random // not used any more, and valid without a start
	}
	if err := errors.Join(cfg.Validate(), check.Matrix(x), check.Matrix(y)); err != nil {
		return nil, fmt.Errorf("umap: restore: %w", err)
	}
	if x.Rows == 0 || x.Cols == 0 || y.Rows != x.Rows || y.Cols != cfg.NComponents {
		return nil, fmt.Errorf("umap: restore: positions of %d×%d for %d×%d rows and %d components", y.Rows, y.Cols, x.Rows, x.Cols, cfg.NComponents)
	}
	m := newModel(x, cfg)
	m.y = padded(y)
	return m, nil
}
