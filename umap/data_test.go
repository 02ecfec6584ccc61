package umap_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

// quick is a configuration for small tests.
func quick() umap.Config {
	cfg := umap.Config{}
	cfg.NEpochs = 40
	return cfg
}

func nearestTo(y blas32.General, i int, among func(j int) bool) int {
	best, at := math.Inf(1), -1
	for j := range y.Rows {
		d := 0.0
		for k := range y.Cols {
			v := float64(y.Data[i*y.Stride+k] - y.Data[j*y.Stride+k])
			d += v * v
		}
		if j != i && among(j) && d < best {
			best, at = d, j
		}
	}
	return at
}

// Sparse rows give the bits of the same rows written out.
func TestSparseIsDenseExact(t *testing.T) {
	s := rng.New(21)
	x := matrix(150, 30)
	csr := sparse.CSR[float32]{Cols: x.Cols, RowPtr: []int{0}}
	for i := range x.Rows {
		for d := range x.Cols {
			if s.Intn(5) == 0 || d == i%7 {
				x.Data[i*x.Cols+d] = float32(1 + s.Intn(4))
				csr.Col, csr.Value = append(csr.Col, int32(d)), append(csr.Value, x.Data[i*x.Cols+d])
			}
		}
		csr.RowPtr = append(csr.RowPtr, len(csr.Col))
	}
	for _, m := range []metric.Kind{metric.Euclidean, metric.Cosine, metric.Hellinger, metric.Jaccard, metric.Dice} {
		cfg := quick()
		cfg.Metric = m
		a := fit(t, x, cfg)
		b, err := umap.FitData(t.Context(), umap.Data{Sparse: csr}, cfg)
		require.NoError(t, err)
		require.Equal(t, a.Points(), b.Points(), "%v", m)
		y, err := b.TransformSparse(t.Context(), csr)
		require.NoError(t, err)
		require.Equal(t, b.Points().Data, y.Data, "%v", m)
		_, err = b.Transform(t.Context(), x)
		require.ErrorContains(t, err, "use TransformSparse")
	}
	cfg := quick()
	cfg.Init = umap.PCA
	_, err := umap.FitData(t.Context(), umap.Data{Sparse: csr}, cfg)
	require.ErrorContains(t, err, "umap.Config.Init is pca")
	cfg = quick()
	cfg.Metric = metric.Canberra
	_, err = umap.FitData(t.Context(), umap.Data{Sparse: csr}, cfg)
	require.ErrorContains(t, err, "not available for sparse rows")
}

func TestCustomMetricExact(t *testing.T) {
	x := blobs(120, 5, 4, 22)
	cfg := quick()
	cfg.Metric = metric.Manhattan
	want := fit(t, x, cfg)
	cfg.Metric = metric.Custom
	cfg.Distance = func(a, b []float32) float64 {
		s := 0.0
		for i, v := range a {
			s += math.Abs(float64(v) - float64(b[i]))
		}
		return s
	}
	got := fit(t, x, cfg)
	for i, d := range want.Neighbors().Distance {
		require.InDelta(t, d, got.Neighbors().Distance[i], 1e-6)
	}
	cfg.Distance = nil
	require.ErrorContains(t, cfg.Validate(), "umap.Config.Distance")
}

func TestUniqueExact(t *testing.T) {
	x := blobs(100, 4, 3, 23)
	for i := range 30 {
		copy(x.Data[(60+i)*4:][:4], x.Data[i*4:])
	}
	cfg := quick()
	cfg.Unique = true
	classes := make([]int, x.Rows)
	m, err := umap.FitData(t.Context(), umap.Data{X: x, Classes: classes}, cfg)
	require.NoError(t, err)
	y := m.Points()
	require.Equal(t, 100, y.Rows)
	require.Equal(t, y.Data[:60], y.Data[120:180])
	require.Len(t, m.Training(), 100)
	require.Equal(t, 70, m.Graph().Rows())
	again, err := m.Transform(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, y.Data, again.Data)
	r, err := umap.Restore(x, y, m.Config())
	require.NoError(t, err)
	require.Equal(t, y, r.Points())
}

