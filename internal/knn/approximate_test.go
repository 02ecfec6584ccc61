package knn

import (
	"context"
	"fmt"
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
)

// topics are rows around centers, as texts lie around topics, with all values at least 0. Of the last tenth each row is
// there twenty times, and one of them is zeros.
func topics(n, cols int) blas32.General {
	s := rng.New(31)
	centres := positive(normal(32, 60, cols))
	x := blas32.General{Rows: n, Cols: cols, Stride: cols, Data: make([]float32, n*cols)}
	for i := range n {
		if many := n * 9 / 10; i > many && i%20 != 0 {
			copy(dense.Row(x, i), dense.Row(x, i-1))
			continue
		}
		c, spread := dense.Row(centres, s.Intn(60)), 0.2+s.Float64()
		for j := range cols {
			x.Data[i*cols+j] = max(c[j]+float32(spread*(s.Float64()+s.Float64()-1)), 0)
		}
		if i == n-20 {
			clear(dense.Row(x, i))
		}
	}
	return x
}

func recall(want, got Neighbors) float64 {
	hits := 0
	for i := 0; i < len(want.Index); i += want.K {
		for _, j := range got.Index[i:][:want.K] {
			if slices.Contains(want.Index[i:][:want.K], j) {
				hits++
			}
		}
	}
	return float64(hits) / float64(len(want.Index))
}

var innerMetrics = []Metric{Euclidean, Cosine, {Kind: metric.Correlation}, {Kind: metric.Hellinger}}

func TestApproximateRecallStatistically(t *testing.T) {
	n, metrics := 8000, innerMetrics
	if testing.Short() {
		n, metrics = 4600, metrics[1:2]
	}
	x := topics(n, 40)
	for _, m := range metrics {
		want, err := Self(context.Background(), x, 15, m, Options{})
		require.NoError(t, err)
		ix, err := NewApproximate(context.Background(), x, m, Options{})
		require.NoError(t, err)
		require.NotNil(t, ix.cells)
		require.False(t, ix.small(15))
		got, err := ix.Self(context.Background(), 15)
		require.NoError(t, err)
		r := recall(want, got)
		t.Logf("%v: recall %v of %d cells", m.Kind, r, ix.cells.n())
		require.Greater(t, r, 0.98, m.Kind)
		for i := range n {
			// A row comes first, distances rise, each is that of the pair; and rows with many equals have them all.
			a, b := got.Index[i*15:][:15], got.Distance[i*15:][:15]
			require.Equal(t, int32(i), a[0])
			require.True(t, slices.IsSorted(b))
			j := 1 + i%14
			require.Equal(t, float32(m.Distance(dense.Row(x, i), dense.Row(x, int(a[j])))), b[j])
			if i > n*9/10+20 {
				require.Equal(t, want.Index[i*15:][:15], a)
			}
		}
		if m.Kind == metric.Euclidean { // many neighbors of few points: all are compared
			require.True(t, ix.small(400))
			got, err = ix.Self(context.Background(), 400)
			require.NoError(t, err)
			want, err = Self(context.Background(), x, 400, m, Options{})
			require.NoError(t, err)
			requireSame(t, want, got, "many neighbours")
		}
		q := matrix(30, 40, func(i, j int) float32 { return x.Data[i*50*40+j] / 2 })
		exact, err := Query(context.Background(), x, q, 9, m, Options{})
		require.NoError(t, err)
		found, err := ix.Query(context.Background(), q, 9)
		require.NoError(t, err)
		requireSame(t, exact, found, m.Kind.String())
	}
}

