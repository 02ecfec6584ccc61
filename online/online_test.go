package online_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/online"
)

type golden struct {
	PCA []struct {
		K     int
		X     [][]float32
		Steps []struct {
			Rows                                int
			Mean, Variance, Singular, Explained []float64
			Components                          [][]float64
		}
		Transformed [][]float64
	}
	KMeans []struct {
		K       int
		Ratio   float64
		X, Init [][]float32
		Steps   []struct {
			Rows    int
			Centres [][]float64
			Counts  []float64
			Labels  []int
		}
	}
	Inertia []struct {
		K, Batch        int
		X               [][]float32
		Mean, Deviation float64
	}
	DBStream []struct {
		X                                       [][]float32
		Radius, Fading, MinWeight, Intersection float64
		Gap                                     int
		Micro                                   []struct {
			Centre      []float64
			Weight      float64
			Last, Label int
			Shared      [][3]float64 // with which, weight, last
		}
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	f, err := os.Open("testdata/golden.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	require.NotEmpty(t, g.PCA)
	require.NotEmpty(t, g.KMeans)
	require.NotEmpty(t, g.Inertia)
	require.NotEmpty(t, g.DBStream)
	return g
}

// matrix has two values of padding after each row.
func matrix(rows [][]float32) blas32.General {
	if len(rows) == 0 {
		return blas32.General{}
	}
	d := len(rows[0])
	x := blas32.General{Rows: len(rows), Cols: d, Stride: d + 2}
	for _, r := range rows {
		x.Data = append(append(x.Data, r...), float32(math.NaN()), float32(math.NaN()))
	}
	return x
}

func TestPCAWithinTolerance(t *testing.T) {
	const tolerance = 1e-6
	for _, c := range readGolden(t).PCA {
		p, err := online.NewPCA(online.PCAConfig{NComponents: c.K})
		require.NoError(t, err)
		at := 0
		for _, s := range c.Steps {
			p, err = p.Update(t.Context(), matrix(c.X[at:at+s.Rows]))
			require.NoError(t, err)
			at += s.Rows
			require.Equal(t, at, p.Rows())
			require.InDeltaSlice(t, s.Mean, p.Means(), tolerance)
			require.InDeltaSlice(t, s.Variance, p.Variances(), tolerance)
			require.InDeltaSlice(t, s.Singular, p.SingularValues(), tolerance*s.Singular[0])
			require.InDeltaSlice(t, s.Explained, p.ExplainedVariance(), tolerance*s.Explained[0])
			for i, axis := range p.Axes() {
				if s.Singular[i] > 1e-6*s.Singular[0] { // where the rows have no variance any direction will do
					require.InDeltaSlice(t, s.Components[i], axis, tolerance)
				}
			}
			requireOrthonormal(t, p.Axes())
		}
		got, err := p.Transform(t.Context(), matrix(c.X))
		require.NoError(t, err)
		for i, want := range c.Transformed {
			for j, v := range want {
				require.InDelta(t, v, got.Data[i*got.Stride+j], 1e-5)
			}
		}
	}
}

func requireOrthonormal(t *testing.T, axes [][]float64) {
	t.Helper()
	for i := range axes {
		for j := range i + 1 {
			dot := 0.0
			for k, v := range axes[i] {
				dot += v * axes[j][k]
			}
			want := 0.0
			if i == j {
				want = 1
			}
			require.InDelta(t, want, dot, 1e-12)
		}
	}
}

// With as many components as columns nothing is forgotten: any batches give what one does.
func TestPCAOfAnyBatchesWithinTolerance(t *testing.T) {
	const n, d = 60, 7
	x := blobs(n, d, 4, 1)
	whole := updatePCA(t, d, 1, x, n)
	for _, size := range []int{1, 2, 7, 31, 59} {
		p := updatePCA(t, d, 1, x, size)
		require.InDeltaSlice(t, whole.Means(), p.Means(), 1e-12)
		require.InDeltaSlice(t, whole.Variances(), p.Variances(), 1e-10)
		require.InDeltaSlice(t, whole.SingularValues(), p.SingularValues(), 1e-9)
		for i, axis := range whole.Axes() {
			require.InDeltaSlice(t, axis, p.Axes()[i], 1e-9)
		}
	}
}

// Rows that are alike, or vary in one direction alone, leave components without variance; they are directions all the same.
func TestPCAWithoutVariance(t *testing.T) {
	for name, x := range map[string]blas32.General{
		"one row":       matrix([][]float32{{1, 2, 3}}),
		"alike":         matrix([][]float32{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}),
		"one direction": matrix([][]float32{{1, 2, 3}, {2, 4, 6}, {4, 8, 12}}),
		"huge":          matrix([][]float32{{1e30, 2, 3}, {-1e30, 4, 6}, {4, 8e29, 12}}),
		"tiny":          matrix([][]float32{{1e-30, 2e-35, 3e-33}, {-1e-30, 4e-35, 6e-32}}),
	} {
		for _, size := range []int{1, 3} {
			p := updatePCA(t, 3, 1, x, size)
			requireOrthonormal(t, p.Axes())
			out, err := p.Transform(t.Context(), x)
			require.NoError(t, err)
			for _, v := range out.Data {
				require.False(t, math.IsNaN(float64(v)), name)
			}
		}
	}
}

func updatePCA(t *testing.T, k, workers int, x blas32.General, size int) *online.PCA {
	t.Helper()
	p, err := online.NewPCA(online.PCAConfig{NComponents: k, Workers: workers})
	require.NoError(t, err)
	for at := 0; at < x.Rows; at += size {
		p, err = p.Update(t.Context(), rows(x, at, min(at+size, x.Rows)))
		require.NoError(t, err)
	}
	return p
}

func rows(x blas32.General, lo, hi int) blas32.General {
	return blas32.General{Rows: hi - lo, Cols: x.Cols, Stride: x.Stride, Data: x.Data[lo*x.Stride:]}
}

// blobs is n rows around some centres, in turn.
func blobs(n, d, centres int, spread float64) blas32.General {
	x := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	for i := range n {
		s, c := rng.New(5, uint64(i)), rng.New(6, uint64(i%centres))
		for j := range d {
			noise := s.Float64() + s.Float64() + s.Float64() - 1.5
			x.Data[i*d+j] = float32(10*c.Float64() + spread*noise)
		}
	}
	return x
}

func TestKMeansWithinTolerance(t *testing.T) {
	for _, c := range readGolden(t).KMeans {
		k, err := online.KMeansFrom(matrix(c.Init), online.KMeansConfig{NClusters: c.K, ReassignmentRatio: c.Ratio})
		require.NoError(t, err)
		at := 0
		for _, s := range c.Steps {
			x := matrix(c.X[at : at+s.Rows])
			k, err = k.Update(t.Context(), x)
			require.NoError(t, err)
			at += s.Rows
			for i, centre := range k.Means() {
				require.InDeltaSlice(t, s.Centres[i], centre, 1e-9)
			}
			var state struct{ Counts []float64 }
			text, err := json.Marshal(k)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &state))
			require.Equal(t, s.Counts, state.Counts)
			labels, err := k.Predict(t.Context(), x)
			require.NoError(t, err)
			require.Equal(t, s.Labels, labels)
		}
	}
}