// Equal rows are laid out as one, as if they had come once, in any position; those of different classes are not.
func TestCopiesAreOneVertexExact(t *testing.T) {
	x := blobs(90, 4, 3, 23)
	y := dense.New(400, 4)
	of := make([]int, y.Rows)
	for i := range of {
		if of[i] = i % 90; i >= 300 { // a crowd
			of[i] = 7
		}
		copy(dense.Row(y, i), dense.Row(x, of[i]))
	}
	once, many := fit(t, x, quick()), fit(t, y, quick())
	require.Equal(t, 90, many.Graph().Rows())
	require.True(t, many.Config().Unique)
	require.False(t, once.Config().Unique)
	require.Nil(t, once.Training())
	for i, j := range of {
		require.Equal(t, dense.Row(once.Points(), j), dense.Row(many.Points(), i))
	}
	classes := make([]int, y.Rows)
	for i := range classes {
		classes[i] = i / 100
	}
	m, err := umap.FitData(t.Context(), umap.Data{X: y, Classes: classes}, quick())
	require.NoError(t, err)
	require.Equal(t, 90+90+90+1, m.Graph().Rows())
	r, err := umap.Restore(y, m.Points(), m.Config())
	require.NoError(t, err)
	require.Equal(t, m.Points(), r.Points())
	all := fit(t, dense.New(50, 3), quick())
	require.Equal(t, 50, all.Points().Rows)
	cfg := quick()
	cfg.Unique, cfg.KeepCopies = true, true
	require.ErrorContains(t, cfg.Validate(), "umap.Config.KeepCopies")
}

// More equal rows than neighbors stay near the rows that they are like.
func TestCrowdsOfEqualRows(t *testing.T) {
	x := blobs(300, 6, 5, 24)
	for i := range 80 {
		copy(x.Data[(100+i)*6:][:6], x.Data[7*6:8*6])
	}
	cfg := quick()
	cfg.KeepCopies = true
	m := fit(t, x, cfg)
	nb := m.Neighbors()
	for i := 100; i < 180; i++ {
		others := 0
		for k, j := range nb.Index[i*nb.K : (i+1)*nb.K] {
			if nb.Distance[i*nb.K+k] > 0 {
				others++
				require.False(t, j >= 100 && j < 180 || j == 7)
			}
		}
		require.Equal(t, nb.K-3, others, "row %d", i)
	}
	// The crowd holds together with its surroundings: one component, and no edge twice.
	label := components(m.Graph())
	for i := 100; i < 180; i++ {
		require.Equal(t, label[7], label[i])
	}
	require.NotEqual(t, 0, countLabel(label, label[7])-81, "the crowd is alone")
	all := matrix(40, 3)
	require.NotPanics(t, func() { fit(t, all, cfg) })
}

func components(g sparse.CSR[float32]) []int {
	label := make([]int, g.Rows())
	for i := range label {
		label[i] = i
	}
	find := func(i int) int {
		for label[i] != i {
			i = label[i]
		}
		return i
	}
	for i := range label {
		for _, j := range g.Col[g.RowPtr[i]:g.RowPtr[i+1]] {
			label[find(i)] = find(int(j))
		}
	}
	out := make([]int, len(label))
	for i := range label {
		out[i] = find(i)
	}
	return out
}

func countLabel(label []int, l int) (n int) {
	for _, v := range label {
		if v == l {
			n++
		}
	}
	return n
}

// Classes draw rows of one class together.
func TestSupervisedStatistical(t *testing.T) {
	s := rng.New(25)
	x := matrix(240, 8)
	classes := make([]int, x.Rows)
	for i := range x.Rows {
		classes[i] = i % 3
		for d := range 8 {
			x.Data[i*8+d] = float32(s.Float64())
		}
	}
	same := func(y blas32.General) (n int) {
		for i := range y.Rows {
			if classes[nearestTo(y, i, func(int) bool { return true })] == classes[i] {
				n++
			}
		}
		return n
	}
	cfg := quick()
	cfg.NEpochs = 200
	m, err := umap.FitData(t.Context(), umap.Data{X: x, Classes: classes}, cfg)
	require.NoError(t, err)
	require.Greater(t, same(m.Points()), 200)
	require.Less(t, same(fit(t, x, cfg).Points()), 120)
}

