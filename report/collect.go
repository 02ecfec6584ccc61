package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
	"github.com/gobertopic/gobertopic/umap"
)

// Bounds beyond which a view is left out or shows the largest topics alone; Data.Notes says so.
const (
	maxHierarchy  = 1000 // topics; the time is cubic
	maxSimilar    = 3000 // topics; the time is quadratic
	maxSimilarity = 150  // topics of the similarity matrix
	maxClasses    = 40   // values of a field that is shown per class
	maxLayers     = 6    // layers on the map
	maxTokens     = 150  // tokens of a distribution
	maxShares     = 8    // topics of a distribution
	maxRanked     = 1000 // documents with distributions
)

// real returns the number of topics without the outliers.
func (d *Data) real() int {
	if len(d.Topics) > 0 && d.Topics[0].ID == topic.Outlier {
		return len(d.Topics) - 1
	}
	return len(d.Topics)
}

// positionsByID returns the position in Topics of every topic by its ID, the outliers left out.
func (d *Data) positionsByID() map[int]int {
	at := make(map[int]int, len(d.Topics))
	for k, t := range d.Topics {
		at[t.ID] = k
	}
	return at
}

func (d *Data) collectHierarchy(ctx context.Context, m *topic.Model, _ Options) error {
	n := d.real()
	if n < 2 || d.model.weights.Rows.Rows() == 0 {
		return nil
	}
	if n > maxHierarchy {
		d.note("There is no hierarchy: %d topics are more than %d.", n, maxHierarchy)
		return nil
	}
	h, err := analysis.HierarchicalTopics(ctx, m, analysis.HierarchyOptions{UseEmbeddings: m.Dims() > 0})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	merges, at := h.Merges(), d.positionsByID()
	slices.Reverse(merges)
	sizes := make([]int, n, 2*n)
	for id := range n {
		sizes[id] = d.Topics[at[id]].Size
	}
	for _, merge := range merges {
		size := sizes[merge.Left] + sizes[merge.Right]
		sizes = append(sizes, size)
		d.Hierarchy = append(d.Hierarchy, Merge{merge.Left, merge.Right, merge.Distance, strings.Split(merge.ParentName, "_"), size})
	}
	for _, id := range h.Leaves() {
		d.Leaves = append(d.Leaves, at[id])
	}
	return nil
}

// collectLayers adds the granularities that the fit found, or else cuts of the hierarchy.
func (d *Data) collectLayers(ctx context.Context, m *topic.Model, _ Options) error {
	chosen := Layer{Labels: make([]int, len(d.Topic)), Chosen: true}
	for i, k := range d.Topic {
		chosen.Labels[i] = d.Topics[k].ID
	}
	chosen.Names, chosen.Sizes = make([]string, d.real()), make([]int, d.real())
	for _, t := range d.Topics {
		if t.ID >= 0 {
			chosen.Names[t.ID], chosen.Sizes[t.ID] = t.Name, t.Size
		}
	}
	layers, at, err := m.Layers()
	switch {
	case errors.Is(err, topic.ErrNoLayers):
		d.Layers = append(d.cuts(), chosen)
	case err != nil:
		return fmt.Errorf("report: %w", err)
	default:
		for i, l := range layers {
			d.Choices = append(d.Choices, Choice{l.Clusters, l.Outliers, l.Score, l.Scale, i == at})
		}
		// Representers may be slow, and the names of layers are words alone.
		words := m.Config().Words
		words.Representers, words.Aspects, words.TopWords = nil, nil, 3
		plain, err := m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		for _, i := range d.layersToShow(at) {
			if i == at {
				d.Layers = append(d.Layers, chosen)
				continue
			}
			layer, err := plain.AtLayer(ctx, i)
			if err != nil {
				return fmt.Errorf("report: layer %d: %w", i+1, err)
			}
			d.Layers = append(d.Layers, layerOf(layer))
		}
	}
	for i := range d.Layers {
		l := &d.Layers[i]
		l.Centers = medians(d.Positions, l.Labels, len(l.Names))
	}
	return nil
}

// layersToShow returns the indices of the chosen layer and of others whose numbers of clusters differ by
// at least a factor of 1.7, ascending.
func (d *Data) layersToShow(chosen int) []int {
	show := []int{chosen}
	for i, last := chosen-1, d.Choices[chosen].Clusters; i >= 0; i-- {
		if c := d.Choices[i].Clusters; float64(c)*1.7 <= float64(last) && c >= 4 {
			show, last = append(show, i), c
		}
	}
	for i, last := chosen+1, d.Choices[chosen].Clusters; i < len(d.Choices) && len(show) < maxLayers; i++ {
		if c := d.Choices[i].Clusters; float64(last)*1.7 <= float64(c) {
			show, last = append(show, i), c
		}
	}
	slices.Sort(show)
	return show
}

