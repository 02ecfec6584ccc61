package topic

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// sparse is a random matrix with some rows of zeros.
func sparse(r *rng.Stream, rows, cols int) ctfidf.Matrix {
	m := ctfidf.Matrix{Cols: cols, RowPtr: []int{0}}
	for range rows {
		share := r.Float64() - 0.2
		for c := range cols {
			if r.Float64() < share {
				m.Col, m.Value = append(m.Col, int32(c)), append(m.Value, r.Float64()-0.1)
			}
		}
		m.RowPtr = append(m.RowPtr, len(m.Col))
	}
	return m
}

func TestCosinesWithAllRowsExact(t *testing.T) {
	r := rng.New(3)
	for _, cols := range []int{1, 7, 60} {
		a, b := sparse(&r, 30, cols), sparse(&r, 20, cols)
		all, out := columnsOf(b), make([]float64, b.Rows())
		var one compared
		for i := range a.Rows() {
			all.cosines(a, i, out)
			for j := range b.Rows() {
				require.Equal(t, a.Cosine(i, b, j), out[j])
				one.set(b, j)
				require.Equal(t, a.Cosine(i, b, j), one.cosine(a, i))
			}
		}
	}
}

// TestPackedNearestExact: with ties, rows of zeros, rows that are too long for float32, and one topic or none.
func TestPackedNearestExact(t *testing.T) {
	r := rng.New(4)
	for _, topics := range []int{0, 1, 2, 40} {
		for _, scale := range []float64{1, 1e-30, 1e30} {
			const dim = 19
			m := &Model{topics: make([]Topic, topics)}
			vector := func(scale float64) []float32 {
				v := make([]float32, dim)
				for j := range v {
					v[j] = float32(scale * (r.Float64() - 0.5))
				}
				return v
			}
			var ids []int
			for id := range m.topics {
				m.topics[id] = Topic{ID: id, Embedding: vector(scale)}
				switch {
				case id == 5:
					m.topics[id].Embedding = make([]float32, dim)
				case id%7 == 6: // the same direction as another, or the same but for the last bit
					for j, v := range m.topics[id-3].Embedding {
						m.topics[id].Embedding[j] = 2 * v
					}
					if id%2 == 0 {
						m.topics[id].Embedding[0] = math.Nextafter32(m.topics[id].Embedding[0], 2)
					}
				}
				ids = append(ids, id)
			}
			c := m.centroids(ids)
			for _, with := range []centroids{c, without5(c)} {
				x := blas32.General{Rows: 60, Cols: dim, Stride: dim}
				for i := range x.Rows {
					switch {
					case i == 7:
						x.Data = append(x.Data, make([]float32, dim)...)
					case i == 8:
						x.Data = append(x.Data, vector(1e30)...)
					case i%3 == 0 && topics > 1:
						x.Data = append(x.Data, m.topics[(i/3)%topics].Embedding...)
					default:
						x.Data = append(x.Data, vector(1)...)
					}
				}
				p, seen := with.packed(), 0
				require.Equal(t, topics >= 2 && scale == 1 && (topics <= 5 || len(with.ids) < topics), p.panels != nil)
				p.nearest(x, nil, func(i, topic int, cosine float64) {
					want, cos := with.nearest(row(x, i))
					require.Equal(t, want, topic)
					require.Equal(t, cos, cosine)
					seen++
				})
				require.Equal(t, x.Rows, seen)
			}
		}
	}
}

// without5 leaves out the topic without a direction.
func without5(c centroids) (out centroids) {
	for i, t := range c.ids {
		if t != 5 {
			out.ids, out.rows, out.length = append(out.ids, t), append(out.rows, c.rows[i]), append(out.length, c.length[i])
		}
	}
	return out
}
