package topic

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// LogisticRegression is the Clusterer of supervised topic modelling: the given classes are the topics, and a new point gets
// the class that a multinomial logistic regression gives the highest probability. Documents of class −1 are outliers and are
// not learned from. It is what BERTopic's documentation does with scikit-learn's LogisticRegression; use it without a
// reducer.
//
// The coefficients minimise C·Σ −log p(class | point) + ½·Σ w², the intercepts free, found by L-BFGS.
type LogisticRegression struct {
	// C is the inverse strength of regularisation, above 0; 0, the default, stands for 1. [C]
	C float64
	// MaxIterations ends the search, 1 or more; 0, the default, stands for 200. A search that ends before the gradient is small
	// leaves a warning. [max_iter]
	MaxIterations int
}

// Validate reports fields that are out of range.
func (l LogisticRegression) Validate() error {
	var f check.Fields
	f.Want(l.C >= 0 && !math.IsInf(l.C, 0), "topic.LogisticRegression.C", l.C, "a finite number above 0, or 0 for 1")
	f.Want(l.MaxIterations >= 0, "topic.LogisticRegression.MaxIterations", l.MaxIterations, "1 or more, or 0 for 200")
	return f.Err()
}

// Cluster fails with ErrNoClasses.
func (LogisticRegression) Cluster(context.Context, Run, blas32.General) (Clustering, error) {
	return nil, ErrNoClasses
}

// ClusterClasses makes a cluster of each class and learns to tell them apart.
func (l LogisticRegression) ClusterClasses(ctx context.Context, run Run, x blas32.General, y []int) (Clustering, error) {
	if y == nil {
		return nil, ErrNoClasses
	}
	c := &logistic{kernels: simd.Best(), workers: run.Workers, labels: y}
	for _, class := range y {
		if class != Outlier {
			c.classes = append(c.classes, class)
		}
	}
	slices.Sort(c.classes)
	c.classes = slices.Compact(c.classes)
	if len(c.classes) < 2 { // nothing to tell apart
		c.weights = blas32.General{Rows: len(c.classes), Cols: x.Cols + 1, Stride: x.Cols + 1, Data: make([]float32, len(c.classes)*(x.Cols+1))}
		return c, nil
	}
	return c, c.learn(ctx, l, x, y, run.report(StageCluster))
}

// logistic is a fitted regression.
type logistic struct {
	kernels  *simd.Kernels
	workers  int
	labels   []int
	classes  []int          // ascending
	weights  blas32.General // a row per class: the coefficients, then the intercept
	warnings []error
}

func (c *logistic) Labels() []int     { return c.labels }
func (c *logistic) Warnings() []error { return c.warnings }

// Predict gives each point its most probable class, and that probability.
func (c *logistic) Predict(ctx context.Context, points blas32.General) ([]int, []float64, error) {
	if d := c.weights.Cols - 1; points.Rows > 0 && points.Cols != d {
		return nil, nil, fmt.Errorf("points of %d dimensions, want %d as in the fit", points.Cols, d)
	}
	labels, strength := make([]int, points.Rows), make([]float64, points.Rows)
	if len(c.classes) == 0 {
		for i := range labels {
			labels[i] = Outlier
		}
		return labels, nil, nil
	}
	w := c.split(nil)
	err := parallel.Loop{Workers: c.workers, Block: logisticBlock}.Run(ctx, points.Rows, func(_, lo, hi int) error {
		p := c.probabilities(w, dense.Slice(points, lo, hi), nil)
		for i := lo; i < hi; i++ {
			best := 0
			for k, v := range dense.Row(p, i-lo) {
				if v > dense.Row(p, i-lo)[best] {
					best = k
				}
			}
			labels[i], strength[i] = c.classes[best], min(float64(dense.Row(p, i-lo)[best]), 1)
		}
		return nil
	})
	return labels, strength, err
}

// logisticBlock is the number of rows that are worked on at once; it decides the order of sums.
const logisticBlock = 512

// linear is coefficients ready to multiply and intercepts.
type linear struct {
	panels     *simd.Panels
	intercepts []float32
}

// split prepares c.weights for multiplication.
func (c *logistic) split(old *linear) *linear {
	d := c.weights.Cols - 1
	l := &linear{intercepts: make([]float32, c.weights.Rows)}
	for k := range l.intercepts {
		l.intercepts[k] = dense.Row(c.weights, k)[d]
	}
	w := blas32.General{Rows: c.weights.Rows, Cols: d, Stride: c.weights.Stride, Data: c.weights.Data}
	if old == nil {
		l.panels = c.kernels.Pack(w)
	} else {
		l.panels = old.panels
		c.kernels.PackInto(l.panels, w)
	}
	return l
}

