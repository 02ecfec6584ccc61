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
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// ErrSpectral says that a graph has no spectral layout: it is too small, or its eigenvectors were not found in the time
// allowed.
var ErrSpectral = errors.New("no spectral layout")

// The streams of random numbers, told apart by their first number.
const (
	streamLanczos = 1 + iota
	streamComponent
	streamMeta
	streamUniform
	streamNoise
	streamNegative
	streamTransform
	streamOrder
	streamInverse
)

// maxComponents is the number of components from which their arrangement is random: it takes memory with the square.
const maxComponents = 4096

// SpectralLayout places the vertices of a symmetric graph by the eigenvectors of its normalised Laplacian
// I − D^−½·W·D^−½ that belong to the smallest eigenvalues but the first (Ng, Jordan and Weiss 2001). The
// result has one row per vertex, cfg.NComponents columns, and columns of length 1 whose largest entry is positive.
//
// Where the graph falls apart, every component is laid out by itself and scaled to half the distance to the nearest other
// component's centre. The centres are ± the unit vectors for up to 2·NComponents components, otherwise a spectral
// embedding of the components' mean rows of x under cfg.Metric. Components of fewer than 2·NComponents vertices are
// spread at random. x is used for nothing else. Of cfg, NComponents, Metric, Seed and Workers are read.
//
// The error is ErrSpectral for a connected graph of at most NComponents + 1 vertices and where the eigenvectors did not
// converge. The constants are those of spectral_layout of umap-learn 0.5.12.
func SpectralLayout(ctx context.Context, x blas32.General, g Graph, cfg Config) (blas32.General, error) {
	if err := errors.Join(cfg.Validate(), g.check(), check.Matrix(x)); err != nil {
		return blas32.General{}, fmt.Errorf("umap: spectral layout: %w", err)
	}
	if x.Rows != g.Vertices() {
		return blas32.General{}, fmt.Errorf("umap: spectral layout: %d rows for a graph of %d vertices", x.Rows, g.Vertices())
	}
	y, err := spectral(ctx, &Data{X: x}, g, cfg)
	if err != nil {
		return blas32.General{}, fmt.Errorf("umap: %w", err)
	}
	return y, nil
}

func spectral(ctx context.Context, d *Data, g Graph, cfg Config) (blas32.General, error) {
	n, dim := g.Vertices(), cfg.NComponents
	y := dense.New(n, dim)
	label, count := g.components()
	if count == 1 {
		columns, err := laplacianVectors(ctx, g, dim, cfg)
		if err != nil {
			return y, err
		}
		for d, v := range columns {
			for i := range n {
				y.Data[i*dim+d] = float32(v[i])
			}
		}
		return y, nil
	}

	centre, err := componentCentres(ctx, d, label, count, cfg)
	if err != nil {
		return y, err
	}
	members := make([][]int32, count)
	for i, c := range label {
		members[c] = append(members[c], int32(i))
	}
	local := make([]int32, n) // the number of a vertex within its component
	for _, m := range members {
		for at, i := range m {
			local[i] = int32(at)
		}
	}
	for c, m := range members {
		radius := centreDistance(centre, c) / 2
		at := centre[c]
		if len(m) < 2*dim || len(m) <= dim+1 {
			s := rng.New(cfg.Seed, streamComponent, uint64(c))
			for _, i := range m {
				for d := range dim {
					y.Data[int(i)*dim+d] = float32(at[d] + float64((2*s.Float64()-1)*radius))
				}
			}
			continue
		}
		columns, err := laplacianVectors(ctx, g.induced(m, local), dim, cfg)
		if err != nil {
			return y, err
		}
		largest := 0.0
		for _, v := range columns {
			for _, e := range v {
				largest = max(largest, math.Abs(e))
			}
		}
		for d, v := range columns {
			for k, i := range m {
				y.Data[int(i)*dim+d] = float32(at[d] + float64(v[k]*(radius/largest)))
			}
		}
	}
	return y, nil
}

// induced is the graph of the given vertices, which make up whole components.
func (g Graph) induced(vertices, local []int32) Graph {
	sub := Graph{Start: make([]int, 1, len(vertices)+1)}
	for _, i := range vertices {
		index, weight := g.row(int(i))
		for _, j := range index {
			sub.Index = append(sub.Index, local[j])
		}
		sub.Weight = append(sub.Weight, weight...)
		sub.Start = append(sub.Start, len(sub.Index))
	}
	return sub
}