// Permuting the rows permutes every step that no random number enters.
func TestPermutationExact(t *testing.T) {
	x := blobs(200, 5, 4, 26)
	perm := make([]int, x.Rows)
	s := rng.New(27)
	for i := range perm {
		j := s.Intn(i + 1)
		perm[i] = perm[j]
		perm[j] = i
	}
	p := matrix(x.Rows, 5)
	for to, from := range perm {
		copy(p.Data[to*5:][:5], x.Data[from*5:])
	}
	cfg := quick()
	a, b := fit(t, x, cfg), fit(t, p, cfg)
	na, nb := a.Neighbors(), b.Neighbors()
	ra, sa := a.LocalScale()
	rb, sb := b.LocalScale()
	ga, gb := a.Graph(), b.Graph()
	weight := func(g sparse.CSR[float32], i, j int) float32 {
		for k := g.RowPtr[i]; k < g.RowPtr[i+1]; k++ {
			if int(g.Col[k]) == j {
				return g.Value[k]
			}
		}
		return 0
	}
	for to, from := range perm {
		require.Equal(t, na.Distance[from*na.K:][:na.K], nb.Distance[to*nb.K:][:nb.K])
		for k := range nb.K {
			require.Equal(t, int(na.Index[from*na.K+k]), perm[nb.Index[to*nb.K+k]])
		}
		require.Equal(t, ra[from], rb[to])
		require.InDelta(t, sa[from], sb[to], 1e-6) // the mean of all distances is summed in another order
		for k := gb.RowPtr[to]; k < gb.RowPtr[to+1]; k++ {
			require.InDelta(t, weight(ga, from, perm[gb.Col[k]]), gb.Value[k], 1e-6)
		}
	}
}

// A layout that is stopped, looked at and gone on with elsewhere gives the bits of one that runs through.
func TestLayoutResumesExact(t *testing.T) {
	x := blobs(300, 5, 4, 28)
	cfg := quick()
	m := fit(t, x, cfg)
	start := matrix(x.Rows, 2)
	s := rng.New(29)
	for i := range start.Data {
		start.Data[i] = float32(10 * s.Float64())
	}
	want, err := umap.OptimizeLayout(t.Context(), start, m.Graph(), cfg)
	require.NoError(t, err)

	var seen []int
	cfg.Epoch = func(epoch int, y blas32.General) error {
		seen = append(seen, epoch)
		require.Equal(t, 300, y.Rows)
		return nil
	}
	first, err := umap.NewLayout(start, m.Graph(), 0, cfg)
	require.NoError(t, err)
	require.NoError(t, first.Run(t.Context(), 13))
	require.Equal(t, 13, first.Epoch())
	second, err := umap.NewLayout(first.Positions(), m.Graph(), first.Epoch(), cfg)
	require.NoError(t, err)
	require.NoError(t, second.Run(t.Context(), 1000))
	require.Equal(t, want, second.Positions())
	require.Equal(t, 40, second.Epoch())
	require.Len(t, seen, 40)
	require.Equal(t, 40, seen[39])

	enough := errors.New("enough")
	cfg.Epoch = func(epoch int, _ blas32.General) error {
		if epoch == 5 {
			return enough
		}
		return nil
	}
	_, err = umap.Fit(t.Context(), x, cfg)
	require.ErrorIs(t, err, enough)
	_, err = umap.NewLayout(start, m.Graph(), 41, cfg)
	require.ErrorContains(t, err, "epoch 41, want 0 to 40")
}

