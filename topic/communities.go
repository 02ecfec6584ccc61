package topic

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
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
	return Communities{Config: community.Config{Resolutions: 16}, NNeighbors: 15}
}

// Validate reports every field outside its range.
func (c Communities) Validate() error {
	var f check.Fields
	f.Want(c.NNeighbors >= 2, "topic.Communities.NNeighbors", c.NNeighbors, "at least 2")
	f.Want(c.Layer >= 0 && c.Layer <= stage.Setting(c.Resolutions, 16), "topic.Communities.Layer", c.Layer, "from 1 to Resolutions, or 0 for the best")
	return errors.Join(f.Err(), c.Config.Validate())
}

// Cluster finds the communities of the rows of x.
func (c Communities) Cluster(ctx context.Context, run Run, x blas32.General) (Clustering, error) {
	return c.ClusterClasses(ctx, run, x, nil)
}

// ClusterClasses is Cluster with what is known of the rows.
func (c Communities) ClusterClasses(ctx context.Context, run Run, x blas32.General, y []int) (Clustering, error) {
	cfg := c.Config
	cfg.Neighbors, cfg.Workers, cfg.Progress = c.NNeighbors, run.Workers, run.report(StageCluster)
	m, err := cfg.Cluster(ctx, stage.Run{}, stage.Data{X: x, Classes: y})
	if err != nil {
		return nil, err
	}
	return setLayer(communityClustering{m.(*community.Model)}, c.Layer, "topic.Communities.Layer")
}
