package community

import (
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/stage"
)

// Config holds the settings of a search for communities. The zero value is valid and means the
// defaults. No field is tuned to a corpus: the ranges are wide, and the data choose between their
// ends.
type Config struct {
	// Neighbors is the number of nearest rows to which Cluster connects a row, itself included; Fit
	// does not use it. From 2 to 65,536, default 15: with 30 or 50 the agreement with classes is the
	// same to within 0.02, at a higher price.
	Neighbors int `json:"n_neighbors,omitempty"`

	// Coarsest and Finest are the ends of the range of resolutions that are searched; 1 is that of
	// modularity as it is usually defined. Coarsest is above 0, Finest at least Coarsest, both below
	// 1e6. Default 0.1 and 8: on corpora of 4 to 152 classes the resolutions that agree with the
	// classes best lie between 0.15 and 2.8.
	Coarsest float64 `json:"coarsest,omitempty"`
	Finest   float64 `json:"finest,omitempty"`

	// Resolutions is the number of resolutions, evenly spaced by ratio. From 1 to 1,000, default 16:
	// then each is a third larger than the one before. Time grows in proportion.
	Resolutions int `json:"resolutions,omitempty"`

	// Communities is the number of communities that is wanted, or 0, the default, for the number
	// that the score chooses. The resolution whose number of communities is nearest to it is chosen.
	Communities int `json:"communities,omitempty"`

	// MinSize is the smallest number of rows that makes a community; the rows of smaller ones go to
	// the communities of their neighbors. At least 1, default 10.
	MinSize int `json:"min_size,omitempty"`

	// MinStrength is the share of the weight of a row's edges that must lead into its own community,
	// from 0 to 1; with less the row is an outlier. Default 0: only rows without an edge into a
	// community are outliers. On labeled corpora rows with a share of 0.8 or more (70 to 93 % of
	// them) belong to the class that is most frequent in their community in 77 to 87 % of the cases,
	// those from 0.6 to 0.8 in 45 to 56 %, from 0.4 to 0.6 in 27 to 39 %, below that in a fifth.
	MinStrength float64 `json:"min_strength,omitempty"`

	// Rounds is the largest number of times that a partition is searched again for improvements.
	// From 1 to 1,000, default 2.
	Rounds int `json:"rounds,omitempty"`

	// Voters is the number of rows of the fit that decide where a new row belongs. From 1 to 65,536,
	// default 15.
	Voters int `json:"voters,omitempty"`

	// Sample is the largest number of rows on which the silhouette of a partition is measured. From
	// 1 to 1,048,576, default 2048, which determines it to within about 0.01.
	Sample int `json:"sample,omitempty"`

	// Workers is the number of goroutines, which never changes the result. 0, the default, means
	// GOMAXPROCS, or the number of the pipeline.
	Workers int `json:"-"`

	// Progress, if not nil, is called from one goroutine with the rising number of resolutions done.
	Progress func(done, total int) `json:"-"`
}

// settings is a Config with the defaults in place of zeros.
type settings Config

func (c Config) resolve() settings {
	s := settings(c)
	s.Neighbors, s.Voters = stage.Setting(c.Neighbors, 15), stage.Setting(c.Voters, 15)
	s.Coarsest, s.Finest, s.Resolutions = stage.Setting(c.Coarsest, 0.1), stage.Setting(c.Finest, 8), stage.Setting(c.Resolutions, 16)
	s.MinSize, s.Rounds, s.Sample = stage.Setting(c.MinSize, 10), stage.Setting(c.Rounds, 2), stage.Setting(c.Sample, 2048)
	return s
}

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (c Config) Validate() error {
	var f check.Fields
	s := c.resolve()
	f.Want(s.Neighbors >= 2 && s.Neighbors <= 1<<16, "community.Config.Neighbors", c.Neighbors, "from 2 to 65536, or 0 for 15")
	f.Want(s.Coarsest > 0 && s.Coarsest < 1e6, "community.Config.Coarsest", c.Coarsest, "above 0, below 1e6, or 0 for 0.1")
	f.Want(s.Finest >= s.Coarsest && s.Finest < 1e6, "community.Config.Finest", c.Finest, "at least Coarsest, below 1e6, or 0 for 8")
	f.Want(s.Resolutions >= 1 && s.Resolutions <= 1000, "community.Config.Resolutions", c.Resolutions, "from 1 to 1000, or 0 for 16")
	f.Want(c.Communities >= 0, "community.Config.Communities", c.Communities, "at least 1, or 0 for the number that the score chooses")
	f.Want(s.MinSize >= 1, "community.Config.MinSize", c.MinSize, "at least 1, or 0 for 10")
	f.Want(c.MinStrength >= 0 && c.MinStrength <= 1, "community.Config.MinStrength", c.MinStrength, "from 0 to 1")
	f.Want(s.Rounds >= 1 && s.Rounds <= 1000, "community.Config.Rounds", c.Rounds, "from 1 to 1000, or 0 for 2")
	f.Want(s.Voters >= 1 && s.Voters <= 1<<16, "community.Config.Voters", c.Voters, "from 1 to 65536, or 0 for 15")
	f.Want(s.Sample >= 1 && s.Sample <= 1<<20, "community.Config.Sample", c.Sample, "from 1 to 1048576, or 0 for 2048")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "community.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}
