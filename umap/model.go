package umap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
)

var (
	// ErrFewRows reports, as a warning, that there were no more rows than neighbors asked for.
	ErrFewRows = errors.New("fewer rows than neighbors")
	// ErrDisconnected reports, as a warning, that rows have no edge to any other row.
	ErrDisconnected = errors.New("rows without neighbors")
)

// Model is a fitted reduction. It does not change and may be used by several goroutines at once.
type Model struct {
	config     Config   // as given, without Progress and Epoch
	cfg        settings // what it means
	a, b       float64
	data       Data           // the training rows, without what was known of them
	y          blas32.General // their positions, padded
	points     blas32.General // the positions of the rows of the input
	neighbors  Neighbors
	rho, sigma []float32
	graph      sparse.CSR[float32]
	inverse    []int32          // per row of the input, the training row that it is; nil if no two rows are equal
	rows       map[uint64]int32 // hash of a training row → the first row with it
	search     *search
	forces     forces
	warnings   []error
	supervised bool // by classes or targets
	given      bool // the neighbors, or the graph
}

// Fit places the rows of x (rows × columns, at least one of each) in cfg.NComponents dimensions. x is copied. It is FitData
// of dense rows.
func Fit(ctx context.Context, x blas32.General, cfg Config) (*Model, error) {
	return FitData(ctx, Data{X: x}, cfg)
}

// FitData places the rows of data in cfg.NComponents dimensions. The rows are copied, unless data.Borrow is set.
//
// Equal rows are one vertex, and have one position, unless cfg.KeepCopies is set; with classes, targets or a start, if they
// have the same. cfg's numbers of neighbors and of epochs are those for different rows.
//
// One row is placed at 0. With no more rows than cfg.Neighbors there is a warning and a neighbor less than rows. A row
// without edges (all its neighbors too far away, or two rows in all) stays where the start put it, which is a finite
// position, and is reported as a warning.
//
// Errors: *stage.ConfigError for each bad field of cfg, *stage.ValueError for NaN and Inf, an error for data without rows or columns,
// parts that do not fit together or rows that the metric is not defined for, and the context's cause when it is
// canceled.
func FitData(ctx context.Context, data Data, cfg Config) (*Model, error) {
	if err := errors.Join(cfg.Validate(), simd.Forced()); err != nil {
		return nil, fmt.Errorf("umap: %w", err)
	}
	s := cfg.resolve()
	if err := data.check(s); err != nil {
		return nil, err
	}
	var inverse []int32
	if data.Neighbors.K == 0 && data.Graph.Rows() == 0 && !s.KeepCopies {
		if e := data.groups(); s.Unique || len(e.First) < data.rows() {
			cfg.Unique, s.Unique = true, true
			data, inverse = data.take(e.First), e.Of
		}
	}
	m := newModel(data, cfg, s)
	m.inverse = inverse
	m.supervised = data.Classes != nil || data.Target.Rows > 0
	m.given = data.Neighbors.K > 0 || data.Graph.Rows() > 0
	data.X, data.Sparse = m.data.X, m.data.Sparse
	if err := m.fit(ctx, &data, s); err != nil {
		return nil, fmt.Errorf("umap: %w", err)
	}
	return m, nil
}

