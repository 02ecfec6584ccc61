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
	"github.com/gobertopic/gobertopic/stage"
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

func rows(x blas32.General, lo, hi int) blas32.General {
	return blas32.General{Rows: hi - lo, Cols: x.Cols, Stride: x.Stride, Data: x.Data[lo*x.Stride:]}
}

// blobs is n rows around some centers, in turn.
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
	cfg := online.DBStreamConfig{}
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
	one, _, err := k.Predict(t.Context(), x)
	require.NoError(t, err)
	two, _, err := s.Predict(t.Context(), x)
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
	k, err := online.NewKMeans(online.KMeansConfig{})
	require.NoError(t, err)
	cfg := online.DBStreamConfig{}
	s, err := online.NewDBStream(cfg)
	require.NoError(t, err)
	_, err = p.Transform(t.Context(), x)
	require.ErrorIs(t, err, online.ErrNothingSeen)
	_, _, err = k.Predict(t.Context(), x)
	require.ErrorIs(t, err, online.ErrNothingSeen)
	_, _, err = s.Predict(t.Context(), x)
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
		var value *stage.ValueError
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
		{online.PCAConfig{NComponents: -1, Workers: -1}.Validate(), 2},
		{online.KMeansConfig{NClusters: -1, ReassignmentRatio: 2, Workers: -1}.Validate(), 3},
		{online.DBStreamConfig{Radius: -1, RadiusShare: 1, Fading: -1, Gap: -1, MinWeight: math.NaN(), Intersection: 2, Workers: -1}.Validate(), 7},
		{online.PCAConfig{}.Validate(), 0},
		{online.KMeansConfig{}.Validate(), 0},
		{online.DBStreamConfig{}.Validate(), 0},
		{online.KMeansConfig{ReassignmentRatio: stage.None}.Validate(), 0},
		{online.DBStreamConfig{MinWeight: stage.None}.Validate(), 0},
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
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "online.PCAConfig.NComponents", bad.Field)
}

// setTo returns the setting that means v.
func setTo(v float64) float64 {
	if v == 0 {
		return stage.None
	}
	return v
}