func layerOf(m *topic.Model) Layer {
	var l Layer
	for _, t := range m.Topics() {
		if t.ID >= 0 {
			l.Names, l.Sizes = append(l.Names, nameOf(t.Terms, 3)), append(l.Sizes, t.Size)
		}
	}
	for _, a := range m.Assignments() {
		l.Labels = append(l.Labels, a.Topic)
	}
	return l
}

// cuts returns coarser layers of a model without layers: cuts of its hierarchy.
func (d *Data) cuts() []Layer {
	var out []Layer
	n := d.real()
	for k := n * 2 / 5; k >= 4 && len(d.Hierarchy) == n-1; k = k * 2 / 5 {
		node := make([]int, n+len(d.Hierarchy)) // the root of each node after n − k merges
		for i := range node {
			node[i] = i
		}
		for i := n - k - 1; i >= 0; i-- { // from the last merge, so that parents are known first
			merge := d.Hierarchy[i]
			node[merge.Left], node[merge.Right] = node[n+i], node[n+i]
		}
		l := Layer{Labels: make([]int, len(d.Topic))}
		label, at := map[int]int{}, d.positionsByID()
		for id := range n {
			root := node[id]
			if _, ok := label[root]; ok {
				continue
			}
			label[root] = len(l.Names)
			name, size := d.Topics[at[id]].Name, d.Topics[at[id]].Size
			if root >= n {
				words := d.Hierarchy[root-n].Words
				name, size = strings.Join(words[:min(3, len(words))], " · "), d.Hierarchy[root-n].Size
			}
			l.Names, l.Sizes = append(l.Names, name), append(l.Sizes, size)
		}
		for i, t := range d.Topic {
			l.Labels[i] = -1
			if id := d.Topics[t].ID; id >= 0 {
				l.Labels[i] = label[node[id]]
			}
		}
		out = append(out, l)
	}
	slices.Reverse(out)
	return out
}

func (d *Data) collectSimilarity(ctx context.Context, m *topic.Model, _ Options) error {
	n := d.real()
	if n == 0 || m.Dims() == 0 {
		return nil
	}
	ids, rows := m.TopicEmbeddings()
	unit := dense.New(n, m.Dims())
	at := make([]int, n) // the position in Topics of each row of unit
	k := 0
	for i, id := range ids {
		if id == topic.Outlier {
			continue
		}
		to := unit.Data[k*unit.Stride : k*unit.Stride+unit.Cols]
		if norm := dense.Norm(rows[i]); norm > 0 {
			for j, v := range rows[i] {
				to[j] = float32(float64(v) / norm)
			}
		}
		at[k] = i
		k++
	}
	if n > 2 {
		places, err := umap.PCALayout(ctx, unit, umap.Config{NComponents: 2, Workers: m.Config().Workers})
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		for k, t := range at {
			d.Topics[t].Between = Point{float64(places.Data[k*places.Stride]), float64(places.Data[k*places.Stride+1])}
		}
	}
	row := func(k int) []float32 { return unit.Data[k*unit.Stride : k*unit.Stride+unit.Cols] }
	if n > maxSimilar {
		d.note("The most similar topics are not listed: %d topics are more than %d.", n, maxSimilar)
	} else {
		d.Similar = make([][]Near, len(d.Topics))
		for a := range n {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			near := make([]Near, 0, n)
			for b := range n {
				if a != b {
					near = append(near, Near{at[b], dense.Dot(row(a), row(b))})
				}
			}
			slices.SortFunc(near, func(a, b Near) int {
				return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.Topic, b.Topic))
			})
			d.Similar[at[a]] = slices.Clone(near[:min(6, len(near))])
		}
	}
	shown := make([]int, 0, maxSimilarity)
	for k := range min(n, maxSimilarity) { // rows are by falling size
		shown = append(shown, k)
	}
	if n > maxSimilarity {
		d.note("The similarity matrix has the %d largest of %d topics.", maxSimilarity, n)
	}
	if len(d.Leaves) > 0 {
		place := map[int]int{}
		for i, t := range d.Leaves {
			place[t] = i
		}
		slices.SortFunc(shown, func(a, b int) int { return cmp.Compare(place[at[a]], place[at[b]]) })
	}
	for _, a := range shown {
		d.Similarity = append(d.Similarity, at[a])
		for _, b := range shown {
			d.SimilarityOf = append(d.SimilarityOf, dense.Dot(row(a), row(b)))
		}
	}
	return nil
}

