package online

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/eigen"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/pca"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

// PCAConfig holds the settings of a PCA. The zero value is valid and means the defaults. The names in
// brackets are IncrementalPCA's.
type PCAConfig struct {
	// NComponents is the number of components, from 1 to 65,536 and at most the number of columns.
	// Default 5, as in BERTopic's documentation. [n_components]
	NComponents int `json:"n_components,omitempty"`
	// Workers is the number of goroutines, which never changes the result. 0, the default, means
	// GOMAXPROCS, or the number of the pipeline.
	Workers int `json:"-"`
}

// components returns the number of components that c means.
func (c PCAConfig) components() int { return stage.Setting(c.NComponents, 5) }

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c PCAConfig) Validate() error {
	var f check.Fields
	f.Want(c.components() >= 1 && c.components() <= 1<<16, "online.PCAConfig.NComponents", c.NComponents, "from 1 to 65536, or 0 for 5")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "online.PCAConfig.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// PCA is the principal components of the rows so far: Ross, Lim, Lin and Yang, "Incremental learning for robust visual
// tracking", IJCV 77 (2008), doi:10.1007/s11263-007-0075-7, as in scikit-learn's IncrementalPCA. What a batch has outside
// the components that are kept is forgotten after it. Other than there, a batch may have fewer rows than components; those
// that no row determines yet are directions of no variance. The components come from the covariances: singular values below
// about a hundred-millionth of the largest are not told from 0.
type PCA struct {
	cfg    PCAConfig // as given
	state  pcaState
	points blas32.General // of the last batch
}

type pcaState struct {
	Seen       int         `json:"seen"`       // rows
	Mean       []float64   `json:"mean"`       // of each column
	Variance   []float64   `json:"variance"`   // of each column, over Seen
	Components [][]float64 `json:"components"` // unit rows, by falling singular value
	Singular   []float64   `json:"singular_values"`
}

// NewPCA is a PCA that has seen nothing. It fails with *[stage.ConfigError]s.
func NewPCA(cfg PCAConfig) (*PCA, error) {
	if err := errors.Join(cfg.Validate(), simd.Forced()); err != nil {
		return nil, err
	}
	return &PCA{cfg: cfg}, nil
}

// Config is what the PCA was made with.
func (p *PCA) Config() PCAConfig { return p.cfg }

// Rows is the number of rows so far.
func (p *PCA) Rows() int { return p.state.Seen }

// Means is the mean of each column so far; nil before the first batch. [mean_].
func (p *PCA) Means() []float64 { return slices.Clone(p.state.Mean) }

// Variances is the variance of each column so far, a mean of squares. [var_].
func (p *PCA) Variances() []float64 { return slices.Clone(p.state.Variance) }

// Axes has a row of unit length for each component, by falling variance; the value of the greatest magnitude in it, the
// first of equal ones, is positive. nil before the first batch. [components_].
func (p *PCA) Axes() [][]float64 {
	out := slices.Clone(p.state.Components)
	for i, c := range out {
		out[i] = slices.Clone(c)
	}
	return out
}

// SingularValues has one for each component. [singular_values_].
func (p *PCA) SingularValues() []float64 { return slices.Clone(p.state.Singular) }

// ExplainedVariance is the variance along each component, with one row taken off the count. [explained_variance_].
func (p *PCA) ExplainedVariance() []float64 {
	out := make([]float64, len(p.state.Singular))
	for i, s := range p.state.Singular {
		out[i] = s * s / float64(max(p.state.Seen-1, 1))
	}
	return out
}

// Update is the PCA after the rows of x. A batch without rows changes nothing. It fails with *[stage.ValueError] for a value
// that is not finite, *[stage.ConfigError] when there are more components than columns, an error when the columns are not those
// of earlier batches, or the cause of a canceled ctx.
func (p *PCA) Update(ctx context.Context, x blas32.General) (*PCA, error) {
	if err := checkBatch(x, len(p.state.Mean)); err != nil {
		return nil, err
	}
	if x.Rows == 0 {
		return p, context.Cause(ctx)
	}
	k, d := p.cfg.components(), x.Cols
	if k > d {
		return nil, &stage.ConfigError{Field: "online.PCAConfig.NComponents", Value: k, Want: fmt.Sprintf("at most the %d columns of the rows", d)}
	}

	n := float64(x.Rows)
	mean, err := pca.Means(ctx, x)
	if err != nil {
		return nil, err
	}
	gram := make([]float64, d*d)
	if err := pca.AddScatter(ctx, gram, x, mean, p.cfg.Workers); err != nil {
		return nil, err
	}
	squares := make([]float64, d)
	for j := range squares {
		squares[j] = gram[j*d+j]
	}

	out := &PCA{cfg: p.cfg, state: pcaState{Seen: p.state.Seen + x.Rows, Mean: mean, Variance: make([]float64, d)}}
	seen, total := float64(p.state.Seen), float64(out.state.Seen)
	if p.state.Seen > 0 {
		// The rows before count as their components, and as the distance between the two means.
		earlier := make([]float64, 0, (k+1)*d)
		for c, axis := range p.state.Components {
			for _, v := range axis {
				earlier = append(earlier, v*p.state.Singular[c])
			}
		}
		correction := math.Sqrt(seen / total * n)
		out.state.Mean = make([]float64, d)
		for j, m := range mean {
			apart := p.state.Mean[j] - m
			earlier = append(earlier, apart*correction)
			out.state.Mean[j] = float64(p.state.Mean[j]*(seen/total)) + float64(m*(n/total))
			squares[j] += float64(p.state.Variance[j]*seen) + float64(apart*apart*(seen/total*n))
		}
		if err := pca.AddGram(ctx, gram, earlier, d, p.cfg.Workers); err != nil {
			return nil, err
		}
	}
	for j, s := range squares {
		out.state.Variance[j] = s / total
	}
	pca.Mirror(gram, d)
	values, vectors, err := eigen.Largest(ctx, gram, d, k)
	if err != nil {
		return nil, err
	}
	for c, v := range vectors {
		out.state.Singular = append(out.state.Singular, math.Sqrt(max(values[c], 0)))
		eigen.MakePositive(v)
	}
	out.state.Components = vectors
	return out, nil
}

// Transform is the rows of x seen along the components: the distance from the mean in each. A row of the result depends on
// nothing but its row of x. It fails as Update does, and before the first batch.
func (p *PCA) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	if p.state.Seen == 0 {
		return blas32.General{}, ErrNothingSeen
	}
	if err := checkBatch(x, len(p.state.Mean)); err != nil {
		return blas32.General{}, err
	}
	return pca.Scores(ctx, x, p.state.Mean, p.state.Components, p.cfg.Workers)
}

