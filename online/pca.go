package online

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
)

// PCAConfig says what principal components to keep. The names in brackets are IncrementalPCA's.
type PCAConfig struct {
	// NComponents is the number of components, at least 1 and at most the number of columns. Default 5, as in BERTopic's
	// documentation. [n_components]
	NComponents int
	// Workers is the number of goroutines; 0, the default, means GOMAXPROCS. The result is the same for any.
	Workers int
}

// DefaultPCAConfig is 5 components.
func DefaultPCAConfig() PCAConfig { return PCAConfig{NComponents: 5} }

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c PCAConfig) Validate() error {
	var f check.Fields
	f.Want(c.NComponents >= 1, "online.PCAConfig.NComponents", c.NComponents, "1 or more")
	f.Want(c.Workers >= 0, "online.PCAConfig.Workers", c.Workers, "0 (GOMAXPROCS) or more")
	return f.Err()
}

// PCA is the principal components of the rows so far: Ross, Lim, Lin and Yang, "Incremental learning for robust visual
// tracking", IJCV 77 (2008), doi:10.1007/s11263-007-0075-7, as in scikit-learn's IncrementalPCA. What a batch has outside
// the components that are kept is forgotten after it. Other than there, a batch may have fewer rows than components; those
// that no row determines yet are directions of no variance. The components come from the covariances: singular values below
// about a hundred-millionth of the largest are not told from 0.
type PCA struct {
	cfg PCAConfig
	pcaState
}

type pcaState struct {
	Seen       int         // rows
	Mean       []float64   // of each column
	Variance   []float64   // of each column, over Seen
	Components [][]float64 // unit rows, by falling singular value
	Singular   []float64
}

// chunk is the number of rows that are worked on at a time.
const chunk = 1024

// NewPCA is a PCA that has seen nothing. It fails with *[stage.ConfigError]s.
func NewPCA(cfg PCAConfig) (*PCA, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &PCA{cfg: cfg}, nil
}

// Config is what the PCA was made with.
func (p *PCA) Config() PCAConfig { return p.cfg }

// Rows is the number of rows so far.
func (p *PCA) Rows() int { return p.Seen }

// Means is the mean of each column so far; nil before the first batch. [mean_]
func (p *PCA) Means() []float64 { return slices.Clone(p.Mean) }

// Variances is the variance of each column so far, a mean of squares. [var_]
func (p *PCA) Variances() []float64 { return slices.Clone(p.Variance) }

// Axes has a row of unit length for each component, by falling variance; the value of the greatest magnitude in it, the
// first of equal ones, is positive. nil before the first batch. [components_]
func (p *PCA) Axes() [][]float64 {
	out := slices.Clone(p.Components)
	for i, c := range out {
		out[i] = slices.Clone(c)
	}
	return out
}

// SingularValues has one for each component. [singular_values_]
func (p *PCA) SingularValues() []float64 { return slices.Clone(p.Singular) }

// ExplainedVariance is the variance along each component, with one row taken off the count. [explained_variance_]
func (p *PCA) ExplainedVariance() []float64 {
	out := make([]float64, len(p.Singular))
	for i, s := range p.Singular {
		out[i] = s * s / float64(max(p.Seen-1, 1))
	}
	return out
}

