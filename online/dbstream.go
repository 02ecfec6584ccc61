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
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

// DBStreamConfig holds the settings of a DBStream, which say what a dense region is. The zero value
// is valid and means the defaults. The names in brackets are those of River's DBSTREAM.
type DBStreamConfig struct {
	// Radius is the size of a micro-cluster, in the unit of the rows, above 0; or 0, the default:
	// RadiusShare chooses it. [clustering_threshold, 1]
	Radius float64 `json:"clustering_threshold,omitempty"`
	// RadiusShare chooses the radius from the first batch with different rows: of a thousand of its
	// rows, this share of all pairs of different ones is nearer to each other, in (0, 1). Default
	// 0.02.
	RadiusShare float64 `json:"radius_share,omitempty"`
	// Fading, at least 0, is how fast the past is forgotten: after n rows more, a row counts 2 to
	// the power of −Fading × n. Default 0: nothing is forgotten. [fading_factor, 0.01]
	Fading float64 `json:"fading_factor,omitempty"`
	// Gap is the number of rows between two times that what has faded is left out: regions of less
	// weight than a single row has left after Gap rows. At least 1. It has no effect when Fading is
	// 0. Default 1000. [cleanup_interval, 2]
	Gap int `json:"cleanup_interval,omitempty"`
	// MinWeight is the weight, in rows, that a micro-cluster needs to be part of a cluster. At least
	// 0, default 3; stage.None means 0. [minimum_weight, 1]
	MinWeight float64 `json:"minimum_weight,omitempty"`
	// Intersection, in (0, 1], is how much of the rows of two micro-clusters must be in both for
	// them to be of one cluster: more than this share of the mean of the rows in each. Default 0.3.
	// [intersection_factor, 0.3]
	Intersection float64 `json:"intersection_factor,omitempty"`
	// Workers is the number of goroutines that predict, which never changes the result. 0, the
	// default, means GOMAXPROCS, or the number of the pipeline.
	Workers int `json:"-"`
}

// dbstreamSettings is a DBStreamConfig with the defaults in place of zeros.
type dbstreamSettings DBStreamConfig