// savedPCA is a PCA as JSON.
type savedPCA struct {
	Settings PCAConfig `json:"settings"`
	pcaState
}

// MarshalJSON writes all but the workers.
func (p *PCA) MarshalJSON() ([]byte, error) {
	return json.Marshal(savedPCA{p.cfg, p.state})
}

// UnmarshalJSON reads what MarshalJSON wrote; the number of workers is 0. It fails where the parts do not fit together.
func (p *PCA) UnmarshalJSON(text []byte) error {
	var s savedPCA
	if err := strict(text, &s); err != nil {
		return err
	}
	if err := s.Settings.Validate(); err != nil {
		return err
	}
	d, k := len(s.Mean), len(s.Components)
	fits := s.Seen > 0 && s.Seen < mostRows && d > 0 && k == s.Settings.components() || s.Seen == 0 && d == 0 && k == 0
	fits = fits && len(s.Variance) == d && len(s.Singular) == k && bounded(s.Mean)
	for _, c := range s.Components {
		fits = fits && len(c) == d && bounded(c)
	}
	if !fits {
		return fmt.Errorf("online.PCA: the parts of %d columns, %d components and %d rows do not fit", d, k, s.Seen)
	}
	*p = PCA{cfg: s.Settings, state: s.pcaState}
	return nil
}

// With is the PCA with other workers, 0 for GOMAXPROCS.
func (p *PCA) With(workers int) *PCA {
	out := *p
	out.cfg.Workers = workers
	return &out
}
