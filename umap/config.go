package umap

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
)

// Metric names the distance between two rows of the input. All are defined as umap-learn 0.5.12 defines them.
type Metric = metric.Kind

// The metrics, with the sums over the columns of two rows a and b. Cosine, Correlation, Hellinger, Jaccard and Dice have
// a distance at which rows count as not connected: see Config.Disconnection.
const (
	Euclidean   = metric.Euclidean   // √Σ(a−b)²
	Cosine      = metric.Cosine      // 1 − the cosine of the angle, 0 to 2
	Correlation = metric.Correlation // cosine of the rows less their means
	Manhattan   = metric.Manhattan   // Σ|a−b|
	Chebyshev   = metric.Chebyshev   // max|a−b|
	Minkowski   = metric.Minkowski   // (Σw|a−b|ᵖ)^(1/p), see Config.MetricP and Config.MetricWeights
	Canberra    = metric.Canberra    // Σ|a−b|/(|a|+|b|)
	BrayCurtis  = metric.BrayCurtis  // Σ|a−b|/Σ|a+b|
	Hamming     = metric.Hamming     // the share of columns that differ
	Jaccard     = metric.Jaccard     // of the columns that are not 0
	Dice        = metric.Dice        // likewise
	Hellinger   = metric.Hellinger   // √(1 − Σ√(ab)/√(Σa·Σb)), of values that are not negative
	Haversine   = metric.Haversine   // the angle between two points of a sphere: latitude and longitude in radians
	Custom      = metric.Custom      // Config.Distance
)

// ParseMetric is the metric that umap-learn calls by the given name, for settings that are text: euclidean or l2, cosine,
// correlation, manhattan, l1, taxicab or cityblock, chebyshev or linf, minkowski, canberra, braycurtis, hamming, jaccard,
// dice, hellinger and haversine. A Metric can also be read by flag.TextVar and encoding/json.
func ParseMetric(name string) (Metric, error) {
	m, err := metric.Parse(name)
	if err != nil {
		return 0, fmt.Errorf("umap: %w", err)
	}
	return m, nil
}

// disconnection is the distance from which two rows are not connected.
func disconnection(m Metric) float64 {
	switch m {
	case Cosine, Correlation:
		return 2
	case Hellinger, Jaccard, Dice:
		return 1
	}
	return math.Inf(1)
}

// Init is the way to find the positions that the optimisation starts from.
type Init int

const (
	// Spectral starts from the eigenvectors of the graph's normalised Laplacian.
	Spectral Init = iota
	// PCA starts from the principal components of the input.
	PCA
	// Random starts from uniform positions.
	Random
	// Given starts from Config.Start.
	Given
)

func (i Init) String() string {
	switch i {
	case Spectral:
		return "spectral"
	case PCA:
		return "pca"
	case Random:
		return "random"
	case Given:
		return "given"
	}
	return fmt.Sprintf("Init(%d)", int(i))
}

// NoEpochs as Config.NEpochs leaves the positions where the start put them (n_epochs=0 in umap-learn).
const NoEpochs = -1

