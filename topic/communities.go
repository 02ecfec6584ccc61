package topic

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/umap"
)

// Communities is the Clusterer of package community: it ties each row to its nearest neighbours, with the weights of UMAP's
// graph, and takes the communities of that graph as clusters, as many as the data speaks for. It is meant for the embeddings
// themselves, without a reducer: what a layout in few dimensions tears apart or draws together cannot mislead it, and no
// seed plays a part. Workers and Progress of the embedded Config are set from the Run. Known classes shape the graph as they
// do in a supervised UMAP.
type Communities struct {
	community.Config
	// NNeighbors is the number of neighbours that a row is tied to, itself included. At least 2, default 15: with 30 or 50
	// the agreement with classes is the same to within 0.02, at a higher price.
	NNeighbors int
	// Layer chooses one of the layers, which Model.Layers lists, by its number from 1; 0, the default, the one with the
	// highest score, or the one nearest to Config.Communities.
	Layer int
}

// DefaultCommunities has the defaults.
func DefaultCommunities() Communities {
	return Communities{Config: community.DefaultConfig(), NNeighbors: 15}
}

// Validate reports every field outside its range.
func (c Communities) Validate() error {
	var f check.Fields
	f.Want(c.NNeighbors >= 2, "topic.Communities.NNeighbors", c.NNeighbors, "at least 2")
	f.Want(c.Layer >= 0 && c.Layer <= c.Resolutions, "topic.Communities.Layer", c.Layer, "from 1 to Resolutions, or 0 for the best")
	return errors.Join(f.Err(), c.Config.Validate())
}

// Cluster finds the communities of the rows of x.
func (c Communities) Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error) {
	return c.ClusterClasses(ctx, run, x, nil)
}

// ClusterClasses is Cluster with what is known of the rows.
func (c Communities) ClusterClasses(ctx context.Context, run Run, x blas32.General, y []int) (Clustering, error) {
	graph := umap.DefaultConfig()
	graph.NNeighbors, graph.Metric, graph.Workers = c.NNeighbors, umap.Cosine, run.Workers
	graph.NComponents, graph.Init, graph.NEpochs = 1, umap.Random, umap.NoEpochs // of the fit, the graph alone is wanted
	g, err := umap.FitData(ctx, umap.Data{X: x, Borrow: true, Classes: y}, graph)
	if err != nil {
		return nil, err
	}
	cfg := c.Config
	cfg.Workers, cfg.Progress = run.Workers, run.report(StageCluster)
	m, err := community.Fit(ctx, x, community.Graph(g.Graph()), cfg)
	if err != nil {
		return nil, err
	}
	if c.Layer == 0 {
		return m, nil
	}
	if there := len(m.Layers()); c.Layer > there {
		return nil, &ConfigError{Field: "topic.Communities.Layer", Value: c.Layer, Want: fmt.Sprintf("from 1 to the %d that these documents have, or 0 for the best", there)}
	}
	return m.At(c.Layer - 1)
}

// ErrNoLayers is returned where layers are asked of a model that was not made by Communities alone.
var ErrNoLayers = errors.New("the model has no layers: fit with topic.Communities as the clusterer, without zero-shot labels")

// Layers lists the granularities that the fit found, the coarsest first, each nested in the one before, and the place of the
// one that the topics were made of. It fails with ErrNoLayers.
func (m *Model) Layers() (layers []community.Layer, chosen int, err error) {
	c, ok := m.clustering.(*community.Model)
	if !ok {
		return nil, 0, ErrNoLayers
	}
	return c.Layers(), c.Chosen(), nil
}

// AtLayer is the model whose topics are those of another layer, by its place in Layers. Nothing is clustered again; words,
// means and sizes follow. What operations did to the topics of m is not done to the new ones. It fails with ErrNoLayers, for
// a layer that there is not, and where words cannot be counted again (ErrUnsaved).
func (m *Model) AtLayer(ctx context.Context, layer int) (*Model, error) {
	c, ok := m.clustering.(*community.Model)
	if !ok {
		return nil, ErrNoLayers
	}
	out := *m
	out.warnings, out.rescues, out.unordered, out.cfg.Topics = nil, nil, false, 0
	if err := out.useLayer(ctx, c, layer); err != nil {
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

// useLayer makes the clusters those of a layer of c.
func (m *Model) useLayer(ctx context.Context, c *community.Model, layer int) error {
	at, err := c.At(layer)
	if err != nil {
		return fmt.Errorf("%s: %w", StageCluster, err)
	}
	clusterer := m.cfg.Clusterer.(Communities)
	clusterer.Layer = layer + 1
	m.clustering, m.cfg.Clusterer = at, clusterer
	return m.calibrate(ctx)
}
