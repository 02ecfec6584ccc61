package online

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// KMeansConfig says how clusters are kept around means. The names in brackets are MiniBatchKMeans's.
type KMeansConfig struct {
	// NClusters is the number of clusters, at least 1. Default 50, as in BERTopic's documentation. [n_clusters]
	NClusters int
	// ReassignmentRatio, in [0, 1], moves centres that have got fewer rows than this share of what the fullest has got to
	// rows of the batch drawn by chance: by each batch before which a centre has none, and whenever 10 × NClusters rows have
	// come since the last time. 0: never. Default 0.01. [reassignment_ratio]
	ReassignmentRatio float64
	// Seed decides every random choice. Default 42. [random_state]
	Seed uint64
	// Workers is the number of goroutines; 0, the default, means GOMAXPROCS. The result is the same for any.
	Workers int
}

// DefaultKMeansConfig is 50 clusters.
func DefaultKMeansConfig() KMeansConfig {
	return KMeansConfig{NClusters: 50, ReassignmentRatio: 0.01, Seed: 42}
}

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c KMeansConfig) Validate() error {
	var f check.Fields
	f.Want(c.NClusters >= 1, "online.KMeansConfig.NClusters", c.NClusters, "1 or more")
	f.Want(c.ReassignmentRatio >= 0 && c.ReassignmentRatio <= 1, "online.KMeansConfig.ReassignmentRatio", c.ReassignmentRatio, "a share in [0, 1]")
	f.Want(c.Workers >= 0, "online.KMeansConfig.Workers", c.Workers, "0 (GOMAXPROCS) or more")
	return f.Err()
}

// KMeans is clusters around means that every batch moves: Sculley, "Web-scale k-means clustering", WWW 2010,
// doi:10.1145/1772690.1772862, as in scikit-learn's MiniBatchKMeans with partial_fit. A centre is the mean of the rows that
// it was nearest to when they came. The first centres are rows of the first batch, chosen by greedy k-means++; when it has
// fewer different rows than there are to be clusters, the batches after it give the rest, where the original fails.
type KMeans struct {
	cfg KMeansConfig
	kmeansState
}

type kmeansState struct {
	Centres [][]float64
	Counts  []float64 // the rows that each centre is the mean of; after a reassignment, what stands for them
	Batches uint64
	Since   int // rows since centres were last reassigned
}

// NewKMeans is a KMeans that has seen nothing. It fails with *[stage.ConfigError]s.
func NewKMeans(cfg KMeansConfig) (*KMeans, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &KMeans{cfg: cfg}, nil
}

// KMeansFrom is a KMeans with given first centres, the rows of x, in place of those that k-means++ would choose. There must
// be KMeansConfig.NClusters of them. [init]
func KMeansFrom(x blas32.General, cfg KMeansConfig) (*KMeans, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := checkBatch(x, 0); err != nil {
		return nil, err
	}
	if x.Rows != cfg.NClusters {
		return nil, fmt.Errorf("online: %d first centres for %d clusters", x.Rows, cfg.NClusters)
	}
	k := &KMeans{cfg: cfg}
	for i := range x.Rows {
		k.Centres = append(k.Centres, wide(dense.Row(x, i)))
	}
	k.Counts = make([]float64, x.Rows)
	return k, nil
}

// Config is what the KMeans was made with.
func (k *KMeans) Config() KMeansConfig { return k.cfg }

// Means is the centres, one per cluster; fewer than KMeansConfig.NClusters until there were so many different rows.
// [cluster_centers_]
func (k *KMeans) Means() [][]float64 {
	out := slices.Clone(k.Centres)
	for i, c := range out {
		out[i] = slices.Clone(c)
	}
	return out
}

// Update is the KMeans after the rows of x. A batch without rows changes nothing. It fails with *[stage.ValueError] for a value
// that is not finite, an error when the columns are not those of earlier batches, or the cause of a cancelled ctx.
func (k *KMeans) Update(ctx context.Context, x blas32.General) (*KMeans, error) {
	if err := checkBatch(x, k.cols()); err != nil {
		return nil, err
	}
	if x.Rows == 0 {
		return k, context.Cause(ctx)
	}
	out := &KMeans{k.cfg, kmeansState{k.Means(), slices.Clone(k.Counts), k.Batches + 1, k.Since}}
	if len(out.Centres) < out.cfg.NClusters {
		if err := out.seed(ctx, x); err != nil {
			return nil, err
		}
	}
	labels, err := out.Predict(ctx, x)
	if err != nil {
		return nil, err
	}
	out.Since += x.Rows
	due := out.Since >= 10*out.cfg.NClusters || slices.Contains(out.Counts, 0)

	cols := x.Cols
	sums, got := make([]float64, len(out.Centres)*cols), make([]float64, len(out.Centres))
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
		total := out.Counts[c] + n
		for j, v := range out.Centres[c] {
			out.Centres[c][j] = (float64(v*out.Counts[c]) + sums[c*cols+j]) / total
		}
		out.Counts[c] = total
	}

	if due {
		out.Since = 0
		out.reassign(x)
	}
	return out, nil
}