// Config says how to fit. DefaultConfig gives the defaults; the zero value is not valid. The name in parentheses at the
// end of each comment is umap-learn's.
type Config struct {
	// NNeighbors is the number of neighbours that make up a row's surroundings, the row itself included. At least 2,
	// usually 5 to 100, default 15. With no more rows than that, it becomes the number of rows less 1. (n_neighbors)
	NNeighbors int
	// NComponents is the number of dimensions of the result. At least 1, default 2. (n_components)
	NComponents int
	// Metric is the distance between rows of the input. Default Euclidean. (metric)
	Metric Metric
	// MetricP is the exponent of Minkowski: above 0, or +Inf for the largest difference; 0, the default, means 2.
	// (metric_kwds["p"])
	MetricP float64
	// MetricWeights are those of Minkowski's columns, none below 0; nil, the default, means 1 each. (metric_kwds["w"])
	MetricWeights []float64
	// Distance is the metric Custom. It must be symmetric, keep nothing, change nothing, give no number below 0, and be
	// safe for concurrent use. (metric, as a function)
	Distance func(a, b []float32) float64 `json:"-"`
	// Disconnection is the distance from which two rows do not count as neighbours, however near each other they are among
	// others. 0, the default, means the largest distance of the metric: 2 for Cosine and Correlation, 1 for Hellinger,
	// Jaccard and Dice, none for others. (disconnection_distance)
	Disconnection float64
	// Unique fits every different row once, and gives equal rows one position. Default false. (unique)
	Unique bool
	// NEpochs is the number of passes over the edges. 0, the default, means 500 for up to 10,000 rows and 200 for more, and
	// 200 more than that with DensMAP;
	// NoEpochs means none. (n_epochs, where 0 is none)
	NEpochs int
	// LearningRate is the length of the first steps; it falls linearly to 0. Above 0, default 1. (learning_rate)
	LearningRate float64
	// MinDist is how near positions may come, in units of the result. At least 0, at most Spread, default 0.1. (min_dist)
	MinDist float64
	// Spread is the scale of the result. Above 0, default 1. (spread)
	Spread float64
	// SetOpMixRatio goes from 0, the intersection of the neighbourhoods of two rows, to 1, their union; default 1.
	// (set_op_mix_ratio)
	SetOpMixRatio float64
	// LocalConnectivity is the number of nearest neighbours that a row is fully connected to. At least 0 (a part of a
	// neighbour counts by interpolation), default 1. (local_connectivity)
	LocalConnectivity float64
	// RepulsionStrength weighs the negative samples. At least 0, default 1. (repulsion_strength)
	RepulsionStrength float64
	// NegativeSampleRate is the number of negative samples for each use of an edge. At least 0, default 5.
	// (negative_sample_rate)
	NegativeSampleRate int
	// Init is the start. Default Spectral. (init)
	Init Init
	// Start holds the first positions, rows × NComponents, when Init is Given. It is not kept.
	Start blas32.General
	// DensMAP keeps the density of the surroundings of rows as well (Narayan, Berger and Cho 2021,
	// doi:10.1038/s41587-020-00801-7). Default false. (densmap)
	DensMAP bool
	// DensLambda weighs the density. At least 0, default 2. (dens_lambda)
	DensLambda float64
	// DensFrac is the part of the epochs, the last ones, in which the density counts. From 0 to 1, default 0.3. (dens_frac)
	DensFrac float64
	// DensVarShift is added to the variance of the radii, which steadies it. At least 0, default 0.1. (dens_var_shift)
	DensVarShift float64
	// TargetWeight is how much the targets of a supervised fit count against the rows: from 0, not at all, to 1, alone;
	// default 0.5. (target_weight)
	TargetWeight float64
	// TargetMetric is the distance between continuous targets; none with parameters. Default Euclidean. (target_metric)
	TargetMetric Metric
	// TargetNNeighbors is the number of neighbours among continuous targets. 0, the default, means NNeighbors; otherwise
	// at least 2. (target_n_neighbors)
	TargetNNeighbors int
	// A and B are the parameters of the curve 1/(1 + A·d^(2B)). Both 0, the default: found from MinDist and Spread.
	// Otherwise both above 0. (a, b)
	A, B float64
	// Seed chooses the random numbers. Default 42. (random_state)
	Seed uint64
	// TransformSeed chooses those of Transform, Update and InverseTransform. Default 42. (transform_seed)
	TransformSeed uint64
	// Workers is the number of goroutines, which never changes the result. 0, the default, means GOMAXPROCS. (n_jobs)
	Workers int
	// Epoch is called after every epoch of the layout, from one goroutine, with the number of epochs made and the
	// positions, which it may keep. An error ends the fit. May be nil. (n_epochs as a list)
	Epoch func(epoch int, positions blas32.General) error `json:"-"`
	// Progress is told how many of the units of work are done, from one goroutine, with rising values. May be nil.
	Progress func(done, total int) `json:"-"`
}

// DefaultConfig is umap-learn's.
func DefaultConfig() Config {
	return Config{
		NNeighbors:         15,
		NComponents:        2,
		Metric:             Euclidean,
		LearningRate:       1,
		MinDist:            0.1,
		Spread:             1,
		SetOpMixRatio:      1,
		LocalConnectivity:  1,
		RepulsionStrength:  1,
		NegativeSampleRate: 5,
		Init:               Spectral,
		DensLambda:         2,
		DensFrac:           0.3,
		DensVarShift:       0.1,
		TargetWeight:       0.5,
		Seed:               42,
		TransformSeed:      42,
	}
}

