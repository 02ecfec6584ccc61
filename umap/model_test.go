package umap_test

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

// blobs is rows points around centers of a unit cube, unevenly many to each.
func blobs(rows, cols, centres int, seed uint64) blas32.General {
	x := matrix(rows, cols)
	s := rng.New(seed)
	at := make([]float32, centres*cols)
	for i := range at {
		at[i] = float32(s.Float64())
	}
	for i := range rows {
		c := s.Intn(1 + s.Intn(centres))
		for d := range cols {
			x.Data[i*cols+d] = at[c*cols+d] + 0.1*float32(s.Float64()+s.Float64()-1)
		}
	}
	return x
}

func matrix(rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
}

func fit(t *testing.T, x blas32.General, cfg umap.Config) *umap.Model {
	t.Helper()
	m, err := umap.Fit(t.Context(), x, cfg)
	require.NoError(t, err)
	return m
}

// Layouts of real embeddings keep neighborhoods as well as umap-learn's, for each way of the golden file, on average
// over as many seeds as umap-learn was given.
func TestLayoutStatistical(t *testing.T) {
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var golden struct {
		Rows, Cols, K int
		Graphs        []struct {
			Metric     string
			Mix, Local float64
			Layouts    []struct {
				Dim             int
				MinDist         float64 `json:"min_dist"`
				Trustworthiness []float64
			}
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&golden))
	raw, err := os.ReadFile("testdata/embeddings.f16")
	require.NoError(t, err)
	x := matrix(golden.Rows, golden.Cols)
	for i := range x.Data {
		x.Data[i] = half(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	layouts := 0
	for _, g := range golden.Graphs {
		for _, l := range g.Layouts {
			cfg := umap.Config{}
			measure := eval.Euclidean
			if g.Metric == "cosine" {
				cfg.Metric, measure = metric.Cosine, eval.Cosine
			}
			cfg.Neighbors, cfg.NComponents, cfg.MinDist = golden.K, l.Dim, setTo(l.MinDist)
			cfg.SetOpMixRatio, cfg.LocalConnectivity = setTo(g.Mix), setTo(g.Local)
			ours, theirs := 0.0, 0.0
			for i, v := range l.Trustworthiness {
				cfg.Seed = uint64(i + 1)
				q, err := eval.Trustworthiness(t.Context(), x, fit(t, x, cfg).Points(), 15, measure)
				require.NoError(t, err)
				ours += q / float64(len(l.Trustworthiness))
				theirs += v / float64(len(l.Trustworthiness))
			}
			t.Logf("%s, mix %v, connectivity %v, %d components, min_dist %v: trustworthiness %.4f, umap-learn's %.4f", g.Metric, g.Mix, g.Local, l.Dim, l.MinDist, ours, theirs)
			require.GreaterOrEqual(t, ours, theirs-0.003)
			layouts++
		}
	}
	require.NotZero(t, layouts)
}

// half is the value of an IEEE float16 that is finite.
func half(v uint16) float32 {
	mantissa, exponent := float64(v&0x3ff), int(v>>10&0x1f)
	if exponent == 0 {
		exponent = 1
	} else {
		mantissa += 1024
	}
	f := math.Ldexp(mantissa, exponent-25)
	if v>>15 != 0 {
		f = -f
	}
	return float32(f)
}

// The same bits for any number of workers, again and again, with rows far apart in memory.
func TestSameBits(t *testing.T) {
	x := blobs(700, 12, 9, 1)
	q := blobs(150, 12, 9, 2)
	for _, init := range []umap.Init{umap.Spectral, umap.PCA, umap.Random} {
		cfg := umap.Config{}
		cfg.NComponents, cfg.NEpochs, cfg.Init = 3, 60, init
		var points, placed []float32
		for _, workers := range []int{1, 2, 3, 8, 0} {
			cfg.Workers = workers
			m := fit(t, x, cfg)
			y, err := m.Transform(t.Context(), q)
			require.NoError(t, err)
			if points == nil {
				points, placed = m.Points().Data, y.Data
			}
			require.Equal(t, points, m.Points().Data, "%v, %d workers", init, workers)
			require.Equal(t, placed, y.Data, "%v, %d workers", init, workers)
		}
		strided := blas32.General{Rows: x.Rows, Cols: x.Cols, Stride: x.Cols + 5, Data: make([]float32, x.Rows*(x.Cols+5))}
		for i := range x.Rows {
			copy(strided.Data[i*strided.Stride:], x.Data[i*x.Stride:][:x.Cols])
		}
		require.Equal(t, points, fit(t, strided, cfg).Points().Data, "%v, strided", init)
		if init == umap.PCA {
			wide := cfg
			wide.NComponents = 9 // more than the kernels have
			wide.Workers = 1
			want := fit(t, x, wide).Points()
			wide.Workers = 3
			require.Equal(t, want, fit(t, x, wide).Points())
		}
		cfg.Seed++
		require.NotEqual(t, points, fit(t, x, cfg).Points().Data, "%v, another seed", init)
	}
}

// Fit leaves its input alone and does not share memory with its caller.
func TestFitCopiesExact(t *testing.T) {
	x := blobs(80, 4, 3, 3)
	before := append([]float32(nil), x.Data...)
	cfg := umap.Config{}
	cfg.NEpochs = 20
	m := fit(t, x, cfg)
	require.Equal(t, before, x.Data)
	want := slices.Clone(m.Points().Data)
	clear(x.Data)
	clear(m.Neighbors().Index)
	clear(m.Graph().Value)
	require.Equal(t, want, m.Points().Data)
	require.NotZero(t, m.Graph().Value[0])
	x.Data = before
	y, err := m.Transform(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, want, y.Data)
}

// A fitted row gets its fitted position, and no row's position depends on the other rows of the call.
func TestTransformRowByRowExact(t *testing.T) {
	x := blobs(300, 8, 5, 4)
	for _, kind := range []metric.Kind{metric.Euclidean, metric.Cosine} {
		cfg := umap.Config{}
		cfg.Metric, cfg.NEpochs = kind, 50
		m := fit(t, x, cfg)
		y, err := m.Transform(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, m.Points().Data, y.Data)

		q := blobs(60, 8, 5, 5)
		copy(q.Data[7*8:8*8], x.Data[11*8:]) // a fitted row among new ones
		all, err := m.Transform(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, m.Points().Data[11*2:12*2], all.Data[7*2:8*2])
		for i := q.Rows - 1; i >= 0; i-- {
			one, err := m.Transform(t.Context(), blas32.General{Rows: 1, Cols: 8, Stride: 8, Data: q.Data[i*8 : i*8+8]})
			require.NoError(t, err)
			require.Equal(t, all.Data[i*2:i*2+2], one.Data, "row %d", i)
		}
	}
}

// New rows land among their own: the nearest fitted position is of the same blob.
func TestTransformStatistical(t *testing.T) {
	const perBlob, groups = 60, 6
	x, q := matrix(perBlob*groups, 10), matrix(10*groups, 10)
	s := rng.New(6)
	for _, m := range []blas32.General{x, q} {
		for i := range m.Rows {
			for d := range m.Cols {
				m.Data[i*m.Cols+d] = 0.2 * float32(s.Float64())
			}
			m.Data[i*m.Cols+i%groups] += 2
		}
	}
	cfg := umap.Config{}
	cfg.MinDist = stage.None
	m := fit(t, x, cfg)
	y, err := m.Transform(t.Context(), q)
	require.NoError(t, err)
	fitted := m.Points()
	for i := range y.Rows {
		nearest, best := -1, math.Inf(1)
		for j := range fitted.Rows {
			d := math.Hypot(float64(y.Data[2*i]-fitted.Data[2*j]), float64(y.Data[2*i+1]-fitted.Data[2*j+1]))
			if d < best {
				nearest, best = j, d
			}
		}
		require.Equal(t, i%groups, nearest%groups, "row %d", i)
	}
}

func TestRestoreExact(t *testing.T) {
	x := blobs(120, 6, 4, 7)
	cfg := umap.Config{}
	cfg.NEpochs, cfg.NComponents = 30, 3
	m := fit(t, x, cfg)
	r, err := umap.Restore(x, m.Points(), m.Config())
	require.NoError(t, err)
	q := blobs(40, 6, 4, 8)
	want, err := m.Transform(t.Context(), q)
	require.NoError(t, err)
	got, err := r.Transform(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, want, got)

	_, err = umap.Restore(x, matrix(119, 3), cfg)
	require.ErrorContains(t, err, "positions of 119×3 for 120×6 rows and 3 components")
	bad := m.Points()
	bad.Data[4] = float32(math.NaN())
	_, err = umap.Restore(x, bad, cfg)
	var value *stage.ValueError
	require.ErrorAs(t, err, &value)
}

// Inputs of few, equal, empty or unconnected rows give finite positions and say in a warning what was done.
func TestOddInput(t *testing.T) {
	equal := matrix(40, 3)
	for i := range equal.Data {
		equal.Data[i] = 0.5
	}
	half := blobs(60, 3, 2, 9)
	for i := range 30 {
		copy(half.Data[i*3:i*3+3], half.Data[:3])
	}
	opposite := matrix(40, 2) // two bundles at cosine distance 2, and zeros
	for i := range 40 {
		opposite.Data[2*i] = float32([]int{1, -1, 0}[i%3])
	}
	huge := blobs(50, 3, 3, 10)
	for i := range huge.Data {
		huge.Data[i] *= 1e18
	}
	for name, x := range map[string]blas32.General{
		"one row": blobs(1, 3, 1, 1), "two rows": blobs(2, 3, 1, 1), "three rows": blobs(3, 3, 1, 1),
		"as many as neighbors": blobs(15, 3, 2, 1), "one column": blobs(50, 1, 2, 1),
		"all equal": equal, "half equal": half, "all zero": matrix(30, 4), "opposite": opposite, "huge": huge,
	} {
		for _, kind := range []metric.Kind{metric.Euclidean, metric.Cosine} {
			for _, init := range []umap.Init{umap.Spectral, umap.PCA, umap.Random} {
				t.Run(fmt.Sprintf("%s/%v/%v", name, kind, init), func(t *testing.T) {
					cfg := umap.Config{}
					cfg.NComponents, cfg.NEpochs, cfg.Metric, cfg.Init = 5, 15, kind, init
					m := fit(t, x, cfg)
					y := m.Points()
					require.Equal(t, [3]int{x.Rows, 5, 5 * x.Rows}, [3]int{y.Rows, y.Cols, len(y.Data)})
					for i, v := range y.Data {
						require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0), "position of row %d", i/5)
					}
					if x.Rows <= 15 {
						require.ErrorIs(t, errors.Join(m.Warnings()...), umap.ErrFewRows)
					}
					again, err := m.Transform(t.Context(), x)
					require.NoError(t, err)
					require.Len(t, again.Data, len(y.Data))
				})
			}
		}
	}
}

