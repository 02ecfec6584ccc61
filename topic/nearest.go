package topic

import (
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// nearest is the one of topics whose embedding has the highest cosine with x, and that cosine; the first of equals. It is
// −1 and 0 when there are none to choose from. The embedding of a topic or a document without direction has cosine 0 with
// everything.
func (m *Model) nearest(x []float32, topics []int) (topic int, cosine float64) {
	return m.centroids(topics).nearest(x)
}

// centroids is the embeddings of some topics and their lengths.
type centroids struct {
	topics []int
	rows   [][]float32
	length []float64
}

func (m *Model) centroids(topics []int) centroids {
	c := centroids{topics: topics, rows: make([][]float32, len(topics)), length: make([]float64, len(topics))}
	for i, t := range topics {
		c.rows[i] = m.topics[t+m.outliers()].Embedding
		c.length[i] = math.Sqrt(dotOf(c.rows[i], c.rows[i]))
	}
	return c
}

func (c centroids) nearest(x []float32) (topic int, cosine float64) {
	topic = Outlier
	length := math.Sqrt(dotOf(x, x))
	for i, t := range c.topics {
		cos := 0.0
		if length > 0 && c.length[i] > 0 {
			cos = dotOf(x, c.rows[i]) / (length * c.length[i])
		}
		if topic == Outlier || cos > cosine {
			topic, cosine = t, cos
		}
	}
	return topic, cosine
}

// packed is centroids that many rows are compared with at once.
type packed struct {
	centroids
	panels *simd.Panels // nil where products in float32 may go too far from the exact ones
	dim    int
}

// Between these lengths products of float32 neither overflow nor vanish.
const shortest, longest = 1e-6, 1e6

func (c centroids) packed() packed {
	p := packed{centroids: c}
	if len(c.rows) < 2 {
		return p
	}
	p.dim = len(c.rows[0])
	all := zeros(len(c.rows), p.dim)
	for i, from := range c.rows {
		if c.length[i] < shortest || c.length[i] > longest {
			return p
		}
		copy(row(all, i), from)
	}
	p.panels = kernels().Pack(all)
	return p
}

// nearest calls found with what centroids.nearest gives for each row of x, to the bit: products in float32 only say which
// centroids cannot be the nearest. scratch is memory to be given again.
func (p packed) nearest(x blas32.General, scratch []float32, found func(i, topic int, cosine float64)) []float32 {
	n := len(p.rows)
	scratch = slices.Grow(scratch[:0], x.Rows*n)[:x.Rows*n]
	products := blas32.General{Rows: x.Rows, Cols: n, Stride: n, Data: scratch}
	if p.panels != nil {
		kernels().MulNT(products, x, p.panels)
	}
	margin := 4 * float64(p.dim+3) * 0x1p-24 // twice the errors of two cosines
	for i := range x.Rows {
		own := row(x, i)
		length := math.Sqrt(dotOf(own, own))
		if p.panels == nil || length < shortest || length > longest {
			t, cosine := p.centroids.nearest(own)
			found(i, t, cosine)
			continue
		}
		rough := row(products, i)
		most := math.Inf(-1)
		for k, v := range rough {
			most = max(most, float64(v)/p.length[k])
		}
		topic, cosine := Outlier, 0.0
		for k, v := range rough {
			if float64(v)/p.length[k] < most-margin*length {
				continue
			}
			if cos := dotOf(own, p.rows[k]) / (length * p.length[k]); topic == Outlier || cos > cosine {
				topic, cosine = p.topics[k], cos
			}
		}
		found(i, topic, cosine)
	}
	return scratch
}

// cosineOf is the cosine of two rows, 0 where one has no length.
func cosineOf(a, b []float32) float64 {
	aa, bb := dotOf(a, a), dotOf(b, b)
	if aa == 0 || bb == 0 {
		return 0
	}
	return dotOf(a, b) / (math.Sqrt(aa) * math.Sqrt(bb))
}

// dotOf is the inner product of two rows.
func dotOf(a, b []float32) float64 { return kernels().Dot64(a, b) }

// kernels are those of the processor; the bits are the same for all. Where the environment asks for a level that is not
// there, which every stage that computes more reports, the plain ones serve.
var kernels = sync.OnceValue(func() *simd.Kernels {
	k, err := simd.For(simd.Default())
	if err != nil {
		k, _ = simd.For(simd.PureGo)
	}
	return k
})

// topicIDs lists the topics but the outliers.
func (m *Model) topicIDs() []int {
	out := make([]int, 0, len(m.topics))
	for _, t := range m.topics {
		if t.ID != Outlier {
			out = append(out, t.ID)
		}
	}
	return out
}