func (c DBStreamConfig) resolve() dbstreamSettings {
	s := dbstreamSettings(c)
	s.RadiusShare, s.Gap = stage.Setting(c.RadiusShare, 0.02), stage.Setting(c.Gap, 1000)
	s.MinWeight, s.Intersection = stage.Setting(c.MinWeight, 3), stage.Setting(c.Intersection, 0.3)
	return s
}

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c DBStreamConfig) Validate() error {
	var f check.Fields
	s := c.resolve()
	f.Want(c.Radius >= 0 && !math.IsInf(c.Radius, 0), "online.DBStreamConfig.Radius", c.Radius, "a finite number above 0, or 0 for one by RadiusShare")
	f.Want(s.RadiusShare > 0 && s.RadiusShare < 1, "online.DBStreamConfig.RadiusShare", c.RadiusShare, "a share in (0, 1), or 0 for 0.02")
	f.Want(c.Fading >= 0 && !math.IsInf(c.Fading, 0), "online.DBStreamConfig.Fading", c.Fading, "a finite number, at least 0")
	f.Want(s.Gap >= 1, "online.DBStreamConfig.Gap", c.Gap, "at least 1, or 0 for 1000")
	f.Want(s.MinWeight >= 0 && !math.IsInf(s.MinWeight, 0), "online.DBStreamConfig.MinWeight", c.MinWeight, "a finite number, 0 for 3, or stage.None for 0")
	f.Want(s.Intersection > 0 && s.Intersection <= 1, "online.DBStreamConfig.Intersection", c.Intersection, "a share in (0, 1], or 0 for 0.3")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "online.DBStreamConfig.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// DBStream finds as many clusters as there are dense regions: Hahsler and Bolaños, "Clustering data streams based on shared
// density between micro-clusters", IEEE TKDE 28 (2016), doi:10.1109/TKDE.2016.2522412. Rows are kept as micro-clusters, which
// follow the rows that fall into them; those with many rows in common are of one cluster. Micro-clusters are learned as by
// River's DBSTREAM. What is otherwise:
//
//   - A cluster keeps its number from batch to batch: when clusters grow together the number of the heaviest stays, when
//     one falls apart its heaviest part keeps it, and a new cluster gets a number that was never used. River numbers anew.
//   - A row belongs to the cluster of the micro-cluster nearest to it, and to none when that is farther than the radius.
//     River takes the cluster with the nearest center, however far, and so cuts bent clusters.
//   - Weights are compared as they are after the last row; River compares what each had when a row last fell into it. A
//     micro-cluster of just MinWeight may be joined with others, as in the paper.
//   - The radius may be left to the data, nothing is forgotten by default, and what faded is looked for less often.
type DBStream struct {
	config DBStreamConfig   // as given
	cfg    dbstreamSettings // what it means
	state  dbstreamState
	labels []int // of the last batch
}

type dbstreamState struct {
	Radius float64 `json:"radius"`
	Seen   int     `json:"seen"` // rows
	Next   int     `json:"next"` // the number of the next new cluster
	Micro  []micro `json:"micro"`
}

func newDBStream(cfg DBStreamConfig, state dbstreamState) *DBStream {
	return &DBStream{config: cfg, cfg: cfg.resolve(), state: state}
}

// NewDBStream is a DBStream that has seen nothing. It fails with *[stage.ConfigError]s.
func NewDBStream(cfg DBStreamConfig) (*DBStream, error) {
	if err := errors.Join(cfg.Validate(), simd.Forced()); err != nil {
		return nil, err
	}
	return newDBStream(cfg, dbstreamState{Radius: cfg.Radius}), nil
}

// Config is what the DBStream was made with.
func (s *DBStream) Config() DBStreamConfig { return s.config }

// Clusters lists the numbers of the clusters now, rising. They need not be 0, 1, …: a cluster is never renumbered.
func (s *DBStream) Clusters() []int {
	var out []int
	for _, m := range s.state.Micro {
		if m.Cluster != stage.Outlier {
			out = append(out, m.Cluster)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Threshold is the radius of the micro-clusters, 0 until it is chosen.
func (s *DBStream) Threshold() float64 { return s.state.Radius }

// Update is the DBStream after the rows of x, which come one after the other. A batch without rows changes nothing. It fails
// with *[stage.ValueError] for a value that is not finite, an error when the columns are not those of earlier batches, or the
// cause of a canceled ctx.
func (s *DBStream) Update(ctx context.Context, x blas32.General) (*DBStream, error) {
	if err := checkBatch(x, s.cols()); err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if x.Rows == 0 {
		return s, nil
	}
	out := newDBStream(s.config, s.state)
	out.state.Micro = slices.Clone(s.state.Micro)
	for i, m := range out.state.Micro {
		out.state.Micro[i].Center, out.state.Micro[i].Shared = slices.Clone(m.Center), slices.Clone(m.Shared)
	}
	if out.state.Radius == 0 {
		var err error
		if out.state.Radius, err = chooseRadius(ctx, x, out.cfg.RadiusShare); err != nil {
			return nil, err
		}
	}
	for i := range x.Rows {
		if i%64 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
		}
		out.take(dense.Row(x, i))
		if out.cfg.Fading > 0 && out.state.Seen%out.cfg.Gap == 0 {
			out.clean()
		}
	}
	out.regroup()
	return out, nil
}

// Predict is the cluster of each row of x: that of the nearest micro-cluster of a cluster, the first of equal ones, or −1
// when none is as near as the radius. It fails as Update does, and before the first batch.
// The strengths are nil: a row belongs wholly to its cluster.
func (s *DBStream) Predict(ctx context.Context, x blas32.General) (labels []int, strengths []float64, err error) {
	labels, err = s.predict(ctx, x)
	return labels, nil, err
}

func (s *DBStream) predict(ctx context.Context, x blas32.General) ([]int, error) {
	if s.state.Seen == 0 {
		return nil, ErrNothingSeen
	}
	if err := checkBatch(x, s.cols()); err != nil {
		return nil, err
	}
	labels := make([]int, x.Rows)
	err := parallel.Loop{Workers: s.cfg.Workers, Block: 64}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			labels[i] = stage.Outlier
			least := s.state.Radius * s.state.Radius
			for _, m := range s.state.Micro {
				if m.Cluster == stage.Outlier {
					continue
				}
				if d := apart(dense.Row(x, i), m.Center); d < least || labels[i] == stage.Outlier && d == least {
					labels[i], least = m.Cluster, d
				}
			}
		}
		return nil
	})
	return labels, err
}

