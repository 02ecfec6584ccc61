package topic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/check"
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
	m, err := HDBSCAN{p.Config}.fit(ctx, run, x)
	if err != nil {
		return nil, err
	}
	layers, _, err := m.Layers(ctx, p.Granularities)
	if err != nil {
		return nil, err
	}
	best := 0
	for i, l := range layers { // the finest first
		if l.LayerPersistence > layers[best].LayerPersistence {
			best = i
		}
	}
	slices.Reverse(layers)
	return setLayer(newPlscanClustering(layers, len(layers)-1-best), p.Layer, "topic.PLSCAN.Layer")
}

// plscanClustering is a layer of PLSCAN with all of them.
type plscanClustering struct {
	hdbscanClustering
	layers []hdbscan.Layer // the coarsest first
	chosen int
}

func newPlscanClustering(layers []hdbscan.Layer, chosen int) plscanClustering {
	return plscanClustering{hdbscanClustering{layers[chosen].Model}, layers, chosen}
}

func (c plscanClustering) Layers() []Layer {
	out := make([]Layer, len(c.layers))
	for i, l := range c.layers {
		labels := l.Labels()
		outside := 0
		for _, label := range labels {
			if label == Outlier {
				outside++
			}
			out[i].Topics = max(out[i].Topics, label+1)
		}
		out[i].Outliers, out[i].Score, out[i].Scale = float64(outside)/float64(len(labels)), l.LayerPersistence, l.Size
	}
	return out
}

func (c plscanClustering) Chosen() int { return c.chosen }

func (c plscanClustering) At(layer int) (Layered, error) {
	if layer < 0 || layer >= len(c.layers) {
		return nil, fmt.Errorf("layer %d, want from 0 to %d", layer, len(c.layers)-1)
	}
	return newPlscanClustering(c.layers, layer), nil
}
