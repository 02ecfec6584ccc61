// Package lbfgs minimizes smooth convex functions by the limited-memory BFGS method.
package lbfgs

import (
	"context"
	"math"
)

// pairs is the number of steps that the approximation of the Hessian remembers.
const pairs = 10

// Func returns the value of a function at x and writes its gradient to grad. It must not keep or
// change x.
type Func func(ctx context.Context, x, grad []float64) (float64, error)

// Options says when a search ends.
type Options struct {
	// Tolerance ends the search once no entry of the gradient is larger. It is above 0.
	Tolerance float64
	// Iterations is the largest number of steps.
	Iterations int
	// Progress, if not nil, is called with the number of steps done and Iterations.
	Progress func(done, total int)
}

// Result is where a search ended.
type Result struct {
	X []float64
	// Converged says that the gradient at X is within the tolerance, or within ten times the
	// tolerance where no lower value could be told from that at X.
	Converged bool
}

// Minimize searches for a minimum of a function of n variables from 0. A step is halved until the
// function falls enough. The search ends within the tolerance, when the function stops falling, or
// after Iterations steps. The error is that of f.
//
// The method is that of Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and
// 7.5, with backtracking (algorithm 3.1).
func Minimize(ctx context.Context, n int, f Func, o Options) (Result, error) {
	x, grad, next, nextGrad, step := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	value, err := f(ctx, x, grad)
	if err != nil {
		return Result{}, err
	}
	var dx, dg [][]float64 // changes of x and of the gradient, the latest last
	var curvature []float64
	for done := 0; ; done++ {
		if o.Progress != nil {
			o.Progress(done, o.Iterations)
		}
		if largest(grad) <= o.Tolerance {
			if o.Progress != nil {
				o.Progress(o.Iterations, o.Iterations)
			}
			return Result{x, true}, nil
		}
		if done == o.Iterations {
			return Result{x, false}, nil
		}
		// The two-loop recursion.
		copy(step, grad)
		alpha := make([]float64, len(dx))
		for i := len(dx) - 1; i >= 0; i-- {
			alpha[i] = dot(dx[i], step) / curvature[i]
			add(step, -alpha[i], dg[i])
		}
		if last := len(dx) - 1; last >= 0 {
			scale := curvature[last] / dot(dg[last], dg[last])
			for i := range step {
				step[i] *= scale
			}
		}
		for i := range dx {
			add(step, alpha[i]-dot(dg[i], step)/curvature[i], dx[i])
		}
		// The line search.
		slope := -dot(grad, step)
		length := 1.0
		if len(dx) == 0 {
			length = 1 / math.Sqrt(dot(grad, grad))
		}
		var nextValue float64
		for try := 0; ; try++ {
			copy(next, x)
			add(next, -length, step)
			if nextValue, err = f(ctx, next, nextGrad); err != nil {
				return Result{}, err
			}
			if nextValue <= value+float64(1e-4*length*slope) {
				break
			}
			if try == 30 { // no lower value can be told from this one
				return Result{x, largest(grad) <= 10*o.Tolerance}, nil
			}
			length /= 2
		}
		s, g := make([]float64, n), make([]float64, n)
		for i := range s {
			s[i], g[i] = next[i]-x[i], nextGrad[i]-grad[i]
		}
		if c := dot(s, g); c > 1e-12*dot(g, g) {
			if len(dx) == pairs {
				dx, dg, curvature = dx[1:], dg[1:], curvature[1:]
			}
			dx, dg, curvature = append(dx, s), append(dg, g), append(curvature, c)
		}
		x, next, grad, nextGrad, value = next, x, nextGrad, grad, nextValue
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

// largest returns the largest absolute value.
func largest(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
}
