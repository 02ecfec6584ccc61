package fuzzy

import (
	"context"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

const (
	smoothTolerance = 1e-5 // umap-learn's SMOOTH_K_TOLERANCE
	minScale        = 1e-3 // umap-learn's MIN_K_DIST_SCALE
	smoothSteps     = 64
)

// Smooth returns two numbers for every row: the distance rho up to which a neighbor has full
// strength, and the scale sigma by which strength falls beyond. rho is the distance of the nearest
// neighbor that is not at distance 0, or of the localConnectivity-th, interpolated. sigma is such
// that Σ exp(−max(d−rho, 0)/sigma) over all neighbors but the first is log₂ nb.K to within 1e-5, and
// at least 1e-3 of the mean distance of the row, or of all rows where rho is 0. It is
// smooth_knn_dist of umap-learn 0.5.12.
func Smooth(ctx context.Context, nb knn.Neighbors, localConnectivity float64, workers int) (rho, sigma []float32, err error) {
	if err := CheckNeighbors(nb); err != nil {
		return nil, nil, err
	}
	if !(localConnectivity >= 0) || math.IsInf(localConnectivity, 1) {
		return nil, nil, fmt.Errorf("local connectivity is %v, want a finite number, at least 0", localConnectivity)
	}
	n := Rows(nb)
	rho, sigma = make([]float32, n), make([]float32, n)
	all := MeanFinite(nb.Distance)
	err = parallel.Loop{Workers: workers}.Run(ctx, n, func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			rho[i], sigma[i] = SmoothRow(nb.Distance[i*nb.K:(i+1)*nb.K], localConnectivity, all)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return rho, sigma, nil
}

// SmoothRow returns what Smooth does for one row; all is the mean distance used where rho is 0.
func SmoothRow(d []float32, localConnectivity float64, all float64) (rho, sigma float32) {
	first := 0 // of the neighbors at a distance above 0; the distances rise
	for first < len(d) && d[first] <= 0 {
		first++
	}
	end := len(d) // of the neighbors that count
	for end > first && math.IsInf(float64(d[end-1]), 1) {
		end--
	}
	if above := d[first:end]; float64(len(above)) >= localConnectivity && len(above) > 0 {
		whole := int(localConnectivity)
		part := localConnectivity - float64(whole)
		switch {
		case whole == 0:
			rho = float32(part * float64(above[0]))
		case part > smoothTolerance && whole < len(above):
			rho = above[whole-1] + float32(part*float64(above[whole]-above[whole-1]))
		default:
			rho = above[whole-1]
		}
	} else if len(above) > 0 {
		rho = above[len(above)-1]
	}

	// The bisection takes umap-learn's steps, so that it stops at the same sigma.
	target := bitmath.Log(float64(len(d))) / math.Ln2
	lo, hi, mid := 0.0, math.Inf(1), 1.0
	for range smoothSteps {
		sum := 0.0
		for _, v := range d[1:] {
			if t := v - rho; t > 0 {
				sum += bitmath.Exp(-float64(t) / mid)
			} else {
				sum++
			}
		}
		if math.Abs(sum-target) < smoothTolerance {
			break
		}
		switch {
		case sum > target:
			hi = mid
			mid = (lo + hi) / 2
		case math.IsInf(hi, 1):
			lo = mid
			mid *= 2
		default:
			lo = mid
			mid = (lo + hi) / 2
		}
	}
	least := all
	if rho > 0 {
		least = MeanFinite(d)
	}
	return rho, float32(max(mid, minScale*least))
}

// MeanFinite returns the mean of the distances that are not +Inf, or 0 if there are none.
func MeanFinite(d []float32) float64 {
	sum, n := 0.0, 0
	for _, v := range d {
		if !math.IsInf(float64(v), 1) {
			sum += float64(v)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// Membership returns the strength of the edge to a neighbor at distance d.
func Membership(d, rho, sigma float32) float32 {
	if d-rho <= 0 || sigma == 0 {
		return 1
	}
	return float32(bitmath.Exp(-float64(d-rho) / float64(sigma)))
}