// What chance decides, first centres and reassignments, is as good as scikit-learn's: the mean over seeds of the sum of
// squared distances is not larger by more than two standard errors of the difference.
func TestKMeansStatistically(t *testing.T) {
	const seeds = 40
	for _, c := range readGolden(t).Inertia {
		x := matrix(c.X)
		var found []float64
		mean, square := 0.0, 0.0
		for seed := range uint64(seeds) {
			cfg := online.DefaultKMeansConfig()
			cfg.NClusters, cfg.Seed = c.K, seed
			k, err := online.NewKMeans(cfg)
			require.NoError(t, err)
			for at := 0; at < x.Rows; at += c.Batch {
				k, err = k.Update(t.Context(), rows(x, at, at+c.Batch))
				require.NoError(t, err)
			}
			labels, err := k.Predict(t.Context(), x)
			require.NoError(t, err)
			sum := 0.0
			for i, l := range labels {
				for j, v := range c.X[i] {
					d := float64(v) - k.Means()[l][j]
					sum += d * d
				}
			}
			found = append(found, sum)
			mean += sum / seeds
		}
		for _, v := range found {
			square += (v - mean) * (v - mean) / (seeds - 1)
		}
		t.Logf("K %d: %.1f ± %.1f, scikit-learn %.1f ± %.1f", c.K, mean, math.Sqrt(square), c.Mean, c.Deviation)
		require.Less(t, mean, c.Mean+2*math.Sqrt((square+c.Deviation*c.Deviation)/seeds))
	}
}

