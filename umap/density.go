package umap

import (
	"context"
	"errors"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/fuzzy"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/sparse"
)

const radiusFloor = 1e-8 // of the radii, before the logarithm

// radii are the logarithms of the mean squared lengths of the edges of each vertex, weighted by their strengths. An edge is
// as long as the distance between its ends in the neighbors, the larger where both have it. length gives what is
// summed of a distance.
func radii(g sparse.CSR[float32], nb knn.Neighbors, length func(d float64) float64) (radius []float64, total float64) {
	n := g.Rows()
	radius = make([]float64, n)
	distance := func(i int, j int32) float64 {
		for k, other := range nb.Index[i*nb.K : (i+1)*nb.K] {
			if other == j {
				return float64(nb.Distance[i*nb.K+k])
			}
		}
		return 0
	}
	for i := range n {
		index, weight := g.Row(i)
		sum, mass := 0.0, 0.0
		for k, j := range index {
			w := float64(weight[k])
			sum += float64(w * length(max(distance(i, j), distance(int(j), int32(i)))))
			mass += w
		}
		total += mass
		if mass > 0 {
			sum /= mass
		}
		radius[i] = bitmath.Log(radiusFloor + sum)
	}
	return radius, total
}

func square(d float64) float64 { return float64(d * d) }

// Radii is the local radius of every row, of which a small one says that rows are dense: the logarithm of the mean squared
// distance to its neighbors, weighted by the strengths of the edges, among the training rows and, likewise with the mean
// distance, among their positions. It is output_dens of umap-learn 0.5.12. The error is the context's cause, or says that
// the model has no neighbors: it was restored, or fitted to a graph.
func (m *Model) Radii(ctx context.Context) (original, embedded []float64, err error) {
	if m.neighbors.K == 0 {
		return nil, nil, errors.New("umap: radii: the model has no neighbors")
	}
	original, _ = radii(m.cfg.prune(m.graph), knn.Neighbors(m.neighbors), square)
	y := dense.Compact(m.y)
	cfg := Config{Workers: m.cfg.Workers}.resolve()
	nb, err := fuzzy.Nearest(ctx, y, m.neighbors.K, cfg.distance(), cfg.limit(), knn.Open, cfg.options(nil))
	if err != nil {
		return nil, nil, err
	}
	rho, sigma, err := fuzzy.Smooth(ctx, nb, 1, cfg.Workers)
	if err != nil {
		return nil, nil, err
	}
	g, err := fuzzy.Set(ctx, nb, rho, sigma, 1)
	if err != nil {
		return nil, nil, err
	}
	embedded, _ = radii(g, nb, func(d float64) float64 { return d })
	if m.inverse != nil {
		original, embedded = expand(original, m.inverse), expand(embedded, m.inverse)
	}
	return original, embedded, nil
}

func expand(v []float64, inverse []int32) []float64 {
	out := make([]float64, len(inverse))
	for i, k := range inverse {
		out[i] = v[k]
	}
	return out
}

// density is what densMAP adds to the layout: in the last epochs a force along the edges that makes the logarithms of the
// local radii among the positions correlate with those among the rows.
type density struct {
	lambda, shift float64
	from          float64   // the part of the epochs before
	radius        []float64 // among the rows, standardized
	total, most   float64   // strength of all edges, and of the strongest

	// Of the positions before the epoch.
	phi, size, re  []float64 // sums of memberships, radii and their logarithms
	mean, std, cov float64
}

// newDensity is the density for a graph of vertices in the order of the rows of an engine.
func newDensity(e *engine, g sparse.CSR[float32], nb Neighbors, cfg settings) *density {
	d := &density{lambda: cfg.DensLambda, shift: cfg.DensVarShift, from: 1 - cfg.DensFrac}
	radius, total := radii(g, knn.Neighbors(nb), square)
	d.total, d.most = total, float64(maxWeight(g))
	for _, v := range e.vertex {
		d.radius = append(d.radius, radius[v])
	}
	mean, variance := moments(d.radius)
	std := math.Sqrt(variance)
	for i, r := range d.radius {
		d.radius[i] = r - mean
		if std > 0 {
			d.radius[i] /= std
		}
	}
	d.phi, d.size, d.re = make([]float64, len(d.radius)), make([]float64, len(d.radius)), make([]float64, len(d.radius))
	return d
}

