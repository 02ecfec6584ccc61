package knn

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// index is what every index can do.
type index interface {
	Self(ctx context.Context, k int) (Neighbors, error)
	Query(ctx context.Context, q blas32.General, k int) (Neighbors, error)
}

// kind is a kind of index.
type kind struct {
	name  string
	build func(ctx context.Context, x blas32.General, m Metric, opt Options) (index, error)
	all   bool // takes every metric, not those for sparse rows alone
}

// sparseAsDense is a SparseIndex that takes dense queries.
type sparseAsDense struct{ *SparseIndex }

func (ix sparseAsDense) Query(ctx context.Context, q blas32.General, k int) (Neighbors, error) {
	return ix.SparseIndex.Query(ctx, sparseOf(q), k)
}

// sparseOf leaves out most zeros of a matrix.
func sparseOf(x blas32.General) sparse.CSR[float32] {
	s := sparse.CSR[float32]{Cols: x.Cols, RowPtr: []int{0}}
	for i := range x.Rows {
		for j, v := range dense.Row(x, i) {
			if v != 0 || (i+j)%7 == 0 {
				s.Col = append(s.Col, int32(j))
				s.Value = append(s.Value, v)
			}
		}
		s.RowPtr = append(s.RowPtr, len(s.Col))
	}
	return s
}

var kinds = []kind{
	{"exact", func(ctx context.Context, x blas32.General, m Metric, opt Options) (index, error) {
		return New(ctx, x, m, opt)
	}, true},
	{"sparse", func(ctx context.Context, x blas32.General, m Metric, opt Options) (index, error) {
		ix, err := NewSparse(ctx, sparseOf(x), m, opt)
		return sparseAsDense{ix}, err
	}, false},
	{"approximate", func(ctx context.Context, x blas32.General, m Metric, opt Options) (index, error) {
		return NewApproximate(ctx, x, m, opt)
	}, true},
}

// everyMetric is each metric once.
func everyMetric(cols int) []Metric {
	w := make([]float64, cols)
	for i := range w {
		w[i] = float64(i % 3)
	}
	list := []Metric{{Kind: metric.Minkowski, P: 3}, {Kind: metric.Minkowski, P: 2, Weights: w}, {Kind: metric.Custom, Func: func(a, b []float32) float64 {
		d := 0.0
		for i, v := range a {
			d = max(d, math.Abs(float64(v)-float64(b[i])))
		}
		return d
	}}}
	for k := metric.Euclidean; k < metric.Custom; k++ {
		if k != metric.Minkowski && k != metric.Haversine {
			list = append(list, Metric{Kind: k})
		}
	}
	if cols == 2 {
		list = append(list, Metric{Kind: metric.Haversine})
	}
	return list
}

// positive makes every value one that all metrics take.
func positive(x blas32.General) blas32.General {
	x.Data = slices.Clone(x.Data)
	for i, v := range x.Data {
		x.Data[i] = float32(math.Abs(float64(v)))
	}
	return x
}

// conform runs f for every kind of index with every metric that it takes.
func conform(t *testing.T, cols int, f func(t *testing.T, k kind, m Metric)) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for _, m := range everyMetric(cols) {
				if kind.all || m.Sparse() {
					f(t, kind, m)
				}
			}
		})
	}
}

// hard are small corpora with duplicates, ties and zero rows, of values that all metrics take.
func hard() map[string]blas32.General {
	s := rng.New(21)
	return map[string]blas32.General{
		"values":     positive(normal(22, 150, 12)),
		"few values": matrix(160, 4, func(int, int) float32 { return float32(s.Intn(3)) }),
		"grid":       matrix(100, 2, func(i, j int) float32 { return float32([]int{i % 10, i / 10}[j]) / 8 }),
		"one kind":   matrix(40, 3, func(_, j int) float32 { return float32(j) }),
		"zeros":      matrix(40, 3, func(int, int) float32 { return 0 }),
		"mostly zeros": matrix(150, 40, func(int, int) float32 {
			return float32(max(s.Intn(24)-20, 0))
		}),
		"one row":   matrix(1, 5, func(_, j int) float32 { return float32(j) }),
		"two rows":  matrix(2, 5, func(i, j int) float32 { return float32(i * j) }),
		"one value": positive(normal(23, 60, 1)),
	}
}

