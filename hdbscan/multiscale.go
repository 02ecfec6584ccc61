package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// PLSCAN holds the settings of the clusterer that chooses the minimum cluster size from the data:
// of the layers that Model.Layers finds it takes the most persistent, the finest of equals, as
// fast_hdbscan.PLSCAN does. Classes are ignored.
type PLSCAN struct {
	// Config is that of the spanning tree. MinClusterSize counts only as the default of MinSamples.
	// The fields that begin with ClusterSelection, AllowSingleCluster and MaxClusterSize play no part.
	Config
	// Layering says which layers are looked for.
	Layering LayerConfig
}

// Multiscale is a fitted PLSCAN: a clustering in several layers, of which one is chosen. Its other
// methods are those of the chosen one.
type Multiscale struct {
	*Model
	layers []Layer // the coarsest first; of one spanning tree and one condensed tree
	chosen int
}

// The interfaces of package stage that PLSCAN and Multiscale implement.
var (
	_ stage.Clusterer  = PLSCAN{}
	_ stage.ClassUser  = PLSCAN{}
	_ stage.Validator  = PLSCAN{}
	_ stage.Clustering = (*Multiscale)(nil)
	_ stage.Strengths  = (*Multiscale)(nil)
	_ stage.Soft       = (*Multiscale)(nil)
	_ stage.Layered    = (*Multiscale)(nil)
	_ stage.Warner     = (*Multiscale)(nil)
	_ stage.Saver      = (*Multiscale)(nil)
)

func init() { state.Register[PLSCAN]("plscan", loadMultiscale) }

// Validate reports every field outside its range, joined, each as a *stage.ConfigError.
func (p PLSCAN) Validate() error { return errors.Join(p.Config.Validate(), p.Layering.Validate()) }

// ClassUse returns stage.ClassesIgnored.
func (PLSCAN) ClassUse() stage.ClassUse { return stage.ClassesIgnored }

// Cluster returns the *Multiscale of the rows of d. Of run it uses what Config.Cluster uses.
func (p PLSCAN) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("hdbscan: %w", err)
	}
	m, err := FitData(ctx, Data{Points: d.X}, p.Config.during(run))
	if err != nil {
		return nil, err
	}
	layers, _, err := m.Layers(ctx, p.Layering)
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
	best = len(layers) - 1 - best
	return &Multiscale{layers[best].Model, layers, best}, nil
}

// Layers lists the granularities, the coarsest first. The Score of a layer is its
// LayerPersistence, its Scale the minimum cluster size.
func (m *Multiscale) Layers() []stage.Layer {
	out := make([]stage.Layer, len(m.layers))
	for i, l := range m.layers {
		outliers := 0
		for _, label := range l.labels {
			if label == stage.Outlier {
				outliers++
			}
		}
		out[i] = stage.Layer{
			Clusters: l.NumClusters(), Outliers: float64(outliers) / float64(max(l.rows, 1)),
			Score: l.LayerPersistence, Scale: l.Size,
		}
	}
	return out
}

// Chosen returns the index of the chosen layer in Layers.
func (m *Multiscale) Chosen() int { return m.chosen }

// AtLayer returns a *Multiscale with another layer chosen. It fails if there is no such layer.
func (m *Multiscale) AtLayer(layer int) (stage.Clustering, error) {
	if layer < 0 || layer >= len(m.layers) {
		return nil, fmt.Errorf("hdbscan: layer %d, want from 0 to %d", layer, len(m.layers)-1)
	}
	return &Multiscale{m.layers[layer].Model, m.layers, layer}, nil
}