// period returns the longest period that makes at least 24 bins of the times, or the day.
func period(times []time.Time) analysis.Period {
	var first, last time.Time
	for _, t := range times {
		if t.IsZero() {
			continue
		}
		if first.IsZero() || t.Before(first) {
			first = t
		}
		if t.After(last) {
			last = t
		}
	}
	days := last.Sub(first).Hours() / 24
	for _, p := range []struct {
		period analysis.Period
		days   float64
	}{{analysis.Year, 365.25}, {analysis.Quarter, 91.3}, {analysis.Month, 30.4}, {analysis.Week, 7}} {
		if days/p.days >= 24 {
			return p.period
		}
	}
	return analysis.Day
}

func (d *Data) collectTime(ctx context.Context, m *topic.Model, opt Options) error {
	if d.Times == nil {
		return nil
	}
	every := opt.Every
	if every == "" {
		every = period(d.Times)
	}
	out := &OverTime{Every: string(every)}
	d.Time = out
	if d.model.weights.Rows.Rows() == 0 {
		return nil
	}
	rows, err := analysis.OverTime(ctx, m, d.Times, analysis.OverTimeOptions{Every: every})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	at := d.positionsByID()
	for _, r := range rows {
		if n := len(out.Start); n == 0 || !out.Start[n-1].Equal(r.Time) {
			out.Start = append(out.Start, r.Time)
		}
		cell := Cell{Topic: at[r.Topic], Group: len(out.Start) - 1, Count: r.Count}
		for _, t := range r.Terms {
			cell.Words = append(cell.Words, t.Term)
		}
		out.Rows = append(out.Rows, cell)
	}
	return nil
}

func (d *Data) collectClasses(ctx context.Context, m *topic.Model, _ Options) error {
	if d.model.weights.Rows.Rows() == 0 {
		return nil
	}
	at := d.positionsByID()
	for _, field := range d.Fields {
		names := slices.Clone(field.Text)
		slices.Sort(names)
		names = slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" })
		if len(names) < 2 || len(names) > maxClasses {
			continue
		}
		rows, err := analysis.PerClass(ctx, m, field.Text, analysis.PerClassOptions{})
		if err != nil {
			return fmt.Errorf("report: field %q: %w", field.Name, err)
		}
		out := PerClass{Field: field.Name, Names: names}
		for _, r := range rows {
			group, ok := slices.BinarySearch(names, r.Class)
			if !ok { // the value that is not known
				continue
			}
			cell := Cell{Topic: at[r.Topic], Group: group, Count: r.Count}
			for _, t := range r.Terms {
				cell.Words = append(cell.Words, t.Term)
			}
			out.Rows = append(out.Rows, cell)
		}
		d.Classes = append(d.Classes, out)
	}
	return nil
}

// collectDistributions computes the shares of the topics in the typical documents of each topic and in
// some that are drawn.
func (d *Data) collectDistributions(ctx context.Context, m *topic.Model, opt Options) error {
	each := orDefault(opt.Distributions, defaultDistributions, 0)
	if each == 0 || opt.NoTexts || d.model.weights.Rows.Rows() == 0 || d.real() == 0 {
		return nil
	}
	members := make([][]int, len(d.Topics))
	for i, t := range d.Topic {
		if d.Positions[i].Finite() {
			members[t] = append(members[t], i)
		}
	}
	each = max(1, min(each, maxRanked/len(d.Topics)))
	var docs []int
	for k, t := range d.Topics {
		if len(docs) >= maxRanked {
			break
		}
		chosen := slices.Clone(t.Typical[:min(each, len(t.Typical))])
		s := rng.New(m.Config().Seed, uint64(t.ID+1))
		for tries := 0; len(chosen) < each && tries < 4*each && len(members[k]) > 0; tries++ {
			if i := members[k][s.Intn(len(members[k]))]; !slices.Contains(chosen, i) {
				chosen = append(chosen, i)
			}
		}
		docs = append(docs, chosen...)
	}
	texts := make([]string, len(docs))
	for k, i := range docs {
		texts[k] = d.Texts[i]
	}
	found, err := analysis.ApproximateDistribution(ctx, m, texts, analysis.DistributionOptions{Tokens: true})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	at := d.positionsByID()
	for k, i := range docs {
		out := Distribution{Document: i}
		ids, shares := found.Rows.Row(k)
		for j, id := range ids {
			out.Shares = append(out.Shares, Near{int(id), shares[j]})
		}
		slices.SortFunc(out.Shares, func(a, b Near) int {
			return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.Topic, b.Topic))
		})
		out.Shares = out.Shares[:min(maxShares, len(out.Shares))]
		if len(out.Shares) == 0 {
			continue
		}
		tokens := found.Tokens[k]
		for row, token := range tokens.Tokens[:min(maxTokens, len(tokens.Tokens))] {
			cols, values := tokens.Rows.Row(row)
			by := make([]float64, len(out.Shares))
			for s, share := range out.Shares {
				if j, ok := slices.BinarySearch(cols, int32(share.Topic)); ok {
					by[s] = values[j]
				}
			}
			out.Tokens, out.ByToken = append(out.Tokens, token), append(out.ByToken, by)
		}
		for s := range out.Shares {
			out.Shares[s].Topic = at[out.Shares[s].Topic]
		}
		d.Distributions = append(d.Distributions, out)
	}
	return nil
}

