package hdbscan

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
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

// MarshalText is String, for files and flags. It fails for what is no method.
func (m Method) MarshalText() ([]byte, error) {
	if m != EOM && m != Leaf {
		return nil, fmt.Errorf("the method %v, want eom or leaf", m)
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (m *Method) UnmarshalText(text []byte) error {
	for _, known := range []Method{EOM, Leaf} {
		if string(text) == known.String() {
			*m = known
			return nil
		}
	}
	return fmt.Errorf("unknown method %q, want eom or leaf", text)
}

// Config says how to cluster. The zero value has the defaults of hdbscan 0.8.44. The name of the same parameter of Python's
// hdbscan.HDBSCAN is in brackets.
//
// A spanning tree takes O(n log n) distances under the metrics Euclidean, Manhattan, Chebyshev, Cosine, Correlation and
// Haversine with up to 30 columns, and O(n²) under all others.
type Config struct {
	// MinClusterSize is the smallest number of points that makes a cluster; smaller groups fall out of their parent as
	// points. At least 2; 0, the default, means 5. A larger one gives fewer clusters. [min_cluster_size]
	MinClusterSize int `json:"min_cluster_size"`

	// MinSamples is the number of other rows, no two of them equal, whose reach makes a core distance: the larger, the more points are
	// outliers. At least 1; 0, the default, stands for MinClusterSize. Clamped to the number of rows − 1, with a
	// warning. [min_samples]
	MinSamples int `json:"min_samples"`

	// Metric is the distance of rows. Default metric.Euclidean. Rows that are equal in every value are always at distance 0.
	// Under Cosine and Correlation, from 0 to 2, a row of zeros (of equal values) is at distance 1 from others. [metric]
	Metric metric.Kind `json:"metric"`

	// MetricP is the exponent of metric.Minkowski, above 0, +Inf for the largest difference; 0 means 2. [p]
	MetricP float64 `json:"p,omitempty"`

	// MetricWeights weighs the columns of metric.Minkowski, at least 0 each; nil for 1 each. [w]
	MetricWeights []float64 `json:"w,omitempty"`

	// Distance is the distance of metric.Custom. It must be symmetric, not below 0, and 0 for equal rows; it is called from several
	// goroutines and must not keep or change the rows. [metric, a callable]
	Distance func(a, b []float32) float64 `json:"-"`

	// ClusterSelectionEpsilon is a distance: a selected cluster that parts from its parent below it is replaced by its
	// first ancestor that parts above it. At least 0, default 0 (off). [cluster_selection_epsilon]
	ClusterSelectionEpsilon float64 `json:"cluster_selection_epsilon"`

	// ClusterSelectionEpsilonMax is a distance: EOM takes no cluster that parts from its sibling above it. At least 0;
	// 0, the default, is no limit. [cluster_selection_epsilon_max]
	ClusterSelectionEpsilonMax float64 `json:"cluster_selection_epsilon_max"`

	// ClusterSelectionPersistence is a difference in λ: leaves of the condensed tree that live for less are removed before
	// clusters are selected. At least 0, default 0 (off). [cluster_selection_persistence]
	ClusterSelectionPersistence float64 `json:"cluster_selection_persistence"`

	// ClusterSelectionMethod is EOM (default) or Leaf. [cluster_selection_method]
	ClusterSelectionMethod Method `json:"cluster_selection_method"`

	// AllowSingleCluster lets the whole data set be the one cluster. Default false. [allow_single_cluster]
	AllowSingleCluster bool `json:"allow_single_cluster"`

	// MaxClusterSize is the largest number of points that EOM accepts in a cluster (ClusterSelectionEpsilon may go
	// beyond). At least 0, default 0: no limit. [max_cluster_size]
	MaxClusterSize int `json:"max_cluster_size"`

	// NoClassOutliers leaves out of account, where Data.Classes decide, that a row with a class may be an outlier. Default
	// false. [fast_hdbscan: ss_algorithm="bc_simple"]
	NoClassOutliers bool `json:"no_class_outliers"`

	// UseClasses makes Cluster select clusters that agree with the known classes, as Data.Classes does in FitData. Default
	// false: Cluster ignores classes.
	UseClasses bool `json:"use_classes"`

	// Alpha divides distances, but not core distances, in mutual reachability (robust single linkage). From 1e-9 to
	// 1e9; 0, the default, means 1. The Python package ignores it in algorithm="boruvka_kdtree", the one it takes by default; the
	// meaning here is that of its other algorithms. [alpha]
	Alpha float64 `json:"alpha"`

	// CountCopies counts each of several equal rows as a row of its own in core distances, as the Python package does: more
	// than MinSamples copies of a row then are a cluster of infinite stability. Default false: equal rows count once in core
	// distances and as often as they come in sizes and stabilities, so that one text, posted again and again, becomes a
	// cluster where no other rows are near; see the package comment. It matters neither with Data.Weights nor for distances
	// that are given.
	CountCopies bool `json:"count_copies,omitempty"`

	// OriginalPrediction makes Predict give the numbers of hdbscan 0.8.44's approximate_predict; see Model.Predict for
	// what differs. Default false.
	OriginalPrediction bool `json:"original_prediction"`

	// Workers is the number of goroutines; 0, the default, stands for GOMAXPROCS. It never changes a result.
	// [core_dist_n_jobs]
	Workers int `json:"-"`

	// Progress, when it is not nil, is told how much of the fit is done, from the goroutine that called Fit, with
	// rising values: one unit for each core distance and one for each edge of the spanning tree.
	Progress func(done, total int) `json:"-"`
}

// maxWorkers bounds the memory that goroutines have for themselves.
const maxWorkers = parallel.MaxWorkers

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MinClusterSize == 0 || c.MinClusterSize >= 2 && c.MinClusterSize <= maxRows, "hdbscan.Config.MinClusterSize", c.MinClusterSize,
		fmt.Sprintf("from 2 to %d, or 0 for 5", maxRows))
	f.Want(c.MinSamples >= 0 && c.MinSamples <= maxRows, "hdbscan.Config.MinSamples", c.MinSamples,
		fmt.Sprintf("from 1 to %d, or 0 for MinClusterSize", maxRows))
	f.Want(c.ClusterSelectionEpsilon >= 0 && !math.IsInf(c.ClusterSelectionEpsilon, 1),
		"hdbscan.Config.ClusterSelectionEpsilon", c.ClusterSelectionEpsilon, "a finite number, at least 0")
	f.Want(c.ClusterSelectionEpsilonMax >= 0 && !math.IsInf(c.ClusterSelectionEpsilonMax, 1),
		"hdbscan.Config.ClusterSelectionEpsilonMax", c.ClusterSelectionEpsilonMax, "a finite number, at least 0")
	f.Want(c.ClusterSelectionPersistence >= 0 && !math.IsInf(c.ClusterSelectionPersistence, 1),
		"hdbscan.Config.ClusterSelectionPersistence", c.ClusterSelectionPersistence, "a finite number, at least 0")
	f.Want(c.ClusterSelectionMethod == EOM || c.ClusterSelectionMethod == Leaf,
		"hdbscan.Config.ClusterSelectionMethod", c.ClusterSelectionMethod, "EOM or Leaf")
	f.Want(c.MaxClusterSize >= 0 && c.MaxClusterSize <= maxRows, "hdbscan.Config.MaxClusterSize", c.MaxClusterSize,
		fmt.Sprintf("from 0 to %d", maxRows))
	f.Want(c.Alpha == 0 || c.Alpha >= 1e-9 && c.Alpha <= 1e9, "hdbscan.Config.Alpha", c.Alpha, "from 1e-9 to 1e9, or 0 for 1")
	f.Want(c.Metric <= metric.Custom, "hdbscan.Config.Metric", c.Metric, "one of the metrics of package metric")
	f.Want(c.MetricP >= 0 && (c.MetricP == 0 || c.Metric == metric.Minkowski), "hdbscan.Config.MetricP", c.MetricP,
		"above 0 with the metric minkowski, or 0")
	f.Want(c.MetricWeights == nil || c.Metric == metric.Minkowski, "hdbscan.Config.MetricWeights", "set",
		"nil for the metric "+c.Metric.String())
	for i, w := range c.MetricWeights {
		f.Want(w >= 0 && !math.IsInf(w, 1), "hdbscan.Config.MetricWeights["+strconv.Itoa(i)+"]", w, "a finite number, at least 0")
	}
	f.Want((c.Distance != nil) == (c.Metric == metric.Custom), "hdbscan.Config.Distance", map[bool]string{false: "nil", true: "set"}[c.Distance != nil],
		"a function with the metric custom, nil with others")
	f.Want(c.Workers >= 0 && c.Workers <= maxWorkers, "hdbscan.Config.Workers", c.Workers,
		fmt.Sprintf("from 1 to %d, or 0 for GOMAXPROCS", maxWorkers))
	return f.Err()
}

// settings is a Config without zeros that mean a default.
type settings Config

// resolve puts the defaults in the place of zeros.
func (c Config) resolve() settings {
	c.MinClusterSize = stage.Setting(c.MinClusterSize, 5)
	c.MinSamples = stage.Setting(c.MinSamples, c.MinClusterSize)
	c.Alpha = stage.Setting(c.Alpha, 1)
	c.MetricWeights = slices.Clone(c.MetricWeights)
	return settings(c)
}