func TestErrors(t *testing.T) {
	x := blobs(50, 4, 2, 11)
	cfg := umap.Config{}
	cfg.NEpochs = 5
	ctx := t.Context()

	bad := blobs(50, 4, 2, 11)
	bad.Data[33*4+2] = float32(math.NaN())
	_, err := umap.Fit(ctx, bad, cfg)
	var value *stage.ValueError
	require.ErrorAs(t, err, &value)
	require.Equal(t, [2]int{33, 2}, [2]int{value.Row, value.Col})
	_, err = umap.Fit(ctx, blas32.General{}, cfg)
	require.ErrorContains(t, err, "matrix of 0×0, want at least one row and one column")
	_, err = umap.Fit(ctx, blas32.General{Rows: 9, Cols: 4, Stride: 4, Data: make([]float32, 5)}, cfg)
	require.Error(t, err)

	m := fit(t, x, cfg)
	_, err = m.Transform(ctx, blobs(3, 5, 1, 1))
	require.ErrorContains(t, err, "input has 5 columns, want 4 as in the fit")
	_, err = m.Transform(ctx, bad)
	require.ErrorAs(t, err, &value)
	y, err := m.Transform(ctx, matrix(0, 4))
	require.NoError(t, err)
	require.Zero(t, y.Rows)

	_, err = umap.FitData(ctx, umap.Data{X: x, Start: matrix(49, 2)}, cfg)
	require.ErrorContains(t, err, "start: matrix of 49×2 for 50 rows and 2 components")
	_, err = umap.FitData(ctx, umap.Data{X: x, Start: matrix(50, 3)}, cfg)
	require.ErrorContains(t, err, "start: matrix of 50×3 for 50 rows and 2 components")

	wild := cfg
	wild.LearningRate, wild.NEpochs = 1e38, 50
	_, err = umap.Fit(ctx, x, wild)
	require.ErrorContains(t, err, "LearningRate 1e+38")
}