// collectRelevance keeps, for each topic, the terms that are among the ten most relevant for some λ.
func (d *Data) collectRelevance(_ context.Context, m *topic.Model, _ Options) error {
	counts := d.model.counts
	if counts.Rows.Rows() == 0 {
		return nil
	}
	all := make([]float64, counts.Rows.Cols)
	for row := range counts.Rows.Rows() {
		cols, values := counts.Rows.Row(row)
		for j, c := range cols {
			all[c] += values[j]
			d.Relevance.Total += values[j]
		}
	}
	index := map[int32]int{}
	d.Relevance.Topics = make([]TermCounts, len(d.Topics))
	at := d.positionsByID()
	for row, id := range counts.Classes {
		cols, values := counts.Rows.Row(row)
		out := &d.Relevance.Topics[at[id]]
		for _, v := range values {
			out.Total += v
		}
		for _, j := range mostRelevant(cols, values, all, out.Total, d.Relevance.Total) {
			k, ok := index[cols[j]]
			if !ok {
				k = len(d.Relevance.Terms)
				index[cols[j]] = k
				d.Relevance.Terms = append(d.Relevance.Terms, counts.Vocabulary[cols[j]])
				d.Relevance.Counts = append(d.Relevance.Counts, all[cols[j]])
			}
			out.Terms, out.Counts = append(out.Terms, k), append(out.Counts, values[j])
		}
	}
	return nil
}

// mostRelevant returns the positions in cols of the terms that are among the ten of the highest
// λ·log p(w|t) + (1−λ)·log(p(w|t)/p(w)) for a λ of 0, 0.25, 0.5, 0.75 or 1, ascending.
func mostRelevant(cols []int32, values, all []float64, inTopic, total float64) []int {
	type candidate struct {
		at         int
		prob, lift float64
	}
	var candidates []candidate
	for j, v := range values {
		if v > 0 {
			candidates = append(candidates, candidate{j, bitmath.Log(v / inTopic), bitmath.Log((v / inTopic) / (all[cols[j]] / total))})
		}
	}
	keep := map[int]bool{}
	for _, lambda := range []float64{0, 0.25, 0.5, 0.75, 1} {
		relevance := func(c candidate) float64 { return float64(lambda*c.prob) + float64((1-lambda)*c.lift) }
		slices.SortFunc(candidates, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(relevance(b), relevance(a)), cmp.Compare(values[b.at], values[a.at]), cmp.Compare(a.at, b.at))
		})
		for _, c := range candidates[:min(10, len(candidates))] {
			keep[c.at] = true
		}
	}
	var out []int
	for j := range cols {
		if keep[j] {
			out = append(out, j)
		}
	}
	return out
}

// spread returns the smallest square that holds all places, as its lower corner and its side.
func spread(points []Point) (corner Point, side float64) {
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, p := range points {
		if p.Finite() {
			low = Point{min(low.X, p.X), min(low.Y, p.Y)}
			high = Point{max(high.X, p.X), max(high.Y, p.Y)}
		}
	}
	if low.X > high.X {
		return Point{}, 1
	}
	side = max(high.X-low.X, high.Y-low.Y)
	if side == 0 {
		side = 1
	}
	return Point{(low.X+high.X)/2 - side/2, (low.Y+high.Y)/2 - side/2}, side
}
