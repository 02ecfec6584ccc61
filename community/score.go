package community

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
)

// Score says how good a partition is, by the graph and by the rows.
type Score struct {
	// Silhouette is the mean over the rows of (a − b) / max(a, b) with the distances 1 − cosine to the nearest mean of
	// another community, a, and to that of the others in the own one, b (the simplified silhouette of Hruschka, de Castro
	// and Campello, 2004, but for the row that is left out of its own mean): from −1 to 1. A row that counts in its own mean
	// is near to it by a share of one over the size of the community, so that where there is little to tell apart the
	// smallest communities look best.
	Silhouette float64
	// Modularity is Newman's, of resolution 1: the share of the weight of edges that lie within communities, above what it
	// would be if edges were drawn at random.
	Modularity float64
	// Within is the share of the weight of edges that lie within communities, from 0 to 1.
	Within float64
}

// Value is Silhouette · (Modularity · Within)^1.5, 0 where a factor is not above 0. The silhouette rises with granularity for
// as long as there are finer groups to find and the share within falls with it; modularity punishes both ends. On 20 sets of
// classes from six corpora the layer of the highest value has 0.95 of the agreement (ARI) that the best layer has, on nine
// further corpora 0.85; of the silhouette alone it is 0.87 on the 20, of modularity alone 0.80, of the Calinski–Harabasz index
// 0.61, of a fixed resolution 0.85 at best.
func (s Score) Value() float64 {
	if s.Silhouette <= 0 || s.Modularity <= 0 {
		return 0
	}
	p := s.Modularity * s.Within
	return s.Silhouette * p * math.Sqrt(p)
}

// scorer scores partitions of the same rows.
type scorer struct {
	x      blas32.General
	g      sparse.CSR[float32]
	kern   *simd.Kernels
	length []float64
	times  []int // how many rows each row of x stands for; nil: 1 each
	sample int
}

func newScorer(x blas32.General, g sparse.CSR[float32], times []int, sample int) *scorer {
	s := &scorer{x: x, g: g, times: times, kern: simd.Best(), length: make([]float64, x.Rows), sample: sample}
	for i := range s.length {
		s.length[i] = dense.Norm(dense.Row(x, i))
	}
	return s
}

// score scores a partition into k communities; rows of −1 do not count.
func (s *scorer) score(part []int32, k int) Score {
	var out Score
	volume := make([]float64, k)
	var within, total float64
	for v, c := range part {
		for e := s.g.RowPtr[v]; e < s.g.RowPtr[v+1]; e++ {
			w := float64(s.g.Value[e])
			total += w
			if c >= 0 {
				volume[c] += w
				if part[s.g.Col[e]] == c {
					within += w
				}
			}
		}
	}
	if total == 0 || k < 2 {
		return out
	}
	out.Within = within / total
	out.Modularity = out.Within
	for _, v := range volume {
		out.Modularity -= float64(v / total * (v / total))
	}
	out.Silhouette = s.silhouette(part, k)
	return out
}

// stands returns how many rows a row of x stands for.
func (s *scorer) stands(i int) float64 {
	if s.times == nil {
		return 1
	}
	return float64(s.times[i])
}

func (s *scorer) silhouette(part []int32, k int) float64 {
	mean, length, count := s.means(part, k)
	n := len(part)
	size := min(n, s.sample)
	var sum float64
	counted := 0.0
	for j := range size {
		i := j * n / size
		own := part[i]
		if own < 0 || s.length[i] == 0 {
			continue
		}
		stands := s.stands(i)
		counted += stands
		if count[own] == 1 {
			continue // 0, as there are no others
		}
		x := dense.Row(s.x, i)
		a, b := math.Inf(1), 1.0
		for c := range k {
			dot := s.kern.Dot64(x, mean[c])
			if c == int(own) {
				b = apart(without(dot, length[c], s.length[i], count[c]))
			} else {
				a = min(a, apart(dot, length[c], s.length[i]))
			}
		}
		if m := max(a, b); m > 0 {
			sum += float64(stands * ((a - b) / m))
		}
	}
	if counted == 0 {
		return 0
	}
	return sum / counted
}

// apart is 1 less the cosine of a mean and a row by their scalar product and their lengths; 1 for a mean of no length.
func apart(dot, mean, row float64) float64 {
	if mean == 0 {
		return 1
	}
	return max(1-dot/(mean*row), 0)
}

// without takes a row out of the mean of size rows, of which it is one: the scalar product of row and mean and the length of
// the mean become those of the sum of the others.
func without(dot, mean, row, size float64) (otherDot, otherMean, sameRow float64) {
	square, both, own := float64(size*mean)*float64(size*mean), float64(size*dot), float64(row*row)
	rest := square - float64(2*both) + own
	if rest <= 1e-9*square { // the others cancel out
		return 0, 0, row
	}
	return both - own, math.Sqrt(rest), row
}

// means are the means of the communities, their lengths and their sizes.
func (s *scorer) means(part []int32, k int) (mean [][]float32, length, size []float64) {
	sum := make([]float64, k*s.x.Cols)
	size = make([]float64, k)
	for i, c := range part {
		if c < 0 {
			continue
		}
		stands := s.stands(i)
		size[c] += stands
		to := sum[int(c)*s.x.Cols:][:s.x.Cols]
		for j, v := range dense.Row(s.x, i) {
			to[j] += float64(stands * float64(v))
		}
	}
	mean, length = make([][]float32, k), make([]float64, k)
	for c := range mean {
		mean[c] = make([]float32, s.x.Cols)
		for j := range mean[c] {
			mean[c][j] = float32(sum[c*s.x.Cols+j] / size[c])
		}
		length[c] = math.Sqrt(s.kern.Dot64(mean[c], mean[c]))
	}
	return mean, length, size
}
