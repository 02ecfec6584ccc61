package umap

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

const hellingerLeast = 1e-6

// invert finds the rows for positions.
func (m *Model) invert(ctx context.Context, y blas32.General, slope gradient) (blas32.General, error) {
	x := dense.New(y.Rows, m.data.X.Cols)
	if y.Rows == 0 {
		return x, context.Cause(ctx)
	}
	k := min(m.data.X.Cols, m.data.X.Rows)
	nb, err := knn.Query(ctx, dense.Compact(m.y), y, k, knn.Euclidean, m.cfg.options(nil))
	if err != nil {
		return x, err
	}
	epochs := transformEpochs
	if m.cfg.NEpochs != 0 {
		epochs = max(m.cfg.NEpochs, 0) / 3
	}
	err = parallel.Loop{Workers: m.cfg.Workers, Block: 1}.Run(ctx, y.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			weight := make([]float64, k)
			for j, d := range nb.Distance[i*k : (i+1)*k] {
				weight[j] = 1 / (1 + float64(m.a*bitmath.Pow(float64(d), 2*m.b)))
			}
			s := rng.New(m.cfg.TransformSeed, streamInverse, hashRow(y.Data[i*y.Stride:][:y.Cols]))
			if err := m.invertRow(ctx, x.Data[i*x.Stride:][:x.Cols], nb.Index[i*k:(i+1)*k], weight, epochs, slope, &s); err != nil {
				return err
			}
		}
		return nil
	})
	return x, err
}

// invertRow finds one row, which is near the training rows in index by the given weights.
func (m *Model) invertRow(ctx context.Context, own []float32, index []int32, weight []float64, epochs int, slope gradient, s *rng.Stream) error {
	training := func(j int) []float32 { return m.data.X.Data[j*m.data.X.Stride:][:len(own)] }
	total, most := 0.0, 0.0
	mean := make([]float64, len(own))
	for k, j := range index {
		for d, v := range training(int(j)) {
			mean[d] += float64(weight[k] * float64(v))
		}
		total += weight[k]
		most = max(most, weight[k])
	}
	for d := range own {
		own[d] = float32(mean[d] / total)
	}
	due := make([]uint32, len(weight))
	for k, w := range weight {
		due[k] = share(w / most)
	}
	least := float32(math.Inf(-1))
	if m.cfg.Metric == Hellinger {
		least = hellingerLeast // below 0 the metric is not defined, and at 0 its gradient is not
	}
	g := make([]float64, len(own))
	move := func(factor, step float64) {
		for d, v := range g {
			own[d] = max(float32(float64(own[d])+float64(max(min(factor*v, 4), -4)*step)), least)
		}
	}
	for epoch := range epochs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		step := float64(alpha(m.cfg.LearningRate/4, epoch, epochs))
		for k, j := range index {
			if uint32(epoch+1)*due[k]&(1<<phases-1) >= due[k] {
				continue
			}
			slope(g, own, training(int(j)))
			move(-1/(float64(weight[k]*float64(m.sigma[j]))+1e-6), step)
			for range m.cfg.NegativeSampleRate {
				r := s.Intn(m.data.X.Rows)
				distance := slope(g, own, training(r))
				sigma := float64(m.sigma[r])
				w := bitmath.Exp(-max(distance-float64(m.rho[r]), 1e-6) / (sigma + 1e-6))
				move(m.cfg.RepulsionStrength*w/(float64((1-w)*sigma)+1e-6), step)
			}
		}
	}
	for _, v := range own {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return errGrown
		}
	}
	return nil
}
