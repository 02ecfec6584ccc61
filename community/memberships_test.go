package community

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/sparse"
)

// twin is the memberships of a fitted row by definition, as a dense row.
func twin(m *Model, i int) []float64 {
	out := make([]float64, m.layers[m.chosen].count)
	all := 0.0
	for j := range m.x.Rows {
		for e := m.graph.RowPtr[i]; e < m.graph.RowPtr[i+1]; e++ {
			if int(m.graph.Col[e]) != j {
				continue
			}
			all += float64(m.graph.Value[e])
			if c := m.Labels()[j]; c >= 0 {
				out[c] += float64(m.graph.Value[e])
			}
		}
	}
	for c := range out {
		if all > 0 {
			out[c] /= all
		}
	}
	return out
}

func TestMembershipsAsDefinedExact(t *testing.T) {
	for _, least := range []float64{0, 0.7} {
		x, g, _ := planted(5, 30)
		cfg := Config{}
		cfg.MinStrength = least
		m, err := Fit(t.Context(), x, g, cfg)
		require.NoError(t, err)
		all, err := m.Memberships(t.Context(), 0)
		require.NoError(t, err)
		require.Equal(t, x.Rows, all.Rows())
		two, err := m.Memberships(t.Context(), 2)
		require.NoError(t, err)
		outliers := 0
		for i, label := range m.Labels() {
			want := twin(m, i)
			labels, values := all.Row(i)
			require.True(t, slices.IsSorted(labels))
			got, sum := make([]float64, len(want)), 0.0
			for k, c := range labels {
				require.Positive(t, values[k])
				got[c] = values[k]
				sum += values[k]
			}
			require.Equal(t, want, got, i)
			require.LessOrEqual(t, sum, 1+1e-12)
			switch {
			case label < 0:
				outliers++
			case least == 0:
				require.Equal(t, m.Strengths()[i], got[label])
			default:
				require.LessOrEqual(t, got[label], m.Strengths()[i])
			}

			best := make([]int, len(want)) // the two greatest
			for c := range best {
				best[c] = c
			}
			slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(want[b], want[a]) })
			best = slices.DeleteFunc(best[:2], func(c int) bool { return want[c] == 0 })
			slices.Sort(best)
			labels, values = two.Row(i)
			require.Len(t, labels, len(best))
			for k, c := range best {
				require.Equal(t, int32(c), labels[k])
				require.Equal(t, want[c], values[k])
			}
		}
		if least > 0 {
			require.Positive(t, outliers)
		}
	}
}

func TestMembershipsOfNewRows(t *testing.T) {
	x, g, truth := planted(5, 60)
	copy(x.Data[7*x.Stride:][:x.Cols], x.Data[2*x.Stride:][:x.Cols]) // equal rows
	m, err := Fit(t.Context(), x, g, Config{})
	require.NoError(t, err)
	fitted, err := m.Memberships(t.Context(), 3)
	require.NoError(t, err)
	again, err := m.PredictMemberships(t.Context(), x, 3)
	require.NoError(t, err)
	require.Equal(t, fitted, again)

	moved := blas32.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Stride, Data: slices.Clone(x.Data)}
	for i := range moved.Rows {
		moved.Data[i*moved.Stride+15] += 0.01
	}
	labels, strength, err := m.Predict(t.Context(), moved)
	require.NoError(t, err)
	found, err := m.PredictMemberships(t.Context(), moved, 0)
	require.NoError(t, err)
	for i, label := range labels {
		require.Equal(t, truth[i], label)
		of, values := found.Row(i)
		sum := 0.0
		for k, c := range of {
			sum += values[k]
			if int(c) == label {
				require.Equal(t, strength[i], values[k])
			}
		}
		require.InDelta(t, 1, sum, 1e-12)
	}
	one, err := m.PredictMemberships(t.Context(), blas32.General{Rows: 1, Cols: x.Cols, Stride: x.Stride, Data: moved.Data[9*x.Stride:]}, 0)
	require.NoError(t, err)
	want, values := found.Row(9)
	got, alone := one.Row(0)
	require.Equal(t, want, got)
	require.Equal(t, values, alone)
}

func TestSameBitsOfMemberships(t *testing.T) {
	x, g, _ := planted(7, 90)
	var want [2]sparse.CSR[float64]
	for _, workers := range []int{1, 2, 5} {
		cfg := Config{}
		cfg.Workers = workers
		m, err := Fit(t.Context(), x, g, cfg)
		require.NoError(t, err)
		all, err := m.Memberships(t.Context(), 3)
		require.NoError(t, err)
		more, err := m.PredictMemberships(t.Context(), blas32.General{Rows: 300, Cols: x.Cols, Stride: x.Stride + 1, Data: x.Data}, 0)
		require.NoError(t, err)
		if want[0].RowPtr == nil {
			want = [2]sparse.CSR[float64]{all, more}
		}
		require.Equal(t, want, [2]sparse.CSR[float64]{all, more})
	}
}

func TestMembershipsOfNoEdgesAndErrors(t *testing.T) {
	x := blas32.General{Rows: 3, Cols: 2, Stride: 2, Data: []float32{1, 0, 0, 1, 1, 1}}
	m, err := Fit(t.Context(), x, sparse.CSR[float32]{Cols: 3, RowPtr: make([]int, 4)}, Config{})
	require.NoError(t, err)
	all, err := m.Memberships(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, sparse.CSR[float64]{RowPtr: []int{0, 0, 0, 0}}, all)
	all, err = m.PredictMemberships(t.Context(), x, 5)
	require.NoError(t, err)
	require.Equal(t, sparse.CSR[float64]{RowPtr: []int{0, 0, 0, 0}}, all)
	_, err = m.Memberships(t.Context(), -1)
	require.ErrorContains(t, err, "community: top is -1")
	_, err = m.PredictMemberships(t.Context(), blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{1}}, 0)
	require.ErrorContains(t, err, "rows of 1 columns, want 2")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("enough"))
	_, err = m.Memberships(ctx, 0)
	require.ErrorContains(t, err, "enough")
}
