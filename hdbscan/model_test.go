package hdbscan

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

func mustFit(t testing.TB, x blas32.General, cfg Config) *Model {
	t.Helper()
	m, err := Fit(context.Background(), x, cfg)
	require.NoError(t, err)
	return m
}

func config(size, samples int) Config {
	cfg := Config{}
	cfg.MinClusterSize, cfg.MinSamples = size, samples
	cfg.CountCopies = true
	return cfg
}

// requireSound holds what is true of every model.
func requireSound(t *testing.T, m *Model, n int) {
	t.Helper()
	labels, prob, core := m.Labels(), m.Strengths(), m.CoreDistances()
	require.Len(t, labels, n)
	require.Len(t, prob, n)
	require.Len(t, core, n)
	require.Len(t, m.MinimumSpanningTree(), max(n-1, 0))
	require.Len(t, m.SingleLinkageTree(), max(n-1, 0))
	clusters := len(m.Persistence())
	seen := make([]bool, clusters)
	for i, l := range labels {
		require.GreaterOrEqual(t, l, -1)
		require.Less(t, l, clusters)
		require.False(t, prob[i] < 0 || prob[i] > 1 || math.IsNaN(prob[i]), "probability %v", prob[i])
		require.False(t, math.IsNaN(core[i]) || math.IsInf(core[i], 0))
		if l < 0 {
			require.Zero(t, prob[i])
		} else {
			seen[l] = true
		}
	}
	require.NotContains(t, seen, false, "a label without rows")
	for _, p := range m.Persistence() {
		require.False(t, math.IsNaN(p))
	}
	rows := 0
	for _, e := range m.CondensedTree() {
		require.Greater(t, e.Lambda, 0.0)
		if e.Child < n {
			rows++
		}
	}
	if n > 1 {
		require.Equal(t, n, rows)
	}
}

func TestSameBits(t *testing.T) {
	inputs := []blas32.General{mixture(1, 3000/less, 5, 8, 50), mixture(2, 1500/less, 33, 4, 0), lattice(3, 2000/less, 3, 9)}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, x := range inputs {
		points := mixture(77, 200, x.Cols, 3, 0)
		var want *Model
		var labels []int
		var strength []float64
		for _, procs := range []int{1, 2, 5} {
			runtime.GOMAXPROCS(procs)
			for _, workers := range []int{1, 2, 3, 8} {
				cfg := config(10, 4)
				cfg.Workers = workers
				m := mustFit(t, x, cfg)
				l, s, err := m.Predict(context.Background(), points)
				require.NoError(t, err)
				if want == nil {
					want, labels, strength = m, l, s
				}
				require.Equal(t, want.links, m.links)
				require.Equal(t, want.condensed, m.condensed)
				require.Equal(t, want.labels, m.labels)
				require.Equal(t, want.probabilities, m.probabilities)
				require.Equal(t, want.persistence, m.persistence)
				require.Equal(t, labels, l)
				require.Equal(t, strength, s)
			}
		}
	}
}

// renamed says that two label lists are the same partition.
func renamed(t *testing.T, a, b []int) {
	t.Helper()
	require.Len(t, b, len(a))
	to, from := map[int]int{-1: -1}, map[int]int{-1: -1}
	for i := range a {
		if v, ok := to[a[i]]; ok {
			require.Equal(t, v, b[i], "row %d", i)
		}
		if v, ok := from[b[i]]; ok {
			require.Equal(t, v, a[i], "row %d", i)
		}
		to[a[i]], from[b[i]] = b[i], a[i]
	}
}

// Where no two distances are equal, the order of the rows does not matter, ties in mutual reachability or not.
func TestPermutedRowsExact(t *testing.T) {
	for _, d := range []int{2, 5, 40} {
		x := mixture(uint64(20+d), 700, d, 6, 0)
		perm := rand.New(rand.NewPCG(1, 2)).Perm(x.Rows)
		y := blas32.General{Rows: x.Rows, Cols: d, Stride: d, Data: make([]float32, len(x.Data))}
		for i, j := range perm {
			copy(y.Data[i*d:(i+1)*d], x.Data[j*d:(j+1)*d])
		}
		for _, cfg := range []Config{config(5, 0), config(10, 1), config(4, 15)} {
			a, b := mustFit(t, x, cfg), mustFit(t, y, cfg)
			back, prob := make([]int, x.Rows), make([]float64, x.Rows)
			for i, j := range perm {
				back[j], prob[j] = b.labels[i], b.probabilities[i]
			}
			require.Greater(t, len(a.persistence), 1)
			renamed(t, a.labels, back)
			require.Equal(t, a.probabilities, prob)
		}
	}
}

