package supervised

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/lbfgs"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// Logistic holds the settings of the clusterer whose clusters are the known classes and which gives
// a new row the class that a multinomial logistic regression finds most probable. Rows without a
// known class are outliers and are not learned from. It is what BERTopic's documentation does with
// scikit-learn's LogisticRegression; use it without a reducer.
//
// The coefficients minimize C·Σ −log p(class | row) + ½·Σ w², the intercepts free, found by L-BFGS.
type Logistic struct {
	// C is the inverse strength of regularization, a finite number above 0. Default 1. A larger one
	// fits the classes more closely. [C]
	C float64 `json:"c"`
	// MaxIterations ends the search, at most 1,000,000. Default 200. A search that ends before the
	// gradient is small leaves a warning. [max_iter]
	MaxIterations int `json:"max_iter"`
}

// Regression is a fitted Logistic: the coefficients of each class.
type Regression struct {
	kernels  *simd.Kernels
	workers  int
	labels   []int          // nil if it was loaded
	classes  []int          // rising
	weights  blas32.General // a row per class: the coefficients, then the intercept
	warnings []error
}

// The interfaces of package stage that Logistic and Regression implement.
var (
	_ stage.Clusterer  = Logistic{}
	_ stage.ClassUser  = Logistic{}
	_ stage.Validator  = Logistic{}
	_ stage.Clustering = (*Regression)(nil)
	_ stage.Warner     = (*Regression)(nil)
	_ stage.Saver      = (*Regression)(nil)
)

func init() { state.Register[Logistic]("supervised.logistic", loadRegression) }

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (l Logistic) Validate() error {
	var f check.Fields
	f.Want(l.C >= 0 && !math.IsInf(l.C, 0), "supervised.Logistic.C", l.C, "a finite number above 0, or 0 for 1")
	f.Want(l.MaxIterations >= 0 && l.MaxIterations <= 1e6, "supervised.Logistic.MaxIterations", l.MaxIterations, "from 1 to 1,000,000, or 0 for 200")
	return f.Err()
}

// ClassUse returns stage.ClassesOnly.
func (Logistic) ClassUse() stage.ClassUse { return stage.ClassesOnly }

// Cluster returns the *Regression that tells the classes of d apart. It fails with
// stage.ErrNoClasses, and with a *stage.ValueError for a value that is not finite.
func (l Logistic) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	r, err := l.fit(ctx, run, d)
	if err != nil {
		return nil, fmt.Errorf("supervised: %w", err)
	}
	return r, nil
}

func (l Logistic) fit(ctx context.Context, run stage.Run, d stage.Data) (*Regression, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	classes, err := knownClasses(d)
	if err != nil {
		return nil, err
	}
	r := &Regression{kernels: simd.Best(), workers: run.Workers, labels: d.Classes, classes: classes, weights: dense.New(len(classes), d.X.Cols+1)}
	if len(classes) < 2 { // nothing to tell apart
		return r, context.Cause(ctx)
	}
	return r, r.learn(ctx, l, d, run.Progress)
}

// Labels returns the classes of the rows of the fit, or nil if the regression was loaded.
func (r *Regression) Labels() []int { return r.labels }

// Warnings reports a search that ended too early.
func (r *Regression) Warnings() []error { return r.warnings }

// Predict returns the most probable class of each row of x, and its probability.
func (r *Regression) Predict(ctx context.Context, x blas32.General) (labels []int, strengths []float64, err error) {
	if x, err = checkRows(x, r.weights.Cols-1); err != nil {
		return nil, nil, fmt.Errorf("supervised: %w", err)
	}
	labels, strengths = make([]int, x.Rows), make([]float64, x.Rows)
	w := r.split(nil)
	err = parallel.Loop{Workers: r.workers, Block: logisticBlock}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		p := r.probabilities(w, dense.Slice(x, lo, hi), nil)
		for i := lo; i < hi; i++ {
			best := 0
			for k, v := range dense.Row(p, i-lo) {
				if v > dense.Row(p, i-lo)[best] {
					best = k
				}
			}
			labels[i], strengths[i] = r.classes[best], min(float64(dense.Row(p, i-lo)[best]), 1)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("supervised: %w", err)
	}
	return labels, strengths, nil
}

// savedRegression holds the sections of a saved Regression.
type savedRegression struct {
	*Regression
	texts []string // of the warnings
}

func (s *savedRegression) sections() []state.Section {
	return []state.Section{
		{Name: "classes.npy", Data: &s.classes},
		{Name: "weights.npy", Data: &s.weights},
		{Name: "warnings.json", Data: &s.texts},
	}
}

// Save writes the classes and their coefficients.
func (r *Regression) Save(w stage.Writer) error {
	s := savedRegression{Regression: r}
	for _, err := range r.warnings {
		s.texts = append(s.texts, err.Error())
	}
	return state.WriteSections(w, s.sections()...)
}

// loadRegression reads what Regression.Save wrote.
func loadRegression(run stage.Run, f fs.FS) (*Regression, error) {
	s := savedRegression{Regression: &Regression{kernels: simd.Best(), workers: run.Workers}}
	if err := state.ReadSections(f, s.sections()...); err != nil {
		return nil, err
	}
	if err := checkLoaded(s.classes, s.weights); err != nil {
		return nil, err
	}
	if s.weights.Cols == 0 {
		return nil, errors.New("the coefficients have no intercept")
	}
	for _, text := range s.texts {
		s.warnings = append(s.warnings, errors.New(text))
	}
	return s.Regression, nil
}

