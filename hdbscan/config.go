package hdbscan

import (
	"math"
	"strconv"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/metric"
)

// Method is a way to select flat clusters from the condensed tree.
type Method int

const (
	// EOM takes the set of clusters with the largest total stability (excess of mass).
	EOM Method = iota
	// Leaf takes the leaves of the condensed tree: many small clusters of similar size.
	Leaf
)

// String is the method's name in the Python package.
func (m Method) String() string {
	switch m {
	case EOM:
		return "eom"
	case Leaf:
		return "leaf"
	}
	return "Method(" + strconv.Itoa(int(m)) + ")"
}

// Metric names the distance of two rows. Those of two rows that are equal in every value are always at distance 0.
type Metric = metric.Kind

// The metrics, by the names of the Python packages; ParseMetric finds one by such a name. Euclidean is the default. Cosine
// and Correlation go from 0 to 2, and a row of zeros (of equal values) is at distance 1 from others. Haversine takes
// latitude and longitude in radians and gives an angle. Custom is Config.Distance.
//
// A spanning tree takes O(n log n) distances under Euclidean, Manhattan, Chebyshev, Cosine, Correlation and Haversine with
// up to 30 columns, and O(n²) under all others.
const (
	Euclidean   = metric.Euclidean
	Cosine      = metric.Cosine
	Correlation = metric.Correlation
	Manhattan   = metric.Manhattan
	Chebyshev   = metric.Chebyshev
	Minkowski   = metric.Minkowski
	Canberra    = metric.Canberra
	BrayCurtis  = metric.BrayCurtis
	Hamming     = metric.Hamming
	Jaccard     = metric.Jaccard
	Dice        = metric.Dice
	Hellinger   = metric.Hellinger
	Haversine   = metric.Haversine
	Custom      = metric.Custom
)

// ParseMetric is the metric of a name, "euclidean", "l1", "cosine" and so on.
func ParseMetric(name string) (Metric, error) { return metric.Parse(name) }

// Config says how to cluster. The name of the same parameter of Python's hdbscan.HDBSCAN is in brackets.
type Config struct {
	// MinClusterSize is the smallest number of points that makes a cluster; smaller groups fall out of their parent as
	// points. At least 2, default 5. [min_cluster_size]
	MinClusterSize int

	// MinSamples is the number of other points whose reach makes a core distance: the larger, the more points are
	// outliers. At least 1; 0, the default, stands for MinClusterSize. Clamped to the number of rows − 1, with a
	// warning. [min_samples]
	MinSamples int

	// Metric is the distance of rows. Default Euclidean. [metric]
	Metric Metric

	// MinkowskiP is the exponent of Minkowski, above 0, +Inf for the largest difference; 0 stands for 2. [p]
	MinkowskiP float64 `json:",omitempty"`

	// MinkowskiWeights weighs the columns of Minkowski, at least 0 each; nil for 1 each. [w]
	MinkowskiWeights []float64 `json:",omitempty"`

	// Distance is the distance of Custom. It must be symmetric, not below 0, and 0 for equal rows; it is called from several
	// goroutines and must not keep or change the rows. [metric, a callable]
	Distance func(a, b []float32) float64 `json:"-"`

	// ClusterSelectionEpsilon is a distance: a selected cluster that parts from its parent below it is replaced by its
	// first ancestor that parts above it. At least 0, default 0 (off). [cluster_selection_epsilon]
	ClusterSelectionEpsilon float64

	// ClusterSelectionEpsilonMax is a distance: EOM takes no cluster that parts from its sibling above it. At least 0;
	// 0, the default, is no limit. [cluster_selection_epsilon_max]
	ClusterSelectionEpsilonMax float64

	// ClusterSelectionPersistence is a difference in λ: leaves of the condensed tree that live for less are removed before
	// clusters are selected. At least 0, default 0 (off). [cluster_selection_persistence]
	ClusterSelectionPersistence float64

	// ClusterSelectionMethod is EOM (default) or Leaf. [cluster_selection_method]
	ClusterSelectionMethod Method

	// AllowSingleCluster lets the whole data set be the one cluster. Default false. [allow_single_cluster]
	AllowSingleCluster bool

	// MaxClusterSize is the largest number of points that EOM accepts in a cluster (ClusterSelectionEpsilon may go
	// beyond). At least 0, default 0: no limit. [max_cluster_size]
	MaxClusterSize int

	// NoClassOutliers leaves out of account, where Data.Classes decide, that a row with a class may be an outlier. Default
	// false. [fast_hdbscan: ss_algorithm="bc_simple"]
	NoClassOutliers bool

	// UseClasses makes Cluster select clusters that agree with the known classes, as Data.Classes does in FitData. Default
	// false: Cluster ignores classes.
	UseClasses bool

	// Alpha divides distances, but not core distances, in mutual reachability (robust single linkage). From 1e-9 to
	// 1e9, default 1. The Python package ignores it in algorithm="boruvka_kdtree", the one it takes by default; the
	// meaning here is that of its other algorithms. [alpha]
	Alpha float64

	// OriginalPrediction makes Predict give the numbers of hdbscan 0.8.44's approximate_predict; see Model.Predict for
	// what differs. Default false.
	OriginalPrediction bool

	// Workers is the number of goroutines; 0, the default, stands for GOMAXPROCS. It never changes a result.
	// [core_dist_n_jobs]
	Workers int

	// Progress, when it is not nil, is told how much of the fit is done, from the goroutine that called Fit, with
	// rising values: one unit for each core distance and one for each edge of the spanning tree.
	Progress func(done, total int) `json:"-"`
}