// A change of scale by a power of two and a mirror image change no bit but the distances'.
func TestScaledExact(t *testing.T) {
	x := mixture(31, 800, 3, 6, 60)
	y := blas32.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Cols, Data: make([]float32, len(x.Data))}
	for i, v := range x.Data {
		y.Data[i] = v * -8
	}
	for _, samples := range []int{1, 5, 30} {
		cfg := config(8, samples)
		a := mustFit(t, x, cfg)
		b := mustFit(t, y, cfg)
		require.Equal(t, a.labels, b.labels)
		require.Equal(t, a.probabilities, b.probabilities)
		for i, e := range b.MinimumSpanningTree() {
			require.Equal(t, a.MinimumSpanningTree()[i].Weight*8, e.Weight)
		}
	}
}

func TestStrideIsHonouredExact(t *testing.T) {
	x := mixture(32, 200, 3, 3, 10)
	y := blas32.General{Rows: x.Rows, Cols: 3, Stride: 7, Data: make([]float32, 199*7+3)}
	for i := range y.Data {
		y.Data[i] = float32(math.NaN())
	}
	for i := range x.Rows {
		copy(y.Data[i*7:i*7+3], x.Data[i*3:i*3+3])
	}
	require.Equal(t, mustFit(t, x, config(5, 0)).links, mustFit(t, y, config(5, 0)).links)
}

func TestFewRows(t *testing.T) {
	for n := range 8 {
		for _, cfg := range []Config{config(2, 0), config(2, 1), config(5, 0), config(3, 50)} {
			for _, method := range []Method{EOM, Leaf} {
				for _, single := range []bool{false, true} {
					cfg.ClusterSelectionMethod, cfg.AllowSingleCluster = method, single
					x := mixture(uint64(n), max(n, 1), 2, 1, 0)
					x.Rows = n
					m := mustFit(t, x, cfg)
					requireSound(t, m, n)
					warned := 0
					if n < cfg.MinClusterSize {
						warned++
					}
					if cfg.resolve().MinSamples > max(n-1, 1) {
						warned++
					}
					require.Len(t, m.Warnings(), warned)
					if n < 2 {
						require.NotContains(t, m.Labels(), 0)
					}
					labels, strength, err := m.Predict(context.Background(), mixture(5, 4, 2, 1, 0))
					require.NoError(t, err)
					require.Len(t, labels, 4)
					for _, s := range strength {
						require.False(t, math.IsNaN(s))
					}
				}
			}
		}
	}
}

func TestEqualRows(t *testing.T) {
	for _, d := range []int{2, 40} {
		x := blas32.General{Rows: 3000, Cols: d, Stride: d, Data: make([]float32, 3000*d)}
		for i := range x.Data {
			x.Data[i] = 0.25
		}
		m := mustFit(t, x, config(5, 0))
		requireSound(t, m, 3000)
		require.NotContains(t, m.Labels(), 0, "the root is no cluster")
		require.Len(t, m.Warnings(), 1)

		cfg := config(5, 0)
		cfg.AllowSingleCluster = true
		m = mustFit(t, x, cfg)
		requireSound(t, m, 3000)
		for i, l := range m.Labels() {
			require.Zero(t, l)
			require.Equal(t, 1.0, m.probabilities[i])
		}
		labels, strength, err := m.Predict(context.Background(), blas32.General{Rows: 1, Cols: d, Stride: d, Data: x.Data[:d]})
		require.NoError(t, err)
		require.Equal(t, []int{0}, labels)
		require.Equal(t, []float64{1}, strength)
	}
}

// Rows with the same coordinates have one label and one probability, also where there are enough of them to be split and
// also where +0 meets −0.
func TestCopiesStayTogetherExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, cfg := range []Config{config(2, 1), config(2, 10), config(2, 100), config(5, 0), config(5, 3)} {
		for _, method := range []Method{EOM, Leaf} {
			cfg.ClusterSelectionMethod = method
			x := mixture(41, 900, 2, 5, 0)
			of := make([]int, x.Rows)
			for i := range x.Rows {
				of[i] = r.IntN(i + 1)
				if i%3 != 0 {
					of[i] = i
				} else {
					of[i] = of[of[i]]
				}
				copy(x.Data[2*i:2*i+2], x.Data[2*of[i]:2*of[i]+2])
			}
			for i := range 24 {
				x.Data[2*i], x.Data[2*i+1] = 0, 5
				if i%2 == 0 {
					x.Data[2*i] = float32(math.Copysign(0, -1))
				}
			}
			m := mustFit(t, x, cfg)
			requireSound(t, m, x.Rows)
			type key [2]float32
			first := map[key]int{}
			for i := range x.Rows {
				k := key{x.Data[2*i] + 0, x.Data[2*i+1]}
				if f, ok := first[k]; ok {
					require.Equal(t, m.labels[f], m.labels[i])
					require.Equal(t, m.probabilities[f], m.probabilities[i])
				} else {
					first[k] = i
				}
			}
		}
	}
}

