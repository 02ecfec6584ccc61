package hdbscan

import "slices"

// byClasses marks the clusters that agree best with what is known of the rows' classes: from the leaves up, a cluster is
// taken when its BCubed score is above that of the clusters below it together, and where the scores are the same when it
// is at least as stable as those (HDBSCAN*(BC) of Castro Gertrudes, Zimek, Sander and Campello, Data Mining and Knowledge
// Discovery 33, 2019, doi:10.1007/s10618-019-00651-1). A row with a class that leaves a cluster that parts again counts
// below that cluster as an outlier that is right about itself.
func (h *hierarchy) byClasses(cfg settings, classes []int, chosen []bool) {
	k := len(h.parent)
	// Classes by rank, and how many rows each has.
	var names []int
	for _, c := range classes {
		if c >= 0 {
			names = append(names, c)
		}
	}
	labelled := float64(len(names))
	slices.Sort(names)
	names = slices.Compact(names)
	total := make([]int, len(names))
	counts := make([][]classCount, k) // of the rows in a cluster and below
	alone := make([]float64, k)       // score of the rows that leave a cluster, each for itself
	for i, c := range classes {
		if c < 0 {
			continue
		}
		r, _ := slices.BinarySearch(names, c)
		total[r]++
		at := h.rowCluster[i]
		counts[at] = append(counts[at], classCount{r, 1})
	}
	for i, c := range classes {
		if c < 0 {
			continue
		}
		if at := h.rowCluster[i]; h.split[at] != 0 && !cfg.NoClassOutliers {
			r, _ := slices.BinarySearch(names, c)
			alone[at] += bcubed([]classCount{{r, 1}}, total, labelled)
		}
	}
	score, stability := make([]float64, k), append([]float64(nil), h.stability...)
	last := 1
	if cfg.AllowSingleCluster {
		last = 0
	}
	for c := k - 1; c >= 0; c-- {
		own := gather(counts[c])
		below, stable := alone[c], 0.0
		if lo, hi := h.children(c); lo != 0 {
			for l := lo; l < hi; l++ {
				own = append(own, counts[l]...)
				counts[l] = nil
			}
			own = gather(own)
			below += h.below(c, score)
			stable = h.below(c, stability)
		}
		counts[c] = own
		score[c] = bcubed(own, total, labelled)
		switch {
		case c < last:
		case h.parted(int32(c)) || below > score[c] || below == score[c] && stable > stability[c]:
			score[c], stability[c] = below, stable
		default:
			chosen[c] = true
		}
	}
	h.topmost(chosen)
}

// classCount is how many rows of a class there are.
type classCount struct{ class, rows int }

// gather adds up the counts of each class, which come out rising.
func gather(c []classCount) []classCount {
	slices.SortFunc(c, func(a, b classCount) int { return a.class - b.class })
	out := c[:0]
	for _, v := range c {
		if n := len(out); n > 0 && out[n-1].class == v.class {
			out[n-1].rows += v.rows
		} else {
			out = append(out, v)
		}
	}
	return out
}

// bcubed is the share of all labeled rows that are in a cluster with the given counts, each weighted by the harmonic mean
// of the precision and the recall of its class there.
func bcubed(counts []classCount, total []int, labelled float64) float64 {
	var in float64
	for _, c := range counts {
		in += float64(c.rows)
	}
	var s float64
	for _, c := range counts {
		rows := float64(c.rows)
		precision, recall := rows/in, rows/float64(total[c.class])
		s += float64(rows * (2 / (1/precision + 1/recall)))
	}
	return s / labelled
}