// Validate reports every field outside its range, as joined *stage.ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	f.Want(c.NNeighbors >= 2, "umap.Config.NNeighbors", c.NNeighbors, "at least 2")
	f.Want(c.NComponents >= 1, "umap.Config.NComponents", c.NComponents, "at least 1")
	f.Want(c.Metric <= Custom, "umap.Config.Metric", c.Metric, "one of the metrics of package umap")
	f.Want(c.MetricP == 0 || c.MetricP > 0 && c.Metric == Minkowski, "umap.Config.MetricP", c.MetricP, "above 0 for Minkowski, 0 for other metrics")
	f.Want(c.MetricWeights == nil || c.Metric == Minkowski, "umap.Config.MetricWeights", "set", "nil for a metric other than Minkowski")
	for k, w := range c.MetricWeights {
		f.Want(finite(w) && w >= 0, fmt.Sprintf("umap.Config.MetricWeights[%d]", k), w, "a finite number, at least 0")
	}
	f.Want((c.Metric == Custom) == (c.Distance != nil), "umap.Config.Distance", c.Distance != nil, "a function for the metric Custom, nil for others")
	f.Want(c.Disconnection >= 0, "umap.Config.Disconnection", c.Disconnection, "above 0, or 0 for that of the metric")
	f.Want(finite(c.DensLambda) && c.DensLambda >= 0, "umap.Config.DensLambda", c.DensLambda, "a finite number, at least 0")
	f.Want(c.DensFrac >= 0 && c.DensFrac <= 1, "umap.Config.DensFrac", c.DensFrac, "from 0 to 1")
	f.Want(finite(c.DensVarShift) && c.DensVarShift >= 0, "umap.Config.DensVarShift", c.DensVarShift, "a finite number, at least 0")
	f.Want(c.TargetWeight >= 0 && c.TargetWeight <= 1, "umap.Config.TargetWeight", c.TargetWeight, "from 0 to 1")
	f.Want(c.TargetMetric < Custom, "umap.Config.TargetMetric", c.TargetMetric, "one of the metrics of package umap, but not Custom")
	f.Want(c.TargetNNeighbors == 0 || c.TargetNNeighbors >= 2, "umap.Config.TargetNNeighbors", c.TargetNNeighbors, "at least 2, or 0 for NNeighbors")
	f.Want(c.NEpochs >= NoEpochs, "umap.Config.NEpochs", c.NEpochs, "at least 0, or NoEpochs")
	f.Want(finite(c.LearningRate) && c.LearningRate > 0, "umap.Config.LearningRate", c.LearningRate, "a finite number above 0")
	f.Want(finite(c.Spread) && c.Spread > 0, "umap.Config.Spread", c.Spread, "a finite number above 0")
	f.Want(c.MinDist >= 0 && c.MinDist <= c.Spread, "umap.Config.MinDist", c.MinDist, "from 0 to Spread")
	f.Want(c.SetOpMixRatio >= 0 && c.SetOpMixRatio <= 1, "umap.Config.SetOpMixRatio", c.SetOpMixRatio, "from 0 to 1")
	f.Want(finite(c.LocalConnectivity) && c.LocalConnectivity >= 0, "umap.Config.LocalConnectivity", c.LocalConnectivity, "a finite number, at least 0")
	f.Want(finite(c.RepulsionStrength) && c.RepulsionStrength >= 0, "umap.Config.RepulsionStrength", c.RepulsionStrength, "a finite number, at least 0")
	f.Want(c.NegativeSampleRate >= 0, "umap.Config.NegativeSampleRate", c.NegativeSampleRate, "at least 0")
	f.Want(c.Init >= Spectral && c.Init <= Given, "umap.Config.Init", c.Init, "Spectral, PCA, Random or Given")
	if c.Init == Given {
		f.Want(c.Start.Cols == c.NComponents, "umap.Config.Start", fmt.Sprintf("a matrix of %d×%d", c.Start.Rows, c.Start.Cols), "a matrix with NComponents columns")
	}
	if c.A != 0 || c.B != 0 {
		f.Want(finite(c.A) && c.A > 0, "umap.Config.A", c.A, "0 together with B, or a finite number above 0")
		f.Want(finite(c.B) && c.B > 0, "umap.Config.B", c.B, "0 together with A, or a finite number above 0")
	}
	return f.Err()
}

// neighbours is the number of neighbours for n rows.
func (c Config) neighbours(n int) int {
	if n <= c.NNeighbors {
		return max(n-1, 1)
	}
	return c.NNeighbors
}

// distance is the metric with its parameters.
func (c Config) distance() metric.Metric {
	return metric.Metric{Kind: c.Metric, P: c.MetricP, Weights: c.MetricWeights, Func: c.Distance}
}

func (c Config) targetMetric() metric.Metric { return metric.Metric{Kind: c.TargetMetric} }

// limit is the distance from which rows are not connected.
func (c Config) limit() float64 {
	if c.Disconnection > 0 {
		return c.Disconnection
	}
	return disconnection(c.Metric)
}

func (c Config) options(progress func(done, total int)) knn.Options {
	return knn.Options{Workers: c.Workers, Progress: progress}
}

// epochs is the number of passes for n rows.
func (c Config) epochs(n int) int {
	switch {
	case c.NEpochs == NoEpochs:
		return 0
	case c.NEpochs > 0:
		return c.NEpochs
	}
	return c.defaultEpochs(n)
}

func (c Config) defaultEpochs(n int) int {
	epochs := 200
	if n <= 10000 {
		epochs = 500
	}
	if c.DensMAP {
		epochs += 200
	}
	return epochs
}

// prune takes out the edges that the layout of a graph would not use in any epoch.
func (c Config) prune(g Graph) Graph {
	epochs := c.epochs(g.Vertices())
	if epochs <= 10 {
		epochs = c.defaultEpochs(g.Vertices())
	}
	return g.prune(g.maxWeight() / float32(epochs))
}

// curve is A and B, or what follows from MinDist and Spread.
func (c Config) curve() (a, b float64) {
	if c.A != 0 {
		return c.A, c.B
	}
	return FindAB(c.MinDist, c.Spread)
}
