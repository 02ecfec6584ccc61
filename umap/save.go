package umap

import (
	"errors"
	"fmt"
	"io/fs"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

func init() { state.Register[Config]("umap", load) }

// saved is what a file holds of a Model: all that Transform and Update need. What belongs to the fit
// alone, Neighbors, LocalScale, Graph and Warnings, is not saved.
type saved struct {
	settings Config
	fit      savedFit
	sparse   sparse.CSR[float32] // the training rows if they are sparse
	rows     blas32.General      // otherwise
	points   blas32.General      // their positions
	training []int32             // Model.Training
}

// savedFit holds the small parts of a fit.
type savedFit struct {
	A          float64 `json:"a"`
	B          float64 `json:"b"`
	Sparse     bool    `json:"sparse,omitempty"`
	Cols       int     `json:"columns"`
	Supervised bool    `json:"supervised,omitempty"`
	Given      bool    `json:"given,omitempty"` // the neighbors, or the graph
}

// first returns the sections that say which others there are.
func (s *saved) first() []state.Section {
	return []state.Section{{Name: "settings.json", Data: &s.settings}, {Name: "fit.json", Data: &s.fit}}
}

// rest returns the other sections.
func (s *saved) rest() []state.Section {
	out := []state.Section{{Name: "points.npy", Data: &s.points}}
	if s.settings.Unique {
		out = append(out, state.Section{Name: "training.npy", Data: &s.training})
	}
	if !s.fit.Sparse {
		return append(out, state.Section{Name: "rows.npy", Data: &s.rows})
	}
	return append(out, state.Section{Name: "rows/start.npy", Data: &s.sparse.RowPtr},
		state.Section{Name: "rows/column.npy", Data: &s.sparse.Col}, state.Section{Name: "rows/value.npy", Data: &s.sparse.Value})
}

// Save writes the settings, the training rows and their positions. It fails for a model of neighbors
// or a graph without rows, and for one with a metric of the caller's.
func (m *Model) Save(w stage.Writer) error {
	if m.data.bare() {
		return errors.New("a model of neighbors or a graph without rows cannot be saved")
	}
	s := saved{
		settings: m.config, fit: savedFit{A: m.a, B: m.b, Sparse: m.data.sparse(), Cols: m.data.cols(), Supervised: m.supervised, Given: m.given},
		sparse: m.data.Sparse, rows: m.data.X, points: m.y, training: m.inverse,
	}
	if err := state.WriteSections(w, s.first()...); err != nil {
		return err
	}
	return state.WriteSections(w, s.rest()...)
}

// load reads what Save wrote.
func load(run stage.Run, r fs.FS) (*Model, error) {
	var s saved
	if err := state.ReadSections(r, s.first()...); err != nil {
		return nil, err
	}
	if err := state.ReadSections(r, s.rest()...); err != nil {
		return nil, err
	}
	s.settings.Workers = run.Workers
	if !s.fit.Sparse && s.fit.Cols != s.rows.Cols || s.fit.Cols < 0 {
		return nil, fmt.Errorf("rows of %d columns, want %d", s.rows.Cols, s.fit.Cols)
	}
	data := Data{X: s.rows, Borrow: true}
	if s.fit.Sparse {
		s.sparse.Cols = s.fit.Cols
		data = Data{Sparse: s.sparse}
	}
	m, err := restored(data, s.points, s.training, s.settings, s.fit)
	if err != nil {
		return nil, err
	}
	m.supervised, m.given = s.fit.Supervised, s.fit.Given
	return m, nil
}

// restored returns a model of training rows and their positions y. training is as Model.Training.
// Where they are not 0, A and B of fit are the curve.
func restored(data Data, y blas32.General, training []int32, cfg Config, fit savedFit) (*Model, error) {
	s := cfg.resolve()
	if fit.A != 0 || fit.B != 0 {
		s.A, s.B = fit.A, fit.B
		if !(s.A > 0 && s.B > 0 && s.A <= maxCurve && s.B <= maxCurve) {
			return nil, fmt.Errorf("curve of A %v and B %v, want both above 0 and at most %v", s.A, s.B, float64(maxCurve))
		}
	}
	if err := errors.Join(cfg.Validate(), check.Matrix(y)); err != nil {
		return nil, err
	}
	if n := data.rows(); n <= 0 || data.cols() == 0 || y.Rows != n || y.Cols != s.NComponents {
		return nil, fmt.Errorf("positions of %d×%d for %d×%d rows and %d components", y.Rows, y.Cols, n, data.cols(), s.NComponents)
	}
	if err := data.check(s); err != nil {
		return nil, err
	}
	for i, j := range training {
		if j < 0 || int(j) >= y.Rows {
			return nil, fmt.Errorf("row %d is training row %d of %d", i, j, y.Rows)
		}
	}
	m := newModel(data, cfg, s)
	m.inverse = training
	m.place(dense.Compact(y))
	return m, nil
}

// Restore returns the model of a fit again from its rows, their positions and its settings. x is kept
// and must not be changed later. Its Transform returns the same bits as that of the fitted model.
// Neighbors, LocalScale, Graph and Warnings of the result are empty: they belong to the fit. Errors
// are those of Fit, and one for positions of another shape.
func Restore(x, y blas32.General, cfg Config) (*Model, error) {
	data := Data{X: x, Borrow: true}
	var training []int32
	if cfg.Unique && check.Matrix(x) == nil && y.Rows == x.Rows {
		at := data
		at.Start = y // rows of different classes may be equal and have different positions
		e := at.groups()
		data, y, training = data.take(e.First), dense.Pick(y, e.First), e.Of
	}
	m, err := restored(data, y, training, cfg, savedFit{})
	if err != nil {
		return nil, fmt.Errorf("umap: restore: %w", err)
	}
	return m, nil
}