func TestApproximateOtherMetricsStatistically(t *testing.T) {
	n := 5000
	x := topics(n, 36)
	for i := range x.Data { // zeros, for jaccard and dice
		if x.Data[i] < 0.8 {
			x.Data[i] = 0
		}
	}
	list := []Metric{{Kind: metric.Manhattan}, {Kind: metric.Chebyshev}, {Kind: metric.Canberra}, {Kind: metric.BrayCurtis}, {Kind: metric.Jaccard}}
	if testing.Short() {
		list = list[:1]
	}
	for _, m := range list {
		want, err := Self(context.Background(), x, 15, m, Options{})
		require.NoError(t, err)
		ix, err := NewApproximate(context.Background(), x, m, Options{Workers: 2})
		require.NoError(t, err)
		require.NotNil(t, ix.own)
		got, err := ix.Self(context.Background(), 15)
		require.NoError(t, err)
		// Among points at the same distance any will do: jaccard has many.
		near := 0
		for i := range n {
			for _, d := range got.Distance[i*15:][:15] {
				if d <= want.Distance[i*15+14] {
					near++
				}
			}
		}
		r := float64(near) / float64(15*n)
		t.Logf("%v: recall %v", m.Kind, r)
		require.Greater(t, r, 0.95, m.Kind)
		one, err := NewApproximate(context.Background(), x, m, Options{Workers: 1, Level: simd.Levels()[len(simd.Levels())/2]})
		require.NoError(t, err)
		again, err := one.Self(context.Background(), 15)
		require.NoError(t, err)
		requireSame(t, got, again, m.Kind.String())
	}
}

func TestApproximateSameBits(t *testing.T) {
	x := topics(4600, 33)
	metrics := innerMetrics
	if testing.Short() {
		metrics = metrics[:1]
	}
	for _, m := range metrics {
		var want Neighbors
		for i, opt := range []Options{{Workers: 1, Level: simd.PureGo}, {Workers: 1}, {Workers: 2}, {Workers: 5}, {Workers: 2, Level: simd.Levels()[len(simd.Levels())/2]}} {
			ix, err := NewApproximate(context.Background(), x, m, opt)
			require.NoError(t, err)
			require.NotNil(t, ix.cells)
			got, err := ix.Self(context.Background(), 10)
			require.NoError(t, err)
			if i == 0 {
				want = got
				again, err := ix.Self(context.Background(), 10)
				require.NoError(t, err)
				requireSame(t, want, again, "again")
			}
			requireSame(t, want, got, fmt.Sprintf("%v, %+v", m.Kind, opt))
		}
	}
}

func TestApproximateCancelsWithin100ms(t *testing.T) {
	x := topics(6000, 64)
	for i, after := range []time.Duration{0, 5 * time.Millisecond, 60 * time.Millisecond, 300 * time.Millisecond, 900 * time.Millisecond, 2 * time.Second} {
		testutil.Soon(t, fmt.Sprint(after), func() time.Duration {
			ctx, cancel := context.WithCancelCause(context.Background())
			cause := fmt.Errorf("stopped after %v", after)
			at := make(chan time.Time, 1)
			time.AfterFunc(after, func() {
				at <- time.Now()
				cancel(cause)
			})
			m, opt := Cosine, Options{Level: simd.PureGo}
			if i >= 4 { // in the slow distances of another metric
				m, opt.Level = Metric{Kind: metric.Minkowski, P: 1.5}, ""
			}
			var err error
			for err == nil {
				var ix *Approximate
				if ix, err = NewApproximate(ctx, x, m, opt); err == nil {
					_, err = ix.Self(ctx, 15)
				}
			}
			require.ErrorIs(t, err, cause)
			return time.Since(<-at)
		})
	}
}

func TestOpenChoosesByRows(t *testing.T) {
	for rows, approximate := range map[int]bool{100: false, ApproximateFrom: true} {
		x := matrix(rows, 2, func(i, j int) float32 { return float32(i % 50 * (j + 1)) })
		ix, err := Open(context.Background(), x, Euclidean, Options{})
		require.NoError(t, err)
		_, is := ix.(*Approximate)
		require.Equal(t, approximate, is)
	}
}

func TestApproximateProgressRises(t *testing.T) {
	last := 0
	x := topics(4600, 40)
	ix, err := NewApproximate(context.Background(), x, Cosine, Options{Progress: func(done, total int) {
		require.Equal(t, 4600, total)
		require.Greater(t, done, last)
		last = done
	}})
	require.NoError(t, err)
	_, err = ix.Self(context.Background(), 5)
	require.NoError(t, err)
	require.Equal(t, 4600, last)
}