func moments(v []float64) (mean, variance float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		variance += square(x - mean)
	}
	return mean, variance / float64(len(v))
}

// on says whether the density counts in an epoch.
func (d *density) on(epoch, epochs int) bool {
	return d != nil && d.lambda > 0 && len(d.radius) > 1 && float64(epoch+1)/float64(epochs) > d.from
}

// measure looks at the positions. d's vectors are in the order of the engine's rows.
func (d *density) measure(ctx context.Context, e *engine) error {
	a, b := e.forces.a, e.forces.b
	err := parallel.Loop{Workers: e.workers}.Run(ctx, e.n, func(_, lo, hi int) error {
		for r := lo; r < hi; r++ {
			own := e.row(r)
			sum, phis := 0.0, 0.0
			for _, j := range e.to[e.start[r]:e.start[r+1]] {
				x := squared(own, e.row(int(j)))
				phi := 1 / (1 + float64(a*bitmath.Pow(x, b)))
				sum += float64(phi * x)
				phis += phi
			}
			// umap-learn sums over both directions of an edge: twice these.
			d.phi[r] = 2 * phis
			if phis > 0 {
				sum /= phis
			}
			d.size[r] = radiusFloor + sum
			d.re[r] = bitmath.Log(d.size[r])
		}
		return nil
	})
	if err != nil {
		return err
	}
	mean, variance := moments(d.re)
	d.mean, d.std, d.cov = mean, math.Sqrt(variance+d.shift), 0
	for r, v := range d.re {
		d.cov += float64(v * d.radius[r])
	}
	d.cov /= float64(len(d.re) - 1)
	return nil
}

// force is the factor of the difference between the positions in rows r and k, joined by an edge of the given strength.
func (d *density) force(e *engine, r, k int, x, weight float64) float64 {
	if d.std == 0 || x == 0 {
		return 0
	}
	a, b := e.forces.a, e.forces.b
	p := float64(a * bitmath.Pow(x, b))
	phi := 1 / (1 + p)
	slope := float64(b*p) / float64(x*(1+p))
	along := func(of int) float64 { // the change of a radius, times its weight
		dr := phi / d.phi[of] * (float64(1-float64(b*(1-phi)))/d.size[of] + slope)
		return (d.radius[of] - d.cov*(d.re[of]-d.mean)/square(d.std)) * dr
	}
	return 2 * d.lambda * d.total * (along(k) + along(r)) / (weight * d.std * float64(e.n))
}

func squared(a, b []float32) float64 {
	b = b[:len(a)]
	s := 0.0
	for k, v := range a {
		s += square(float64(v) - float64(b[k]))
	}
	return s
}

// moveDense is what crew does for one row, with the force of the density along each edge.
func (e *engine) moveDense(c *crew, own []float32, r, epoch int) {
	d := e.density
	state := e.key[r] + uint32(epoch)*epochStep
	if len(c.push) < e.dim {
		c.push = make([]float32, e.dim)
	}
	for k := e.start[r]; k < e.start[r+1]; k++ {
		p := e.due[k]
		if uint32(epoch+1)*p&(1<<phases-1) >= p {
			continue
		}
		other := e.row(int(e.to[k]))
		w := float32(d.force(e, r, int(e.to[k]), squared(own, other), d.most*float64(p)/(1<<phases)))
		for x, v := range own { // at most half of the usual, as a pull here is as long as two of umap-learn's
			c.push[x] = float32(max(min(float32(w*(v-other[x])), 2), -2) * c.PullStep)
		}
		c.Pulled(own, other)
		for x := range own {
			own[x] += c.push[x]
		}
		for range c.samples {
			if j := simd.Draw(state, e.n); j != r {
				c.Pushed(own, e.row(j))
			}
			state = simd.NextDraw(state)
		}
	}
}
