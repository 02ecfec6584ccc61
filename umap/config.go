package umap

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// disconnection returns the distance from which two rows are not connected.
func disconnection(m metric.Kind) float64 {
	switch m {
	case metric.Cosine, metric.Correlation:
		return 2
	case metric.Hellinger, metric.Jaccard, metric.Dice:
		return 1
	}
	return math.Inf(1)
}

// Init is the way to find the positions from which the optimization starts.
type Init int

const (
	// Spectral starts from the eigenvectors of the graph's normalized Laplacian.
	Spectral Init = iota
	// PCA starts from the principal components of the input.
	PCA
	// Random starts from uniform positions.
	Random
)

// inits are the names of umap-learn.
var inits = [...]string{"spectral", "pca", "random"}

func (i Init) String() string {
	if i >= 0 && int(i) < len(inits) {
		return inits[i]
	}
	return fmt.Sprintf("Init(%d)", int(i))
}

// MarshalText returns the name of i, which must be one of the constants.
func (i Init) MarshalText() ([]byte, error) {
	if i < 0 || int(i) >= len(inits) {
		return nil, fmt.Errorf("umap: no start %v, want one of %v", i, inits)
	}
	return []byte(inits[i]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (i *Init) UnmarshalText(text []byte) error {
	for k, name := range inits {
		if name == string(text) {
			*i = Init(k)
			return nil
		}
	}
	return fmt.Errorf("umap: unknown start %q, want one of %v", text, inits)
}

// Config holds the settings of a fit. The zero value is valid and means the defaults, which are
// those of umap-learn 0.5.12. Where the default of a number is not 0, a negative number (stage.None)
// means 0. The name in parentheses at the end of a comment is umap-learn's.
type Config struct {
	// Neighbors is the number of neighbors of a row, the row itself included. Larger values
	// preserve more of the global structure, smaller ones more of the local. From 2 to 65,536,
	// usually 5 to 100, default 15. With no more rows than that, it becomes the number of rows less
	// 1. (n_neighbors)
	Neighbors int `json:"n_neighbors,omitempty"`
	// NComponents is the number of dimensions of the result, from 1 to 10,000, default 2.
	// (n_components)
	NComponents int `json:"n_components,omitempty"`
	// Metric is the distance between rows of the input. Cosine, Correlation, Hellinger, Jaccard and
	// Dice have a distance at which rows count as not connected: see Disconnection. Default
	// Euclidean. (metric)
	Metric metric.Kind `json:"metric,omitempty"`
	// MetricP is the exponent of Minkowski, above 0, or +Inf for the largest difference. 0, the
	// default, means 2. (metric_kwds["p"])
	MetricP float64 `json:"metric_p,omitempty"`
	// MetricWeights holds the weight of each column for Minkowski, at least 0. nil, the default,
	// means 1 each. (metric_kwds["w"])
	MetricWeights []float64 `json:"metric_weights,omitempty"`
	// Distance is the metric Custom. It must be symmetric, keep nothing, change nothing, return no
	// number below 0, and be safe for concurrent use. A model with one cannot be saved. (metric, as
	// a function)
	Distance func(a, b []float32) float64 `json:"-"`
	// Disconnection is the distance from which two rows do not count as neighbors, above 0. 0, the
	// default, means the largest distance of the metric: 2 for Cosine and Correlation, 1 for
	// Hellinger, Jaccard and Dice, none for others. (disconnection_distance)
	Disconnection float64 `json:"disconnection_distance,omitempty"`
	// Unique says that equal rows are one vertex, which is so by default. In Model.Config it says that
	// there were equal rows. It fails for neighbors or a graph that are given. (unique)
	Unique bool `json:"unique,omitempty"`
	// KeepCopies makes each of several equal rows a vertex of its own, as umap-learn does without
	// unique. Copies then fill each other's lists of neighbors, and come to lie apart from each other.
	// Default false.
	KeepCopies bool `json:"keep_copies,omitempty"`
	// NEpochs is the number of passes over the edges, up to 1,000,000. 0, the default, means 500 for
	// up to 10,000 rows and 200 for more, and 200 more than that with DensMAP. stage.None leaves the
	// positions where the start put them. (n_epochs, where 0 is none)
	NEpochs int `json:"n_epochs,omitempty"`
	// LearningRate is the length of the first steps, above 0, default 1. It falls linearly to 0.
	// (learning_rate)
	LearningRate float64 `json:"learning_rate,omitempty"`
	// MinDist is how near positions may come, in units of the result: larger values spread clusters
	// out. From 0 to Spread, default 0.1. (min_dist)
	MinDist float64 `json:"min_dist,omitempty"`
	// Spread is the scale of the result, above 0, default 1. (spread)
	Spread float64 `json:"spread,omitempty"`
	// SetOpMixRatio goes from 0, the intersection of the neighborhoods of two rows, to 1, their
	// union. Default 1. (set_op_mix_ratio)
	SetOpMixRatio float64 `json:"set_op_mix_ratio,omitempty"`
	// LocalConnectivity is the number of nearest neighbors to which a row is fully connected; a part
	// of a neighbor counts by interpolation. At least 0, default 1. (local_connectivity)
	LocalConnectivity float64 `json:"local_connectivity,omitempty"`
	// RepulsionStrength weighs the negative samples. At least 0, default 1. (repulsion_strength)
	RepulsionStrength float64 `json:"repulsion_strength,omitempty"`
	// NegativeSampleRate is the number of negative samples for each use of an edge, from 0 to
	// 10,000, default 5. (negative_sample_rate)
	NegativeSampleRate int `json:"negative_sample_rate,omitempty"`
	// Init is the start, unless Data.Start holds one. Default Spectral. (init)
	Init Init `json:"init,omitempty"`
	// DensMAP preserves the local density of rows as well (Narayan, Berger and Cho 2021,
	// doi:10.1038/s41587-020-00801-7). Default false. (densmap)
	DensMAP bool `json:"densmap,omitempty"`
	// DensLambda weighs the density. At least 0, default 2. (dens_lambda)
	DensLambda float64 `json:"dens_lambda,omitempty"`
	// DensFrac is the part of the epochs, the last ones, in which the density counts. From 0 to 1,
	// default 0.3. (dens_frac)
	DensFrac float64 `json:"dens_frac,omitempty"`
	// DensVarShift is added to the variance of the radii, which steadies it. At least 0, default
	// 0.1. (dens_var_shift)
	DensVarShift float64 `json:"dens_var_shift,omitempty"`
	// TargetWeight is how much the targets of a supervised fit count against the rows: from 0, not
	// at all, to 1, alone. Default 0.5. (target_weight)
	TargetWeight float64 `json:"target_weight,omitempty"`
	// TargetMetric is the distance between continuous targets, without parameters. Default
	// Euclidean. (target_metric)
	TargetMetric metric.Kind `json:"target_metric,omitempty"`
	// TargetNeighbors is the number of neighbors among continuous targets, from 2 to 65,536. 0, the
	// default, means Neighbors. (target_n_neighbors)
	TargetNeighbors int `json:"target_n_neighbors,omitempty"`
	// A and B are the parameters of the curve 1/(1 + A·d^(2B)), both above 0. Both 0, the default:
	// found from MinDist and Spread. (a, b)
	A float64 `json:"a,omitempty"`
	B float64 `json:"b,omitempty"`
	// Seed selects the random numbers of the fit. 0, the default, means 42, or the seed of the
	// pipeline. (random_state)
	Seed uint64 `json:"random_state,omitempty"`
	// TransformSeed selects those of Transform, Update and InverseTransform. 0, the default, means
	// 42. (transform_seed)
	TransformSeed uint64 `json:"transform_seed,omitempty"`
	// Workers is the number of goroutines, which never changes the result. 0, the default, means
	// GOMAXPROCS, or the number of the pipeline. (n_jobs)
	Workers int `json:"-"`
	// Epoch, if not nil, is called after every epoch of the layout, from one goroutine, with the
	// number of epochs made and the positions, which it may keep. The positions are in the order of
	// the rows of the fit, which in a topic model is the canonical one. An error ends the fit.
	// (n_epochs as a list)
	Epoch func(epoch int, positions blas32.General) error `json:"-"`
	// Progress, if not nil, is called from one goroutine with rising numbers of units of work done.
	Progress func(done, total int) `json:"-"`
}

// Upper bounds of settings that cost memory or time.
const (
	maxNeighbors       = 1 << 16
	maxNComponents     = 10_000
	maxEpochs          = 1_000_000
	maxNegativeSamples = 10_000
	maxCurve           = 1e6 // A and B
)

// settings is a Config with the defaults in place of zeros, and zeros in place of negative numbers.
// NEpochs and TargetNeighbors, whose defaults depend on the rows, stay as they are.
type settings Config

// resolve returns the settings that c means.
func (c Config) resolve() settings {
	s := settings(c)
	s.Neighbors, s.NComponents = stage.Setting(c.Neighbors, 15), stage.Setting(c.NComponents, 2)
	s.LearningRate, s.MinDist, s.Spread = stage.Setting(c.LearningRate, 1), stage.Setting(c.MinDist, 0.1), stage.Setting(c.Spread, 1)
	s.SetOpMixRatio, s.LocalConnectivity = stage.Setting(c.SetOpMixRatio, 1), stage.Setting(c.LocalConnectivity, 1)
	s.RepulsionStrength, s.NegativeSampleRate = stage.Setting(c.RepulsionStrength, 1), stage.Setting(c.NegativeSampleRate, 5)
	s.DensLambda, s.DensFrac, s.DensVarShift = stage.Setting(c.DensLambda, 2), stage.Setting(c.DensFrac, 0.3), stage.Setting(c.DensVarShift, 0.1)
	s.TargetWeight = stage.Setting(c.TargetWeight, 0.5)
	if s.Seed == 0 {
		s.Seed = 42
	}
	if s.TransformSeed == 0 {
		s.TransformSeed = 42
	}
	return s
}

// Validate reports every field outside its range, as joined *stage.ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	s := c.resolve()
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	f.Want(s.Neighbors >= 2 && s.Neighbors <= maxNeighbors, "umap.Config.Neighbors", c.Neighbors, "from 2 to 65536, or 0 for 15")
	f.Want(s.NComponents >= 1 && s.NComponents <= maxNComponents, "umap.Config.NComponents", c.NComponents, "from 1 to 10000, or 0 for 2")
	f.Want(c.Metric <= metric.Custom, "umap.Config.Metric", c.Metric, "one of the metrics of package metric")
	f.Want(c.MetricP == 0 || c.MetricP > 0 && c.Metric == metric.Minkowski, "umap.Config.MetricP", c.MetricP, "above 0 for Minkowski, 0 for other metrics")
	f.Want(c.MetricWeights == nil || c.Metric == metric.Minkowski, "umap.Config.MetricWeights", "set", "nil for a metric other than Minkowski")
	for k, w := range c.MetricWeights {
		f.Want(finite(w) && w >= 0, fmt.Sprintf("umap.Config.MetricWeights[%d]", k), w, "a finite number, at least 0")
	}
	f.Want((c.Metric == metric.Custom) == (c.Distance != nil), "umap.Config.Distance", c.Distance != nil, "a function for the metric Custom, nil for others")
	f.Want(c.Disconnection >= 0, "umap.Config.Disconnection", c.Disconnection, "above 0, or 0 for that of the metric")
	f.Want(!c.KeepCopies || !c.Unique, "umap.Config.KeepCopies", c.KeepCopies, "false with Unique")
	f.Want(c.NEpochs <= maxEpochs, "umap.Config.NEpochs", c.NEpochs, "up to 1000000, 0 for a number that depends on the rows, or stage.None")
	f.Want(finite(c.LearningRate) && s.LearningRate > 0, "umap.Config.LearningRate", c.LearningRate, "a finite number above 0, or 0 for 1")
	f.Want(finite(c.Spread) && s.Spread > 0, "umap.Config.Spread", c.Spread, "a finite number above 0, or 0 for 1")
	f.Want(s.MinDist <= s.Spread, "umap.Config.MinDist", c.MinDist, "at most Spread, 0 for 0.1, or stage.None for 0")
	f.Want(s.SetOpMixRatio <= 1, "umap.Config.SetOpMixRatio", c.SetOpMixRatio, "at most 1, 0 for 1, or stage.None for 0")
	f.Want(finite(c.LocalConnectivity), "umap.Config.LocalConnectivity", c.LocalConnectivity, "a finite number, 0 for 1, or stage.None for 0")
	f.Want(finite(c.RepulsionStrength), "umap.Config.RepulsionStrength", c.RepulsionStrength, "a finite number, 0 for 1, or stage.None for 0")
	f.Want(s.NegativeSampleRate <= maxNegativeSamples, "umap.Config.NegativeSampleRate", c.NegativeSampleRate, "up to 10000, 0 for 5, or stage.None for 0")
	f.Want(c.Init >= Spectral && c.Init <= Random, "umap.Config.Init", c.Init, "Spectral, PCA or Random")
	f.Want(finite(c.DensLambda), "umap.Config.DensLambda", c.DensLambda, "a finite number, 0 for 2, or stage.None for 0")
	f.Want(s.DensFrac <= 1, "umap.Config.DensFrac", c.DensFrac, "at most 1, 0 for 0.3, or stage.None for 0")
	f.Want(finite(c.DensVarShift), "umap.Config.DensVarShift", c.DensVarShift, "a finite number, 0 for 0.1, or stage.None for 0")
	f.Want(s.TargetWeight <= 1, "umap.Config.TargetWeight", c.TargetWeight, "at most 1, 0 for 0.5, or stage.None for 0")
	f.Want(c.TargetMetric < metric.Custom, "umap.Config.TargetMetric", c.TargetMetric, "one of the metrics of package metric, but not Custom")
	f.Want(c.TargetNeighbors == 0 || c.TargetNeighbors >= 2 && c.TargetNeighbors <= maxNeighbors, "umap.Config.TargetNeighbors", c.TargetNeighbors, "from 2 to 65536, or 0 for Neighbors")
	if c.A != 0 || c.B != 0 {
		f.Want(c.A > 0 && c.A <= maxCurve, "umap.Config.A", c.A, "0 together with B, or above 0 and up to 1e6")
		f.Want(c.B > 0 && c.B <= maxCurve, "umap.Config.B", c.B, "0 together with A, or above 0 and up to 1e6")
	}
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "umap.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// distance returns the metric with its parameters.
func (s settings) distance() metric.Metric {
	return metric.Metric{Kind: s.Metric, P: s.MetricP, Weights: s.MetricWeights, Func: s.Distance}
}

func (s settings) targetMetric() metric.Metric { return metric.Metric{Kind: s.TargetMetric} }

// limit returns the distance from which rows are not connected.
func (s settings) limit() float64 {
	if s.Disconnection > 0 {
		return s.Disconnection
	}
	return disconnection(s.Metric)
}

func (s settings) options(progress func(done, total int)) knn.Options {
	return knn.Options{Workers: s.Workers, Progress: progress}
}

// neighbors returns the number of neighbors for n rows.
func (s settings) neighbors(n int) int { return fuzzy.Reduced(s.Neighbors, n) }

// epochs returns the number of passes for n rows.
func (s settings) epochs(n int) int {
	if s.NEpochs == 0 {
		return s.defaultEpochs(n)
	}
	return max(s.NEpochs, 0)
}

func (s settings) defaultEpochs(n int) int {
	epochs := 200
	if n <= 10000 {
		epochs = 500
	}
	if s.DensMAP {
		epochs += 200
	}
	return epochs
}

// prune returns g without the edges that the layout would not use in any epoch.
func (s settings) prune(g sparse.CSR[float32]) sparse.CSR[float32] {
	epochs := s.epochs(g.Rows())
	if epochs <= 10 {
		epochs = s.defaultEpochs(g.Rows())
	}
	return prune(g, maxWeight(g)/float32(epochs))
}

// curve returns A and B, or what follows from MinDist and Spread.
func (s settings) curve() (a, b float64) {
	if s.A != 0 {
		return s.A, s.B
	}
	return FindAB(s.MinDist, s.Spread)
}
