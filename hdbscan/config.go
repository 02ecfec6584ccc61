package hdbscan

import (
	"math"
	"strconv"

	"github.com/gobertopic/gobertopic/internal/check"
)

// ConfigError is a field of a Config with a value outside its range.
type ConfigError = check.ConfigError

// ValueError is a value of the input that is not finite.
type ValueError = check.ValueError

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

// Config says how to cluster. The name of the same parameter of Python's hdbscan.HDBSCAN is in brackets.
type Config struct {
	// MinClusterSize is the smallest number of points that makes a cluster; smaller groups fall out of their parent as
	// points. At least 2, default 5. [min_cluster_size]
	MinClusterSize int

	// MinSamples is the number of other points whose reach makes a core distance: the larger, the more points are
	// outliers. At least 1; 0, the default, stands for MinClusterSize. Clamped to the number of rows − 1, with a
	// warning. [min_samples]
	MinSamples int

	// ClusterSelectionEpsilon is a distance: a selected cluster that parts from its parent below it is replaced by its
	// first ancestor that parts above it. At least 0, default 0 (off). [cluster_selection_epsilon]
	ClusterSelectionEpsilon float64

	// ClusterSelectionMethod is EOM (default) or Leaf. [cluster_selection_method]
	ClusterSelectionMethod Method

	// AllowSingleCluster lets the whole data set be the one cluster. Default false. [allow_single_cluster]
	AllowSingleCluster bool

	// MaxClusterSize is the largest number of points that EOM accepts in a cluster (ClusterSelectionEpsilon may go
	// beyond). At least 0, default 0: no limit. [max_cluster_size]
	MaxClusterSize int

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

// Validate reports every field outside its range, joined, each as a *ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MinClusterSize >= 2, "hdbscan.Config.MinClusterSize", c.MinClusterSize, "at least 2")
	f.Want(c.MinSamples >= 0, "hdbscan.Config.MinSamples", c.MinSamples, "at least 1, or 0 for MinClusterSize")
	f.Want(c.ClusterSelectionEpsilon >= 0 && !math.IsInf(c.ClusterSelectionEpsilon, 1),
		"hdbscan.Config.ClusterSelectionEpsilon", c.ClusterSelectionEpsilon, "a finite number, at least 0")
	f.Want(c.ClusterSelectionMethod == EOM || c.ClusterSelectionMethod == Leaf,
		"hdbscan.Config.ClusterSelectionMethod", c.ClusterSelectionMethod, "EOM or Leaf")
	f.Want(c.MaxClusterSize >= 0, "hdbscan.Config.MaxClusterSize", c.MaxClusterSize, "at least 0")
	f.Want(c.Alpha >= 1e-9 && c.Alpha <= 1e9, "hdbscan.Config.Alpha", c.Alpha, "from 1e-9 to 1e9")
	f.Want(c.Workers >= 0, "hdbscan.Config.Workers", c.Workers, "at least 1, or 0 for GOMAXPROCS")
	return f.Err()
}

func (c Config) minSamples() int {
	if c.MinSamples == 0 {
		return c.MinClusterSize
	}
	return c.MinSamples
}
