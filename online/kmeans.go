package online

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

// KMeansConfig holds the settings of a KMeans. The zero value is valid and means the defaults. The
// names in brackets are MiniBatchKMeans's.
type KMeansConfig struct {
	// NClusters is the number of clusters, from 1 to 1,000,000. Default 50, as in BERTopic's
	// documentation. [n_clusters]
	NClusters int `json:"n_clusters,omitempty"`
	// ReassignmentRatio is the share of the rows of the fullest cluster below which a center is
	// moved to a row of the batch drawn at random: in every batch before which some center has no
	// rows, and whenever 10 × NClusters rows have come since the last time. From 0, never, to 1;
	// default 0.01, stage.None means 0. [reassignment_ratio]
	ReassignmentRatio float64 `json:"reassignment_ratio,omitempty"`
	// Seed selects the random numbers. 0, the default, means 42, or the seed of the pipeline.
	// [random_state]
	Seed uint64 `json:"random_state,omitempty"`
	// Workers is the number of goroutines, which never changes the result. 0, the default, means
	// GOMAXPROCS, or the number of the pipeline.
	Workers int `json:"-"`
}

// kmeansSettings is a KMeansConfig with the defaults in place of zeros.
type kmeansSettings KMeansConfig

func (c KMeansConfig) resolve() kmeansSettings {
	s := kmeansSettings(c)
	s.NClusters, s.ReassignmentRatio = stage.Setting(c.NClusters, 50), stage.Setting(c.ReassignmentRatio, 0.01)
	if s.Seed == 0 {
		s.Seed = 42
	}
	return s
}

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c KMeansConfig) Validate() error {
	var f check.Fields
	s := c.resolve()
	f.Want(s.NClusters >= 1 && s.NClusters <= 1_000_000, "online.KMeansConfig.NClusters", c.NClusters, "from 1 to 1000000, or 0 for 50")
	f.Want(s.ReassignmentRatio <= 1, "online.KMeansConfig.ReassignmentRatio", c.ReassignmentRatio, "at most 1, 0 for 0.01, or stage.None for 0")
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "online.KMeansConfig.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	return f.Err()
}

// KMeans is clusters around means that every batch moves: Sculley, "Web-scale k-means clustering", WWW 2010,
// doi:10.1145/1772690.1772862, as in scikit-learn's MiniBatchKMeans with partial_fit. A center is the mean of the rows that
// it was nearest to when they came. The first centers are rows of the first batch, chosen by greedy k-means++; when it has
// fewer different rows than there are to be clusters, the batches after it give the rest, where the original fails.
type KMeans struct {
	cfg    KMeansConfig // as given
	state  kmeansState
	labels []int // of the last batch
}

type kmeansState struct {
	Centers [][]float64 `json:"centers"`
	Counts  []float64   `json:"counts"` // the rows that each center is the mean of; after a reassignment, what stands for them
	Batches uint64      `json:"batches"`
	Since   int         `json:"since"` // rows since centers were last reassigned
}

// NewKMeans is a KMeans that has seen nothing. It fails with *[stage.ConfigError]s.
func NewKMeans(cfg KMeansConfig) (*KMeans, error) {
	if err := errors.Join(cfg.Validate(), simd.Forced()); err != nil {
		return nil, err
	}
	return &KMeans{cfg: cfg}, nil
}

// KMeansFrom is a KMeans with given first centers, the rows of x, in place of those that k-means++ would choose. There must
// be KMeansConfig.NClusters of them. [init].
func KMeansFrom(x blas32.General, cfg KMeansConfig) (*KMeans, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := checkBatch(x, 0); err != nil {
		return nil, err
	}
	if x.Rows != cfg.resolve().NClusters {
		return nil, fmt.Errorf("online: %d first centers for %d clusters", x.Rows, cfg.resolve().NClusters)
	}
	k := &KMeans{cfg: cfg}
	for i := range x.Rows {
		k.state.Centers = append(k.state.Centers, wide(dense.Row(x, i)))
	}
	k.state.Counts = make([]float64, x.Rows)
	return k, nil
}

// Config is what the KMeans was made with.
func (k *KMeans) Config() KMeansConfig { return k.cfg }

