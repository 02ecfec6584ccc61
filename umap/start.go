package umap

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

const (
	startExtent = 10
	startNoise  = 1e-4
)

// start finds the positions that the layout starts from, every column stretched to [0, 10]. What it had to do instead of
// what was asked is in the warnings.
func start(ctx context.Context, data *Data, g Graph, cfg Config) (y blas32.General, warnings []error, err error) {
	if cfg.Init == Given {
		y, err = given(ctx, cfg)
		return y, nil, err
	}
	if y, warnings, err = unstretched(ctx, data, g, cfg); err != nil {
		return y, nil, err
	}
	stretch(y)
	return y, warnings, nil
}

// unstretched is the start before every column is stretched.
func unstretched(ctx context.Context, data *Data, g Graph, cfg Config) (y blas32.General, warnings []error, err error) {
	how := cfg.Init
	if how == Spectral {
		y, err = spectral(ctx, data, g, cfg)
		if errors.Is(err, ErrSpectral) {
			how = PCA
			if data.rows() <= cfg.NComponents+1 || data.cols() == 0 || data.sparse() {
				how = Random
			}
			warnings = append(warnings, fmt.Errorf("umap: start is %v instead of spectral: %w", how, err))
			err = nil
		}
		if err != nil {
			return y, nil, err
		}
	}
	if how == PCA {
		var parts int
		if y, parts, err = principal(ctx, data.X, cfg); err != nil {
			return y, nil, err
		}
		if parts < cfg.NComponents {
			warnings = append(warnings, fmt.Errorf("umap: the input has %d principal components, the other %d start at random", parts, cfg.NComponents-parts))
		}
	}
	if how == Random {
		y = dense.New(data.rows(), cfg.NComponents)
		for i := range y.Rows {
			s := rng.New(cfg.Seed, streamUniform, uint64(i))
			for d := range y.Cols {
				y.Data[i*y.Stride+d] = float32(float64(2*startExtent*s.Float64()) - startExtent)
			}
		}
	} else {
		disturb(y, cfg.Seed)
	}
	return y, warnings, nil
}

// disturb scales y so that its largest coordinate is ±10 and adds a little normal noise, which takes apart what fell
// together.
func disturb(y blas32.General, seed uint64) {
	var largest float32
	for _, v := range y.Data {
		largest = max(largest, v, -v)
	}
	scale := float32(1)
	if largest > 0 {
		scale = startExtent / largest
	}
	for i := range y.Rows {
		s := rng.New(seed, streamNoise, uint64(i))
		for d := range y.Cols {
			at := i*y.Stride + d
			y.Data[at] = float32(y.Data[at]*scale) + float32(startNoise*normal(&s))
		}
	}
}

// given is the caller's start. Where rows are equal, normal noise of a thousandth of the mean distance to the nearest
// other row takes them apart.
func given(ctx context.Context, cfg Config) (blas32.General, error) {
	y := dense.New(cfg.Start.Rows, cfg.Start.Cols)
	seen := make(map[uint64]bool, y.Rows)
	equal := false
	for i := range y.Rows {
		row := cfg.Start.Data[i*cfg.Start.Stride:][:y.Cols]
		copy(y.Data[i*y.Stride:], row)
		h := hashRow(row)
		equal = equal || seen[h]
		seen[h] = true
	}
	if equal && y.Rows > 1 {
		nb, err := knn.Self(ctx, y, 2, knn.Euclidean, knn.Options{Workers: cfg.Workers})
		if err != nil {
			return y, fmt.Errorf("start: %w", err)
		}
		noise := 0.0
		for i := range y.Rows {
			noise += float64(nb.Distance[2*i+1])
		}
		noise *= 0.001 / float64(y.Rows)
		for i := range y.Rows {
			s := rng.New(cfg.Seed, streamNoise, uint64(i))
			for d := range y.Cols {
				y.Data[i*y.Stride+d] += float32(noise * normal(&s))
			}
		}
	}
	stretch(y)
	return y, nil
}

// stretch moves every column to [0, 10], or to 0 where all its values are the same.
func stretch(y blas32.General) {
	for d := range y.Cols {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i := range y.Rows {
			v := float64(y.Data[i*y.Stride+d])
			lo, hi = min(lo, v), max(hi, v)
		}
		for i := range y.Rows {
			at := i*y.Stride + d
			if hi > lo {
				y.Data[at] = float32(startExtent * ((float64(y.Data[at]) - lo) / (hi - lo)))
			} else {
				y.Data[at] = 0
			}
		}
	}
}

// PCALayout gives the first cfg.NComponents principal components of the rows of x, largest first: x less its mean, times
// the directions of most variance, each with the sign that makes its largest entry positive. Columns beyond the number of
// rows or columns of x are 0. Of cfg, NComponents, Seed (of the eigenvectors' search) and Workers are read.
func PCALayout(ctx context.Context, x blas32.General, cfg Config) (blas32.General, error) {
	if err := errors.Join(cfg.Validate(), check.Matrix(x)); err != nil {
		return blas32.General{}, fmt.Errorf("umap: principal components: %w", err)
	}
	y, _, err := principal(ctx, x, cfg)
	if err != nil {
		return blas32.General{}, fmt.Errorf("umap: %w", err)
	}
	return y, nil
}

// principal gives the components and how many of them there are.
func principal(ctx context.Context, x blas32.General, cfg Config) (blas32.General, int, error) {
	n, width := x.Rows, x.Cols
	y := dense.New(n, cfg.NComponents)
	k := min(cfg.NComponents, n, width)
	if k == 0 {
		return y, 0, nil
	}
	row := func(i int) []float32 { return x.Data[i*x.Stride:][:width] }
	mean := make([]float64, width)
	for i := range n {
		for d, v := range row(i) {
			mean[d] += float64(v)
		}
	}
	for d := range mean {
		mean[d] /= float64(n)
	}
	// The covariance is summed over fixed blocks of rows, and the blocks in order.
	const block = 1024
	blocks := (n + block - 1) / block
	covariance := make([]float64, width*width)
	err := parallel.Loop{Workers: cfg.Workers, Block: 16}.Run(ctx, width, func(_, lo, hi int) error {
		centred := make([]float64, width)
		for b := range blocks {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			for i := b * block; i < min((b+1)*block, n); i++ {
				for d, v := range row(i) {
					centred[d] = float64(v) - mean[d]
				}
				for p := lo; p < hi; p++ {
					axpy64(covariance[p*width:][:width], centred, centred[p])
				}
			}
		}
		return nil
	})
	if err != nil {
		return y, 0, err
	}
	direction, err := denseEigenvectors(ctx, covariance, width, k, cfg)
	if err != nil {
		return y, 0, fmt.Errorf("principal components: %w", err)
	}
	err = parallel.Loop{Workers: cfg.Workers}.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			for d, v := range direction {
				sum := 0.0
				for c, e := range row(i) {
					sum += float64((float64(e) - mean[c]) * v[c])
				}
				y.Data[i*y.Stride+d] = float32(sum)
			}
		}
		return nil
	})
	return y, k, err
}

// normal is a value of the standard normal distribution (Marsaglia's polar method).
func normal(s *rng.Stream) float64 {
	for {
		u, v := 2*s.Float64()-1, 2*s.Float64()-1
		if r := float64(u*u) + float64(v*v); r > 0 && r < 1 {
			return u * math.Sqrt(-2*bitmath.Log(r)/r)
		}
	}
}
