package topic

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// base is the clustering of the fit, whatever grew on it.
func (m *Model) base() Clustering {
	if g, ok := m.clustering.(*grownClustering); ok {
		return g.Clustering
	}
	return m.clustering
}

// hasMemberships fails with ErrNoMemberships where there are none of new points.
func (m *Model) hasMemberships() error {
	_, fitted := m.base().(Memberships)
	if _, unseen := m.base().(PredictMemberships); !fitted || !unseen {
		return ErrNoMemberships
	}
	return nil
}

// fittedMemberships is what the clusterer says of the fitted points. In a model that was grown a point has the memberships of
// the clustering that saw it last: of the part that it was set aside for, of the fit otherwise.
func (m *Model) fittedMemberships(ctx context.Context, top int) (*hdbscan.Memberships, error) {
	c, ok := m.base().(Memberships)
	if !ok {
		return nil, ErrNoMemberships
	}
	n := m.firstPoints()
	of, err := c.Memberships(ctx, top)
	if err := checkMemberships(of, n, err); err != nil || len(m.grown) == 0 {
		return of, err
	}
	from := make([]membershipRow, m.fitted())
	rows := make([]int, len(from)-n)
	for i := range from {
		if from[i] = (membershipRow{of: of, row: i}); i >= n {
			rows[i-n] = m.document(i)
		}
	}
	placed, err := m.newMemberships(ctx, dense.Pick(m.embeddings, rows), dense.Slice(m.reduction.Points(), n, len(from)), top)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		from[n+i] = membershipRow{of: placed, row: i}
	}
	for _, p := range m.parts {
		c, ok := p.clustering.(Memberships)
		if !ok {
			return nil, ErrNoMemberships
		}
		of, err := c.Memberships(ctx, top)
		if err := checkMemberships(of, len(p.aside), err); err != nil {
			return nil, err
		}
		for k, i := range p.aside {
			from[i] = membershipRow{of, p.like[k], p.offset}
		}
	}
	return joinRows(from), nil
}

// newMemberships is the same for new rows, whose embeddings are x and whose points are points: what the clustering says that
// places them. In a model that was grown a row that is at home nowhere has none.
func (m *Model) newMemberships(ctx context.Context, x, points blas32.General, top int) (*hdbscan.Memberships, error) {
	c, ok := m.base().(PredictMemberships)
	if !ok {
		return nil, ErrNoMemberships
	}
	of, err := c.PredictMemberships(ctx, points, top)
	if err := checkMemberships(of, x.Rows, err); err != nil || m.zero == nil && m.homes == nil {
		return of, err
	}
	from := make([]membershipRow, x.Rows)
	for i := range from {
		from[i] = membershipRow{of: of, row: i}
	}
	if m.homes != nil {
		labels, _, by, err := m.predict(ctx, x, points)
		if err != nil {
			return nil, err
		}
		for i, l := range labels {
			if l == Outlier {
				from[i] = membershipRow{}
			}
		}
		for _, p := range m.parts {
			if err := m.partMemberships(ctx, p, by, x, top, from); err != nil {
				return nil, err
			}
		}
	}
	if m.zero != nil {
		matched := m.zero.match(x)
		named := namedRows(matched)
		for i, m := range matched {
			if m.label >= 0 {
				from[i] = membershipRow{of: named, row: i}
			}
		}
	}
	return joinRows(from), nil
}

// partMemberships writes to from the memberships of the rows of x that p placed.
func (m *Model) partMemberships(ctx context.Context, p *part, by []*part, x blas32.General, top int, from []membershipRow) error {
	var at []int
	for i, q := range by {
		if q == p {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return nil
	}
	c, ok := p.clustering.(PredictMemberships)
	if !ok {
		return ErrNoMemberships
	}
	points, err := p.reduction.Transform(ctx, dense.Pick(x, at))
	if err != nil {
		return fmt.Errorf("%s: %w", StageReduce, err)
	}
	of, err := c.PredictMemberships(ctx, points, top)
	if err := checkMemberships(of, len(at), err); err != nil {
		return err
	}
	for k, i := range at {
		from[i] = membershipRow{of, k, p.offset}
	}
	return nil
}

// checkMemberships passes on err, or reports another number of rows than n.
func checkMemberships(of *hdbscan.Memberships, n int, err error) error {
	if err == nil && of.Rows != n {
		err = fmt.Errorf("memberships of %d points, want %d", of.Rows, n)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", StageCluster, err)
	}
	return nil
}

// membershipRow is a row of memberships whose labels are to be raised by offset; the zero value is a row without any.
type membershipRow struct {
	of     *hdbscan.Memberships
	row    int
	offset int
}

// joinRows makes memberships of rows.
func joinRows(from []membershipRow) *hdbscan.Memberships {
	out := &hdbscan.Memberships{Rows: len(from), Start: make([]int, 1, len(from)+1)}
	for _, r := range from {
		if r.of != nil {
			labels, values := r.of.Row(r.row)
			for k, l := range labels {
				out.Label, out.Value = append(out.Label, l+int32(r.offset)), append(out.Value, values[k])
			}
			out.Clusters = max(out.Clusters, r.offset+r.of.Clusters)
		}
		out.Start = append(out.Start, len(out.Label))
	}
	return out
}

// namedRows is the memberships of what zero-shot labels took: in that label alone, as strongly as it is like it.
func namedRows(matched []match) *hdbscan.Memberships {
	out := &hdbscan.Memberships{Rows: len(matched), Start: make([]int, 1, len(matched)+1)}
	for _, m := range matched {
		if m.label >= 0 {
			out.Label, out.Value = append(out.Label, int32(m.label)), append(out.Value, m.strength())
			out.Clusters = max(out.Clusters, m.label+1)
		}
		out.Start = append(out.Start, len(out.Label))
	}
	return out
}
