package supervised

import (
	"context"
	"fmt"
	"io/fs"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// Fixed is the clusterer that takes the known classes as they are. It has no settings. A new row
// gets the class whose rows have the mean of the highest cosine with it, the lower of equals. It
// works for rows without columns too, as long as nothing is predicted. It does what BERTopic's
// manual topic modeling does with BaseCluster.
type Fixed struct{}

// Means is a fitted Fixed: the mean of the rows of each class.
type Means struct {
	workers int
	labels  []int // nil if it was loaded
	classes []int // rising
	means   blas32.General
	packed  dense.Packed // of means
}

// The interfaces of package stage that Fixed and Means implement.
var (
	_ stage.Clusterer  = Fixed{}
	_ stage.ClassUser  = Fixed{}
	_ stage.Clustering = (*Means)(nil)
	_ stage.Saver      = (*Means)(nil)
)

func init() { state.Register[Fixed]("supervised.fixed", loadMeans) }

// ClassUse returns stage.ClassesOnly.
func (Fixed) ClassUse() stage.ClassUse { return stage.ClassesOnly }

// Cluster returns the *Means of the classes of d. It fails with stage.ErrNoClasses, and with a
// *stage.ValueError for a value that is not finite.
func (Fixed) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	classes, err := knownClasses(d)
	if err != nil {
		return nil, fmt.Errorf("supervised: %w", err)
	}
	d.X = tight(d.X)
	m := &Means{workers: run.Workers, labels: d.Classes, classes: classes}
	sums := make([]float64, len(classes)*d.X.Cols)
	for i, c := range d.Classes {
		if i&0xfff == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("supervised: %w", context.Cause(ctx))
		}
		if k := indexOf(classes, c); k >= 0 {
			dense.AddTo(sums[k*d.X.Cols:(k+1)*d.X.Cols], dense.Row(d.X, i))
		}
	}
	m.means = dense.New(len(classes), d.X.Cols)
	for i, s := range sums { // the length of a sum does not matter to a cosine
		m.means.Data[i] = float32(s / float64(d.X.Rows))
	}
	m.packed = dense.NewCentroids(m.means, m.classes).Pack()
	return m, context.Cause(ctx)
}

// Labels returns the classes of the rows of the fit, or nil if the means were loaded.
func (m *Means) Labels() []int { return m.labels }

// Predict returns the class of the nearest mean for each row of x, and the cosine with it, at least
// 0. A row of zeros has cosine 0 with everything.
func (m *Means) Predict(ctx context.Context, x blas32.General) (labels []int, strengths []float64, err error) {
	if x, err = checkRows(x, m.means.Cols); err != nil {
		return nil, nil, fmt.Errorf("supervised: %w", err)
	}
	labels, strengths = make([]int, x.Rows), make([]float64, x.Rows)
	scratch := make([][]float32, parallel.Workers(m.workers))
	err = parallel.Loop{Workers: m.workers}.Run(ctx, x.Rows, func(worker, lo, hi int) error {
		scratch[worker] = m.packed.NearestRows(dense.Slice(x, lo, hi), scratch[worker], func(i, class int, cosine float64) {
			labels[lo+i], strengths[lo+i] = class, min(max(cosine, 0), 1)
		})
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("supervised: %w", err)
	}
	return labels, strengths, nil
}

func (m *Means) sections() []state.Section {
	return []state.Section{{Name: "classes.npy", Data: &m.classes}, {Name: "means.npy", Data: &m.means}}
}

// Save writes the classes and their means.
func (m *Means) Save(w stage.Writer) error { return state.WriteSections(w, m.sections()...) }

// loadMeans reads what Means.Save wrote.
func loadMeans(run stage.Run, r fs.FS) (*Means, error) {
	m := &Means{workers: run.Workers}
	if err := state.ReadSections(r, m.sections()...); err != nil {
		return nil, err
	}
	if err := checkLoaded(m.classes, m.means); err != nil {
		return nil, err
	}
	m.packed = dense.NewCentroids(m.means, m.classes).Pack()
	return m, nil
}
