package linkage

import (
	"math"
	"slices"
)

// state is the clusters that there are between merges, each at the place of one of its items.
type state struct {
	n      int
	method Method
	d      []float64 // the square matrix of distances, +Inf on the diagonal; that of clusters which are no more has no meaning
	size   []int     // items of a cluster, 0 for none
	live   []int     // the clusters that there are, rising
}

func newState(n int, dist []float64, method Method) *state {
	s := &state{n: n, method: method, d: make([]float64, n*n), size: make([]int, n), live: make([]int, n)}
	for i := range n {
		s.size[i], s.live[i] = 1, i
		s.d[i*n+i] = math.Inf(1)
		row := dist[:n-1-i]
		dist = dist[n-1-i:]
		copy(s.d[i*n+i+1:(i+1)*n], row)
		for j, v := range row {
			s.d[(i+1+j)*n+i] = v
		}
	}
	return s
}

func (s *state) row(x int) []float64 { return s.d[x*s.n : (x+1)*s.n] }

// nearest is the one of some clusters that is nearest to x, and its distance: y unless another is nearer, then the first of
// the nearest. y is −1 for none.
func (s *state) nearest(x int, among []int, y int) (int, float64) {
	row := s.row(x)
	least := math.Inf(1)
	if y >= 0 {
		least = row[y]
	}
	for _, i := range among {
		if v := row[i]; v < least {
			y, least = i, v
		}
	}
	return y, least
}

// after is the clusters at places after x.
func (s *state) after(x int) []int {
	at, _ := slices.BinarySearch(s.live, x+1)
	return s.live[at:]
}

// merge puts the union of x and y, whose distance is d, at the place of y.
func (s *state) merge(x, y int, d float64) {
	at, _ := slices.BinarySearch(s.live, x)
	s.live = slices.Delete(s.live, at, at+1)
	rx, ry, n := s.row(x), s.row(y), s.n
	for _, i := range s.live {
		if i != y {
			ry[i] = s.union(rx[i], ry[i], d, float64(s.size[x]), float64(s.size[y]), float64(s.size[i]))
			s.d[i*n+y] = ry[i]
		}
	}
	s.size[x], s.size[y] = 0, s.size[x]+s.size[y]
}

// union is the distance of the union of two clusters of nx and ny items to one of ni, given those between the three.
func (s *state) union(dx, dy, dxy, nx, ny, ni float64) float64 {
	switch s.method {
	case Complete:
		return max(dx, dy)
	case Average:
		return (float64(nx*dx) + float64(ny*dy)) / (nx + ny)
	case Weighted:
		return 0.5 * (dx + dy)
	case Ward:
		t := 1 / (nx + ny + ni)
		return math.Sqrt(float64((ni+nx)*t*dx*dx) + float64((ni+ny)*t*dy*dy) - float64(ni*t*dxy*dxy))
	case Centroid:
		return math.Sqrt((float64(nx*dx*dx) + float64(ny*dy*dy) - float64(nx*ny*dxy*dxy)/(nx+ny)) / (nx + ny))
	default: // Median
		return math.Sqrt(float64(0.5*(float64(dx*dx)+float64(dy*dy))) - float64(0.25*dxy*dxy))
	}
}
