package dense

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
)

func TestNearestCentroid(t *testing.T) {
	x := blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: []float32{0, 0, 1, 1, 2, 2}}
	id, cosine := NewCentroids(x, []int{4, 9, 2}).Nearest([]float32{5, 5})
	require.Equal(t, 9, id, "the first of equals")
	require.InDelta(t, 1, cosine, 1e-15)
	id, cosine = NewCentroids(x, nil).Nearest([]float32{-1, 0})
	require.Equal(t, 0, id, "the cosine with zeros is 0, with the others less")
	require.Zero(t, cosine)
	id, cosine = NewCentroids(blas32.General{}, nil).Nearest([]float32{1})
	require.Equal(t, None, id)
	require.Zero(t, cosine)
}

// TestPackedNearestExact: with ties, rows of zeros, rows that are too long for float32, and one centroid or none.
func TestPackedNearestExact(t *testing.T) {
	r := rng.New(4)
	for _, rows := range []int{0, 1, 2, 40} {
		for _, scale := range []float64{1, 1e-30, 1e30} {
			const dim = 19
			vector := func(scale float64) []float32 {
				v := make([]float32, dim)
				for j := range v {
					v[j] = float32(scale * (r.Float64() - 0.5))
				}
				return v
			}
			var c, without5 Centroids // without the one that has no direction
			for id := range rows {
				row := vector(scale)
				switch {
				case id == 5:
					row = make([]float32, dim)
				case id%7 == 6: // the same direction as another, or the same but for the last bit
					for j, v := range c.Rows[id-3] {
						row[j] = 2 * v
					}
					if id%2 == 0 {
						row[0] = math.Nextafter32(row[0], 2)
					}
				}
				c.Add(id, row)
				if id != 5 {
					without5.Add(id, row)
				}
			}
			for _, with := range []Centroids{c, without5} {
				x := blas32.General{Rows: 60, Cols: dim, Stride: dim}
				for i := range x.Rows {
					switch {
					case i == 7:
						x.Data = append(x.Data, make([]float32, dim)...)
					case i == 8:
						x.Data = append(x.Data, vector(1e30)...)
					case i%3 == 0 && rows > 1:
						x.Data = append(x.Data, c.Rows[(i/3)%rows]...)
					default:
						x.Data = append(x.Data, vector(1)...)
					}
				}
				p, seen := with.Pack(), 0
				require.Equal(t, rows >= 2 && scale == 1 && (rows <= 5 || len(with.IDs) < rows), p.panels != nil)
				p.NearestRows(x, nil, func(i, id int, cosine float64) {
					want, cos := with.Nearest(Row(x, i))
					require.Equal(t, want, id)
					require.Equal(t, cos, cosine)
					seen++
				})
				require.Equal(t, x.Rows, seen)
			}
		}
	}
}