func TestUpdateExact(t *testing.T) {
	x, q := blobs(150, 5, 4, 30), blobs(40, 5, 4, 31)
	cfg := umap.Config{}
	m := fit(t, x, cfg)
	placed, err := m.Transform(t.Context(), q)
	require.NoError(t, err)
	u, err := m.Update(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, append(m.Points().Data, placed.Data...), u.Points().Data)
	require.Equal(t, 190, u.Graph().Rows())
	require.Equal(t, 150, m.Graph().Rows())

	cfg.NEpochs = 30
	m = fit(t, x, cfg)
	u, err = m.Update(t.Context(), q)
	require.NoError(t, err)
	require.NotEqual(t, m.Points().Data, u.Points().Data[:300])
	y, err := u.Transform(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, u.Points().Data[300:], y.Data)

	classes, err := umap.FitData(t.Context(), umap.Data{X: x, Classes: make([]int, 150)}, cfg)
	require.NoError(t, err)
	_, err = classes.Update(t.Context(), q)
	require.ErrorContains(t, err, "fitted to classes or targets")
}

// The row for a training row's position is nearer to that row than to most.
func TestInverseTransformStatistical(t *testing.T) {
	x := blobs(200, 4, 5, 32)
	for i := range x.Data {
		x.Data[i] += 0.2 // Hellinger wants no value below 0
	}
	for _, kind := range []metric.Kind{metric.Euclidean, metric.Cosine, metric.Correlation, metric.Manhattan, metric.Chebyshev, metric.Minkowski, metric.Canberra, metric.BrayCurtis, metric.Hellinger} {
		cfg := umap.Config{}
		cfg.Metric, cfg.NEpochs = kind, 100
		m := fit(t, x, cfg)
		y := m.Points()
		y.Rows = 20
		back, err := m.InverseTransform(t.Context(), y)
		require.NoError(t, err)
		require.Equal(t, [2]int{20, 4}, [2]int{back.Rows, back.Cols})
		near := 0
		for i := range 20 {
			own, rank := 0.0, 0
			a := shape(back.Data[i*4:][:4], kind)
			distance := func(j int) (d float64) {
				for k, v := range shape(x.Data[j*4:][:4], kind) {
					d += (v - a[k]) * (v - a[k])
				}
				return d
			}
			own = distance(i)
			for j := range x.Rows {
				if distance(j) < own {
					rank++
				}
			}
			if rank < 60 {
				near++
			}
		}
		require.Greater(t, near, 13, "%v", kind)

		one := blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: y.Data[10:12]}
		alone, err := m.InverseTransform(t.Context(), one)
		require.NoError(t, err)
		require.Equal(t, back.Data[20:24], alone.Data)
	}
	cfg := quick()
	cfg.Metric = metric.Hamming
	m := fit(t, x, cfg)
	_, err := m.InverseTransform(t.Context(), m.Points())
	require.ErrorContains(t, err, "hamming has no gradient")
}

// shape is what a metric sees of a row.
func shape(row []float32, m metric.Kind) []float64 {
	out := make([]float64, len(row))
	mean, square := 0.0, 0.0
	for _, v := range row {
		mean += float64(v) / float64(len(row))
	}
	if m != metric.Correlation {
		mean = 0
	}
	for k, v := range row {
		out[k] = float64(v) - mean
		if m == metric.Hellinger {
			out[k] = math.Sqrt(max(out[k], 0))
		}
		square += out[k] * out[k]
	}
	if m == metric.Cosine || m == metric.Correlation || m == metric.Hellinger {
		for k := range out {
			out[k] /= math.Sqrt(square)
		}
	}
	return out
}

