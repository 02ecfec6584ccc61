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
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/study/sweep"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
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
	cfg.MinClusterSizes, cfg.Neighbors, cfg.Topics, cfg.Seeds = []int{100, 40, 200}, []int{10, 20}, []int{0, 2}, []uint64{1, 2}
	return cfg
}

func TestSweep(t *testing.T) {
	docs, x := groups()
	cfg := config()
	last := 0
	cfg.Progress = func(done, total int) {
		require.Equal(t, 4, total, "two numbers of neighbors and two seeds")
		require.Greater(t, done, last)
		last = done
	}
	r, err := sweep.Run(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	require.Equal(t, 4, last)
	require.Len(t, r.Settings, 12)
	best := r.Settings[r.Best]
	require.Equal(t, 40, best.MinClusterSize, "%+v", r.Settings)
	require.Zero(t, best.Wanted)
	require.Equal(t, 4.0, best.Topics)
	require.Greater(t, best.Stability, 0.95)
	values := 0
	for i, s := range r.Settings {
		require.Equal(t, []int{100, 40, 200}[i/4], s.MinClusterSize)
		require.Equal(t, []int{10, 20}[i/2%2], s.Neighbors)
		require.Equal(t, []int{0, 2}[i%2], s.Wanted)
		for _, v := range []float64{s.Coherence, s.Diversity, s.Outliers, s.Stability} {
			if !math.IsNaN(v) {
				values++
			}
		}
		require.LessOrEqual(t, s.Score, best.Score)
		require.True(t, 0 <= s.Score && s.Score <= 1+1e-12)
		switch {
		case s.MinClusterSize == 200:
			require.Zero(t, s.Topics, "no topic can have 200 of 320 documents of four kinds")
			require.True(t, math.IsNaN(s.Coherence) && math.IsNaN(s.Diversity) && math.IsNaN(s.Stability))
		case s.Wanted == 2 && s.MinClusterSize == 40:
			require.Equal(t, 2.0, s.Topics)
			require.Equal(t, r.Settings[i-1].Outliers, s.Outliers, "merging leaves the outliers as they are")
		}
	}
	require.Contains(t, r.Why(), "Recommended: min_cluster_size 40, ")
	require.Contains(t, r.Why(), "which gives 4 topics. Its score of 1.00 is the highest of 12 settings.")
	require.Len(t, r.Table().Rows, 12)
	var md bytes.Buffer
	require.NoError(t, r.Table().WriteMarkdown(&md))
	require.Contains(t, md.String(), "Recommended")

	var svg bytes.Buffer
	require.NoError(t, r.WriteSVG(&svg))
	require.NotContains(t, svg.String(), "NaN")
	points, rings, texts := marks(t, svg.String())
	require.Equal(t, values+4, points, "a point for each value, and for each of four series in the legend")
	require.Equal(t, 5, rings, "the recommended setting in each panel, and the legend")
	require.Less(t, values, 48)
	for _, want := range []string{"coherence", "diversity", "stability", "share in topics", "min_cluster_size", "100", "40", "200", "topics as found, 10 neighbors", "merged to 2, 20 neighbors", "recommended"} {
		require.Contains(t, texts, want)
	}
}

// marks are the points, the rings and the texts of a picture that is well-formed.
func marks(t *testing.T, svg string) (points, rings int, texts []string) {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return points, rings, texts
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "circle":
				rings++
			case "path":
				for _, a := range e.Attr {
					if a.Name.Local == "class" {
						points++
					}
				}
			}
		case xml.CharData:
			texts = append(texts, string(e))
		}
	}
}

