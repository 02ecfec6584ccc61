package topic

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/hdbscan"
	csr "github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Layer describes one granularity of a clustering.
type Layer struct {
	// Topics is the number of clusters.
	Topics int
	// Outliers is the share of the clustered documents that are in none, from 0 to 1.
	Outliers float64
	// Score is what the choice between layers goes by: for Communities community.Score.Value, for PLSCAN the persistence,
	// in documents (hdbscan.Layer.LayerPersistence).
	Score float64
	// Scale is where the layer lies on the scale of its clusterer: for Communities the resolution, which grows with the
	// number of topics, for PLSCAN the minimum cluster size, which falls with it.
	Scale float64
}

// Layered is met by a Clustering with several granularities. Labels, Strengths and Predict are those of one of them.
type Layered interface {
	Clustering
	// Layers lists the granularities, the coarsest first, each nested in the one before: the documents of a cluster are in
	// one cluster there, or all of them in none.
	Layers() []Layer
	// Chosen is the place in Layers of the one that Labels is of.
	Chosen() int
	// At is the clustering of another layer, by its place. It computes nothing.
	At(layer int) (Layered, error)
}

// ErrNoLayers is returned where layers are asked of a model that has none.
var ErrNoLayers = errors.New("the model has no layers: fit with topic.Communities or topic.PLSCAN as the clusterer, without zero-shot labels, and ask before the model is grown")

// Layers lists the granularities that the fit found, the coarsest first, each nested in the one before, and the place of the
// one that the topics were made of. It fails with ErrNoLayers.
func (m *Model) Layers() (layers []Layer, chosen int, err error) {
	c, ok := m.clustering.(Layered)
	if !ok {
		return nil, 0, ErrNoLayers
	}
	return c.Layers(), c.Chosen(), nil
}

// AtLayer is the model whose topics are those of another layer, by its place in Layers. Nothing is clustered again; words,
// means and sizes follow. What operations did to the topics of m is not done to the new ones. It fails with ErrNoLayers, for
// a layer that there is not, and where words cannot be counted again (ErrUnsaved).
func (m *Model) AtLayer(ctx context.Context, layer int) (*Model, error) {
	c, ok := m.clustering.(Layered)
	if !ok {
		return nil, ErrNoLayers
	}
	at, err := c.At(layer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", StageCluster, err)
	}
	out := *m
	out.warnings, out.rescues, out.unordered, out.clustering = nil, nil, false, at
	out.cfg.Clusterer, out.cfg.Topics = withLayer(m.cfg.Clusterer, layer+1), 0
	if err := out.calibrate(ctx); err != nil {
		return nil, err
	}
	if err := out.assignTopics(ctx); err != nil {
		return nil, err
	}
	if err := out.describe(ctx); err != nil {
		return nil, err
	}
	return &out, nil
}

// withLayer is c with a layer by its number from 1, or 0 for the one that c chooses; c itself where it has none.
func withLayer(c Clusterer, layer int) Clusterer {
	switch c := c.(type) {
	case Communities:
		c.Layer = layer
		return c
	case PLSCAN:
		c.Layer = layer
		return c
	}
	return c
}

// setLayer is c at the layer with a number from 1, c itself for 0.
func setLayer(c Layered, layer int, field string) (Clustering, error) {
	if layer == 0 {
		return c, nil
	}
	if there := len(c.Layers()); layer > there {
		return nil, &stage.ConfigError{Field: field, Value: layer, Want: fmt.Sprintf("from 1 to the %d that these documents have, or 0 for the best", there)}
	}
	return c.At(layer - 1)
}

// communityClustering is a community.Model with the layers of this package.
type communityClustering struct {
	*community.Model
}

func (c communityClustering) Layers() []Layer {
	layers := c.Model.Layers()
	out := make([]Layer, len(layers))
	for i, l := range layers {
		out[i] = Layer{l.Clusters, l.Outliers, l.Score, l.Scale}
	}
	return out
}

func (c communityClustering) At(layer int) (Layered, error) {
	at, err := c.AtLayer(layer)
	if err != nil {
		return nil, err
	}
	return communityClustering{at.(*community.Model)}, nil
}

func (c communityClustering) Memberships(ctx context.Context, top int) (*hdbscan.Memberships, error) {
	return hdbscanMemberships(c.Model.Memberships(ctx, top))
}

func (c communityClustering) PredictMemberships(ctx context.Context, points blas32.General, top int) (*hdbscan.Memberships, error) {
	return hdbscanMemberships(c.Model.PredictMemberships(ctx, points, top))
}

func hdbscanMemberships(m csr.CSR[float64], err error) (*hdbscan.Memberships, error) {
	if err != nil {
		return nil, err
	}
	return &hdbscan.Memberships{Rows: m.Rows(), Clusters: m.Cols, Start: m.RowPtr, Label: m.Col, Value: m.Value}, nil
}