// The rows that slices share are nearer to each other than without alignment, and for any number of workers at the same
// place.
func TestAlignedStatistical(t *testing.T) {
	x := blobs(260, 5, 5, 33)
	part := func(lo, hi int) umap.Data {
		return umap.Data{X: blas32.General{Rows: hi - lo, Cols: 5, Stride: 5, Data: x.Data[lo*5 : hi*5]}}
	}
	slices := []umap.Data{part(0, 160), part(50, 210), part(100, 260)}
	var shift umap.Relation
	for i := range 110 {
		shift = append(shift, [2]int{50 + i, i})
	}
	cfg := umap.AlignedConfig{}
	cfg.NEpochs = 60
	gap := func(a *umap.Aligned) (sum float64) {
		m := a.Models()
		for s := range len(m) - 1 {
			p, q := m[s].Points(), m[s+1].Points()
			for _, r := range shift {
				sum += math.Hypot(float64(p.Data[2*r[0]]-q.Data[2*r[1]]), float64(p.Data[2*r[0]+1]-q.Data[2*r[1]+1]))
			}
		}
		return sum / float64((len(m)-1)*len(shift))
	}
	a, err := umap.FitAligned(t.Context(), slices, []umap.Relation{shift, shift}, cfg)
	require.NoError(t, err)
	for _, workers := range []int{1, 3} {
		cfg.Workers = workers
		b, err := umap.FitAligned(t.Context(), slices, []umap.Relation{shift, shift}, cfg)
		require.NoError(t, err)
		for s := range slices {
			require.Equal(t, a.Models()[s].Points(), b.Models()[s].Points())
		}
	}
	loose := cfg
	loose.Regularization = stage.None
	b, err := umap.FitAligned(t.Context(), slices, []umap.Relation{shift, shift}, loose)
	require.NoError(t, err)
	require.Less(t, gap(a), 0.7*gap(b))

	two, err := umap.FitAligned(t.Context(), slices[:2], []umap.Relation{shift}, cfg)
	require.NoError(t, err)
	three, err := two.Update(t.Context(), slices[2], shift)
	require.NoError(t, err)
	require.Equal(t, two.Models()[1].Points(), three.Models()[1].Points())
	require.Less(t, gap(three), 0.7*gap(b))

	_, err = umap.FitAligned(t.Context(), slices, []umap.Relation{shift}, cfg)
	require.ErrorContains(t, err, "1 relations for 3 slices")
	_, err = umap.FitAligned(t.Context(), slices[:2], []umap.Relation{{{0, 0}, {1, 0}}}, cfg)
	require.ErrorContains(t, err, "names row 0 of slice 1 twice")
	_, err = umap.FitAligned(t.Context(), slices[:2], []umap.Relation{{{0, 160}}}, cfg)
	require.ErrorContains(t, err, "names row 160 of slice 1, which has 160")
}

// densMAP makes the radii among the positions follow those among the rows, with the same bits for any number of workers.
func TestDensMAPStatistical(t *testing.T) {
	s := rng.New(34)
	x := matrix(300, 5)
	for i := range x.Rows {
		size := []float64{0.1, 0.4, 1.6}[i%3]
		for d := range 5 {
			x.Data[i*5+d] = float32(float64(6*(i%3)*(d%2)) + size*(s.Float64()+s.Float64()-1))
		}
	}
	correlation := func(cfg umap.Config) float64 {
		m := fit(t, x, cfg)
		a, b, err := m.Radii(t.Context())
		require.NoError(t, err)
		var ma, mb, ab, aa, bb float64
		for i := range a {
			ma, mb = ma+a[i]/300, mb+b[i]/300
		}
		for i := range a {
			ab += (a[i] - ma) * (b[i] - mb)
			aa += (a[i] - ma) * (a[i] - ma)
			bb += (b[i] - mb) * (b[i] - mb)
		}
		return ab / math.Sqrt(aa*bb)
	}
	cfg := umap.Config{}
	plain := correlation(cfg)
	cfg.DensMAP = true
	dense := correlation(cfg)
	require.Greater(t, dense, plain+0.1, "without densMAP %v", plain)
	require.Greater(t, dense, 0.8)
	cfg.NEpochs = 30
	cfg.Workers = 1
	want := fit(t, x, cfg).Points()
	cfg.Workers = 3
	require.Equal(t, want, fit(t, x, cfg).Points())
}
