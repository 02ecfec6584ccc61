package umap

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Data is what a fit starts from: rows, dense or sparse, and what is known of them beforehand. Fit is for dense rows alone.
type Data struct {
	// X is the rows. It is left out where Sparse is given, and may be where Neighbors or Graph is: such a model has no
	// Transform, Update and InverseTransform, and cannot start from PCA. (metric="precomputed")
	X blas32.General
	// Borrow has the model keep X as it is and not copy it, which saves its memory. X must not be changed later.
	Borrow bool
	// Sparse is the rows for the metrics Euclidean, Cosine, Hellinger, Jaccard and Dice. Such a fit has no InverseTransform,
	// and cannot start from PCA.
	Sparse sparse.CSR[float32]
	// Neighbors, where its K is not 0, is the nearest neighbors of the rows, which are then not searched for: from another
	// fit, another search, or a matrix of distances. The first neighbor of every row is the row itself, at distance 0, and
	// the others follow by rising distance. It decides the number of neighbors. (precomputed_knn)
	Neighbors Neighbors
	// sparse.CSR[float32], where it has vertices, is laid out as it is; nothing is searched for. The graphs of several models of the same
	// rows can be combined to one by Union, Intersection and Difference.
	Graph sparse.CSR[float32]
	// Classes supervise the fit: the class of each row, −1 where it is not known. (y, with target_metric="categorical")
	Classes []int
	// Target supervises the fit: a row of numbers for each row. (y, with another target_metric)
	Target blas32.General
	// Start, where it has rows, holds the first positions, rows × NComponents, in place of those of
	// Config.Init. It is not kept. (init, as an array)
	Start blas32.General
}

func (d *Data) sparse() bool { return d.Sparse.Rows() > 0 }

// bare says that there are no rows, only what is known of them.
func (d *Data) bare() bool {
	return !d.sparse() && d.X.Cols == 0 && (d.X.Rows == 0 || len(d.X.Data) == 0)
}

func (d *Data) rows() int {
	switch {
	case d.sparse():
		return d.Sparse.Rows()
	case d.bare() && d.X.Rows == 0:
		return max(d.Neighbors.Rows(), d.Graph.Rows())
	}
	return d.X.Rows
}

func (d *Data) cols() int {
	if d.sparse() {
		return d.Sparse.Cols
	}
	return d.X.Cols
}

// check reports what does not fit together.
func (d *Data) check(cfg settings) error {
	n := d.rows()
	var err error
	switch {
	case d.sparse() && d.X.Rows > 0:
		return errors.New("umap: input: both dense and sparse rows, want one of them")
	case d.sparse() && cfg.Init == PCA && d.Start.Rows == 0:
		return fmt.Errorf("umap: %w", &stage.ConfigError{Field: "umap.Config.Init", Value: cfg.Init, Want: "Spectral or Random for sparse rows"})
	case d.bare() && cfg.Init == PCA && d.Start.Rows == 0:
		return fmt.Errorf("umap: %w", &stage.ConfigError{Field: "umap.Config.Init", Value: cfg.Init, Want: "Spectral or Random for neighbors or a graph without rows"})
	case d.sparse():
		err = cfg.distance().CheckSparse(d.Sparse)
	default:
		err = cfg.distance().Check(d.X)
	}
	if err != nil {
		return fmt.Errorf("umap: input: %w", err)
	}
	if n == 0 || d.cols() == 0 && d.X.Rows > 0 {
		return fmt.Errorf("umap: input: matrix of %d×%d, want at least one row and one column", n, d.cols())
	}
	if d.Classes != nil && d.Target.Rows > 0 {
		return errors.New("umap: both classes and continuous targets, want one of them")
	}
	if d.Classes != nil && len(d.Classes) != n {
		return fmt.Errorf("umap: %d classes for %d rows", len(d.Classes), n)
	}
	if d.Target.Rows > 0 {
		if d.Target.Rows != n {
			return fmt.Errorf("umap: targets of %d rows for %d rows", d.Target.Rows, n)
		}
		if err := cfg.targetMetric().Check(d.Target); err != nil {
			return fmt.Errorf("umap: targets: %w", err)
		}
	}
	if d.Neighbors.K != 0 {
		if err := d.Neighbors.checkSorted(); err != nil {
			return err
		}
		if d.Neighbors.Rows() != n {
			return fmt.Errorf("umap: neighbors of %d rows for %d rows", d.Neighbors.Rows(), n)
		}
	}
	if v := d.Graph.Rows(); v > 0 {
		if err := fuzzy.Check(d.Graph); err != nil {
			return fmt.Errorf("umap: %w", err)
		}
		if v != n {
			return fmt.Errorf("umap: graph of %d vertices for %d rows", v, n)
		}
	}
	if cfg.Unique && (d.Neighbors.K != 0 || d.Graph.Rows() > 0) {
		return errors.New("umap: Unique with neighbors or a graph of all rows: take the equal rows out before")
	}
	if s := d.Start; s.Rows != 0 {
		if err := check.Matrix(s); err != nil {
			return fmt.Errorf("umap: start: %w", err)
		}
		if s.Rows != n || s.Cols != cfg.NComponents {
			return fmt.Errorf("umap: start: matrix of %d×%d for %d rows and %d components", s.Rows, s.Cols, n, cfg.NComponents)
		}
	}
	return nil
}

