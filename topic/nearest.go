package topic

import (
	"math"
	"sync"

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
