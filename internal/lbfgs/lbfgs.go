package topic

import (
	"context"
	"math"
)

// minimise finds a minimum of a smooth convex function of n variables by L-BFGS from 0, with ten pairs remembered and the
// step halved until the function falls enough (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5).
// It ends when no entry of the gradient is above 1e-4, which small reports, as scikit-learn's LogisticRegression does, when
// the function stops falling, or after most iterations. f gives the value at w and writes the gradient.
func minimise(ctx context.Context, n, most int, f func(ctx context.Context, w, grad []float64) (float64, error), progress func(done, total int)) (small bool, err error) {
	const (
		pairs     = 10
		tolerance = 1e-4
	)
	w, grad, next, nextGrad, step := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	value, err := f(ctx, w, grad)
	if err != nil {
		return false, err
	}
	var ds, dg [][]float64
	var curvature []float64
	for done := 0; ; done++ {
		if progress != nil {
			progress(done, most)
		}
		if largest(grad) <= tolerance {
			if progress != nil {
				progress(most, most)
			}
			return true, nil
		}
		if done == most {
			return false, nil
		}
		copy(step, grad)
		alpha := make([]float64, len(ds))
		for i := len(ds) - 1; i >= 0; i-- {
			alpha[i] = dot(ds[i], step) / curvature[i]
			add(step, -alpha[i], dg[i])
		}
		if last := len(ds) - 1; last >= 0 {
			scale := curvature[last] / dot(dg[last], dg[last])
			for i := range step {
				step[i] *= scale
			}
		}
		for i := range ds {
			add(step, alpha[i]-dot(dg[i], step)/curvature[i], ds[i])
		}
		slope := -dot(grad, step)
		length := 1.0
		if len(ds) == 0 {
			length = 1 / math.Sqrt(dot(grad, grad))
		}
		var nextValue float64
		for try := 0; ; try++ {
			copy(next, w)
			add(next, -length, step)
			if nextValue, err = f(ctx, next, nextGrad); err != nil {
				return false, err
			}
			if nextValue <= value+float64(1e-4*length*slope) {
				break
			}
			if try == 30 { // no lower value can be told from this one
				_, err := f(ctx, w, grad)
				return largest(grad) <= 10*tolerance, err
			}
			length /= 2
		}
		s, g := make([]float64, n), make([]float64, n)
		for i := range s {
			s[i], g[i] = next[i]-w[i], nextGrad[i]-grad[i]
		}
		if c := dot(s, g); c > 1e-12*dot(g, g) {
			if len(ds) == pairs {
				ds, dg, curvature = ds[1:], dg[1:], curvature[1:]
			}
			ds, dg, curvature = append(ds, s), append(dg, g), append(curvature, c)
		}
		w, next, grad, nextGrad, value = next, w, nextGrad, grad, nextValue
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

func add(to []float64, by float64, x []float64) {
	for i, v := range x {
		to[i] += float64(by * v)
	}
}

func largest(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
}
