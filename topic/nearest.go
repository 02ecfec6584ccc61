package topic

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// centroids is rows that stand for topics, classes, labels or parts, their numbers of 0 or more, and their lengths.
type centroids struct {
	ids    []int
	rows   [][]float32
	length []float64
}

// centroidsOf is the rows of x with the given numbers, their own where ids is nil.
func centroidsOf(x blas32.General, ids []int) centroids {
	c := centroids{ids: ids}
	for i := range x.Rows {
		if ids == nil {
			c.ids = append(c.ids, i)
		}
		c.add(row(x, i))
	}
	return c
}

// centroids is the embeddings of topics.
func (m *Model) centroids(topics []int) centroids {
	c := centroids{ids: topics}
	for _, t := range topics {
		c.add(m.topics[t+m.outliers()].Embedding)
	}
	return c
}

func (c *centroids) add(x []float32) {
	c.rows, c.length = append(c.rows, x), append(c.length, math.Sqrt(dotOf(x, x)))
}

// nearest is the number of the row with the highest cosine with x, and that cosine; the first of equals. It is −1 and 0
// when there are no rows. What has no direction has cosine 0 with everything.
func (c centroids) nearest(x []float32) (id int, cosine float64) {
	id = Outlier
	length := math.Sqrt(dotOf(x, x))
	for i, of := range c.ids {
		cos := 0.0
		if length > 0 && c.length[i] > 0 {
			cos = dotOf(x, c.rows[i]) / (length * c.length[i])
		}
		if id == Outlier || cos > cosine {
			id, cosine = of, cos
		}
	}
	return id, cosine
}

// nearest is the one of topics whose embedding has the highest cosine with x; −1 when there are none.
func (m *Model) nearest(x []float32, topics []int) int {
	t, _ := m.centroids(topics).nearest(x)
	return t
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
