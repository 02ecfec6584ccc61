package topic

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
)

// PLSCAN is the Clusterer that chooses HDBSCAN's minimum cluster size from the data: of the layers of hdbscan.Model.Layers it
// takes the most persistent, as fast_hdbscan.PLSCAN does. Workers and Progress of the embedded Config are set from the Run;
// its MinClusterSize plays no part, that of Granularities does.
type PLSCAN struct {
	hdbscan.Config
	// Granularities says which layers are looked for.
	Granularities hdbscan.LayerConfig
	// Layer chooses one of the layers, which Model.Layers lists, by its number from 1; 0, the default, the most persistent.
	Layer int
}

// DefaultPLSCAN has the defaults of fast_hdbscan.PLSCAN and 5 samples.
func DefaultPLSCAN() PLSCAN {
	p := PLSCAN{Config: hdbscan.DefaultConfig(), Granularities: hdbscan.DefaultLayerConfig()}
	p.MinSamples = 5
	return p
}

// Validate reports every field outside its range.
func (p PLSCAN) Validate() error {
	var f check.Fields
	f.Want(p.Layer >= 0, "topic.PLSCAN.Layer", p.Layer, "from 1 to the number of layers, or 0 for the best")
	return errors.Join(f.Err(), p.Config.Validate(), p.Granularities.Validate())
}

// Cluster finds the layers of the rows of x.
func (p PLSCAN) Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error) {
	cfg := hdbscan.PLSCAN{Config: p.Config, Layering: p.Granularities}
	cfg.Workers, cfg.Progress = run.Workers, run.report(StageCluster)
	m, err := cfg.Cluster(ctx, stage.Run{}, stage.Data{X: x})
	if err != nil {
		return nil, err
	}
	return setLayer(newPlscanClustering(m.(*hdbscan.Multiscale)), p.Layer, "topic.PLSCAN.Layer")
}

// plscanClustering is a layer of PLSCAN with all of them.
type plscanClustering struct {
	hdbscanClustering
	layers *hdbscan.Multiscale
}

func newPlscanClustering(m *hdbscan.Multiscale) plscanClustering {
	return plscanClustering{hdbscanClustering{m.Model}, m}
}

func (c plscanClustering) Layers() []Layer {
	all := c.layers.Layers()
	out := make([]Layer, len(all))
	for i, l := range all {
		out[i].Topics, out[i].Outliers, out[i].Score, out[i].Scale = l.Clusters, l.Outliers, l.Score, l.Scale
	}
	return out
}

func (c plscanClustering) Chosen() int { return c.layers.Chosen() }

func (c plscanClustering) At(layer int) (Layered, error) {
	m, err := c.layers.AtLayer(layer)
	if err != nil {
		return nil, err
	}
	return newPlscanClustering(m.(*hdbscan.Multiscale)), nil
}