func TestDBStreamWithinTolerance(t *testing.T) {
	for _, c := range readGolden(t).DBStream {
		s, err := online.NewDBStream(online.DBStreamConfig{Radius: c.Radius, Fading: c.Fading, Gap: c.Gap, MinWeight: c.MinWeight, Intersection: c.Intersection})
		require.NoError(t, err)
		x := matrix(c.X)
		for at := 0; at < x.Rows; at += 50 {
			s, err = s.Update(t.Context(), rows(x, at, min(at+50, x.Rows)))
			require.NoError(t, err)
		}
		var state struct {
			Micro []struct {
				Born, Last, Cluster int
				Centre              []float64
				Weight              float64
				Shared              []struct {
					With, Last int
					Weight     float64
				}
			}
		}
		text, err := json.Marshal(s)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &state))
		require.Len(t, state.Micro, len(c.Micro))
		same := map[[2]int]bool{}
		for i, want := range c.Micro {
			got := state.Micro[i]
			require.InDeltaSlice(t, want.Centre, got.Centre, 1e-9)
			require.InDelta(t, want.Weight, got.Weight, 1e-9)
			require.Equal(t, want.Last, got.Last)
			require.Len(t, got.Shared, len(want.Shared))
			for j, e := range want.Shared {
				require.Equal(t, state.Micro[int(e[0])].Born, got.Shared[j].With)
				require.InDelta(t, e[1], got.Shared[j].Weight, 1e-9)
				require.Equal(t, int(e[2]), got.Shared[j].Last)
			}
			if c.Fading == 0 { // the weights that decide are the same
				same[[2]int{want.Label, got.Cluster}] = true
			}
		}
		if c.Fading == 0 { // other numbers, the same groups
			of, from := map[int]bool{}, map[int]bool{}
			for pair := range same {
				require.False(t, of[pair[0]] || from[pair[1]], pair)
				of[pair[0]], from[pair[1]] = true, true
			}
			require.True(t, same[[2]int{online.Outlier, online.Outlier}])
			require.Greater(t, len(same), 2)
		}
	}
}

// Well separated blobs are found, whatever the batches, also when the first has fewer rows than there are clusters.
func TestKMeansFindsBlobsExact(t *testing.T) {
	const n, blobCount = 300, 6
	x := blobs(n, 4, blobCount, 0.2)
	for _, size := range []int{1, 4, 50, n} {
		k, err := online.NewKMeans(online.KMeansConfig{NClusters: blobCount, Seed: 3, ReassignmentRatio: 0.01})
		require.NoError(t, err)
		for at := 0; at < n; at += size {
			k, err = k.Update(t.Context(), rows(x, at, min(at+size, n)))
			require.NoError(t, err)
		}
		labels, err := k.Predict(t.Context(), x)
		require.NoError(t, err)
		if size >= 50 {
			requireBlobs(t, labels, blobCount)
		}
		require.Len(t, k.Means(), blobCount)
	}
}

func requireBlobs(t *testing.T, labels []int, blobCount int) {
	t.Helper()
	of := map[int]int{}
	for i, l := range labels {
		want, ok := of[i%blobCount]
		if !ok {
			of[i%blobCount], want = l, l
		}
		require.Equal(t, want, l)
	}
	seen := map[int]bool{}
	for _, l := range of {
		seen[l] = true
	}
	require.Len(t, seen, blobCount)
}

// A centre that nothing is near to is moved to where rows are; without reassignment it stays.
func TestKMeansReassignsExact(t *testing.T) {
	x := blobs(100, 2, 2, 0.1)
	far := matrix([][]float32{{x.Data[0], x.Data[1]}, {1e6, 1e6}})
	for _, c := range []struct {
		ratio float64
		moved bool
	}{{0, false}, {0.01, true}} {
		k, err := online.KMeansFrom(far, online.KMeansConfig{NClusters: 2, ReassignmentRatio: c.ratio})
		require.NoError(t, err)
		k, err = k.Update(t.Context(), x)
		require.NoError(t, err)
		require.Equal(t, c.moved, k.Means()[1][0] < 100)
	}
}

