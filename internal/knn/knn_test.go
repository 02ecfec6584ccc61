package knn

import (
	"context"
	"fmt"
	"math"
	"runtime"
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
	"github.com/gobertopic/gobertopic/stage"
)

var metrics = []Metric{Euclidean, Cosine, {Kind: metric.Correlation}, {Kind: metric.Manhattan}}

func matrix(rows, cols int, value func(i, j int) float32) blas32.General {
	x := blas32.General{Rows: rows, Cols: cols, Stride: max(cols, 1), Data: make([]float32, rows*max(cols, 1))}
	for i := range rows {
		for j := range cols {
			x.Data[i*x.Stride+j] = value(i, j)
		}
	}
	return x
}

// normal is a matrix of nearly normal values.
func normal(seed uint64, rows, cols int) blas32.General {
	s := rng.New(seed)
	return matrix(rows, cols, func(int, int) float32 {
		return float32(s.Float64() + s.Float64() + s.Float64() + s.Float64() - 2)
	})
}

// brute compares every query with every point and sorts: all neighbors of every query.
func brute(x, q blas32.General, m Metric, self bool) Neighbors {
	out := Neighbors{K: x.Rows}
	stats := make([]metric.Stats, x.Rows)
	for j := range stats {
		stats[j] = m.Stats(dense.Row(x, j))
	}
	list := make([]neighbour, x.Rows)
	for i := range q.Rows {
		a := dense.Row(q, i)
		s := m.Stats(a)
		for j := range list {
			list[j] = neighbour{m.Between(a, dense.Row(x, j), s, stats[j]), int32(j)}
		}
		if self {
			list[i].distance = -1
		}
		slices.SortFunc(list, neighbour.compare)
		for _, v := range list {
			out.Index = append(out.Index, v.index)
			out.Distance = append(out.Distance, float32(max(v.distance, 0)))
		}
	}
	return out
}

// first is the k first of the neighbors of every row.
func (n Neighbors) first(k int) Neighbors {
	out := Neighbors{K: k}
	for i := 0; i < len(n.Index); i += n.K {
		out.Index = append(out.Index, n.Index[i:i+k]...)
		out.Distance = append(out.Distance, n.Distance[i:i+k]...)
	}
	return out
}

