// Package membership holds what the clusterers say of how strongly rows belong to clusters.
package membership

// Matrix is how strongly rows belong to clusters, stored for some clusters of each row: row i belongs to cluster Label[j] with
// Value[j] for j in [Start[i], Start[i+1]), the labels rising.
type Matrix struct {
	Rows, Clusters int
	Start          []int
	Label          []int32
	Value          []float64
}

// Row has the clusters of a row and how strongly it belongs to each.
func (m *Matrix) Row(i int) (labels []int32, values []float64) {
	lo, hi := m.Start[i], m.Start[i+1]
	return m.Label[lo:hi:hi], m.Value[lo:hi:hi]
}
