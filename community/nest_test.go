package community

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
)

// themed is rows in groups of groups: three themes of k groups of size rows, all of them tied loosely.
func themed(seed uint64, k, size, strays int) (blas32.General, sparse.CSR[float32]) {
	n, cols := 3*k*size+strays, 32
	x := blas32.General{Rows: n, Cols: cols, Stride: cols, Data: make([]float32, n*cols)}
	r := rng.New(seed)
	weight := make([]map[int]float32, n)
	for i := range n {
		weight[i] = map[int]float32{}
		for j := range cols {
			x.Data[i*cols+j] = float32(0.2 * (r.Float64() - 0.5))
		}
		x.Data[i*cols+i%3]++
		x.Data[i*cols+3+i%(3*k)] += 0.7
	}
	for i := range n - strays {
		for range 5 {
			j := i%(3*k) + 3*k*r.Intn(size) // the same group
			if r.Intn(4) == 0 {
				j = i%3 + 3*r.Intn(k*size) // the same theme
			}
			if r.Intn(10) == 0 {
				j = r.Intn(n - strays)
			}
			if w := float32(0.2 + 0.8*r.Float64()); j != i {
				weight[i][j], weight[j][i] = w, w
			}
		}
	}
	g := sparse.CSR[float32]{Cols: n, RowPtr: []int{0}}
	for i := range n {
		for j := range n {
			if w := weight[i][j]; w > 0 {
				g.Col, g.Value = append(g.Col, int32(j)), append(g.Value, w)
			}
		}
		g.RowPtr = append(g.RowPtr, len(g.Col))
	}
	return x, g
}

// requireNested fails where a community does not lie in one of the layer before, or where two layers are equal.
func requireNested(t *testing.T, m *Model) {
	t.Helper()
	for i := 1; i < len(m.layers); i++ {
		coarse, fine := m.layers[i-1], m.layers[i]
		if m.cfg.MinStrength == 0 { // otherwise all rows of a community can have become outliers
			require.LessOrEqual(t, coarse.count, fine.count)
		}
		require.NotEqual(t, coarse.labels, fine.labels, "layers %d and %d", i-1, i)
		in := map[int]int{}
		for v, c := range fine.labels {
			if c < 0 {
				continue
			}
			if _, ok := in[c]; !ok {
				in[c] = coarse.labels[v]
			}
			require.Equal(t, in[c], coarse.labels[v], "row %d of community %d of layer %d", v, c, i)
			require.GreaterOrEqual(t, in[c], 0, "an outlier of layer %d is in community %d of layer %d", i-1, c, i)
		}
	}
}

func TestLayersAreNestedExact(t *testing.T) {
	for seed := range uint64(6) {
		for _, strength := range []float64{0, 0.5} {
			t.Run(fmt.Sprint(seed, strength), func(t *testing.T) {
				x, g := themed(seed, 3+int(seed%3), 30, int(seed%2)*4)
				cfg := Config{}
				cfg.MinStrength = strength
				m, err := Fit(t.Context(), x, g, cfg)
				require.NoError(t, err)
				require.Greater(t, len(m.layers), 2)
				requireNested(t, m)

				s := newScorer(x, g, nil, m.cfg.Sample)
				scan, err := m.scan(t.Context(), s, newNetwork(g))
				require.NoError(t, err)
				best := slices.MaxFunc(scan, func(a, b *layer) int {
					if a.score.Value() < b.score.Value() {
						return -1
					}
					return 1
				})
				require.Equal(t, best.labels, m.Labels(), "nesting leaves the chosen layer as it is")
				require.Equal(t, best.score, m.layers[m.chosen].score)
				for i, l := range m.layers {
					require.Equal(t, s.score(numbers(l.labels), l.count), l.score, i)
					sizes := make([]int, l.count)
					for _, c := range l.labels {
						if c >= 0 {
							sizes[c]++
						}
					}
					if strength == 0 {
						require.GreaterOrEqual(t, slices.Min(sizes), m.cfg.MinSize, "layer %d", i)
					}
				}
			})
		}
	}
}

func TestACommunityThatCannotBeSplitStaysWholeExact(t *testing.T) {
	x, g := themed(1, 3, 30, 0)
	m := newModel(x, g, Config{})
	class, part := make([]int32, x.Rows), make([]int32, x.Rows)
	for v := range part {
		class[v] = int32(v % 3)
		part[v] = int32(v) // of every class, no part is large enough
	}
	class[5], part[5] = -1, 5
	l := m.layer(part, class, nil, 1)
	require.Equal(t, 3, l.count)
	for v, c := range l.labels {
		want := v % 3
		if v == 5 {
			want = -1
		}
		require.Equal(t, want, c, v)
	}
}

func FuzzLayersAreNested(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(20), uint8(4), uint8(0))
	f.Add(uint64(2), uint8(1), uint8(12), uint8(0), uint8(128))
	f.Fuzz(func(t *testing.T, seed uint64, groups, size, strays, strength uint8) {
		x, g := themed(seed, 1+int(groups%4), 2+int(size%30), int(strays%6))
		cfg := Config{}
		cfg.MinStrength = float64(strength) / 255
		m, err := Fit(t.Context(), x, g, cfg)
		require.NoError(t, err)
		requireNested(t, m)
	})
}
