package sweep_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/study/sweep"
)

// groups are documents of four kinds around four axes, and noise.
func groups() ([]string, blas32.General) {
	words := []string{"bread flour oven yeast", "engine brake wheel road", "cat dog fur paw", "piano violin chord song"}
	r := rand.New(rand.NewPCG(1, 2))
	const n, dim = 320, 16
	docs := make([]string, n)
	x := blas32.General{Rows: n, Cols: dim, Stride: dim, Data: make([]float32, n*dim)}
	for i := range docs {
		docs[i] = fmt.Sprintf("%s n%d", words[i%4], i)
		for j := range dim {
			x.Data[i*dim+j] = 0.15 * float32(r.NormFloat64())
		}
		x.Data[i*dim+i%4]++
	}
	return docs, x
}

func config() sweep.Config {
	cfg := sweep.DefaultConfig()
	cfg.MinClusterSizes, cfg.Neighbors, cfg.Seeds = []int{100, 40, 200}, []int{10, 20}, []uint64{1, 2}
	return cfg
}

func TestSweep(t *testing.T) {
	docs, x := groups()
	cfg := config()
	last := 0
	cfg.Progress = func(done, total int) {
		require.Equal(t, 12, total)
		last = done
	}
	r, err := sweep.Run(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	require.Equal(t, 12, last)
	require.Len(t, r.Settings, 6)
	best := r.Settings[r.Best]
	require.Equal(t, 40, best.MinClusterSize, "%+v", r.Settings)
	require.Equal(t, 4.0, best.Topics)
	require.Greater(t, best.Stability, 0.95)
	figures := 0
	for _, s := range r.Settings {
		for _, v := range []float64{s.Coherence, s.Diversity, s.Outliers, s.Stability} {
			if !math.IsNaN(v) {
				figures++
			}
		}
		require.LessOrEqual(t, s.Score, best.Score)
		require.True(t, 0 <= s.Score && s.Score <= 1+1e-12)
		if s.MinClusterSize == 200 {
			require.Zero(t, s.Topics, "no topic can have 200 of 320 documents of four kinds")
			require.True(t, math.IsNaN(s.Coherence) && math.IsNaN(s.Diversity) && math.IsNaN(s.Stability))
		}
	}
	require.Contains(t, r.Why(), "min_cluster_size 40")
	require.Len(t, r.Table().Rows, 6)
	var md bytes.Buffer
	require.NoError(t, r.Table().WriteMarkdown(&md))
	require.Contains(t, md.String(), "Recommended")

	var svg bytes.Buffer
	require.NoError(t, r.WriteSVG(&svg))
	require.NotContains(t, svg.String(), "NaN")
	d := xml.NewDecoder(&svg)
	circles := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
		}
	}
	require.Equal(t, figures, circles)
	require.Less(t, figures, 24)
}

func TestSameBitsForAnyWorkers(t *testing.T) {
	docs, x := groups()
	cfg := config()
	var want string
	for _, workers := range []int{1, 2, 3} {
		cfg.Workers = workers
		r, err := sweep.Run(t.Context(), docs, x, cfg)
		require.NoError(t, err)
		if want == "" {
			want = fmt.Sprint(r)
		}
		require.Equal(t, want, fmt.Sprint(r))
	}
}

func TestBadInput(t *testing.T) {
	docs, x := groups()
	cfg := config()
	cfg.Base.Reducer, cfg.MinClusterSizes, cfg.Neighbors, cfg.Seeds, cfg.Workers = nil, []int{1}, nil, nil, -1
	_, err := sweep.Run(t.Context(), docs, x, cfg)
	var bad *sweep.ConfigError
	require.ErrorAs(t, err, &bad)
	for _, field := range []string{"Base.Reducer", "MinClusterSizes[0]", "Neighbors", "Seeds", "Workers"} {
		require.ErrorContains(t, err, "sweep.Config."+field)
	}
	_, err = sweep.Run(t.Context(), docs[1:], x, config())
	require.ErrorContains(t, err, "min_cluster_size 100, 10 neighbours, seed 1: ")
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	_, err = sweep.Run(ctx, docs, x, config())
	require.ErrorIs(t, err, why)
}

func ExampleRun() {
	docs, x := groups() // the embeddings are made once, for all fits
	cfg := sweep.DefaultConfig()
	cfg.MinClusterSizes, cfg.Neighbors, cfg.Seeds = []int{40, 200}, []int{15}, []uint64{1, 2}
	r, err := sweep.Run(context.Background(), docs, x, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	best := r.Settings[r.Best]
	fmt.Printf("min_cluster_size %d: %.0f topics\n", best.MinClusterSize, best.Topics)
	// Output: min_cluster_size 40: 4 topics
}