// Half of a large data set in one place must not make the search quadratic.
func TestManyCopies(t *testing.T) {
	x := mixture(51, 60_000/less, 5, 6, 0)
	for i := range x.Rows / 2 {
		copy(x.Data[i*10:i*10+5], x.Data[:5])
	}
	start := time.Now()
	m := mustFit(t, x, config(10, 0))
	require.Less(t, time.Since(start), 20*time.Second)
	require.Len(t, m.links, x.Rows-1)
}

// A chain of merges as deep as there are rows: every row is further away than all before.
func TestDeepChain(t *testing.T) {
	const n = 1_000_000 / less
	edges := make([]link, n-1)
	for i := range edges {
		w := float64(i+1) * float64(i+1)
		edges[i] = link{w, w, int32(i), int32(i + 1)}
	}
	tree, err := singleLinkage(context.Background(), n, edges, nil, math.Sqrt)
	require.NoError(t, err)
	for _, size := range []int{2, n / 2, n} {
		rows, err := condense(context.Background(), tree, float64(size))
		require.NoError(t, err)
		require.Len(t, rows.falls, n)
		h := newHierarchy(rows)
		labels, _, _ := h.assign(h.choose(config(size, 1).resolve(), nil), nil)
		require.NotContains(t, labels, 0)
	}
	// Pairs that join one by one: a condensed tree as deep as it can be.
	edges = edges[:0]
	for i := range int32(n / 2) {
		edges = append(edges, link{1, 1, 2 * i, 2*i + 1})
	}
	for i := range int32(n/2 - 1) {
		w := float64(i + 2)
		edges = append(edges, link{w, w, 2 * i, 2*i + 2})
	}
	tree, err = singleLinkage(context.Background(), n, edges, nil, math.Sqrt)
	require.NoError(t, err)
	rows, err := condense(context.Background(), tree, 2)
	require.NoError(t, err)
	h := newHierarchy(rows)
	require.Len(t, h.parent, n-1)
	for _, method := range []Method{EOM, Leaf} {
		cfg := config(2, 1)
		cfg.ClusterSelectionMethod, cfg.ClusterSelectionEpsilon = method, 1.5
		labels, _, _ := h.assign(h.choose(cfg.resolve(), nil), nil)
		require.Equal(t, labels[0], labels[1])
	}
}

func TestPredictFittedRowsExact(t *testing.T) {
	for _, x := range []blas32.General{mixture(61, 900, 5, 6, 100), lattice(62, 400, 2, 15), mixture(63, 300, 40, 3, 20)} {
		for _, cfg := range []Config{config(5, 0), config(10, 1), config(5, 60)} {
			for _, single := range []bool{false, true} {
				cfg.AllowSingleCluster = single
				m := mustFit(t, x, cfg)
				labels, strength, err := m.Predict(context.Background(), x)
				require.NoError(t, err)
				require.Equal(t, m.Labels(), labels)
				require.Equal(t, m.Strengths(), strength)
			}
		}
	}
}

func TestPredictRowByRowExact(t *testing.T) {
	x := mixture(71, 1000, 5, 6, 0)
	m := mustFit(t, x, config(10, 0))
	points := mixture(72, 300, 5, 6, 0)
	for i := range points.Data {
		points.Data[i] = x.Data[i] + 0.02*points.Data[i]
	}
	labels, strength, err := m.Predict(context.Background(), points)
	require.NoError(t, err)
	found := 0
	for i := range points.Rows {
		l, s, err := m.Predict(context.Background(), blas32.General{Rows: 1, Cols: 5, Stride: 5, Data: points.Data[5*i:]})
		require.NoError(t, err)
		require.Equal(t, labels[i], l[0])
		require.Equal(t, strength[i], s[0])
		if l[0] >= 0 {
			found++
		}
	}
	require.Greater(t, found, 100)
}