// Means is the centers, one per cluster; fewer than KMeansConfig.NClusters until there were so many different rows.
// [cluster_centers_].
func (k *KMeans) Means() [][]float64 {
	out := slices.Clone(k.state.Centers)
	for i, c := range out {
		out[i] = slices.Clone(c)
	}
	return out
}

// Update is the KMeans after the rows of x. A batch without rows changes nothing. It fails with *[stage.ValueError] for a value
// that is not finite, an error when the columns are not those of earlier batches, or the cause of a canceled ctx.
func (k *KMeans) Update(ctx context.Context, x blas32.General) (*KMeans, error) {
	if err := checkBatch(x, k.cols()); err != nil {
		return nil, err
	}
	if x.Rows == 0 {
		return k, context.Cause(ctx)
	}
	out := &KMeans{cfg: k.cfg, state: kmeansState{k.Means(), slices.Clone(k.state.Counts), k.state.Batches + 1, k.state.Since}}
	if len(out.state.Centers) < out.cfg.resolve().NClusters {
		if err := out.seed(ctx, x); err != nil {
			return nil, err
		}
	}
	labels, err := out.predict(ctx, x)
	if err != nil {
		return nil, err
	}
	out.state.Since += x.Rows
	due := out.state.Since >= 10*out.cfg.resolve().NClusters || slices.Contains(out.state.Counts, 0)

	cols := x.Cols
	sums, got := make([]float64, len(out.state.Centers)*cols), make([]float64, len(out.state.Centers))
	for i, l := range labels {
		sum := sums[l*cols : (l+1)*cols]
		for j, v := range dense.Row(x, i) {
			sum[j] += float64(v)
		}
		got[l]++
	}
	for c, n := range got {
		if n == 0 {
			continue
		}
		total := out.state.Counts[c] + n
		for j, v := range out.state.Centers[c] {
			out.state.Centers[c][j] = (float64(v*out.state.Counts[c]) + sums[c*cols+j]) / total
		}
		out.state.Counts[c] = total
	}

	if due {
		out.state.Since = 0
		out.reassign(x)
	}
	return out, nil
}

// Predict is the cluster of each row of x, numbered from 0: that of the nearest center, the first of equal ones. It fails
// as Update does, and before the first batch.
// The strengths are nil: every row belongs wholly to its cluster.
func (k *KMeans) Predict(ctx context.Context, x blas32.General) (labels []int, strengths []float64, err error) {
	labels, err = k.predict(ctx, x)
	return labels, nil, err
}

func (k *KMeans) predict(ctx context.Context, x blas32.General) ([]int, error) {
	if len(k.state.Centers) == 0 {
		return nil, ErrNothingSeen
	}
	if err := checkBatch(x, k.cols()); err != nil {
		return nil, err
	}
	labels := make([]int, x.Rows)
	err := parallel.Loop{Workers: k.cfg.Workers, Block: 64}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			labels[i], _ = nearest(dense.Row(x, i), k.state.Centers)
		}
		return nil
	})
	return labels, err
}

func (k *KMeans) cols() int {
	if len(k.state.Centers) == 0 {
		return 0
	}
	return len(k.state.Centers[0])
}

// nearest is the first of the points nearest to x, and the squared distance; −1 without points.
func nearest(x []float32, points [][]float64) (int, float64) {
	best, least := -1, math.Inf(1)
	for c, p := range points {
		if d := apart(x, p); d < least || best < 0 {
			best, least = c, d
		}
	}
	return best, least
}