// Update is the PCA after the rows of x. A batch without rows changes nothing. It fails with *[stage.ValueError] for a value
// that is not finite, *[stage.ConfigError] when there are more components than columns, an error when the columns are not those
// of earlier batches, or the cause of a cancelled ctx.
func (p *PCA) Update(ctx context.Context, x blas32.General) (*PCA, error) {
	if err := checkBatch(x, len(p.Mean)); err != nil {
		return nil, err
	}
	if x.Rows == 0 {
		return p, context.Cause(ctx)
	}
	k, d := p.cfg.NComponents, x.Cols
	if k > d {
		return nil, &stage.ConfigError{Field: "online.PCAConfig.NComponents", Value: k, Want: fmt.Sprintf("at most the %d columns of the rows", d)}
	}

	n := float64(x.Rows)
	mean := make([]float64, d)
	for i := range x.Rows {
		if i%chunk == 0 && context.Cause(ctx) != nil {
			return nil, context.Cause(ctx)
		}
		for j, v := range dense.Row(x, i) {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= n
	}
	gram := make([]float64, d*d)
	centred := make([]float64, 0, min(chunk, x.Rows+k+1)*d)
	for lo := 0; lo < x.Rows; lo += chunk {
		centred = centred[:0]
		for i := lo; i < min(lo+chunk, x.Rows); i++ {
			for j, v := range dense.Row(x, i) {
				centred = append(centred, float64(v)-mean[j])
			}
		}
		if err := addGram(ctx, gram, centred, d, p.cfg.Workers); err != nil {
			return nil, err
		}
	}
	squares := make([]float64, d)
	for j := range squares {
		squares[j] = gram[j*d+j]
	}

	out := &PCA{p.cfg, pcaState{Seen: p.Seen + x.Rows, Mean: mean, Variance: make([]float64, d)}}
	seen, total := float64(p.Seen), float64(out.Seen)
	if p.Seen > 0 {
		// The rows before count as their components, and as the distance between the two means.
		centred = centred[:0]
		for c, axis := range p.Components {
			for _, v := range axis {
				centred = append(centred, v*p.Singular[c])
			}
		}
		correction := math.Sqrt(seen / total * n)
		out.Mean = make([]float64, d)
		for j, m := range mean {
			apart := p.Mean[j] - m
			centred = append(centred, apart*correction)
			out.Mean[j] = float64(p.Mean[j]*(seen/total)) + float64(m*(n/total))
			squares[j] += float64(p.Variance[j]*seen) + float64(apart*apart*(seen/total*n))
		}
		if err := addGram(ctx, gram, centred, d, p.cfg.Workers); err != nil {
			return nil, err
		}
	}
	for j, s := range squares {
		out.Variance[j] = s / total
	}
	mirror(gram, d)
	values, vectors, err := largestEigen(ctx, gram, d, k)
	if err != nil {
		return nil, err
	}
	for c, v := range vectors {
		out.Singular = append(out.Singular, math.Sqrt(max(values[c], 0)))
		turn(v)
	}
	out.Components = vectors
	return out, nil
}

// Transform is the rows of x seen along the components: the distance from the mean in each. A row of the result depends on
// nothing but its row of x. It fails as Update does, and before the first batch.
func (p *PCA) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	if p.Seen == 0 {
		return blas32.General{}, ErrNothingSeen
	}
	if err := checkBatch(x, len(p.Mean)); err != nil {
		return blas32.General{}, err
	}
	k := len(p.Components)
	out := blas32.General{Rows: x.Rows, Cols: k, Stride: k, Data: make([]float32, x.Rows*k)}
	err := parallel.Loop{Workers: p.cfg.Workers}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			at := dense.Row(out, i)
			for c, axis := range p.Components {
				sum := 0.0
				for j, v := range dense.Row(x, i) {
					sum += float64((float64(v) - p.Mean[j]) * axis[j])
				}
				at[c] = float32(sum)
			}
		}
		return nil
	})
	return out, err
}

// MarshalJSON writes all but the workers.
func (p *PCA) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		NComponents int
		pcaState
	}{p.cfg.NComponents, p.pcaState})
}

// UnmarshalJSON reads what MarshalJSON wrote; the number of workers is 0. It fails where the parts do not fit together.
func (p *PCA) UnmarshalJSON(text []byte) error {
	var s struct {
		NComponents int
		pcaState
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	cfg := PCAConfig{NComponents: s.NComponents}
	if err := cfg.Validate(); err != nil {
		return err
	}
	d, k := len(s.Mean), len(s.Components)
	fits := s.Seen > 0 && s.Seen < mostRows && d > 0 && k == cfg.NComponents || s.Seen == 0 && d == 0 && k == 0
	fits = fits && len(s.Variance) == d && len(s.Singular) == k && bounded(s.Mean)
	for _, c := range s.Components {
		fits = fits && len(c) == d && bounded(c)
	}
	if !fits {
		return fmt.Errorf("online.PCA: the parts of %d columns, %d components and %d rows do not fit", d, k, s.Seen)
	}
	*p = PCA{cfg, s.pcaState}
	return nil
}

// With is the PCA with other workers, 0 for GOMAXPROCS.
func (p *PCA) With(workers int) *PCA {
	out := *p
	out.cfg.Workers = workers
	return &out
}

// turn makes the value of the greatest magnitude positive.
func turn(v []float64) {
	most := 0
	for j, x := range v {
		if math.Abs(x) > math.Abs(v[most]) {
			most = j
		}
	}
	if v[most] < 0 {
		for j := range v {
			v[j] = -v[j]
		}
	}
}