// What fits have in common is computed once, and gives the very models that package topic fits alone.
func TestLikeFitsAloneExact(t *testing.T) {
	docs, x := groups()
	docs[7] = ""
	cfg := config()
	r, err := sweep.Run(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	for _, s := range r.Settings {
		var labels [2][]int
		var found, outside float64
		for i, seed := range cfg.Seeds {
			alone := cfg.Base
			reducer, clusterer := alone.Reducer.(umap.Config), alone.Clusterer.(hdbscan.Config)
			reducer.Neighbors, clusterer.MinClusterSize = s.Neighbors, s.MinClusterSize
			alone.Embedder, alone.Reducer, alone.Clusterer, alone.Seed = nil, reducer, clusterer, seed
			m, err := topic.FitEmbedded(t.Context(), docs, x, alone)
			require.NoError(t, err)
			if s.Wanted > 0 {
				m, err = m.ReduceTopics(t.Context(), topic.NumTopics(s.Wanted), topic.ReduceOptions{})
				require.NoError(t, err)
			}
			for _, a := range m.Assignments() {
				labels[i] = append(labels[i], max(a.Topic, topic.Outlier))
				if a.Topic < 0 {
					outside += 0.5 / float64(len(docs))
				}
			}
			for _, tp := range m.Topics() {
				if tp.ID >= 0 {
					found += 0.5
				}
			}
		}
		require.Equal(t, found, s.Topics, "%v", s)
		require.InDelta(t, outside, s.Outliers, 1e-12)
		if found > 0 {
			same, err := eval.ARI(labels[0], labels[1])
			require.NoError(t, err)
			require.Equal(t, same, s.Stability, "%v", s)
		}
	}
}

// Communities of the embeddings, without a reducer: each setting is the model that package topic fits alone.
func TestCommunitiesLikeFitsAloneExact(t *testing.T) {
	docs, x := groups()
	cfg := config()
	cfg.Base.Reducer, cfg.Base.Clusterer = nil, nil // the communities of the zero Config
	cfg.MinClusterSizes, cfg.Topics, cfg.Seeds = []int{10, 60}, []int{0}, []uint64{1, 2}
	r, err := sweep.Run(t.Context(), docs, x, cfg)
	require.NoError(t, err)
	require.Len(t, r.Settings, 4)
	for _, s := range r.Settings {
		alone := cfg.Base
		alone.Embedder, alone.Clusterer = nil, community.Config{MinSize: s.MinClusterSize, Neighbors: s.Neighbors}
		m, err := topic.FitEmbedded(t.Context(), docs, x, alone)
		require.NoError(t, err)
		found := 0
		for _, tp := range m.Topics() {
			if tp.ID >= 0 {
				found++
			}
		}
		require.Positive(t, found)
		require.Equal(t, float64(found), s.Topics, "%v", s)
		require.Equal(t, 1.0, s.Stability, "the seed plays no part")
	}
	again := cfg
	again.Base.Clusterer = community.Config{}
	same, err := sweep.Run(t.Context(), docs, x, again)
	require.NoError(t, err)
	require.Equal(t, r, same)
	again.Base.Clusterer = hdbscan.PLSCAN{}
	_, err = sweep.Run(t.Context(), docs, x, again)
	require.ErrorContains(t, err, "sweep.Config.Base.Clusterer is hdbscan.PLSCAN, want a hdbscan.Config or a community.Config")
}

// Settings of which one stands alone, or has no figures at all, are drawn and explained too.
func TestPictureOfLittle(t *testing.T) {
	for _, settings := range [][]sweep.Setting{
		{{MinClusterSize: 10, Neighbors: 15, Topics: 1, Coherence: math.NaN(), Diversity: math.NaN(), Stability: math.NaN()}},
		{{MinClusterSize: 10, Neighbors: 15, Wanted: 5, Topics: 5, Coherence: -0.25, Diversity: 0.5, Stability: 1}, {MinClusterSize: 10, Neighbors: 15, Wanted: 9, Topics: 9, Coherence: 0.25, Diversity: 0.5, Stability: 1}},
	} {
		r := &sweep.Result{Settings: settings}
		var svg bytes.Buffer
		require.NoError(t, r.WriteSVG(&svg))
		_, _, texts := marks(t, svg.String())
		require.Contains(t, texts, "recommended")
		require.NotContains(t, svg.String(), "NaN")
		if len(settings) == 1 {
			require.Contains(t, texts, "no setting has it")
			require.Contains(t, r.Why(), "It has no coherence.")
		} else {
			require.Contains(t, texts, "topics merged to")
			require.Contains(t, texts, "9")
			require.Contains(t, r.Why(), "Its coherence of -0.250 is exceeded by 1, the most by min_cluster_size 10, 15 neighbors, merged to 9 topics: 0.250")
			require.Contains(t, r.Why(), "reading the topics should decide")
		}
	}
}

func TestSameBitsForAnyWorkers(t *testing.T) {
	docs, x := groups()
	cfg := config()
	var want string
	for _, workers := range []int{1, 2, 5} {
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
	cfg.Base.Reducer, cfg.MinClusterSizes, cfg.Neighbors, cfg.Topics, cfg.Seeds, cfg.Workers = nil, []int{1}, nil, []int{3, -1}, nil, -1
	_, err := sweep.Run(t.Context(), docs, x, cfg)
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	for _, field := range []string{"Base.Reducer", "MinClusterSizes[0]", "Neighbors", "Topics[1]", "Seeds", "Workers"} {
		require.ErrorContains(t, err, "sweep.Config."+field)
	}
	_, err = sweep.Run(t.Context(), docs[1:], x, config())
	require.ErrorContains(t, err, "min_cluster_size 100, 10 neighbors, seed 1: ")
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
	cfg.Topics = []int{0, 3, 2} // as they are found, and merged to fewer
	r, err := sweep.Run(context.Background(), docs, x, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range r.Settings[:3] {
		fmt.Printf("%v: %.0f topics\n", s, s.Topics)
	}
	fmt.Println("recommended:", r.Settings[r.Best])
	// Output:
	// min_cluster_size 40, 15 neighbors: 4 topics
	// min_cluster_size 40, 15 neighbors, merged to 3 topics: 3 topics
	// min_cluster_size 40, 15 neighbors, merged to 2 topics: 2 topics
	// recommended: min_cluster_size 40, 15 neighbors
}

func result() *sweep.Result {
	return &sweep.Result{Best: 1, Settings: []sweep.Setting{
		{MinClusterSize: 20, Neighbors: 15, Topics: 41, Outliers: 0.3, Coherence: 0.06, Diversity: 0.7, Stability: 0.62, Score: 0.25},
		{MinClusterSize: 50, Neighbors: 15, Topics: 17, Outliers: 0.25, Coherence: 0.09, Diversity: 0.81, Stability: 0.7, Score: 0.86},
		{MinClusterSize: 100, Neighbors: 15, Topics: 9, Outliers: 0.2, Coherence: 0.08, Diversity: 0.9, Stability: 0.55, Score: 0.65},
	}}
}

func ExampleResult_Why() {
	for sentence := range strings.SplitAfterSeq(result().Why(), ". ") {
		fmt.Println(strings.TrimSpace(sentence))
	}
	// Output:
	// Recommended: min_cluster_size 50, 15 neighbors, which gives 17 topics.
	// Its score of 0.86 is the highest of 3 settings.
	// A score is the mean of coherence, diversity, stability and the share of documents in topics, each scaled from the worst setting of this sweep (0) to the best (1), so that all four count the same; it says nothing outside this sweep.
	// Its coherence of 0.090 is not exceeded.
	// Its diversity of 0.810 is exceeded by 1, the most by min_cluster_size 100, 15 neighbors: 0.900, but a score of 0.65.
	// Its stability of 0.700 is not exceeded.
	// Its share in topics of 0.750 is exceeded by 1, the most by min_cluster_size 100, 15 neighbors: 0.800, but a score of 0.65.
}

func ExampleResult_Table() {
	t := result().Table()
	t.Notes = nil // which are Why
	if err := t.WriteMarkdown(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ## Settings
	//
	// | min_cluster_size | neighbors | merged to | topics | outliers, % | coherence (c_npmi) | diversity | stability (ARI) | score |
	// |--:|--:|---|--:|--:|--:|--:|--:|--:|
	// | 20 | 15 | – | 41.0 | 30.0 | 0.06 | 0.70 | 0.62 | 0.25 |
	// | 50 | 15 | – | 17.0 | 25.0 | 0.09 | 0.81 | 0.70 | 0.86 |
	// | 100 | 15 | – | 9.00 | 20.0 | 0.08 | 0.90 | 0.55 | 0.65 |
}

func ExampleResult_WriteSVG() {
	var picture strings.Builder
	if err := result().WriteSVG(&picture); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Count(picture.String(), `class="point"`), "points")
	// Output: 12 points
}
