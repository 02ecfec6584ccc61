package umap

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
)

// ConfigError is a field of a Config outside its range.
type ConfigError = check.ConfigError

// ValueError is a value of the input matrix that cannot be worked with: NaN or an infinity.
type ValueError = check.ValueError

// Metric is the distance between two rows of the input.
type Metric int

const (
	// Euclidean is the length of the difference.
	Euclidean Metric = iota
	// Cosine is 1 − the cosine of the angle, between 0 and 2. Rows at distance 2 count as not connected, as in umap-learn.
	Cosine
)

func (m Metric) String() string {
	switch m {
	case Euclidean:
		return "euclidean"
	case Cosine:
		return "cosine"
	}
	return fmt.Sprintf("Metric(%d)", int(m))
}

// disconnection is the distance from which two rows are not connected (umap-learn's disconnection_distance).
func (m Metric) disconnection() float32 {
	if m == Cosine {
		return 2
	}
	return float32(math.Inf(1))
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
	// NEpochs is the number of passes over the edges. 0, the default, means 500 for up to 10,000 rows and 200 for more;
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
	// A and B are the parameters of the curve 1/(1 + A·d^(2B)). Both 0, the default: found from MinDist and Spread.
	// Otherwise both above 0. (a, b)
	A, B float64
	// Seed chooses the random numbers. Default 42. (random_state)
	Seed uint64
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
		Seed:               42,
	}
}

// Validate reports every field outside its range, as joined *ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	f.Want(c.NNeighbors >= 2, "umap.Config.NNeighbors", c.NNeighbors, "at least 2")
	f.Want(c.NComponents >= 1, "umap.Config.NComponents", c.NComponents, "at least 1")
	f.Want(c.Metric == Euclidean || c.Metric == Cosine, "umap.Config.Metric", c.Metric, "Euclidean or Cosine")
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

// epochs is the number of passes for n rows.
func (c Config) epochs(n int) int {
	switch {
	case c.NEpochs == NoEpochs:
		return 0
	case c.NEpochs > 0:
		return c.NEpochs
	}
	return defaultEpochs(n)
}

func defaultEpochs(n int) int {
	if n <= 10000 {
		return 500
	}
	return 200
}

// curve is A and B, or what follows from MinDist and Spread.
func (c Config) curve() (a, b float64) {
	if c.A != 0 {
		return c.A, c.B
	}
	return FindAB(c.MinDist, c.Spread)
}