// laplacianVectors gives the eigenvectors 1 to dim of the normalised Laplacian of a connected graph.
func laplacianVectors(ctx context.Context, g Graph, dim int, cfg Config) ([][]float64, error) {
	n := g.Vertices()
	if n <= dim+1 {
		return nil, fmt.Errorf("%w: %d vertices, want more than %d", ErrSpectral, n, dim+1)
	}
	scale := make([]float64, n) // D^−½
	for i := range n {
		_, weight := g.row(i)
		sum := 0.0
		for _, w := range weight {
			sum += float64(w)
		}
		scale[i] = 1 / math.Sqrt(sum)
	}
	values := make([]float64, len(g.Weight)) // of D^−½·W·D^−½, whose largest eigenvalues are the Laplacian's smallest
	for i := range n {
		for e := g.Start[i]; e < g.Start[i+1]; e++ {
			values[e] = float64(g.Weight[e]) * float64(scale[i]*scale[g.Index[e]])
		}
	}
	solver := eigenvectors{
		n: n, k: dim + 1, workers: cfg.Workers,
		seed: cfg.Seed,
		mul: func(ctx context.Context, dst, src []float64) error {
			return parallel.Loop{Workers: cfg.Workers, Block: lanczosBlock}.Run(ctx, n, func(_, lo, hi int) error {
				for i := lo; i < hi; i++ {
					from, to := g.Start[i], g.Start[i+1]
					index := g.Index[from:to]
					sum := 0.0
					for e, v := range values[from:to] {
						sum += float64(v * src[index[e]])
					}
					dst[i] = sum
				}
				return nil
			})
		},
	}
	found, err := solver.solve(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%w: the eigenvectors of %d vertices did not converge (relative residual %.1g)", ErrSpectral, n, solver.residual)
	}
	return solver.vectors[1:], nil
}

// componentCentres places the components of a graph relative to each other.
func componentCentres(ctx context.Context, data *Data, label []int32, count int, cfg Config) ([][]float64, error) {
	dim := cfg.NComponents
	centre := make([][]float64, count)
	for c := range centre {
		centre[c] = make([]float64, dim)
	}
	if count <= 2*dim {
		half := (count + 1) / 2
		for c := range centre {
			if c < half {
				centre[c][c] = 1
			} else {
				centre[c][c-half] = -1
			}
		}
		return centre, nil
	}
	var mean [][]float32
	if count <= maxComponents {
		mean = data.means(label, count)
	}
	if mean == nil {
		s := rng.New(cfg.Seed, streamMeta)
		for c := range centre {
			for d := range centre[c] {
				centre[c][d] = 10 * s.Float64()
			}
		}
		return centre, nil
	}

	distance := cfg.distance()
	affinity := make([]float64, count*count) // exp(−d²), without the diagonal
	err := parallel.Loop{Workers: cfg.Workers, Block: 8}.Run(ctx, count, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			for j := range count {
				if i != j {
					d := distance.Distance(mean[i], mean[j])
					affinity[i*count+j] = bitmath.Exp(-float64(d * d))
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The spectral embedding of that graph as scikit-learn's SpectralEmbedding makes it.
	root := make([]float64, count)
	for i := range count {
		sum := 0.0
		for j := range count {
			sum += affinity[i*count+j]
		}
		root[i] = math.Sqrt(sum)
		if sum == 0 {
			root[i] = 1
		}
	}
	for i := range count {
		for j := range count {
			affinity[i*count+j] /= float64(root[i] * root[j])
		}
	}
	vectors, err := denseEigenvectors(ctx, affinity, count, dim+1, cfg)
	if err != nil {
		return nil, err
	}
	largest := 0.0
	for d, v := range vectors[1:] {
		for c := range v {
			v[c] /= root[c]
		}
		positive(v)
		for c, e := range v {
			centre[c][d] = e
			largest = max(largest, e)
		}
	}
	if largest > 0 {
		for _, p := range centre {
			for d := range p {
				p[d] /= largest
			}
		}
	}
	return centre, nil
}

// denseEigenvectors gives the eigenvectors of the k largest eigenvalues of the symmetric n×n matrix a.
func denseEigenvectors(ctx context.Context, a []float64, n, k int, cfg Config) ([][]float64, error) {
	if n <= lanczosVectors {
		_, vectors := symmetricEigen(a, n)
		for _, v := range vectors {
			positive(v)
		}
		return vectors[:k], nil
	}
	solver := eigenvectors{
		n: n, k: k, workers: cfg.Workers,
		seed: cfg.Seed,
		mul: func(ctx context.Context, dst, src []float64) error {
			return parallel.Loop{Workers: cfg.Workers, Block: 64}.Run(ctx, n, func(_, lo, hi int) error {
				for i := lo; i < hi; i++ {
					dst[i] = dot64(a[i*n:i*n+n], src)
				}
				return nil
			})
		},
	}
	found, err := solver.solve(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%w: the eigenvectors of a matrix of order %d did not converge (relative residual %.1g)", ErrSpectral, n, solver.residual)
	}
	return solver.vectors, nil
}

// centreDistance is the distance from centre c to the nearest one that is elsewhere, or 1; for centres at random, what is
// to be expected.
func centreDistance(centre [][]float64, c int) float64 {
	if len(centre) > maxComponents {
		return 10 * bitmath.Pow(float64(len(centre)), -1/float64(len(centre[c])))
	}
	nearest := math.Inf(1)
	for o := range centre {
		sum := 0.0
		for k, v := range centre[c] {
			d := v - centre[o][k]
			sum += float64(d * d)
		}
		if sum > 0 {
			nearest = min(nearest, math.Sqrt(sum))
		}
	}
	if math.IsInf(nearest, 1) {
		return 1
	}
	return nearest
}