// DefaultConfig has the defaults of hdbscan 0.8.44.
func DefaultConfig() Config {
	return Config{MinClusterSize: 5, Alpha: 1}
}

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MinClusterSize >= 2, "hdbscan.Config.MinClusterSize", c.MinClusterSize, "at least 2")
	f.Want(c.MinSamples >= 0, "hdbscan.Config.MinSamples", c.MinSamples, "at least 1, or 0 for MinClusterSize")
	f.Want(c.ClusterSelectionEpsilon >= 0 && !math.IsInf(c.ClusterSelectionEpsilon, 1),
		"hdbscan.Config.ClusterSelectionEpsilon", c.ClusterSelectionEpsilon, "a finite number, at least 0")
	f.Want(c.ClusterSelectionEpsilonMax >= 0 && !math.IsInf(c.ClusterSelectionEpsilonMax, 1),
		"hdbscan.Config.ClusterSelectionEpsilonMax", c.ClusterSelectionEpsilonMax, "a finite number, at least 0")
	f.Want(c.ClusterSelectionPersistence >= 0 && !math.IsInf(c.ClusterSelectionPersistence, 1),
		"hdbscan.Config.ClusterSelectionPersistence", c.ClusterSelectionPersistence, "a finite number, at least 0")
	f.Want(c.ClusterSelectionMethod == EOM || c.ClusterSelectionMethod == Leaf,
		"hdbscan.Config.ClusterSelectionMethod", c.ClusterSelectionMethod, "EOM or Leaf")
	f.Want(c.MaxClusterSize >= 0, "hdbscan.Config.MaxClusterSize", c.MaxClusterSize, "at least 0")
	f.Want(c.Alpha >= 1e-9 && c.Alpha <= 1e9, "hdbscan.Config.Alpha", c.Alpha, "from 1e-9 to 1e9")
	f.Want(c.Metric <= Custom, "hdbscan.Config.Metric", c.Metric, "one of the metrics of this package")
	f.Want(c.MinkowskiP >= 0 && (c.MinkowskiP == 0 || c.Metric == Minkowski), "hdbscan.Config.MinkowskiP", c.MinkowskiP,
		"above 0 with the metric minkowski, or 0")
	f.Want(c.MinkowskiWeights == nil || c.Metric == Minkowski, "hdbscan.Config.MinkowskiWeights", "set",
		"nil for the metric "+c.Metric.String())
	for i, w := range c.MinkowskiWeights {
		f.Want(w >= 0 && !math.IsInf(w, 1), "hdbscan.Config.MinkowskiWeights["+strconv.Itoa(i)+"]", w, "a finite number, at least 0")
	}
	f.Want((c.Distance != nil) == (c.Metric == Custom), "hdbscan.Config.Distance", map[bool]string{false: "nil", true: "set"}[c.Distance != nil],
		"a function with the metric custom, nil with others")
	f.Want(c.Workers >= 0, "hdbscan.Config.Workers", c.Workers, "at least 1, or 0 for GOMAXPROCS")
	return f.Err()
}

func (c Config) minSamples() int {
	if c.MinSamples == 0 {
		return c.MinClusterSize
	}
	return c.MinSamples
}