func (m *Model) fit(ctx context.Context, data *Data, cfg settings) error {
	report := stages(cfg.Progress)
	n := data.rows()
	if n == 1 {
		m.neighbors = Neighbors{K: 1, Index: []int32{0}, Distance: []float32{0}}
		m.rho, m.sigma, m.graph = []float32{0}, []float32{0}, fuzzy.Single()
		m.place(dense.New(1, cfg.NComponents))
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

// makeGraph fills the neighbors, their scale and the graph, as far as they are not given.
func (m *Model) makeGraph(ctx context.Context, data *Data, cfg settings, report func(stage, done, total int)) error {
	n := data.rows()
	if data.Graph.Rows() > 0 {
		m.graph = data.Graph.Clone()
		return m.supervise(ctx, data, cfg)
	}
	var err error
	if data.Neighbors.K > 0 {
		m.neighbors = data.Neighbors.clone()
		fuzzy.Disconnect(knn.Neighbors(m.neighbors), cfg.limit())
		m.cfg.Neighbors = max(m.neighbors.K, 2)
		m.config.Neighbors = m.cfg.Neighbors
	} else {
		k := cfg.neighbors(n)
		if k < cfg.Neighbors {
			m.warn(fmt.Errorf("%w: %d rows, %d neighbors asked for, %d used", ErrFewRows, n, cfg.Neighbors, k))
		}
		m.neighbors, err = data.nearest(ctx, k, cfg, cfg.options(func(done, total int) { report(stageNeighbors, done, total) }))
		if err != nil {
			return err
		}
	}
	if m.rho, m.sigma, err = SmoothKNN(ctx, m.neighbors, cfg.LocalConnectivity, cfg.Workers); err != nil {
		return err
	}
	if m.graph, err = FuzzySimplicialSet(ctx, m.neighbors, m.rho, m.sigma, cfg.SetOpMixRatio); err != nil {
		return err
	}
	return m.supervise(ctx, data, cfg)
}

func (m *Model) supervise(ctx context.Context, data *Data, cfg settings) (err error) {
	switch {
	case data.Classes != nil:
		m.graph, err = Supervise(m.graph, data.Classes, cfg.TargetWeight)
	case data.Target.Rows > 0:
		m.graph, err = superviseBy(ctx, m.graph, data.Target, cfg)
	}
	return err
}

// layOut moves the rows from y to their positions.
func (m *Model) layOut(ctx context.Context, y blas32.General, used sparse.CSR[float32], cfg settings) error {
	l := newLayout(y, used, 0, m.forces, cfg)
	if cfg.DensMAP {
		if m.neighbors.K == 0 {
			return errors.New("DensMAP wants the neighbors of the rows, not a graph alone")
		}
		l.density = newDensity(&l.engine, used, m.neighbors, cfg)
	}
	if err := l.Run(ctx, l.Epochs()); err != nil {
		return err
	}
	m.place(l.Positions())
	if cfg.Progress != nil {
		cfg.Progress(1, 1)
	}
	return nil
}

// newModel is a model without positions, and without what only a fit knows.
func newModel(data Data, config Config, cfg settings) *Model {
	m := &Model{config: config, cfg: cfg, rows: make(map[uint64]int32, data.rows())}
	m.config.Progress, m.config.Epoch = nil, nil
	m.cfg.Progress, m.cfg.Epoch = nil, nil
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
	for i := range m.graph.Rows() {
		if m.graph.RowPtr[i] == m.graph.RowPtr[i+1] {
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
	stageNeighbors = 40
	stageGraph     = 42
	stageStart     = 50
	stageEnd       = 100
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

// Points returns the positions of the rows of the input, rows × NComponents, also of a model that was
// loaded. The caller must not change them.
func (m *Model) Points() blas32.General { return m.points }

// place sets the positions of the training rows to y, which it keeps.
func (m *Model) place(y blas32.General) {
	m.y, m.points = padded(y), y
	if m.inverse != nil {
		m.points = dense.Pick(y, m.inverse)
	}
}

// Config returns the settings of the fit as they were given, without Progress and Epoch, and with Unique where rows were equal.
func (m *Model) Config() Config { return m.config }

// AB is the parameters of the curve.
func (m *Model) AB() (a, b float64) { return m.a, m.b }

// Neighbors is the nearest neighbors of the training rows. The caller owns the result.
func (m *Model) Neighbors() Neighbors {
	return m.neighbors.clone()
}

// LocalScale is rho and sigma of the training rows, as SmoothKNN gives them. The caller owns the result.
func (m *Model) LocalScale() (rho, sigma []float32) {
	return slices.Clone(m.rho), slices.Clone(m.sigma)
}

// Graph is the fuzzy simplicial set of the training rows. The caller owns the result.
func (m *Model) Graph() sparse.CSR[float32] {
	return m.graph.Clone()
}

// Training gives for every row of the input the number of the row that Neighbors, LocalScale and Graph have for it. It is
// nil where they have one for each, because no rows were equal or Config.KeepCopies was set.
func (m *Model) Training() []int32 { return slices.Clone(m.inverse) }

// Warnings is what is worth knowing about the fit and was no reason to fail.
func (m *Model) Warnings() []error { return slices.Clone(m.warnings) }