func TestValidateNamesEveryField(t *testing.T) {
	nan := math.NaN()
	err := umap.Config{
		Neighbors: 1, NComponents: -1, Metric: 99, NEpochs: 1e7, LearningRate: nan, MinDist: 2, Spread: 1, SetOpMixRatio: 1.5,
		LocalConnectivity: nan, RepulsionStrength: nan, NegativeSampleRate: 10_001, Init: 7, A: 1, B: -1,
		MetricP: 3, MetricWeights: []float64{-1}, Distance: func(_, _ []float32) float64 { return 0 }, Disconnection: -1,
		DensLambda: nan, DensFrac: 1.1, DensVarShift: nan, TargetWeight: 1.1, TargetMetric: metric.Custom, TargetNeighbors: 1, Workers: -1,
	}.Validate()
	for _, field := range []string{
		"Neighbors", "NComponents", "Metric", "NEpochs", "LearningRate", "MinDist", "SetOpMixRatio",
		"LocalConnectivity", "RepulsionStrength", "NegativeSampleRate", "Init", "B", "MetricP", "MetricWeights", "MetricWeights[0]",
		"Distance", "Disconnection", "DensLambda", "DensFrac", "DensVarShift", "TargetWeight", "TargetMetric", "TargetNeighbors", "Workers",
	} {
		require.ErrorContains(t, err, "umap.Config."+field+" ")
	}
	var field *stage.ConfigError
	require.ErrorAs(t, err, &field)
	require.NoError(t, umap.Config{}.Validate())

	// Where 0 is a value that can be asked for, any negative number asks for it.
	none := umap.Config{
		NEpochs: -7, MinDist: stage.None, SetOpMixRatio: -2, LocalConnectivity: stage.None, RepulsionStrength: stage.None,
		NegativeSampleRate: stage.None, DensLambda: stage.None, DensFrac: stage.None, DensVarShift: stage.None, TargetWeight: stage.None,
	}
	require.NoError(t, none.Validate())
}