func (s *DBStream) cols() int {
	if len(s.state.Micro) == 0 {
		return 0
	}
	return len(s.state.Micro[0].Center)
}

// chooseRadius is the distance that the given share of the pairs of up to 1,000 rows are below; 0 when they are all alike.
func chooseRadius(ctx context.Context, x blas32.General, share float64) (float64, error) {
	n := min(x.Rows, 1000)
	var squares []float64
	for i := range n {
		if err := context.Cause(ctx); err != nil {
			return 0, err
		}
		at := wide(dense.Row(x, i*x.Rows/n))
		for j := range i {
			if d := apart(dense.Row(x, j*x.Rows/n), at); d > 0 {
				squares = append(squares, d)
			}
		}
	}
	if len(squares) == 0 {
		return 0, nil
	}
	slices.Sort(squares)
	return math.Sqrt(squares[int(share*float64(len(squares)))]), nil
}

// savedDBStream is a DBStream as JSON.
type savedDBStream struct {
	Settings DBStreamConfig `json:"settings"`
	dbstreamState
}

// MarshalJSON writes all but the workers.
func (s *DBStream) MarshalJSON() ([]byte, error) {
	return json.Marshal(savedDBStream{s.config, s.state})
}

// UnmarshalJSON reads what MarshalJSON wrote; the number of workers is 0. It fails where the parts do not fit together.
func (s *DBStream) UnmarshalJSON(text []byte) error {
	var read savedDBStream
	if err := strict(text, &read); err != nil {
		return err
	}
	if err := read.Settings.Validate(); err != nil {
		return err
	}
	if read.Radius < 0 || read.Radius > math.MaxFloat64/4 || read.Seen < len(read.Micro) || read.Seen > mostRows || read.Next < 0 {
		return fmt.Errorf("online.DBStream: the radius %v, %d rows, %d clusters and %d micro-clusters do not fit", read.Radius, read.Seen, read.Next, len(read.Micro))
	}
	born := map[int]bool{}
	for i, m := range read.Micro {
		if len(m.Center) == 0 || len(m.Center) != len(read.Micro[0].Center) || !bounded(m.Center) || m.Weight < 0 || m.Born < 0 ||
			m.Born > m.Last || m.Last >= read.Seen || m.Cluster < stage.Outlier || m.Cluster >= read.Next || i > 0 && m.Born <= read.Micro[i-1].Born {
			return fmt.Errorf("online.DBStream: micro-cluster %d does not fit the others", i)
		}
		born[m.Born] = true
	}
	for i, m := range read.Micro {
		for j, e := range m.Shared {
			if !born[e.With] || e.With <= m.Born || e.Last < 0 || e.Last >= read.Seen || e.Weight < 0 || j > 0 && e.With <= m.Shared[j-1].With {
				return fmt.Errorf("online.DBStream: micro-cluster %d shares rows with what is not there", i)
			}
		}
	}
	*s = *newDBStream(read.Settings, read.dbstreamState)
	return nil
}

// With is the DBStream with other workers, 0 for GOMAXPROCS.
func (s *DBStream) With(workers int) *DBStream {
	out := *s
	out.config.Workers, out.cfg.Workers = workers, workers
	return &out
}