// A point a hair's breadth from a row gets nearly that row's result, which the original's own core distances do not give.
func TestPredictNextToRowsStatistical(t *testing.T) {
	x := mixture(81, 1500, 5, 6, 0)
	near := blas32.General{Rows: x.Rows, Cols: 5, Stride: 5, Data: make([]float32, len(x.Data))}
	for i, v := range x.Data {
		near.Data[i] = v * (1 + 1e-6)
	}
	agree := func(original bool) (share float64) {
		cfg := config(10, 5)
		cfg.OriginalPrediction = original
		m := mustFit(t, x, cfg)
		labels, _, err := m.Predict(context.Background(), near)
		require.NoError(t, err)
		for i, l := range labels {
			if l == m.labels[i] {
				share += 1 / float64(x.Rows)
			}
		}
		return share
	}
	ours, theirs := agree(false), agree(true)
	require.GreaterOrEqual(t, ours, 0.98)
	require.GreaterOrEqual(t, ours, theirs-0.005)
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	err := Config{MinClusterSize: 1, MinSamples: -1, ClusterSelectionEpsilon: math.NaN(), ClusterSelectionMethod: 7, MaxClusterSize: -2, Alpha: -1, Workers: -1}.Validate()
	var fields []string
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	for _, e := range joined.Unwrap() {
		var c *stage.ConfigError
		require.ErrorAs(t, e, &c)
		fields = append(fields, c.Field)
	}
	require.Equal(t, []string{
		"hdbscan.Config.MinClusterSize", "hdbscan.Config.MinSamples", "hdbscan.Config.ClusterSelectionEpsilon",
		"hdbscan.Config.ClusterSelectionMethod", "hdbscan.Config.MaxClusterSize", "hdbscan.Config.Alpha", "hdbscan.Config.Workers",
	}, fields)
	require.NoError(t, Config{}.Validate())

	x := mixture(1, 20, 3, 2, 0)
	x.Data[7] = float32(math.Inf(-1))
	_, err = Fit(ctx, x, Config{})
	var v *stage.ValueError
	require.ErrorAs(t, err, &v)
	require.Equal(t, [2]int{2, 1}, [2]int{v.Row, v.Col})
	_, err = Fit(ctx, blas32.General{Rows: 3}, Config{})
	require.ErrorContains(t, err, "no columns")
	_, err = Fit(ctx, blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: make([]float32, 5)}, Config{})
	require.ErrorContains(t, err, "needs 6 values")

	x.Data[7] = 0
	m := mustFit(t, x, Config{})
	_, _, err = m.Predict(ctx, mixture(1, 3, 4, 1, 0))
	require.ErrorContains(t, err, "4 columns, the model has 3")
	x.Data[7] = float32(math.NaN())
	_, _, err = m.Predict(ctx, x)
	require.ErrorAs(t, err, &v)
	require.Equal(t, "eom", EOM.String())
	require.Equal(t, "Method(9)", Method(9).String())
}

func TestProgressExact(t *testing.T) {
	for _, d := range []int{3, 40} {
		x := mixture(91, 2000, d, 4, 100)
		cfg := config(5, 0)
		last, calls := 0, 0
		cfg.Progress = func(done, total int) {
			require.GreaterOrEqual(t, done, last)
			require.LessOrEqual(t, done, total)
			last = done
			if calls++; done == total {
				calls += 1 << 20
			}
		}
		mustFit(t, x, cfg)
		require.Greater(t, calls, 1<<20, "the total was reported")
	}
}

// A canceled fit ends within 100 ms, whichever part it is in.
func TestCancel(t *testing.T) {
	cause := errors.New("enough")
	low, high := mixture(99, 200_000/less, 5, 50, 0), mixture(98, 5_000/less, 50, 5, 0)
	for _, at := range []float64{0, 0.4, 0.7} {
		for i, x := range []blas32.General{low, high} {
			best := time.Hour
			for try := 0; try < 3 && best > 100*time.Millisecond; try++ {
				ctx, cancel := context.WithCancelCause(context.Background())
				asked := make(chan time.Time, 1)
				stop := func() {
					asked <- time.Now()
					cancel(cause)
				}
				begun := false
				cfg := config(10, 0)
				cfg.Progress = func(done, total int) {
					if begun || float64(done) <= at*float64(total) {
						return
					}
					if begun = true; i == 0 { // in the midst of what comes next
						time.AfterFunc(10*time.Millisecond, stop)
					} else {
						stop()
					}
				}
				_, err := Fit(ctx, x, cfg)
				end := time.Now()
				require.ErrorIs(t, err, cause)
				best = min(best, end.Sub(<-asked))
			}
			t.Logf("input %d at %v: %v", i, at, best)
			require.Less(t, best, 100*time.Millisecond, "input %d at %v", i, at)
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	_, err := Fit(ctx, low, config(10, 0))
	require.ErrorIs(t, err, cause)
	m := mustFit(t, mixture(97, 100, 5, 2, 0), config(10, 0))
	_, _, err = m.Predict(ctx, low)
	require.ErrorIs(t, err, cause)
}
