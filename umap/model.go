package umap

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
)

var (
	// ErrFewRows, as a warning, says that there were no more rows than neighbours asked for.
	ErrFewRows = errors.New("fewer rows than neighbours")
	// ErrDisconnected, as a warning, says that rows have no edge to any other row.
	ErrDisconnected = errors.New("rows without neighbours")
)

// Model is a fitted reduction. It does not change and may be used by several goroutines at once.
type Model struct {
	cfg        Config // without Start, Progress and Epoch
	a, b       float64
	data       Data           // the training rows, without what was known of them
	y          blas32.General // their positions, padded
	neighbours Neighbours
	rho, sigma []float32
	graph      Graph
	inverse    []int32          // with Unique: per row of the input, the training row that it is; otherwise nil
	rows       map[uint64]int32 // hash of a training row → the first row with it
	search     *search
	forces     forces
	warnings   []error
	supervised bool // by classes or targets
	given      bool // the neighbours, or the graph
}

// Fit places the rows of x (rows × columns, at least one of each) in cfg.NComponents dimensions. x is copied. It is FitData
// of dense rows.
func Fit(ctx context.Context, x blas32.General, cfg Config) (*Model, error) {
	return FitData(ctx, Data{X: x}, cfg)
}

// FitData places the rows of data in cfg.NComponents dimensions. The rows are copied, unless data.Borrow is set.
//
// One row is placed at 0. With no more rows than cfg.NNeighbors there is a warning and a neighbour less than rows. A row
// without edges (all its neighbours too far away, or two rows in all) stays where the start put it, which is a finite
// position, and is reported as a warning.
//
// Errors: *stage.ConfigError for each bad field of cfg, *stage.ValueError for NaN and Inf, an error for data without rows or columns,
// parts that do not fit together or rows that the metric is not defined for, and the context's cause when it is
// cancelled.
func FitData(ctx context.Context, data Data, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("umap: %w", err)
	}
	if err := data.check(cfg); err != nil {
		return nil, err
	}
	var inverse []int32
	if cfg.Unique {
		e := data.equals()
		data, inverse = data.take(e.first), e.of
		if cfg.Init == Given {
			cfg.Start = dense.Pick(cfg.Start, e.first)
		}
	}
	m := newModel(data, cfg)
	m.inverse = inverse
	m.supervised = data.Classes != nil || data.Target.Rows > 0
	m.given = data.Neighbours.K > 0 || data.Graph.Vertices() > 0
	data.X, data.Sparse = m.data.X, m.data.Sparse
	if err := m.fit(ctx, &data, cfg); err != nil {
		return nil, fmt.Errorf("umap: %w", err)
	}
	return m, nil
}

func (m *Model) fit(ctx context.Context, data *Data, cfg Config) error {
	report := stages(cfg.Progress)
	n := data.rows()
	if n == 1 {
		m.neighbours = Neighbours{K: 1, Index: []int32{0}, Distance: []float32{0}}
		m.rho, m.sigma, m.graph = []float32{0}, []float32{0}, Graph{Start: []int{0, 0}}
		m.y = padded(dense.New(1, cfg.NComponents))
		m.warn(fmt.Errorf("%w: 1", ErrFewRows))
		report(stageEnd, 1, 1)
		return nil
	}
	if err := m.makeGraph(ctx, data, cfg, report); err != nil {
		return err
	}
	m.warnDisconnected()
	used := cfg.prune(m.graph)
	report(stageGraph, 1, 1)
	y, warnings, err := start(ctx, data, used, cfg)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	m.warnings = append(m.warnings, warnings...)
	report(stageStart, 1, 1)
	cfg.Progress = func(done, total int) { report(stageEnd, done, total) }
	return m.layOut(ctx, y, used, cfg)
}

// makeGraph fills the neighbours, their scale and the graph, as far as they are not given.
func (m *Model) makeGraph(ctx context.Context, data *Data, cfg Config, report func(stage, done, total int)) error {
	n := data.rows()
	if data.Graph.Vertices() > 0 {
		m.graph = data.Graph.clone()
		return m.supervise(ctx, data, cfg)
	}
	var err error
	if data.Neighbours.K > 0 {
		m.neighbours = data.Neighbours.clone()
		m.neighbours.disconnect(cfg.limit())
		m.cfg.NNeighbors = max(m.neighbours.K, 2)
	} else {
		k := cfg.neighbours(n)
		if k < cfg.NNeighbors {
			m.warn(fmt.Errorf("%w: %d rows, %d neighbours asked for, %d used", ErrFewRows, n, cfg.NNeighbors, k))
		}
		m.neighbours, err = data.nearest(ctx, k, cfg, cfg.options(func(done, total int) { report(stageNeighbours, done, total) }))
		if err != nil {
			return err
		}
	}
	if m.rho, m.sigma, err = SmoothKNN(ctx, m.neighbours, cfg.LocalConnectivity, cfg.Workers); err != nil {
		return err
	}
	if m.graph, err = FuzzySimplicialSet(ctx, m.neighbours, m.rho, m.sigma, cfg.SetOpMixRatio); err != nil {
		return err
	}
	return m.supervise(ctx, data, cfg)
}