// DBStream finds the blobs without being told how many there are, a blob that comes later gets a new number, and the
// others keep theirs.
func TestDBStreamFindsBlobsExact(t *testing.T) {
	x := blobs(400, 3, 4, 0.3)
	cfg := online.DefaultDBStreamConfig()
	cfg.Radius, cfg.Intersection = 1, 0.05
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	var first []int
	for at := 0; at < 400; at += 100 {
		s, err = s.Update(t.Context(), rows(x, at, at+100))
		require.NoError(t, err)
		require.Len(t, s.Clusters(), 4)
		labels, err := s.Predict(t.Context(), x)
		require.NoError(t, err)
		requireBlobs(t, labels, 4)
		if first == nil {
			first = labels
		}
		require.Equal(t, first, labels, "numbers changed")
	}
	far := blobs(20, 3, 1, 0.3)
	for i := range far.Data {
		far.Data[i] += 100
	}
	before, err := s.Predict(t.Context(), far)
	require.NoError(t, err)
	for _, l := range before {
		require.Equal(t, online.Outlier, l)
	}
	s, err = s.Update(t.Context(), far)
	require.NoError(t, err)
	after, err := s.Predict(t.Context(), far)
	require.NoError(t, err)
	for _, l := range after {
		require.Equal(t, 4, l)
	}
	labels, err := s.Predict(t.Context(), x)
	require.NoError(t, err)
	require.Equal(t, first, labels)
}

// With fading a region that gets no rows any more is left out.
func TestDBStreamForgetsExact(t *testing.T) {
	cfg := online.DefaultDBStreamConfig()
	cfg.Radius, cfg.Intersection, cfg.Fading, cfg.Gap = 1, 0.05, 0.05, 50
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	old := blobs(100, 3, 1, 0.3)
	s, err = s.Update(t.Context(), old)
	require.NoError(t, err)
	fresh := blobs(400, 3, 1, 0.3)
	for i := range fresh.Data {
		fresh.Data[i] += 50
	}
	s, err = s.Update(t.Context(), fresh)
	require.NoError(t, err)
	labels, err := s.Predict(t.Context(), old)
	require.NoError(t, err)
	for _, l := range labels {
		require.Equal(t, online.Outlier, l)
	}
	require.Len(t, s.Clusters(), 1)
}

// learner is what the three have in common.
type learner interface {
	json.Marshaler
	json.Unmarshaler
}

// machines makes each learner of rows in batches, with any workers, and goes on from its JSON after half of them.
func machines(t *testing.T, x blas32.General, workers int, resume bool) map[string][]byte {
	t.Helper()
	p, err := online.NewPCA(online.PCAConfig{NComponents: 3, Workers: workers})
	require.NoError(t, err)
	k, err := online.NewKMeans(online.KMeansConfig{NClusters: 12, ReassignmentRatio: 0.1, Seed: 1, Workers: workers})
	require.NoError(t, err)
	cfg := online.DefaultDBStreamConfig()
	cfg.Workers, cfg.Fading, cfg.Gap = workers, 0.01, 40
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	for at := 0; at < x.Rows; at += 64 {
		b := rows(x, at, min(at+64, x.Rows))
		p, err = p.Update(t.Context(), b)
		require.NoError(t, err)
		k, err = k.Update(t.Context(), b)
		require.NoError(t, err)
		s, err = s.Update(t.Context(), b)
		require.NoError(t, err)
		if resume && at == 128 {
			p2, k2, s2 := &online.PCA{}, &online.KMeans{}, &online.DBStream{}
			again(t, p, p2)
			again(t, k, k2)
			again(t, s, s2)
			p, k, s = p2.With(workers), k2.With(workers), s2.With(workers)
		}
	}
	out := map[string][]byte{}
	for name, l := range map[string]learner{"PCA": p, "KMeans": k, "DBStream": s} {
		out[name], err = json.Marshal(l)
		require.NoError(t, err)
	}
	points, err := p.Transform(t.Context(), x)
	require.NoError(t, err)
	one, err := k.Predict(t.Context(), x)
	require.NoError(t, err)
	two, err := s.Predict(t.Context(), x)
	require.NoError(t, err)
	out["predicted"], err = json.Marshal([]any{points.Data, one, two})
	require.NoError(t, err)
	return out
}

