package eval_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/eval"
)

var outliers = []eval.Outliers{eval.OutliersGroup, eval.OutliersLeftOut, eval.OutliersApart}

// values are the indices of an agreement by name.
func values(a eval.Agreement) map[string]float64 {
	return map[string]float64{
		"ARI": a.ARI, "NMI": a.NMI, "AMI": a.AMI, "homogeneity": a.Homogeneity, "completeness": a.Completeness, "V": a.VMeasure,
		"FMI": a.FowlkesMallows, "purity": a.Purity, "inverse purity": a.InversePurity,
	}
}

// testdata/agreement.json.gz is made by scripts/golden/agreement.py.
func TestAgreementWithin1e12OfScikitLearn(t *testing.T) {
	var g struct {
		Versions map[string]string
		Cases    []struct {
			Truth, Found       []int
			Group, Left, Apart eval.Agreement
		}
	}
	readJSON(t, "agreement.json.gz", &g)
	require.Equal(t, "1.9.1", g.Versions["scikit-learn"])
	require.Len(t, g.Cases, 26)
	for i, c := range g.Cases {
		for k, want := range []eval.Agreement{c.Group, c.Left, c.Apart} {
			got, err := eval.Compare(t.Context(), c.Truth, c.Found, outliers[k])
			require.NoError(t, err)
			what := fmt.Sprintf("case %d, outliers %q", i, outliers[k])
			require.Equal(t, []int{want.Items, want.Classes, want.Clusters}, []int{got.Items, got.Classes, got.Clusters}, what)
			have := values(got)
			for name, v := range values(want) {
				require.InDelta(t, v, have[name], 1e-12, "%s of %s", name, what)
			}
		}
	}
}

// amiTwin has the expected information by factorials in 200 bits.
func amiTwin(a, b []int) float64 {
	cells, ra, rb := map[[2]int]int{}, map[int]int{}, map[int]int{}
	for i := range a {
		cells[[2]int{a[i], b[i]}]++
		ra[a[i]]++
		rb[b[i]]++
	}
	n := len(a)
	information, entropies := 0.0, 0.0
	for c, m := range cells {
		information += float64(m) / float64(n) * math.Log(float64(m)*float64(n)/float64(ra[c[0]]*rb[c[1]]))
	}
	for _, r := range []map[int]int{ra, rb} {
		for _, m := range r {
			entropies -= float64(m) / float64(n) * math.Log(float64(m)/float64(n)) / 2
		}
	}
	expected := 0.0
	for _, p := range ra {
		for _, q := range rb {
			for m := max(1, p+q-n); m <= min(p, q); m++ {
				ways := new(big.Int).Binomial(int64(p), int64(m))
				ways.Mul(ways, new(big.Int).Binomial(int64(n-p), int64(q-m)))
				chance, _ := new(big.Rat).SetFrac(ways, new(big.Int).Binomial(int64(n), int64(q))).Float64()
				expected += float64(m) / float64(n) * math.Log(float64(m)*float64(n)/float64(p*q)) * chance
			}
		}
	}
	return (information - expected) / (entropies - expected)
}

func TestAMIWithin1e12OfFactorials(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		n := 20 + rng.IntN(150)
		a, b := make([]int, n), make([]int, n)
		ka, kb := 2+rng.IntN(12), 2+rng.IntN(12)
		for i := range a {
			a[i] = int(float64(ka) * math.Pow(rng.Float64(), 2))
			if b[i] = a[i]; rng.IntN(3) > 0 {
				b[i] = rng.IntN(kb)
			}
		}
		a[0], a[1], b[0], b[1] = 0, 1, 0, 1
		r, err := eval.Compare(t.Context(), a, b, eval.OutliersGroup)
		require.NoError(t, err)
		require.InDelta(t, amiTwin(a, b), r.AMI, 1e-12)
	}
}

func TestAgreementProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for trial := range 300 {
		n := rng.IntN(120)
		a, b := make([]int, n), make([]int, n)
		ka, kb := 1+rng.IntN(n+1), 1+rng.IntN(n+1)
		for i := range a {
			a[i], b[i] = rng.IntN(ka)-1, rng.IntN(kb)-1
		}
		order := rng.Perm(n)
		names := rng.Perm(n + 2)
		pa, pb := make([]int, n), make([]int, n)
		for i, j := range order { // other items first, other names for the clusters
			pa[i], pb[i] = a[j], -1
			if b[j] != -1 {
				pb[i] = names[b[j]]
			}
		}
		for _, o := range outliers {
			what := fmt.Sprintf("trial %d, outliers %q", trial, o)
			r, err := eval.Compare(t.Context(), a, b, o)
			require.NoError(t, err)
			for name, v := range values(r) {
				require.LessOrEqual(t, v, 1+1e-12, "%s of %s", name, what)
				if name != "ARI" && name != "AMI" {
					require.GreaterOrEqual(t, v, 0.0, "%s of %s", name, what)
				}
				require.GreaterOrEqual(t, v, -1.0, "%s of %s", name, what)
			}
			require.InDelta(t, r.NMI, r.VMeasure, 1e-12, what)
			back, err := eval.Compare(t.Context(), b, a, o)
			require.NoError(t, err)
			back.Classes, back.Clusters = back.Clusters, back.Classes
			back.Homogeneity, back.Completeness = back.Completeness, back.Homogeneity
			back.Purity, back.InversePurity = back.InversePurity, back.Purity
			moved, err := eval.Compare(t.Context(), pa, pb, o)
			require.NoError(t, err)
			for _, other := range []eval.Agreement{back, moved} {
				require.Equal(t, []int{r.Items, r.Classes, r.Clusters}, []int{other.Items, other.Classes, other.Clusters}, what)
				have := values(other)
				for name, v := range values(r) {
					require.InDelta(t, v, have[name], 1e-12, "%s of %s", name, what)
				}
			}
			self, err := eval.Compare(t.Context(), a, a, o)
			require.NoError(t, err)
			for name, v := range values(self) {
				if name == "FMI" && v == 0 {
					continue // no two items are together
				}
				require.InDelta(t, 1, v, 1e-12, "%s of %s with itself", name, what)
			}
		}
		ari, err := eval.ARI(a, b)
		require.NoError(t, err)
		nmi, err := eval.NMI(a, b)
		require.NoError(t, err)
		r, err := eval.Compare(t.Context(), a, b, eval.OutliersGroup)
		require.NoError(t, err)
		require.Equal(t, []float64{r.ARI, r.NMI}, []float64{ari, nmi})
	}
}

func TestAgreementErrors(t *testing.T) {
	_, err := eval.Compare(t.Context(), []int{1}, nil, eval.OutliersGroup)
	require.EqualError(t, err, "eval: 1 labels and 0 labels, want the same items in both")
	_, err = eval.Compare(t.Context(), nil, nil, "none")
	require.ErrorContains(t, err, `outliers are "none"`)
	cause := errors.New("enough")
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err = eval.Compare(stopped, nil, nil, eval.OutliersGroup)
	require.ErrorIs(t, err, cause)
	require.Equal(t, 1.0, eval.Coverage(nil))
	require.Equal(t, 0.75, eval.Coverage([]int{0, -1, 3, 2}))
}

// Labels far from each other are names like any others, also where their difference is more than an int holds.
func TestLabelsOfAnySizeExact(t *testing.T) {
	near, far := []int{-1, 0, 1, 2, 0, 1, -1, -1}, make([]int, 8)
	for i, l := range near {
		far[i] = map[int]int{-1: -1, 0: math.MinInt, 1: 5, 2: math.MaxInt}[l]
	}
	truth := []int{0, 0, 1, 1, 0, 1, 2, 2}
	for _, o := range outliers {
		a, err := eval.Compare(t.Context(), truth, near, o)
		require.NoError(t, err)
		b, err := eval.Compare(t.Context(), truth, far, o)
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
}

// Labels at random agree by chance alone.
func TestChanceStatistical(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const n, runs = 2000, 20
	ari, ami := 0.0, 0.0
	for range runs {
		a, b := make([]int, n), make([]int, n)
		for i := range a {
			a[i], b[i] = rng.IntN(20), rng.IntN(200)
		}
		r, err := eval.Compare(t.Context(), a, b, eval.OutliersGroup)
		require.NoError(t, err)
		ari, ami = ari+r.ARI/runs, ami+r.AMI/runs
		require.Greater(t, r.NMI, 0.1) // which is why there is AMI
	}
	require.InDelta(t, 0, ari, 0.001)
	require.InDelta(t, 0, ami, 0.003)
}

func BenchmarkCompare20k(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	x, y := make([]int, 20000), make([]int, 20000)
	for i := range x {
		x[i], y[i] = rng.IntN(20), int(200*math.Pow(rng.Float64(), 2))
	}
	for b.Loop() {
		if _, err := eval.Compare(b.Context(), x, y, eval.OutliersGroup); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2}, []byte{3, 3, 0, 0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		n := min(len(a), len(b))
		labels := func(x []byte) (out []int) {
			for _, v := range x[:n] {
				out = append(out, int(v%16)-1)
			}
			return out
		}
		for _, o := range outliers {
			r, err := eval.Compare(t.Context(), labels(a), labels(b), o)
			require.NoError(t, err)
			for _, v := range values(r) {
				require.False(t, math.IsNaN(v) || v < -1 || v > 1+1e-9, "%+v", r)
			}
			if o == eval.OutliersGroup && n > 0 && n < 40 && r.Classes > 1 && r.Clusters > 1 && !slices.Equal(labels(a), labels(b)) && r.NMI < 1-1e-9 {
				require.InDelta(t, amiTwin(labels(a), labels(b)), r.AMI, 1e-9)
			}
		}
	})
}