// hash is that of a row.
func (d *Data) hash(i int) uint64 {
	if d.sparse() {
		return hashSparse(metric.SparseRow(d.Sparse, i))
	}
	return fuzzy.Hash(d.X.Data[i*d.X.Stride:][:d.X.Cols])
}

// equal says whether row i is row j of other, which is as wide and as sparse.
func (d *Data) equal(i int, other *Data, j int) bool {
	if d.sparse() {
		a, b := metric.SparseRow(d.Sparse, i), metric.SparseRow(other.Sparse, j)
		return slices.Equal(a.Index, b.Index) && slices.Equal(a.Value, b.Value)
	}
	return slices.Equal(d.X.Data[i*d.X.Stride:][:d.X.Cols], other.X.Data[j*other.X.Stride:][:other.X.Cols])
}

// groups numbers the rows by their contents, classes, targets and starts.
func (d *Data) groups() fuzzy.Groups {
	same := func(x blas32.General, i, j int32) bool {
		return x.Rows == 0 || slices.Equal(dense.Row(x, int(i)), dense.Row(x, int(j)))
	}
	return fuzzy.Group(d.rows(), func(i int32) uint64 { return d.hash(int(i)) }, func(i, j int32) bool {
		return d.equal(int(i), d, int(j)) && (d.Classes == nil || d.Classes[i] == d.Classes[j]) && same(d.Target, i, j) && same(d.Start, i, j)
	})
}

// contents numbers the rows by their contents alone.
func (d *Data) contents() fuzzy.Groups {
	rows := Data{X: d.X, Sparse: d.Sparse}
	return rows.groups()
}

// take is the data of the rows with the given numbers.
func (d *Data) take(numbers []int32) Data {
	out := Data{}
	if d.sparse() {
		out.Sparse = d.Sparse.Pick(numbers)
	} else {
		out.X = dense.Pick(d.X, numbers)
	}
	if d.Classes != nil {
		out.Classes = make([]int, len(numbers))
		for at, i := range numbers {
			out.Classes[at] = d.Classes[i]
		}
	}
	if d.Target.Rows > 0 {
		out.Target = dense.Pick(d.Target, numbers)
	}
	if d.Start.Rows > 0 {
		out.Start = dense.Pick(d.Start, numbers)
	}
	return out
}

// nearest finds the k nearest neighbors of all rows.
func (d *Data) nearest(ctx context.Context, k int, cfg settings, opts knn.Options) (Neighbors, error) {
	if !d.sparse() {
		nb, err := fuzzy.Nearest(ctx, d.X, k, cfg.distance(), cfg.limit(), knn.Open, opts)
		return Neighbors(nb), err
	}
	ix, err := knn.NewSparse(ctx, d.Sparse, cfg.distance(), opts)
	if err != nil {
		return Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
	}
	nb, err := ix.Self(ctx, k)
	if err != nil {
		return Neighbors{}, fmt.Errorf("nearest neighbors: %w", err)
	}
	nb, err = fuzzy.Settle(ctx, nb, cfg.limit(), d.contents, func(rows, all []int32) (knn.Neighbors, error) {
		ix, err := knn.NewSparse(ctx, d.Sparse.Pick(all), cfg.distance(), knn.Options{Workers: opts.Workers})
		if err != nil {
			return knn.Neighbors{}, err
		}
		return ix.Query(ctx, d.Sparse.Pick(rows), min(k, len(all)))
	})
	return Neighbors(nb), err
}

// means are the mean rows of the components that a label gives each row, or nil where they would take too much memory.
func (d *Data) means(label []int32, count int) [][]float32 {
	const most = 1 << 26
	if d.cols() == 0 || count*d.cols() > most {
		return nil
	}
	sum := make([][]float64, count)
	size := make([]float64, count)
	for c := range sum {
		sum[c] = make([]float64, d.cols())
	}
	for i, c := range label {
		size[c]++
		if d.sparse() {
			cols, values := d.Sparse.Row(i)
			for k, col := range cols {
				sum[c][col] += float64(values[k])
			}
			continue
		}
		for k, v := range d.X.Data[i*d.X.Stride:][:d.X.Cols] {
			sum[c][k] += float64(v)
		}
	}
	mean := make([][]float32, count)
	for c := range mean {
		mean[c] = make([]float32, d.cols())
		for k, v := range sum[c] {
			mean[c][k] = float32(v / size[c])
		}
	}
	return mean
}

// hashSparse returns a hash of the columns and the values of a sparse row.
func hashSparse(r metric.Sparse) uint64 {
	h := fuzzy.Hash(r.Value)
	for _, c := range r.Index {
		h = (h ^ uint64(c)) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return h
}
