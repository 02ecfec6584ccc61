package community

import "github.com/gobertopic/gobertopic/internal/check"

// Config says how to look for communities. No field is tuned to a corpus: the ranges are wide, and what is chosen between
// their ends is the data's.
type Config struct {
	// Coarsest and Finest are the ends of the range of resolutions that is looked at; 1 is that of modularity as it is
	// usually defined. Coarsest is above 0, Finest at least Coarsest. Default 0.1 and 8: on corpora of 4 to 152 classes the
	// resolutions that agree with the classes best lie between 0.15 and 2.8.
	Coarsest, Finest float64

	// Resolutions is the number of resolutions, evenly spaced by ratio. At least 1, default 16: neighbours differ by a
	// third.
	Resolutions int

	// Communities is the number of communities that is wanted, or 0, the default, for the number that the data speaks
	// for. The resolution whose number of communities is nearest to it is chosen.
	Communities int

	// MinSize is the smallest number of rows that makes a community; the rows of smaller ones go to the communities that
	// their neighbours are in. At least 1, default 10.
	MinSize int

	// MinStrength is the share of the weight of a row's edges that must lead into its own community, from 0 to 1; with less
	// the row is an outlier. Default 0: only rows that no edges tie to a community are. On labelled corpora rows with a share
	// of 0.8 or more (70 to 93 % of them) belong to the class that is most frequent in their community in 77 to 87 % of the
	// cases, those from 0.6 to 0.8 in 45 to 56 %, from 0.4 to 0.6 in 27 to 39 %, below that in a fifth.
	MinStrength float64

	// Rounds is the largest number of times that a partition is taken up again to be improved. At least 1, default 2.
	Rounds int

	// Neighbours is the number of rows that decide where a new one belongs. At least 1, default 15.
	Neighbours int

	// Sample is the largest number of rows that the silhouette of a partition is measured on. At least 1, default 2048,
	// by which it is known to within about 0.01.
	Sample int

	// Workers is the number of goroutines, which never changes the result. 0, the default, means GOMAXPROCS.
	Workers int

	// Progress is told how many of the resolutions are done, from one goroutine, with rising values. May be nil.
	Progress func(done, total int) `json:"-"`
}

// DefaultConfig has the defaults.
func DefaultConfig() Config {
	return Config{Coarsest: 0.1, Finest: 8, Resolutions: 16, MinSize: 10, Rounds: 2, Neighbours: 15, Sample: 2048}
}

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.Coarsest > 0 && c.Coarsest < 1e6, "community.Config.Coarsest", c.Coarsest, "above 0, below 1e6")
	f.Want(c.Finest >= c.Coarsest && c.Finest < 1e6, "community.Config.Finest", c.Finest, "at least Coarsest, below 1e6")
	f.Want(c.Resolutions >= 1, "community.Config.Resolutions", c.Resolutions, "at least 1")
	f.Want(c.Communities >= 0, "community.Config.Communities", c.Communities, "at least 0")
	f.Want(c.MinSize >= 1, "community.Config.MinSize", c.MinSize, "at least 1")
	f.Want(c.MinStrength >= 0 && c.MinStrength <= 1, "community.Config.MinStrength", c.MinStrength, "from 0 to 1")
	f.Want(c.Rounds >= 1, "community.Config.Rounds", c.Rounds, "at least 1")
	f.Want(c.Neighbours >= 1, "community.Config.Neighbours", c.Neighbours, "at least 1")
	f.Want(c.Sample >= 1, "community.Config.Sample", c.Sample, "at least 1")
	return f.Err()
}