// inputs are corpora that are hard in some way.
func inputs() map[string]blas32.General {
	s := rng.New(11)
	cluster := normal(1, 200, 24)
	return map[string]blas32.General{
		"normal":     normal(2, 300, 24),
		"one column": normal(3, 200, 1),
		"wide":       normal(4, 150, 700),
		"odd":        normal(5, 301, 37),
		"low":        normal(6, 400, 3),
		"single row": normal(7, 1, 5),
		"no columns": matrix(40, 0, nil),
		"grid":       matrix(256, 2, func(i, j int) float32 { return float32([]int{i % 16, i / 16}[j]) }), // ties everywhere
		"few values": matrix(300, 4, func(int, int) float32 { return float32(s.Intn(3) - 1) }),            // duplicates, zero rows
		"all equal":  matrix(200, 6, func(_, j int) float32 { return float32(j) - 2 }),
		"all zero":   matrix(200, 6, func(int, int) float32 { return 0 }),
		"both zeros": matrix(200, 3, func(i, j int) float32 { return float32(math.Copysign(float64(s.Intn(2)), float64(s.Intn(2))-0.5)) }),
		// Rows that float32 scores cannot tell apart, far more than the candidates kept: the float64 search.
		"nearly equal": matrix(200, 24, func(i, j int) float32 { return 1 + float32(s.Intn(4))*0x1p-23 }),
		"scaled":       matrix(200, 24, func(i, j int) float32 { return cluster.Data[(i%7)*24+j] * float32(1+i) }), // same directions
		// Far from the origin, close to each other.
		"far":       matrix(200, 10, func(i, j int) float32 { return 5e4 + float32(s.Intn(40))/256 }),
		"outlier":   matrix(200, 10, func(i, j int) float32 { return cluster.Data[i*24+j] * []float32{1, 1e30}[b2i(i == 77)] }),
		"huge":      matrix(200, 10, func(i, j int) float32 { return cluster.Data[i*24+j] * 1e38 }),
		"tiny":      matrix(200, 10, func(i, j int) float32 { return cluster.Data[i*24+j] * 1e-38 }),
		"denormal":  matrix(200, 10, func(i, j int) float32 { return float32(s.Intn(9)-4) * math.SmallestNonzeroFloat32 }),
		"underflow": matrix(200, 3, func(i, j int) float32 { return cluster.Data[i*24+j] * 3e-22 }), // squares of few bits
		"all sizes": matrix(200, 4, func(i, j int) float32 { return cluster.Data[i*24+j] * float32(math.Pow(10, float64(i%70)-35)) }),
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// requireSame names the first row that differs: the whole is too long to print.
func requireSame(t *testing.T, want, got Neighbors, what string) {
	t.Helper()
	require.Equal(t, want.K, got.K, what)
	require.Len(t, got.Index, len(want.Index), what)
	require.Len(t, got.Distance, len(want.Distance), what)
	for i := 0; i < len(want.Index); i += want.K {
		if !slices.Equal(want.Index[i:i+want.K], got.Index[i:i+want.K]) || !slices.Equal(want.Distance[i:i+want.K], got.Distance[i:i+want.K]) {
			t.Fatalf("%s, row %d: want %v %v, got %v %v", what, i/want.K, want.Index[i:i+want.K], want.Distance[i:i+want.K], got.Index[i:i+want.K], got.Distance[i:i+want.K])
		}
	}
}

// levels is every level, or where that would show nothing more the default alone.
func levels(all bool) []simd.Level {
	if all {
		return simd.Levels()
	}
	return []simd.Level{simd.Default()}
}

func TestSelfEqualsBruteForceExact(t *testing.T) {
	for name, x := range inputs() {
		for _, m := range metrics {
			all := brute(x, x, m, true)
			for _, k := range []int{1, 2, 15, x.Rows} {
				k = min(k, x.Rows)
				want := all.first(k)
				for _, level := range levels(k < x.Rows) {
					got, err := Self(context.Background(), x, k, m, Options{Workers: 2, Level: level})
					require.NoError(t, err)
					requireSame(t, want, got, fmt.Sprintf("%s, metric %v, k %d, %s", name, m.Kind, k, level))
				}
			}
		}
	}
}

func TestQueryEqualsBruteForceExact(t *testing.T) {
	for name, x := range inputs() {
		// Some of the points, some shifted, a zero row and its negative.
		q := matrix(x.Rows/3+2, x.Cols, func(i, j int) float32 {
			switch {
			case i < 2:
				return float32(math.Copysign(0, float64(1-2*i)))
			case i%3 == 0:
				return x.Data[(i-2)*x.Stride+j] * 0.75
			}
			return x.Data[(i-2)*3%x.Rows*x.Stride+j]
		})
		for _, m := range metrics {
			all := brute(x, q, m, false)
			for _, k := range []int{1, 7, x.Rows} {
				k = min(k, x.Rows)
				want := all.first(k)
				for _, level := range levels(k < x.Rows) {
					got, err := Query(context.Background(), x, q, k, m, Options{Workers: 2, Level: level})
					require.NoError(t, err)
					requireSame(t, want, got, fmt.Sprintf("%s, metric %v, k %d, %s", name, m.Kind, k, level))
				}
			}
		}
	}
}

// TestSeveralBatchesExact crosses the borders of blocks, tiles, batches and chunks.
func TestSeveralBatchesExact(t *testing.T) {
	x := normal(8, 1100, 4100)
	got, err := Self(context.Background(), x, 5, Cosine, Options{})
	require.NoError(t, err)
	require.Greater(t, x.Rows, chunkBytes/(4*x.Cols), "more than one chunk")
	some := blas32.General{Rows: 12, Cols: x.Cols, Stride: x.Stride * 90, Data: x.Data}
	want := brute(x, some, Cosine, false).first(5)
	for i := range some.Rows {
		require.Equal(t, want.Index[i*5:][:5], got.Index[i*90*5:][:5])
		require.Equal(t, want.Distance[i*5:][:5], got.Distance[i*90*5:][:5])
	}

	defer func(a, b int) { batchBytes, selfBytes = a, b }(batchBytes, selfBytes)
	batchBytes, selfBytes = 1<<17, 1<<17
	for _, cols := range []int{8, 50} { // float32 and int8
		y := normal(9, 1300, cols)
		for _, m := range []Metric{Euclidean, Cosine} {
			want := brute(y, y, m, true).first(6)
			got, err := Self(context.Background(), y, 6, m, Options{})
			require.NoError(t, err)
			requireSame(t, want, got, "self in batches")
			got, err = Query(context.Background(), y, y, 6, m, Options{})
			require.NoError(t, err)
			requireSame(t, want, got, "queries in batches")
		}
	}
}

func TestSelfManyDuplicatesExact(t *testing.T) {
	// 3,000 rows of 20 kinds: every neighbor is a duplicate, in the order of the rows, after the row itself.
	kinds := normal(10, 20, 16)
	x := matrix(3000, 16, func(i, j int) float32 { return kinds.Data[(i*i%20)*16+j] })
	for _, m := range metrics {
		got, err := Self(context.Background(), x, 10, m, Options{})
		require.NoError(t, err)
		for i := range x.Rows {
			want := []int32{int32(i)}
			for j := 0; len(want) < 10; j++ {
				if j != i && slices.Equal(dense.Row(x, i), dense.Row(x, j)) {
					want = append(want, int32(j))
				}
			}
			require.Equal(t, want, got.Index[i*10:][:10])
			require.Equal(t, make([]float32, 10), got.Distance[i*10:][:10])
		}
	}
}

func TestStridesExact(t *testing.T) {
	x := normal(12, 260, 9)
	s := blas32.General{Rows: 260, Cols: 9, Stride: 13, Data: make([]float32, 2+260*13)[2:]}
	for i := range s.Data {
		s.Data[i] = float32(math.NaN()) // what lies between the rows is never read
	}
	for i := range x.Rows {
		copy(s.Data[i*13:], dense.Row(x, i))
	}
	for _, m := range metrics {
		want, err := Self(context.Background(), x, 8, m, Options{})
		require.NoError(t, err)
		got, err := Self(context.Background(), s, 8, m, Options{})
		require.NoError(t, err)
		require.Equal(t, want, got)
		got, err = Query(context.Background(), s, s, 8, m, Options{})
		require.NoError(t, err)
		require.Equal(t, want.Distance, got.Distance)
	}
}

func TestSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	x := normal(13, 900, 20)
	for i := range 200 { // duplicates and multiples
		copy(dense.Row(x, i+700), dense.Row(x, i))
		for j, v := range dense.Row(x, i) {
			x.Data[(i+400)*x.Stride+j] = 2 * v
		}
	}
	for _, m := range metrics {
		want, err := Self(context.Background(), x, 12, m, Options{Workers: 1, Level: simd.PureGo})
		require.NoError(t, err)
		for _, procs := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(procs)
			for _, workers := range []int{0, 1, 2, 3} {
				for _, level := range levels(workers == 3) {
					got, err := Self(context.Background(), x, 12, m, Options{Workers: workers, Level: level})
					require.NoError(t, err)
					requireSame(t, want, got, fmt.Sprintf("GOMAXPROCS %d, workers %d, %s", procs, workers, level))
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	x := normal(14, 10, 3)
	_, err := Self(ctx, x, 11, Cosine, Options{})
	require.EqualError(t, err, "number of neighbours is 11, more than the 10 points")
	_, err = Query(ctx, x, normal(1, 20, 3), 11, Cosine, Options{})
	require.EqualError(t, err, "number of neighbours is 11, more than the 10 points")
	for _, k := range []int{0, -3} {
		_, err = Self(ctx, x, k, Euclidean, Options{})
		require.EqualError(t, err, fmt.Sprintf("number of neighbours is %d, want at least 1", k))
	}
	_, err = Self(ctx, blas32.General{}, 1, Euclidean, Options{})
	require.EqualError(t, err, "number of neighbours is 1, more than the 0 points")
	_, err = Query(ctx, x, normal(1, 2, 4), 1, Euclidean, Options{})
	require.EqualError(t, err, "queries have 4 columns, the points have 3")
	_, err = Self(ctx, x, 2, Metric{Kind: 99}, Options{})
	require.ErrorContains(t, err, "Metric.Kind is Kind(99)")
	_, err = Self(ctx, x, 2, Cosine, Options{Level: "mmx"})
	require.ErrorContains(t, err, `simd level "mmx"`)
	short := x
	short.Data = short.Data[:29]
	_, err = Self(ctx, short, 2, Cosine, Options{})
	require.EqualError(t, err, "matrix of 10×3 with stride 3 needs 30 values, has 29")

	bad := normal(15, 9000, 3)
	bad.Data[8000*3+2] = float32(math.NaN())
	var value *stage.ValueError
	_, err = Self(ctx, bad, 2, Cosine, Options{})
	require.ErrorAs(t, err, &value)
	require.Equal(t, [2]int{8000, 2}, [2]int{value.Row, value.Col})
	bad.Data[8000*3+2] = float32(math.Inf(-1))
	_, err = Query(ctx, x, bad, 2, Cosine, Options{})
	require.EqualError(t, err, "queries: row 8000, column 2: is -Inf, want a finite number")
}

func TestNoQueries(t *testing.T) {
	got, err := Query(context.Background(), normal(1, 5, 3), blas32.General{}, 2, Cosine, Options{})
	require.NoError(t, err)
	require.Equal(t, Neighbors{K: 2, Index: []int32{}, Distance: []float32{}}, got)
}

func TestProgressRises(t *testing.T) {
	x := normal(16, 1000, 8)
	last := 0
	_, err := Self(context.Background(), x, 3, Euclidean, Options{Progress: func(done, total int) {
		require.Equal(t, 1000, total)
		require.Greater(t, done, last)
		last = done
	}})
	require.NoError(t, err)
	require.Equal(t, 1000, last)
}

func TestCancelWithin100ms(t *testing.T) {
	// Plain Go kernels on nearly equal rows: neither the first pass nor the float64 search is soon done.
	s := rng.New(17)
	x := matrix(6000, 384, func(int, int) float32 { return 1 + float32(s.Intn(4))*0x1p-23 })
	for _, after := range []time.Duration{0, 5 * time.Millisecond, 60 * time.Millisecond, 300 * time.Millisecond} {
		testutil.Soon(t, fmt.Sprint(after), func() time.Duration {
			ctx, cancel := context.WithCancelCause(context.Background())
			cause := fmt.Errorf("stopped after %v", after)
			var at time.Time
			time.AfterFunc(after, func() {
				at = time.Now()
				cancel(cause)
			})
			_, err := Self(ctx, x, 15, Cosine, Options{Level: simd.PureGo})
			require.ErrorIs(t, err, cause)
			return time.Since(at)
		})
	}
}

func TestKth(t *testing.T) {
	s := rng.New(18)
	for n := 1; n < 200; n += 3 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(s.Intn(n))
		}
		sorted := slices.Clone(v)
		slices.Sort(sorted)
		for k := 1; k <= n; k++ {
			require.Equal(t, sorted[k-1], kth(v, k))
		}
	}
}

func BenchmarkSelf(b *testing.B) {
	unit := normal(19, 20000, 384)
	low := normal(20, 20000, 5)
	for _, c := range []struct {
		name string
		x    blas32.General
		m    Metric
	}{{"384/cosine", unit, Cosine}, {"384/euclidean", unit, Euclidean}, {"5/euclidean", low, Euclidean}, {"5/cosine", low, Cosine}} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%dworkers", c.name, workers), func(b *testing.B) {
				for b.Loop() {
					_, err := Self(context.Background(), c.x, 15, c.m, Options{Workers: workers})
					require.NoError(b, err)
				}
			})
		}
	}
}
