package online

import (
	"context"
	"fmt"
	"io/fs"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// The interfaces that the types of this package implement.
var (
	_ stage.BatchReducer   = PCAConfig{}
	_ stage.Validator      = PCAConfig{}
	_ stage.Reduction      = (*PCA)(nil)
	_ stage.Saver          = (*PCA)(nil)
	_ stage.BatchClusterer = KMeansConfig{}
	_ stage.Validator      = KMeansConfig{}
	_ stage.Clustering     = (*KMeans)(nil)
	_ stage.Saver          = (*KMeans)(nil)
	_ stage.BatchClusterer = DBStreamConfig{}
	_ stage.Validator      = DBStreamConfig{}
	_ stage.Clustering     = (*DBStream)(nil)
	_ stage.Saver          = (*DBStream)(nil)
)

func init() {
	state.Register[PCAConfig]("online.pca", func(run stage.Run, r fs.FS) (*PCA, error) {
		p := &PCA{}
		err := state.ReadSections(r, state.Section{Name: "pca.json", Data: p})
		return p.With(run.Workers), err
	})
	state.Register[KMeansConfig]("online.kmeans", func(run stage.Run, r fs.FS) (*KMeans, error) {
		k := &KMeans{}
		err := state.ReadSections(r, state.Section{Name: "kmeans.json", Data: k})
		return k.With(run.Workers), err
	})
	state.Register[DBStreamConfig]("online.dbstream", func(run stage.Run, r fs.FS) (*DBStream, error) {
		s := &DBStream{}
		err := state.ReadSections(r, state.Section{Name: "dbstream.json", Data: s})
		return s.With(run.Workers), err
	})
}

// Reduce returns the *PCA of the rows of d, learned in one batch.
func (c PCAConfig) Reduce(ctx context.Context, run stage.Run, d stage.Data) (stage.Reduction, error) {
	return c.ReduceBatch(ctx, run, nil, d)
}

// ReduceBatch returns the *PCA that Update makes of past, a *PCA of the same settings or nil. Workers
// of c, where it is not 0, wins over that of run.
func (c PCAConfig) ReduceBatch(ctx context.Context, run stage.Run, past stage.Reduction, d stage.Data) (stage.Reduction, error) {
	c.Workers = stage.Run{Workers: c.Workers}.Or(run).Workers
	p, ok := past.(*PCA)
	switch {
	case past == nil:
		var err error
		if p, err = NewPCA(c); err != nil {
			return nil, err
		}
	case !ok || p == nil:
		return nil, fmt.Errorf("online: the past is a %T, want a *PCA", past)
	case p.cfg.components() != c.components():
		return nil, fmt.Errorf("online: the past has %d components, want %d as in the settings", p.cfg.components(), c.components())
	}
	p, err := p.With(c.Workers).Update(ctx, d.X)
	if err != nil {
		return nil, err
	}
	points, err := p.Transform(ctx, d.X)
	if err != nil {
		return nil, err
	}
	p = p.With(c.Workers) // a copy, as Update returns its receiver for no rows
	p.points = points
	return p, nil
}

// Points returns the points of the last batch given to ReduceBatch, as they were after it.
func (p *PCA) Points() blas32.General { return p.points }

// Save writes what was learned.
func (p *PCA) Save(w stage.Writer) error {
	return state.WriteSections(w, state.Section{Name: "pca.json", Data: p})
}

// batch is the number of rows that Cluster learns at once.
const batch = 1024

// inBatches learns the rows of d in batches with learn, which is a ClusterBatch. It fails if there
// are none.
func inBatches(ctx context.Context, run stage.Run, d stage.Data, learn func(context.Context, stage.Run, stage.Clustering, stage.Data) (stage.Clustering, error)) (past stage.Clustering, err error) {
	if d.X.Rows == 0 {
		return nil, ErrNothingSeen
	}
	if err := checkBatch(d.X, 0); err != nil {
		return nil, err
	}
	for lo := 0; lo < d.X.Rows; lo += batch {
		part := d.X
		part.Rows, part.Data = min(batch, d.X.Rows-lo), d.X.Data[lo*d.X.Stride:]
		if past, err = learn(ctx, run, past, stage.Data{X: part}); err != nil {
			return nil, err
		}
	}
	return past, nil
}

// Cluster learns the rows of d in batches of 1,024, then gives every row the cluster of the nearest
// center. It returns a *KMeans.
func (c KMeansConfig) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	past, err := inBatches(ctx, run, d, c.ClusterBatch)
	if err != nil {
		return nil, err
	}
	k := past.(*KMeans)
	if k.labels, err = k.predict(ctx, d.X); err != nil {
		return nil, err
	}
	return k, nil
}

