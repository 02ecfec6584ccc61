package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// pca is a stage.Reducer: the first principal components, by gonum.
type pca struct {
	// Components is the number of dimensions of the result, from 1 to 1,000. Default 10. There are fewer
	// if there are fewer rows or columns.
	Components int `json:"components"`
}

// The abilities of the stage, which package topic finds by assertion.
var (
	_ stage.Reducer   = pca{}
	_ stage.Validator = pca{}
	_ stage.Reduction = (*projection)(nil)
	_ stage.Saver     = (*projection)(nil)
)

func init() { state.Register[pca]("example.com/customstage/pca", loadProjection) }

// Validate reports every field outside its range.
func (p pca) Validate() error { return inRange("pca.Components", p.Components) }

// Reduce returns the *projection of the rows of d to their principal components.
func (p pca) Reduce(ctx context.Context, _ stage.Run, d stage.Data) (stage.Reduction, error) {
	k := min(stage.Setting(p.Components, 10), d.X.Rows, d.X.Cols)
	m := &projection{
		axes: blas32.General{Rows: k, Cols: d.X.Cols, Stride: d.X.Cols, Data: make([]float32, k*d.X.Cols)},
		mean: make([]float64, d.X.Cols),
	}
	wide := mat.NewDense(d.X.Rows, d.X.Cols, nil)
	for i := range d.X.Rows {
		for j, v := range row(d.X, i) {
			wide.Set(i, j, float64(v))
			m.mean[j] += float64(v) / float64(d.X.Rows)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if d.X.Rows == 1 { // one row has no variance: any axis will do
		m.axes.Data[0] = 1
	} else {
		var pc stat.PC
		if !pc.PrincipalComponents(wide, nil) {
			return nil, errors.New("pca: the decomposition failed")
		}
		var vectors mat.Dense
		pc.VectorsTo(&vectors)
		for c := range k {
			for j := range d.X.Cols {
				m.axes.Data[c*d.X.Cols+j] = float32(vectors.At(j, c))
			}
		}
	}
	var err error
	m.points, err = m.Transform(ctx, d.X)
	return m, err
}

// projection is a fitted pca.
type projection struct {
	axes   blas32.General // one row per component
	mean   []float64
	points blas32.General
}

// Points returns the projected rows of the fit, or none if the projection was loaded.
func (m *projection) Points() blas32.General { return m.points }

// Transform projects the rows of x.
func (m *projection) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	k := m.axes.Rows
	out := blas32.General{Rows: x.Rows, Cols: k, Stride: k, Data: make([]float32, x.Rows*k)}
	if x.Rows > 0 && x.Cols != m.axes.Cols {
		return out, fmt.Errorf("pca: %d columns, want %d as in the fit", x.Cols, m.axes.Cols)
	}
	for i := range x.Rows {
		if i%1024 == 0 && ctx.Err() != nil {
			break
		}
		for c := range k {
			var sum float64
			axis := row(m.axes, c)
			for j, v := range row(x, i) {
				sum += float64((float64(v) - m.mean[j]) * float64(axis[j]))
			}
			out.Data[i*k+c] = float32(sum)
		}
	}
	return out, context.Cause(ctx)
}

// sections lists what is saved.
func (m *projection) sections() []state.Section {
	return []state.Section{{Name: "axes.npy", Data: &m.axes}, {Name: "mean.npy", Data: &m.mean}}
}

// Save writes the axes and the mean.
func (m *projection) Save(w stage.Writer) error { return state.WriteSections(w, m.sections()...) }

// loadProjection reads what Save wrote.
func loadProjection(_ stage.Run, r fs.FS) (*projection, error) {
	m := &projection{}
	if err := state.ReadSections(r, m.sections()...); err != nil {
		return nil, err
	}
	if m.axes.Rows < 1 || m.axes.Cols < 1 || len(m.mean) != m.axes.Cols {
		return nil, fmt.Errorf("pca: %d axes of %d columns, a mean of %d", m.axes.Rows, m.axes.Cols, len(m.mean))
	}
	return m, nil
}