// A given start without epochs is the result, stretched as umap-learn stretches it.
func TestGivenStartExact(t *testing.T) {
	x := blobs(30, 4, 2, 12)
	cfg := umap.Config{}
	cfg.NEpochs = stage.None
	start := matrix(30, 2)
	for i := range start.Data {
		start.Data[i] = float32(i) // columns from 0 to 58 and from 1 to 59
	}
	m, err := umap.FitData(t.Context(), umap.Data{X: x, Start: start}, cfg)
	require.NoError(t, err)
	y := m.Points()
	for i := range 30 {
		require.Equal(t, []float32{float32(10 * float64(2*i) / 58), float32(10 * float64(2*i) / 58)}, y.Data[2*i:2*i+2])
	}
}

func TestProgressRises(t *testing.T) {
	cfg := umap.Config{}
	cfg.NEpochs = 25
	last, calls := 0, 0
	cfg.Progress = func(done, total int) {
		require.Equal(t, 100, total)
		require.Greater(t, done, last)
		last = done
		calls++
	}
	fit(t, blobs(500, 5, 4, 13), cfg)
	require.Equal(t, 100, last)
	require.Greater(t, calls, 20)
}

// A canceled fit ends within a tenth of a second, wherever it is.
func TestCancel(t *testing.T) {
	x := blobs(6000, 32, 12, 14)
	cfg := umap.Config{}
	gone := errors.New("gone")
	for _, at := range []int{0, 5, 41, 51, 70} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var cancelled time.Time
		stop := func() { cancelled = time.Now(); cancel(gone) }
		if at == 0 {
			stop()
		}
		cfg.Progress = func(done, _ int) {
			if done >= at && ctx.Err() == nil {
				stop()
			}
		}
		_, err := umap.Fit(ctx, x, cfg)
		late := time.Since(cancelled)
		require.ErrorIs(t, err, gone, "cancelled at %d %%", at)
		require.Less(t, late, 400*time.Millisecond, "cancelled at %d %%", at) // 100 ms and room for a busy machine
	}
	m := fit(t, blobs(100, 32, 3, 15), umap.Config{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	_, err := m.Transform(ctx, x)
	require.ErrorIs(t, err, gone)
}

// setTo returns the setting that means v.
func setTo(v float64) float64 {
	if v == 0 {
		return stage.None
	}
	return v
}
