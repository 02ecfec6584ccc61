package hdbscan

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"
)

// copies repeats row i of x times[i] times, in an order drawn at random; of has the row of x that each row is.
func copies(seed uint64, x blas32.General, times func(i int) int) (y blas32.General, of []int) {
	for i := range x.Rows {
		of = append(of, slices.Repeat([]int{i}, times(i))...)
	}
	r := rand.New(rand.NewPCG(seed, 3))
	r.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	return shuffled(x, of), of
}

// Rows that all come as often, often enough for a cluster, are a cluster each, near or far from each other.
func TestCopiesAreClustersExact(t *testing.T) {
	for seed := range uint64(4) {
		for _, k := range []int{2, 3, 7, 20, 60} {
			for _, n := range []int{10, 15, 100} {
				for _, x := range []blas32.General{mixture(seed, k, 5, 3, 0), mixture(seed, k, 40, 1, 0)} {
					y, of := copies(seed, x, func(int) int { return n })
					m := mustFit(t, y, Config{MinClusterSize: 10})
					require.Equal(t, canonical(of), canonical(m.labels), "%d × %d", k, n)
					for _, s := range m.hierarchy.stability {
						require.False(t, math.IsInf(s, 1))
					}
				}
			}
		}
	}
}

// One row in eight that is repeated does not become a cluster by itself: it stays among the rows around it, and the
// clusters are those of the different rows.
func TestCopiesAmongOtherRowsStatistical(t *testing.T) {
	for seed := range uint64(5) {
		x := mixture(seed, 600, 5, 5, 0)
		plain := mustFit(t, x, Config{MinClusterSize: 12})
		y, of := copies(seed, x, func(i int) int {
			if i%24 == 0 {
				return 20
			}
			return 1
		})
		m := mustFit(t, y, Config{MinClusterSize: 12})
		require.LessOrEqual(t, len(m.persistence), 3*len(plain.persistence))
		counted := mustFit(t, y, Config{MinClusterSize: 12, CountCopies: true})
		require.Greater(t, len(counted.persistence), 20, "every repeated row")
		outside, lost := 0, 0
		for i, l := range m.labels {
			if l < 0 {
				outside++
			}
			if counted.labels[i] < 0 {
				lost++
			}
		}
		require.Less(t, outside, lost)
		requireOneLabel(t, of, m.labels)
	}
}

func requireOneLabel(t *testing.T, of, labels []int) {
	t.Helper()
	label := map[int]int{}
	for i, l := range labels {
		if first, ok := label[of[i]]; ok {
			require.Equal(t, first, l, "row %d", i)
		}
		label[of[i]] = l
	}
}

// Core distances are those to the nearest different rows, by every algorithm; the order of the rows and their copies
// changes nothing.
func TestCopiesCountOnceExact(t *testing.T) {
	for _, d := range []int{2, 5, 40} {
		x := mixture(uint64(d), 120, d, 4, 0)
		core, _ := bruteForce(x, 6, 1)
		y, of := copies(1, x, func(i int) int { return 1 + i%9 })
		cfg := Config{MinClusterSize: 8, MinSamples: 6}
		m := mustFit(t, y, cfg)
		for i, c := range m.CoreDistances() {
			require.Equal(t, math.Sqrt(core[of[i]]), c)
		}
		same := make([]int, y.Rows)
		for i := range same {
			same[i] = i
		}
		want := describe(m, same)
		order := rand.New(rand.NewPCG(4, uint64(d))).Perm(y.Rows)
		require.Equal(t, want, describe(mustFit(t, shuffled(y, order), cfg), order))
		labels, strengths, err := m.Predict(t.Context(), y)
		require.NoError(t, err)
		require.Equal(t, m.labels, labels)
		require.Equal(t, m.probabilities, strengths)
	}
}