// ClusterBatch returns the *KMeans that Update makes of past, a *KMeans of the same settings or nil.
// Seed and Workers of c, where they are not 0, win over those of run; past goes on with its own seed.
func (c KMeansConfig) ClusterBatch(ctx context.Context, run stage.Run, past stage.Clustering, d stage.Data) (stage.Clustering, error) {
	run = stage.Run{Seed: c.Seed, Workers: c.Workers}.Or(run)
	c.Seed, c.Workers = run.Seed, run.Workers
	k, ok := past.(*KMeans)
	switch {
	case past == nil:
		var err error
		if k, err = NewKMeans(c); err != nil {
			return nil, err
		}
	case !ok || k == nil:
		return nil, fmt.Errorf("online: the past is a %T, want a *KMeans", past)
	default:
		was, is := k.cfg.resolve(), c.resolve()
		was.Seed, was.Workers = is.Seed, is.Workers
		if was != is {
			return nil, fmt.Errorf("online: the past has %d clusters and a reassignment ratio of %v, want %d and %v as in the settings",
				was.NClusters, was.ReassignmentRatio, is.NClusters, is.ReassignmentRatio)
		}
	}
	k, err := k.With(c.Workers).Update(ctx, d.X)
	if err != nil {
		return nil, err
	}
	labels, err := k.predict(ctx, d.X)
	if err != nil {
		return nil, err
	}
	k = k.With(c.Workers)
	k.labels = labels
	return k, nil
}

// Labels returns those of the last batch given to ClusterBatch, as they were after it, or those of
// all rows after Cluster.
func (k *KMeans) Labels() []int { return k.labels }

// Save writes what was learned.
func (k *KMeans) Save(w stage.Writer) error {
	return state.WriteSections(w, state.Section{Name: "kmeans.json", Data: k})
}

// Cluster learns the rows of d one by one, then gives every row its cluster. It returns a *DBStream.
func (c DBStreamConfig) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	past, err := inBatches(ctx, run, d, c.ClusterBatch)
	if err != nil {
		return nil, err
	}
	s := past.(*DBStream)
	if s.labels, err = s.predict(ctx, d.X); err != nil {
		return nil, err
	}
	return s, nil
}

// ClusterBatch returns the *DBStream that Update makes of past, a *DBStream of the same settings or
// nil. Workers of c, where it is not 0, wins over that of run.
func (c DBStreamConfig) ClusterBatch(ctx context.Context, run stage.Run, past stage.Clustering, d stage.Data) (stage.Clustering, error) {
	c.Workers = stage.Run{Workers: c.Workers}.Or(run).Workers
	s, ok := past.(*DBStream)
	switch {
	case past == nil:
		var err error
		if s, err = NewDBStream(c); err != nil {
			return nil, err
		}
	case !ok || s == nil:
		return nil, fmt.Errorf("online: the past is a %T, want a *DBStream", past)
	default:
		was, is := s.cfg, c.resolve()
		was.Workers = is.Workers
		if was != is {
			return nil, fmt.Errorf("online: the past has the settings %+v, want %+v", was, is)
		}
	}
	s, err := s.With(c.Workers).Update(ctx, d.X)
	if err != nil {
		return nil, err
	}
	labels, err := s.predict(ctx, d.X)
	if err != nil {
		return nil, err
	}
	s = s.With(c.Workers)
	s.labels = labels
	return s, nil
}

// Labels returns those of the last batch given to ClusterBatch, as they were after it, or those of
// all rows after Cluster.
func (s *DBStream) Labels() []int { return s.labels }

// Save writes what was learned.
func (s *DBStream) Save(w stage.Writer) error {
	return state.WriteSections(w, state.Section{Name: "dbstream.json", Data: s})
}