func TestEveryIndexEqualsBruteForceExact(t *testing.T) {
	for name, x := range hard() {
		q := matrix(x.Rows/2+2, x.Cols, func(i, j int) float32 {
			if i < 2 {
				return float32(i) / 4
			}
			return x.Data[(i-2)*x.Stride+j] * float32(1+i%3) / 2
		})
		conform(t, x.Cols, func(t *testing.T, kind kind, m Metric) {
			ix, err := kind.build(context.Background(), x, m, Options{Workers: 2})
			require.NoError(t, err)
			self, other := brute(x, x, m, true), brute(x, q, m, false)
			for _, k := range []int{1, 7, x.Rows} {
				k = min(k, x.Rows)
				what := fmt.Sprintf("%s, %v, k %d", name, m.Kind, k)
				got, err := ix.Self(context.Background(), k)
				require.NoError(t, err)
				requireSame(t, self.first(k), got, what)
				got, err = ix.Query(context.Background(), q, k)
				require.NoError(t, err)
				requireSame(t, other.first(k), got, what+", queries")
			}
		})
	}
}

// TestManyDuplicatesExact has more than k rows of each kind: every neighbor is a duplicate, in the order of the rows, after
// the row itself.
func TestManyDuplicatesExact(t *testing.T) {
	kinds := positive(normal(24, 12, 40))
	n := 1200
	if testing.Short() {
		n = 400
	}
	x := matrix(n, 40, func(i, j int) float32 { return kinds.Data[(i*i%12)*40+j] })
	conform(t, 40, func(t *testing.T, kind kind, m Metric) {
		if m.Kind == metric.Jaccard || m.Kind == metric.Dice { // all rows are at distance 0
			return
		}
		ix, err := kind.build(context.Background(), x, m, Options{})
		require.NoError(t, err)
		got, err := ix.Self(context.Background(), 10)
		require.NoError(t, err)
		for i := range x.Rows {
			want := []int32{int32(i)}
			for j := 0; len(want) < 10; j++ {
				if j != i && slices.Equal(dense.Row(x, i), dense.Row(x, j)) {
					want = append(want, int32(j))
				}
			}
			require.Equal(t, want, got.Index[i*10:][:10], "%v, row %d", m.Kind, i)
			require.Equal(t, make([]float32, 10), got.Distance[i*10:][:10])
		}
	})
}

// TestEveryIndexSameBits compares workers and levels, on rows enough for every stage.
func TestEveryIndexSameBits(t *testing.T) {
	n, queries := 700, 250
	if testing.Short() {
		n, queries = 420, 40
	}
	x := positive(normal(25, n, 40))
	for i := range n / 6 { // duplicates and multiples
		copy(dense.Row(x, i+n*2/3), dense.Row(x, i))
		for j, v := range dense.Row(x, i) {
			x.Data[(i+n/2)*x.Stride+j] = 2 * v
		}
	}
	q := positive(normal(26, queries, 40))
	conform(t, 40, func(t *testing.T, kind kind, m Metric) {
		var self, other Neighbors
		for i, opt := range []Options{{Workers: 1, Level: simd.PureGo}, {Workers: 1}, {Workers: 2}, {Workers: 5}, {Workers: 3, Level: simd.Levels()[len(simd.Levels())/2]}} {
			ix, err := kind.build(context.Background(), x, m, opt)
			require.NoError(t, err)
			a, err := ix.Self(context.Background(), 12)
			require.NoError(t, err)
			b, err := ix.Query(context.Background(), q, 12)
			require.NoError(t, err)
			if i == 0 {
				self, other = a, b
				// A row's neighbors do not depend on the other rows of the call.
				one := q
				one.Rows, one.Data = 1, q.Data[17*q.Stride:]
				c, err := ix.Query(context.Background(), one, 12)
				require.NoError(t, err)
				require.Equal(t, b.Index[17*12:][:12], c.Index)
				continue
			}
			requireSame(t, self, a, fmt.Sprintf("%v, %+v", m.Kind, opt))
			requireSame(t, other, b, fmt.Sprintf("%v, %+v, queries", m.Kind, opt))
		}
	})
}