// probabilities has a row per row of x and a column per class. p is memory to use, or nil.
func (c *logistic) probabilities(w *linear, x blas32.General, p []float32) blas32.General {
	n, k := x.Rows, len(w.intercepts)
	if p == nil {
		p = make([]float32, n*k)
	}
	out := blas32.General{Rows: n, Cols: k, Stride: k, Data: p[:n*k]}
	c.kernels.MulNTUnfused(out, x, w.panels)
	c.kernels.AddBias(out, w.intercepts)
	for i := range n {
		c.kernels.Softmax(dense.Row(out, i), 1)
	}
	return out
}

// learn finds the weights for the rows of x whose class is known.
func (c *logistic) learn(ctx context.Context, l LogisticRegression, x blas32.General, y []int, progress func(done, total int)) error {
	var known, target []int
	for i, class := range y {
		if class != Outlier {
			at, _ := slices.BinarySearch(c.classes, class)
			known, target = append(known, i), append(target, at)
		}
	}
	if len(known) < len(y) {
		x = dense.Pick(x, known)
	}
	strength := l.C
	if strength == 0 {
		strength = 1
	}
	most := l.MaxIterations
	if most == 0 {
		most = 200
	}
	p := &logisticLoss{c: c, x: x, target: target, c2: strength}
	small, err := minimise(ctx, len(c.classes)*(x.Cols+1), most, p.at, progress)
	if err == nil && !small {
		c.warnings = append(c.warnings, fmt.Errorf("logistic regression: the gradient is not small after %d iterations; give topic.LogisticRegression more MaxIterations", most))
	}
	return err
}

// logisticLoss is what is minimised, divided by C and the number of rows.
type logisticLoss struct {
	c      *logistic
	x      blas32.General
	target []int
	c2     float64
	panels *linear
	parts  []blas32.General // the gradient of each block
	losses []float64
	scores [][]float32 // per worker
}

// at sets the weights to w and gives the loss and, in grad, its gradient.
func (p *logisticLoss) at(ctx context.Context, w, grad []float64) (float64, error) {
	k, d := len(p.c.classes), p.x.Cols
	if p.parts == nil {
		p.c.weights = blas32.General{Rows: k, Cols: d + 1, Stride: d + 1, Data: make([]float32, k*(d+1))}
		p.losses = make([]float64, (p.x.Rows+logisticBlock-1)/logisticBlock)
		p.parts = make([]blas32.General, min(len(p.losses), 16))
		for i := range p.parts {
			p.parts[i] = blas32.General{Rows: k, Cols: d + 1, Stride: d + 1, Data: make([]float32, k*(d+1))}
		}
		p.scores = make([][]float32, parallel.Workers(p.c.workers))
		for i := range p.scores {
			p.scores[i] = make([]float32, 2*logisticBlock*k)
		}
	}
	for i, v := range w {
		p.c.weights.Data[i] = float32(v)
	}
	p.panels = p.c.split(p.panels)
	for i := range grad {
		grad[i] = 0
	}
	// Blocks are done in rounds of as many as there are parts, whose gradients are added in order.
	for first := 0; first < len(p.losses); first += len(p.parts) {
		round := min(len(p.parts), len(p.losses)-first)
		err := parallel.Loop{Workers: p.c.workers, Block: 1}.Run(ctx, round, func(worker, b, _ int) error {
			lo := (first + b) * logisticBlock
			hi := min(lo+logisticBlock, p.x.Rows)
			p.losses[first+b] = p.block(p.parts[b], lo, hi, p.scores[worker])
			return nil
		})
		if err != nil {
			return 0, err
		}
		for _, part := range p.parts[:round] {
			for i, v := range part.Data {
				grad[i] += float64(v)
			}
		}
	}
	n := float64(p.x.Rows)
	loss := 0.0
	for _, v := range p.losses {
		loss += v
	}
	norm := 0.0
	for i, v := range w {
		grad[i] /= n
		if i%(d+1) < d {
			norm += float64(v * v)
			grad[i] += v / (p.c2 * n)
		}
	}
	return loss/n + norm/(2*p.c2*n), nil
}

// block is the loss of the rows lo … hi−1, and their gradient in part.
func (p *logisticLoss) block(part blas32.General, lo, hi int, scratch []float32) float64 {
	k, d, n := len(p.c.classes), p.x.Cols, hi-lo
	x := dense.Slice(p.x, lo, hi)
	prob := p.c.probabilities(p.panels, x, scratch[:n*k])
	loss := 0.0
	turned := blas32.General{Rows: k, Cols: n, Stride: n, Data: scratch[logisticBlock*k:][:k*n]}
	for i := range n {
		r := dense.Row(prob, i)
		t := p.target[lo+i]
		loss -= bitmath.Log(max(float64(r[t]), 1e-30))
		r[t]--
		for j, v := range r {
			turned.Data[j*n+i] = v
		}
	}
	p.c.kernels.MulNN(blas32.General{Rows: k, Cols: d, Stride: part.Stride, Data: part.Data}, turned, x)
	for j := range k {
		sum := float32(0)
		for _, v := range dense.Row(turned, j) {
			sum += v
		}
		dense.Row(part, j)[d] = sum
	}
	return loss
}