func again(t *testing.T, from, to learner) {
	t.Helper()
	text, err := json.Marshal(from)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, to))
}

func TestSameBitsExact(t *testing.T) {
	x := blobs(500, 40, 9, 6)
	want := machines(t, x, 1, false)
	for _, workers := range []int{2, 3, 8} {
		require.Equal(t, want, machines(t, x, workers, false))
	}
	require.Equal(t, want, machines(t, x, 2, true), "resumed")
}

// An update that fails leaves the model as it was, and a model is not changed by what is made of it.
func TestUpdatesLeaveThePastAloneExact(t *testing.T) {
	x := blobs(200, 4, 3, 1)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	bad := rows(blobs(5, 4, 3, 1), 0, 5)
	bad.Data[7] = float32(math.NaN())
	p, err := online.NewPCA(online.PCAConfig{NComponents: 2})
	require.NoError(t, err)
	k, err := online.NewKMeans(online.DefaultKMeansConfig())
	require.NoError(t, err)
	cfg := online.DefaultDBStreamConfig()
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	_, err = p.Transform(t.Context(), x)
	require.ErrorIs(t, err, online.ErrNothingSeen)
	_, err = k.Predict(t.Context(), x)
	require.ErrorIs(t, err, online.ErrNothingSeen)
	_, err = s.Predict(t.Context(), x)
	require.ErrorIs(t, err, online.ErrNothingSeen)

	p, err = p.Update(t.Context(), x)
	require.NoError(t, err)
	k, err = k.Update(t.Context(), x)
	require.NoError(t, err)
	s, err = s.Update(t.Context(), x)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		of     learner
		update func(ctx context.Context, x blas32.General) error
	}{
		"PCA":      {p, func(ctx context.Context, x blas32.General) error { _, err := p.Update(ctx, x); return err }},
		"KMeans":   {k, func(ctx context.Context, x blas32.General) error { _, err := k.Update(ctx, x); return err }},
		"DBStream": {s, func(ctx context.Context, x blas32.General) error { _, err := s.Update(ctx, x); return err }},
	} {
		before, err := json.Marshal(c.of)
		require.NoError(t, err)
		require.ErrorIs(t, c.update(cancelled, x), context.Canceled, name)
		var value *online.ValueError
		require.ErrorAs(t, c.update(t.Context(), bad), &value, name)
		require.ErrorContains(t, c.update(t.Context(), blobs(3, 5, 1, 1)), "5 columns", name)
		require.NoError(t, c.update(t.Context(), blas32.General{}), name)
		require.NoError(t, c.update(t.Context(), blobs(50, 4, 5, 3)), name)
		after, err := json.Marshal(c.of)
		require.NoError(t, err)
		require.JSONEq(t, string(before), string(after), name)
	}
}

func TestValidateReportsEveryField(t *testing.T) {
	for _, c := range []struct {
		validate error
		fields   int
	}{
		{online.PCAConfig{Workers: -1}.Validate(), 2},
		{online.KMeansConfig{Workers: -1, ReassignmentRatio: -1}.Validate(), 3},
		{online.DBStreamConfig{Radius: -1, Fading: -1, MinWeight: math.NaN(), Workers: -1}.Validate(), 7},
		{online.DefaultPCAConfig().Validate(), 0},
		{online.DefaultKMeansConfig().Validate(), 0},
		{online.DefaultDBStreamConfig().Validate(), 0},
	} {
		if c.fields == 0 {
			require.NoError(t, c.validate)
			continue
		}
		require.Len(t, c.validate.(interface{ Unwrap() []error }).Unwrap(), c.fields)
	}
	p, err := online.NewPCA(online.PCAConfig{NComponents: 5})
	require.NoError(t, err)
	_, err = p.Update(t.Context(), blobs(9, 4, 1, 1))
	var bad *online.ConfigError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "online.PCAConfig.NComponents", bad.Field)
}
