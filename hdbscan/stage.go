package hdbscan

import (
	"context"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// The interfaces of package stage that Config and Model implement.
var (
	_ stage.Clusterer  = Config{}
	_ stage.ClassUser  = Config{}
	_ stage.Resizer    = Config{}
	_ stage.Validator  = Config{}
	_ stage.Clustering = (*Model)(nil)
	_ stage.Strengths  = (*Model)(nil)
	_ stage.Soft       = (*Model)(nil)
	_ stage.Warner     = (*Model)(nil)
	_ stage.Saver      = (*Model)(nil)
)

func init() { state.Register[Config]("hdbscan", load) }

// Cluster returns the *Model that FitData fits to the rows of d, with their classes if UseClasses
// is set. Workers and Progress are those of c where they are set, otherwise those of run. There are
// no random numbers.
func (c Config) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	data := Data{Points: d.X}
	if c.UseClasses {
		data.Classes = d.Classes
	}
	m, err := FitData(ctx, data, c.during(run))
	if err != nil {
		return nil, err
	}
	return m, nil
}

// during returns c with the settings of a run where it has none of its own.
func (c Config) during(run stage.Run) Config {
	run = stage.Run{Workers: c.Workers, Progress: c.Progress}.Or(run)
	c.Workers, c.Progress = run.Workers, run.Progress
	return c
}

// ClassUse returns stage.ClassesUsed if UseClasses is set.
func (c Config) ClassUse() stage.ClassUse {
	if c.UseClasses {
		return stage.ClassesUsed
	}
	return stage.ClassesIgnored
}

// Resized returns the clusterer with the given MinClusterSize, at most as many MinSamples, and no limit
// on how clusters are selected.
func (c Config) Resized(minSize int) stage.Clusterer {
	c.MinSamples = min(c.resolve().MinSamples, minSize)
	c.MinClusterSize = minSize
	c.ClusterSelectionEpsilon, c.ClusterSelectionEpsilonMax, c.ClusterSelectionPersistence = 0, 0, 0
	c.AllowSingleCluster, c.MaxClusterSize = false, 0
	return c
}