// logisticBlock is the number of rows that are worked on at once; it decides the order of sums.
const logisticBlock = 512

// linear is coefficients ready to multiply and intercepts.
type linear struct {
	panels     *simd.Panels
	intercepts []float32
}

// split prepares the weights for multiplication, in the memory of old if that is not nil.
func (r *Regression) split(old *linear) *linear {
	d := r.weights.Cols - 1
	l := &linear{intercepts: make([]float32, r.weights.Rows)}
	for k := range l.intercepts {
		l.intercepts[k] = dense.Row(r.weights, k)[d]
	}
	w := blas32.General{Rows: r.weights.Rows, Cols: d, Stride: r.weights.Stride, Data: r.weights.Data}
	if old == nil {
		l.panels = r.kernels.Pack(w)
	} else {
		l.panels = old.panels
		r.kernels.PackInto(l.panels, w)
	}
	return l
}

// probabilities has a row per row of x and a column per class. p is memory to use, or nil.
func (r *Regression) probabilities(w *linear, x blas32.General, p []float32) blas32.General {
	n, k := x.Rows, len(w.intercepts)
	if p == nil {
		p = make([]float32, n*k)
	}
	out := blas32.General{Rows: n, Cols: k, Stride: k, Data: p[:n*k]}
	r.kernels.MulNTUnfused(out, x, w.panels)
	r.kernels.AddBias(out, w.intercepts)
	for i := range n {
		r.kernels.Softmax(dense.Row(out, i), 1)
	}
	return out
}

// learn finds the weights for the rows of d whose class is known.
func (r *Regression) learn(ctx context.Context, l Logistic, d stage.Data, progress func(done, total int)) error {
	x := tight(d.X)
	var known, target []int
	for i, class := range d.Classes {
		if k := indexOf(r.classes, class); k >= 0 {
			known, target = append(known, i), append(target, k)
		}
	}
	if len(known) < x.Rows {
		x = dense.Pick(x, known)
	}
	iterations := stage.Setting(l.MaxIterations, 200)
	p := &logisticLoss{r: r, x: x, target: target, c: stage.Setting(l.C, 1)}
	// scikit-learn's tolerance.
	found, err := lbfgs.Minimize(ctx, len(r.weights.Data), p.at, lbfgs.Options{Tolerance: 1e-4, Iterations: iterations, Progress: progress})
	if err != nil {
		return err
	}
	if !found.Converged {
		r.warnings = append(r.warnings, fmt.Errorf("supervised: the gradient is not small after %d iterations; give supervised.Logistic more MaxIterations", iterations))
	}
	r.set(found.X)
	return nil
}

// set sets the weights.
func (r *Regression) set(w []float64) {
	for i, v := range w {
		r.weights.Data[i] = float32(v)
	}
}

// logisticLoss is what is minimized, divided by C and the number of rows.
type logisticLoss struct {
	r      *Regression
	x      blas32.General
	target []int
	c      float64 // Logistic.C
	panels *linear
	parts  []blas32.General // the gradient of each block
	losses []float64
	scores [][]float32 // per worker
}

// at sets the weights to w and gives the loss and, in grad, its gradient.
func (p *logisticLoss) at(ctx context.Context, w, grad []float64) (float64, error) {
	k, d := len(p.r.classes), p.x.Cols
	if p.parts == nil {
		p.losses = make([]float64, (p.x.Rows+logisticBlock-1)/logisticBlock)
		p.parts = make([]blas32.General, min(len(p.losses), 16))
		for i := range p.parts {
			p.parts[i] = dense.New(k, d+1)
		}
		p.scores = make([][]float32, parallel.Workers(p.r.workers))
		for i := range p.scores {
			p.scores[i] = make([]float32, 2*logisticBlock*k)
		}
	}
	p.r.set(w)
	p.panels = p.r.split(p.panels)
	for i := range grad {
		grad[i] = 0
	}
	// Blocks are done in rounds of as many as there are parts, whose gradients are added in order.
	for first := 0; first < len(p.losses); first += len(p.parts) {
		round := min(len(p.parts), len(p.losses)-first)
		err := parallel.Loop{Workers: p.r.workers, Block: 1}.Run(ctx, round, func(worker, b, _ int) error {
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
			grad[i] += v / (p.c * n)
		}
	}
	return loss/n + norm/(2*p.c*n), nil
}

// block is the loss of the rows lo … hi−1, and their gradient in part.
func (p *logisticLoss) block(part blas32.General, lo, hi int, scratch []float32) float64 {
	k, d, n := len(p.r.classes), p.x.Cols, hi-lo
	x := dense.Slice(p.x, lo, hi)
	prob := p.r.probabilities(p.panels, x, scratch[:n*k])
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
	p.r.kernels.MulNN(blas32.General{Rows: k, Cols: d, Stride: part.Stride, Data: part.Data}, turned, x)
	for j := range k {
		sum := float32(0)
		for _, v := range dense.Row(turned, j) {
			sum += v
		}
		dense.Row(part, j)[d] = sum
	}
	return loss
}