func (m *Model) supervise(ctx context.Context, data *Data, cfg Config) (err error) {
	switch {
	case data.Classes != nil:
		m.graph, err = m.graph.Supervise(data.Classes, cfg.TargetWeight)
	case data.Target.Rows > 0:
		m.graph, err = m.graph.superviseBy(ctx, data.Target, cfg)
	}
	return err
}

// layOut moves the rows from y to their positions.
func (m *Model) layOut(ctx context.Context, y blas32.General, used Graph, cfg Config) error {
	l := newLayout(y, used, 0, m.forces, cfg)
	if cfg.DensMAP {
		if m.neighbours.K == 0 {
			return errors.New("DensMAP wants the neighbours of the rows, not a graph alone")
		}
		l.density = newDensity(&l.engine, used, m.neighbours, cfg)
	}
	if err := l.Run(ctx, l.Epochs()); err != nil {
		return err
	}
	m.y = padded(l.Positions())
	if cfg.Progress != nil {
		cfg.Progress(1, 1)
	}
	return nil
}

// newModel is a model without positions, and without what only a fit knows.
func newModel(data Data, cfg Config) *Model {
	m := &Model{cfg: cfg, rows: make(map[uint64]int32, data.rows())}
	m.cfg.Start, m.cfg.Progress, m.cfg.Epoch = blas32.General{}, nil, nil
	if data.sparse() {
		m.data.Sparse = data.Sparse.Clone()
	} else {
		m.data.X = data.X
		if !data.Borrow || data.X.Stride != data.X.Cols {
			m.data.X = dense.Compact(data.X)
		}
	}
	if data.bare() {
		m.data.X = dense.New(data.rows(), 0)
	}
	for i := range m.data.rows() {
		h := m.data.hash(i)
		if _, ok := m.rows[h]; !ok {
			m.rows[h] = int32(i)
		}
	}
	m.a, m.b = cfg.curve()
	m.forces = newForces(m.a, m.b, cfg.RepulsionStrength)
	m.search = &search{}
	return m
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
	if m.inverse == nil {
		return dense.Compact(m.y)
	}
	return dense.Pick(m.y, m.inverse)
}

// Config is the configuration of the fit, without Start and Progress.
func (m *Model) Config() Config { return m.cfg }

// AB is the parameters of the curve.
func (m *Model) AB() (a, b float64) { return m.a, m.b }

// Neighbours is the nearest neighbours of the training rows. The caller owns the result.
func (m *Model) Neighbours() Neighbours {
	return m.neighbours.clone()
}

// LocalScale is rho and sigma of the training rows, as SmoothKNN gives them. The caller owns the result.
func (m *Model) LocalScale() (rho, sigma []float32) {
	return slices.Clone(m.rho), slices.Clone(m.sigma)
}

// Graph is the fuzzy simplicial set of the training rows. The caller owns the result.
func (m *Model) Graph() Graph {
	return m.graph.clone()
}

// Training gives for every row of the input the number of the row that Neighbours, LocalScale and Graph have for it. It is
// nil without Config.Unique, where they have one for each.
func (m *Model) Training() []int32 { return slices.Clone(m.inverse) }

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
// copies; a model fitted with Unique is restored from all rows of the input. Its Transform gives the same bits as that
// of the fitted model. Neighbours, LocalScale, Graph and Warnings of the result are empty: they belong to the fit. Errors
// are those of Fit, and one for positions of another shape.
func Restore(x, y blas32.General, cfg Config) (*Model, error) {
	return RestoreData(Data{X: x}, y, cfg)
}

// RestoreData is Restore for dense or sparse rows.
func RestoreData(data Data, y blas32.General, cfg Config) (*Model, error) {
	cfg.Start, cfg.Progress, cfg.Epoch = blas32.General{}, nil, nil
	if cfg.Init == Given {
		cfg.Init = Random // not used any more, and valid without a start
	}
	if err := errors.Join(cfg.Validate(), check.Matrix(y)); err != nil {
		return nil, fmt.Errorf("umap: restore: %w", err)
	}
	data = Data{X: data.X, Sparse: data.Sparse}
	if n := data.rows(); n == 0 || data.cols() == 0 || y.Rows != n || y.Cols != cfg.NComponents {
		return nil, fmt.Errorf("umap: restore: positions of %d×%d for %d×%d rows and %d components", y.Rows, y.Cols, n, data.cols(), cfg.NComponents)
	}
	if err := data.check(cfg); err != nil {
		return nil, fmt.Errorf("umap: restore: %w", err)
	}
	var inverse []int32
	if cfg.Unique {
		e := data.equals()
		data, y, inverse = data.take(e.first), dense.Pick(y, e.first), e.of
	}
	m := newModel(data, cfg)
	m.inverse = inverse
	m.y = padded(y)
	return m, nil
}