// Predict is the cluster of each row of x, numbered from 0: that of the nearest centre, the first of equal ones. It fails
// as Update does, and before the first batch.
func (k *KMeans) Predict(ctx context.Context, x blas32.General) ([]int, error) {
	if len(k.Centres) == 0 {
		return nil, ErrNothingSeen
	}
	if err := checkBatch(x, k.cols()); err != nil {
		return nil, err
	}
	labels := make([]int, x.Rows)
	err := parallel.Loop{Workers: k.cfg.Workers, Block: 64}.Run(ctx, x.Rows, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			labels[i], _ = nearest(dense.Row(x, i), k.Centres)
		}
		return nil
	})
	return labels, err
}

func (k *KMeans) cols() int {
	if len(k.Centres) == 0 {
		return 0
	}
	return len(k.Centres[0])
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

// seed adds centres until there are enough: greedy k-means++ (Arthur and Vassilvitskii, SODA 2007), which draws a few rows,
// each as likely as its squared distance from the nearest centre is large, and keeps the one that leaves the rows nearest to
// their centres. It ends before when every row is a centre.
func (k *KMeans) seed(ctx context.Context, x blas32.General) error {
	trials := 2 + int(bitmath.Log(float64(k.cfg.NClusters)))
	if len(k.Centres) == 0 {
		s := rng.New(k.cfg.Seed, k.Batches, 0)
		k.add(dense.Row(x, s.Intn(x.Rows)))
	}
	left := make([]float64, x.Rows)
	for i := range left {
		_, left[i] = nearest(dense.Row(x, i), k.Centres)
	}
	tries := make([][]float64, trials)
	for t := range tries {
		tries[t] = make([]float64, x.Rows)
	}
	sums := make([]float64, trials)
	rows := make([]int, trials)
	for len(k.Centres) < k.cfg.NClusters {
		total := 0.0
		for _, v := range left {
			total += v
		}
		if total == 0 {
			return nil
		}
		s := rng.New(k.cfg.Seed, k.Batches, uint64(len(k.Centres)))
		for t := range rows {
			rows[t] = draw(left, s.Float64()*total)
		}
		err := parallel.Loop{Workers: k.cfg.Workers, Block: 1}.Run(ctx, trials, func(_, t, _ int) error {
			centre := wide(dense.Row(x, rows[t]))
			sums[t] = 0
			for i, v := range left {
				tries[t][i] = min(v, apart(dense.Row(x, i), centre))
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
	k.Centres, k.Counts = append(k.Centres, wide(x)), append(k.Counts, 0)
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for j, v := range x {
		out[j] = float64(v)
	}
	return out
}

// reassign moves the centres of few rows to rows of x drawn by chance, those of the fewest when they are more than half as
// many as the rows.
func (k *KMeans) reassign(x blas32.General) {
	bound := k.cfg.ReassignmentRatio * slices.Max(k.Counts)
	var few []int
	for c, n := range k.Counts {
		if n < bound {
			few = append(few, c)
		}
	}
	if most := x.Rows / 2; len(few) > most {
		slices.SortStableFunc(few, func(a, b int) int { return cmp.Compare(k.Counts[a], k.Counts[b]) })
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
	s := rng.New(k.cfg.Seed, k.Batches, math.MaxUint64)
	least := math.Inf(1) // a reassigned centre counts as the emptiest of the others, so that it is not moved again at once
	for c, n := range k.Counts {
		if _, moved := slices.BinarySearch(few, c); !moved {
			least = min(least, n)
		}
	}
	for i, c := range few {
		j := i + s.Intn(x.Rows-i)
		order[i], order[j] = order[j], order[i]
		k.Centres[c], k.Counts[c] = wide(dense.Row(x, order[i])), least
	}
}

// MarshalJSON writes all but the workers.
func (k *KMeans) MarshalJSON() ([]byte, error) {
	cfg := k.cfg
	cfg.Workers = 0
	return json.Marshal(struct {
		Config KMeansConfig
		kmeansState
	}{cfg, k.kmeansState})
}

// UnmarshalJSON reads what MarshalJSON wrote; the number of workers is 0. It fails where the parts do not fit together.
func (k *KMeans) UnmarshalJSON(text []byte) error {
	var s struct {
		Config KMeansConfig
		kmeansState
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	if err := s.Config.Validate(); err != nil {
		return err
	}
	fits := len(s.Centres) == len(s.Counts) && len(s.Centres) <= s.Config.NClusters
	for _, c := range s.Centres {
		fits = fits && len(c) == len(s.Centres[0]) && len(c) > 0
	}
	if !fits {
		return fmt.Errorf("online.KMeans: the parts of %d centres do not fit", len(s.Centres))
	}
	*k = KMeans{s.Config, s.kmeansState}
	return nil
}

// With is the KMeans with other workers, 0 for GOMAXPROCS.
func (k *KMeans) With(workers int) *KMeans {
	out := *k
	out.cfg.Workers = workers
	return &out
}
