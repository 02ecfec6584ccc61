package simd

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/rng"
)

// walkInput is rows of positions with dim coordinates, n walkers that start near some of them, and their steps.
func walkInput(s *rng.Stream, rows, dim, n, most int, size float64) (w *Walkers, steps []int32, positions []float32) {
	positions = make([]float32, rows*WalkRow)
	for i := range rows {
		for d := range dim {
			positions[i*WalkRow+d] = float32(size * (s.Float64() - 0.5))
		}
	}
	w = new(Walkers)
	steps = make([]int32, most*WalkLanes)
	for i := range steps {
		steps[i] = int32(s.Intn(rows))
	}
	for i := range n {
		w.Self[i] = int32(s.Intn(rows+1)) - 1
		w.Key[i] = uint32(s.Uint64())
		w.Uses[i] = int32(s.Intn(most + 1))
		for d := range dim {
			w.Own[d][i] = positions[max(int(w.Self[i]), 0)*WalkRow+d]
		}
		w.Own[0][i] += float32(0.1 * size * s.Float64())
	}
	return w, steps, positions
}

var testForces = Forces{B: 0.79, Log2A: 0.95, Pull: -1.58, Push: 1.58, PullStep: 1.4, PushStep: 0.7, PullMost: -0.9}

func TestWalkSameBitsAtEveryLevel(t *testing.T) {
	s := rng.New(31)
	for _, size := range []float64{10, 1e-3, 1e-30, 1e12, 1e30, 0} {
		for dim := 1; dim <= WalkRow; dim++ {
			for _, n := range []int{1, 7, 8, 9, 16, 17, 32, 64} {
				for _, samples := range []int{0, 1, 5} {
					rows, most := 1+s.Intn(60), s.Intn(12)
					w, steps, positions := walkInput(&s, rows, dim, n, most, size)
					want := *w
					walkGo(&want, n, steps, positions, dim, samples, &testForces)
					for _, l := range Levels() {
						k, err := For(l)
						require.NoError(t, err)
						got := *w
						k.Walk(&got, n, steps, positions, dim, samples, &testForces)
						for d := range WalkRow {
							sameBits(t, want.Own[d][:n], got.Own[d][:n], fmt.Sprintf("%s, %d of %d dimensions, %d walkers, size %v", l, d, dim, n, size))
						}
					}
				}
			}
		}
	}
}

// A walker's way is the same alone as among others.
func TestWalkOneByOneExact(t *testing.T) {
	s := rng.New(34)
	for _, l := range Levels() {
		k, err := For(l)
		require.NoError(t, err)
		w, steps, positions := walkInput(&s, 40, 5, WalkLanes, 9, 10)
		all := *w
		k.Walk(&all, WalkLanes, steps, positions, 5, 5, &testForces)
		for i := range WalkLanes {
			var one Walkers
			mine := make([]int32, len(steps))
			for d := range 5 {
				one.Own[d][0] = w.Own[d][i]
			}
			one.Key[0], one.Self[0], one.Uses[0] = w.Key[i], w.Self[i], w.Uses[i]
			for at := 0; at < len(steps); at += WalkLanes {
				mine[at] = steps[at+i]
			}
			k.Walk(&one, 1, mine, positions, 5, 5, &testForces)
			for d := range 5 {
				require.Equal(t, all.Own[d][i], one.Own[d][0], "%s, walker %d", l, i)
			}
		}
	}
}

func TestWalkPowerWithin1e5(t *testing.T) {
	for _, b := range []float64{0.2, 0.79, 1, 1.9} {
		for _, a := range []float64{0.1, 1, 1.93, 50} {
			f := &Forces{B: float32(b), Log2A: float32(math.Log2(a))}
			for x := 1e-8; x < 1e8; x *= 1.0137 {
				want := a * math.Pow(float64(float32(x)), float64(f.B))
				require.InEpsilon(t, want, f.power(float32(x)), 1e-5, "%v·%v^%v", a, x, b)
			}
		}
	}
}

// The forces are what the formulas say.
func TestForcesWithinTolerance(t *testing.T) {
	s := rng.New(32)
	const a, b, gamma, step = 1.577, 0.895, 1.3, 0.5
	f := &Forces{B: b, Log2A: float32(math.Log2(a)), Pull: -2 * b, Push: 2 * gamma * b, PullStep: step, PushStep: step, PullMost: -0.8}
	for range 200 {
		own, other := make([]float32, 3), make([]float32, 3)
		x := 0.0
		for d := range own {
			own[d], other[d] = float32(3*s.Float64()), float32(3*s.Float64())
			x += math.Pow(float64(own[d]-other[d]), 2)
		}
		pulled, pushed := append([]float32(nil), own...), append([]float32(nil), own...)
		f.Pulled(pulled, other)
		f.Pushed(pushed, other)
		for d := range own {
			diff := float64(own[d] - other[d])
			pull := max(-2*a*b*math.Pow(x, b-1)/(1+a*math.Pow(x, b)), -0.8) * diff
			push := 2 * gamma * b / ((0.001 + x) * (1 + a*math.Pow(x, b))) * diff
			require.InDelta(t, float64(own[d])+step*min(max(pull, -4), 4), pulled[d], 2e-5)
			require.InDelta(t, float64(own[d])+step*min(max(push, -4), 4), pushed[d], 2e-5)
		}
	}
}

// Draws are spread evenly over the rows.
func TestDrawsEvenlyStatistical(t *testing.T) {
	const rows, draws = 100, 1_000_000
	var count [rows]float64
	state := uint32(7)
	for range draws {
		count[Draw(state, rows)]++
		state = NextDraw(state)
	}
	chi := 0.0
	for _, c := range count {
		chi += (c - draws/rows) * (c - draws/rows) / (draws / rows)
	}
	require.Less(t, chi, 160.0) // 99 degrees of freedom: 0.01 % lie above
}

func BenchmarkWalk(b *testing.B) {
	s := rng.New(33)
	for _, dim := range []int{2, 5, 8} {
		w, steps, positions := walkInput(&s, 20000, dim, WalkLanes, 7, 10)
		for i := range w.Uses {
			w.Uses[i] = 7
		}
		f := testForces
		f.PullStep, f.PushStep = 0, 0
		for _, l := range Levels() {
			k, err := For(l)
			require.NoError(b, err)
			b.Run(fmt.Sprintf("%d/%s", dim, l), func(b *testing.B) {
				for b.Loop() {
					w.Key[0] += 77
					k.Walk(w, WalkLanes, steps, positions, dim, 5, &f)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(WalkLanes*7*6), "ns/force")
			})
		}
	}
}