func TestEveryIndexErrors(t *testing.T) {
	ctx := context.Background()
	x := positive(normal(27, 30, 6))
	conform(t, 6, func(t *testing.T, kind kind, m Metric) {
		ix, err := kind.build(ctx, x, m, Options{})
		require.NoError(t, err)
		_, err = ix.Self(ctx, 31)
		require.EqualError(t, err, "number of neighbours is 31, more than the 30 points")
		_, err = ix.Query(ctx, x, 0)
		require.EqualError(t, err, "number of neighbours is 0, want at least 1")
		_, err = ix.Query(ctx, matrix(2, 7, func(i, j int) float32 { return 1 }), 1)
		require.EqualError(t, err, "queries have 7 columns, the points have 6")
		bad := x
		bad.Data = slices.Clone(x.Data)
		bad.Data[3*6+2] = float32(math.NaN())
		var value *stage.ValueError
		_, err = ix.Query(ctx, bad, 3)
		require.ErrorAs(t, err, &value)
		require.Equal(t, [2]int{3, 2}, [2]int{value.Row, value.Col})
		_, err = kind.build(ctx, bad, m, Options{})
		require.ErrorAs(t, err, &value)
		got, err := ix.Query(ctx, blas32.General{}, 2)
		require.NoError(t, err)
		require.Equal(t, Neighbors{K: 2, Index: []int32{}, Distance: []float32{}}, got)
	})
	for _, kind := range kinds {
		_, err := kind.build(ctx, x, Metric{Kind: metric.Minkowski, P: -1}, Options{})
		var bad *stage.ConfigError
		require.ErrorAs(t, err, &bad)
		ix, err := kind.build(ctx, blas32.General{}, Cosine, Options{})
		require.NoError(t, err)
		_, err = ix.Self(ctx, 1)
		require.EqualError(t, err, "number of neighbours is 1, more than the 0 points")
	}
	_, err := Self(ctx, x, 2, Metric{Kind: metric.Custom, Func: func(a, b []float32) float64 { return math.NaN() }}, Options{})
	require.ErrorContains(t, err, "the distance of the rows 0 and 0 is NaN")
}

func TestEveryIndexCancelsWithin100ms(t *testing.T) {
	x := positive(normal(28, 4000, 100))
	slow := Metric{Kind: metric.Minkowski, P: 1.5}
	for _, kind := range kinds {
		for _, m := range []Metric{Cosine, {Kind: metric.Hellinger}, slow} {
			if !kind.all && !m.Sparse() {
				continue
			}
			for _, after := range []time.Duration{0, 3 * time.Millisecond, 40 * time.Millisecond} {
				testutil.Soon(t, fmt.Sprintf("%s, %v", kind.name, m.Kind), func() time.Duration {
					ctx, cancel := context.WithCancelCause(context.Background())
					cause := fmt.Errorf("stopped after %v", after)
					at := make(chan time.Time, 1)
					time.AfterFunc(after, func() {
						at <- time.Now()
						cancel(cause)
					})
					ix, err := kind.build(ctx, x, m, Options{Level: simd.PureGo})
					for err == nil { // more than once, where once takes less time
						_, err = ix.Self(ctx, 15)
					}
					require.ErrorIs(t, err, cause)
					return time.Since(<-at)
				})
			}
		}
	}
}