// seed adds centers until there are enough: greedy k-means++ (Arthur and Vassilvitskii, SODA 2007), which draws a few rows,
// each as likely as its squared distance from the nearest center is large, and keeps the one that leaves the rows nearest to
// their centers. It ends before when every row is a center.
func (k *KMeans) seed(ctx context.Context, x blas32.General) error {
	trials := 2 + int(bitmath.Log(float64(k.cfg.resolve().NClusters)))
	if len(k.state.Centers) == 0 {
		s := rng.New(k.cfg.resolve().Seed, k.state.Batches, 0)
		k.add(dense.Row(x, s.Intn(x.Rows)))
	}
	left := make([]float64, x.Rows)
	for i := range left {
		_, left[i] = nearest(dense.Row(x, i), k.state.Centers)
	}
	tries := make([][]float64, trials)
	for t := range tries {
		tries[t] = make([]float64, x.Rows)
	}
	sums := make([]float64, trials)
	rows := make([]int, trials)
	for len(k.state.Centers) < k.cfg.resolve().NClusters {
		total := 0.0
		for _, v := range left {
			total += v
		}
		if total == 0 {
			return nil
		}
		s := rng.New(k.cfg.resolve().Seed, k.state.Batches, uint64(len(k.state.Centers)))
		for t := range rows {
			rows[t] = draw(left, s.Float64()*total)
		}
		err := parallel.Loop{Workers: k.cfg.Workers, Block: 1}.Run(ctx, trials, func(_, t, _ int) error {
			center := wide(dense.Row(x, rows[t]))
			sums[t] = 0
			for i, v := range left {
				tries[t][i] = min(v, apart(dense.Row(x, i), center))
				sums[t] += tries[t][i]
			}
			return nil
		})
		if err != nil {
			return err
		}
		best := 0
		for t, s := range sums {
			if s < sums[best] {
				best = t
			}
		}
		k.add(dense.Row(x, rows[best]))
		left, tries[best] = tries[best], left
	}
	return nil
}

// draw is the index at which the running sum of weights passes at; never one of no weight.
func draw(weights []float64, at float64) int {
	last := 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if last = i; at < w {
			break
		}
		at -= w
	}
	return last
}

func (k *KMeans) add(x []float32) {
	k.state.Centers, k.state.Counts = append(k.state.Centers, wide(x)), append(k.state.Counts, 0)
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for j, v := range x {
		out[j] = float64(v)
	}
	return out
}

// reassign moves the centers of few rows to rows of x drawn by chance, those of the fewest when they are more than half as
// many as the rows.
func (k *KMeans) reassign(x blas32.General) {
	bound := k.cfg.resolve().ReassignmentRatio * slices.Max(k.state.Counts)
	var few []int
	for c, n := range k.state.Counts {
		if n < bound {
			few = append(few, c)
		}
	}
	if most := x.Rows / 2; len(few) > most {
		slices.SortStableFunc(few, func(a, b int) int { return cmp.Compare(k.state.Counts[a], k.state.Counts[b]) })
		few = few[:most]
		slices.Sort(few)
	}
	if len(few) == 0 {
		return
	}
	order := make([]int, x.Rows)
	for i := range order {
		order[i] = i
	}
	s := rng.New(k.cfg.resolve().Seed, k.state.Batches, math.MaxUint64)
	least := math.Inf(1) // a reassigned center counts as the emptiest of the others, so that it is not moved again at once
	for c, n := range k.state.Counts {
		if _, moved := slices.BinarySearch(few, c); !moved {
			least = min(least, n)
		}
	}
	for i, c := range few {
		j := i + s.Intn(x.Rows-i)
		order[i], order[j] = order[j], order[i]
		k.state.Centers[c], k.state.Counts[c] = wide(dense.Row(x, order[i])), least
	}
}

// savedKMeans is a KMeans as JSON.
type savedKMeans struct {
	Settings KMeansConfig `json:"settings"`
	kmeansState
}

// MarshalJSON writes all but the workers.
func (k *KMeans) MarshalJSON() ([]byte, error) { return json.Marshal(savedKMeans{k.cfg, k.state}) }

// UnmarshalJSON reads what MarshalJSON wrote; the number of workers is 0. It fails where the parts do not fit together.
func (k *KMeans) UnmarshalJSON(text []byte) error {
	var s savedKMeans
	if err := strict(text, &s); err != nil {
		return err
	}
	if err := s.Settings.Validate(); err != nil {
		return err
	}
	fits := len(s.Centers) == len(s.Counts) && len(s.Centers) <= s.Settings.resolve().NClusters
	for _, c := range s.Centers {
		fits = fits && len(c) == len(s.Centers[0]) && len(c) > 0
	}
	for _, n := range s.Counts {
		fits = fits && n >= 0
	}
	if !fits {
		return fmt.Errorf("online.KMeans: the parts of %d centers do not fit", len(s.Centers))
	}
	*k = KMeans{cfg: s.Settings, state: s.kmeansState}
	return nil
}

// With is the KMeans with other workers, 0 for GOMAXPROCS.
func (k *KMeans) With(workers int) *KMeans {
	out := *k
	out.cfg.Workers = workers
	return &out
}
