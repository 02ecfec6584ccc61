package hdbscan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// fitted is what a saved model holds of the trees: the distinct points with their core distances,
// in the order of the kd-tree, the spanning tree and the condensed tree. What can be read off these
// in one pass is not in it: boxes, the single-linkage tree, births and deaths, labels, strengths.
type fitted struct {
	cfg   settings // without zeros that mean a default
	shape struct {
		Rows       int      `json:"rows"`
		Columns    int      `json:"columns"`
		Points     int      `json:"points"`     // distinct rows
		Dimensions int      `json:"dimensions"` // of a point
		Warnings   []string `json:"warnings"`
	}
	minSamples []float64 // one number: MinSamples as clamped

	position  []int32   // of the point of each row
	weight    []float64 // by row, or none
	classes   []int     // by row, or none
	values    blas32.General
	coords    []float64 // in place of values where the metric's coordinates are not the values of rows
	core      []float64 // squared, by point
	shortCore []float64 // with OriginalPrediction

	edgeA, edgeB   []int32
	reach, between []float64 // squared weights and distances of edges

	parent, child []int32 // of the edges of the condensed tree
	lambda        []float64
	clusterWeight []float64 // with weights, by cluster
}

func (f *fitted) sections() []state.Section {
	return []state.Section{
		{Name: "settings.json", Data: &f.cfg},
		{Name: "shape.json", Data: &f.shape},
		{Name: "min_samples.npy", Data: &f.minSamples},
		{Name: "rows/point.npy", Data: &f.position},
		{Name: "rows/weight.npy", Data: &f.weight},
		{Name: "rows/class.npy", Data: &f.classes},
		{Name: "points/value.npy", Data: &f.values},
		{Name: "points/coordinate.npy", Data: &f.coords},
		{Name: "points/core.npy", Data: &f.core},
		{Name: "points/short_core.npy", Data: &f.shortCore},
		{Name: "spanning_tree/a.npy", Data: &f.edgeA},
		{Name: "spanning_tree/b.npy", Data: &f.edgeB},
		{Name: "spanning_tree/reachability.npy", Data: &f.reach},
		{Name: "spanning_tree/distance.npy", Data: &f.between},
		{Name: "condensed_tree/parent.npy", Data: &f.parent},
		{Name: "condensed_tree/child.npy", Data: &f.child},
		{Name: "condensed_tree/lambda.npy", Data: &f.lambda},
		{Name: "condensed_tree/weight.npy", Data: &f.clusterWeight},
	}
}

// selections holds the selected clusters of one or more layers, those of layer i from start[i] to
// start[i+1].
type selections struct {
	start     []int
	cluster   []int32
	stability []float64
	rootFrom  []float64 // by layer
}

func (s *selections) sections() []state.Section {
	return []state.Section{
		{Name: "selection/start.npy", Data: &s.start},
		{Name: "selection/cluster.npy", Data: &s.cluster},
		{Name: "selection/stability.npy", Data: &s.stability},
		{Name: "selection/root_from.npy", Data: &s.rootFrom},
	}
}

// layering holds what a Multiscale adds to the model and the selections of its layers.
type layering struct {
	Chosen            int
	size, persistence []float64
}

func (l *layering) sections() []state.Section {
	return []state.Section{
		{Name: "layers/chosen.json", Data: &l.Chosen},
		{Name: "layers/size.npy", Data: &l.size},
		{Name: "layers/persistence.npy", Data: &l.persistence},
	}
}

// Save writes the model with all that its methods need. It fails for a model of given distances and
// for one with a distance of the caller's (Custom), which have no form in a file.
func (m *Model) Save(w stage.Writer) error {
	f, err := m.flat()
	if err != nil {
		return err
	}
	var s selections
	s.add(m)
	return state.WriteSections(w, slices.Concat(f.sections(), s.sections())...)
}

// load reads what Model.Save wrote.
func load(run stage.Run, r fs.FS) (*Model, error) {
	var f fitted
	var s selections
	if err := state.ReadSections(r, slices.Concat(f.sections(), s.sections())...); err != nil {
		return nil, err
	}
	m, err := f.model(run)
	if err != nil {
		return nil, err
	}
	models, err := s.models(m, 1)
	if err != nil {
		return nil, err
	}
	return models[0], nil
}

// Save writes the model and its layers. It fails as Model.Save does.
func (m *Multiscale) Save(w stage.Writer) error {
	f, err := m.flat()
	if err != nil {
		return err
	}
	var s selections
	l := layering{Chosen: m.chosen}
	for _, layer := range m.layers {
		s.add(layer.Model)
		l.size, l.persistence = append(l.size, layer.Size), append(l.persistence, layer.LayerPersistence)
	}
	return state.WriteSections(w, slices.Concat(f.sections(), s.sections(), l.sections())...)
}

// loadMultiscale reads what Multiscale.Save wrote.
func loadMultiscale(run stage.Run, r fs.FS) (*Multiscale, error) {
	var f fitted
	var s selections
	var l layering
	if err := state.ReadSections(r, slices.Concat(f.sections(), s.sections(), l.sections())...); err != nil {
		return nil, err
	}
	m, err := f.model(run)
	if err != nil {
		return nil, err
	}
	if len(l.size) != len(l.persistence) || l.Chosen < 0 || l.Chosen >= len(l.size) {
		return nil, fmt.Errorf("layer %d of %d sizes and %d persistences is chosen", l.Chosen, len(l.size), len(l.persistence))
	}
	models, err := s.models(m, len(l.size))
	if err != nil {
		return nil, err
	}
	layers := make([]Layer, len(models))
	for i, layer := range models {
		layers[i] = Layer{layer, l.size[i], l.persistence[i]}
	}
	return &Multiscale{layers[l.Chosen].Model, layers, l.Chosen}, nil
}

// flat returns what is saved of a model besides the selection.
func (m *Model) flat() (*fitted, error) {
	f := &fitted{cfg: m.cfg, minSamples: []float64{m.minSamples}, classes: m.classes}
	f.cfg.Workers, f.cfg.Progress = 0, nil
	f.shape.Rows = m.rows
	for _, w := range m.warnings {
		f.shape.Warnings = append(f.shape.Warnings, w.Error())
	}
	if m.cfg.Metric == metric.Custom {
		return nil, errors.New("hdbscan: a model with a distance of the caller's cannot be saved")
	}
	t := m.tree
	if t == nil {
		return f, nil
	}
	if t.given != nil {
		return nil, errors.New("hdbscan: a model of given distances cannot be saved")
	}
	f.shape.Columns, f.shape.Points, f.shape.Dimensions = t.cols, t.len(), t.dims
	f.position, f.weight = t.pos, m.linkage.rows
	f.core, f.shortCore = m.cores.sq, m.cores.short
	switch {
	case t.prepare != nil:
		f.coords = t.pts
	default:
		f.values = blas32.General{Rows: t.len(), Cols: t.dims, Stride: t.dims, Data: t.raw}
		if t.pts != nil { // which are float32 as they came
			f.values.Data = make([]float32, len(t.pts))
			for i, v := range t.pts {
				f.values.Data[i] = float32(v)
			}
		}
	}
	for _, e := range m.links {
		f.edgeA, f.edgeB = append(f.edgeA, e.a), append(f.edgeB, e.b)
		f.reach, f.between = append(f.reach, e.w2), append(f.between, e.d2)
	}
	for _, e := range m.condensed.falls {
		f.parent, f.child, f.lambda = append(f.parent, e.parent), append(f.child, e.child), append(f.lambda, e.lambda)
	}
	if m.linkage.rows != nil {
		f.clusterWeight = m.condensed.weight
	}
	return f, nil
}

// model returns the model without a selection. Every part is checked.
func (f *fitted) model(run stage.Run) (*Model, error) {
	if err := Config(f.cfg).Validate(); err != nil {
		return nil, err
	}
	n, points := f.shape.Rows, f.shape.Points
	if err := f.lengths(); err != nil {
		return nil, err
	}
	if c := f.cfg; c.MinClusterSize == 0 || c.MinSamples == 0 || c.Alpha == 0 {
		return nil, errors.New("settings are missing")
	}
	m := &Model{cfg: f.cfg, rows: n, minSamples: f.minSamples[0]}
	m.cfg.Workers = run.Workers
	for _, w := range f.shape.Warnings {
		m.warnings = append(m.warnings, errors.New(w))
	}
	if len(f.classes) > 0 {
		m.classes = f.classes
	}
	if n == 0 {
		return m, nil
	}
	if !(m.minSamples > 0) || math.IsInf(m.minSamples, 1) {
		return nil, fmt.Errorf("MinSamples is %v", m.minSamples)
	}
	weights, err := f.weights()
	if err != nil {
		return nil, err
	}
	sp, err := f.space()
	if err != nil {
		return nil, err
	}
	m.tree = &kdTree{space: sp, closer: 1, pos: f.position, row: make([]int32, points), mult: make([]int32, points), pts: f.coords}
	if err := f.place(m.tree); err != nil {
		return nil, err
	}
	m.tree.index()
	m.tree.weigh(weights)
	m.tree.once = m.countsOnce(weights, points == n)
	if err := notNegative("core distance", f.core, f.shortCore); err != nil {
		return nil, err
	}
	if m.cores = (&cores{sq: f.core}); m.cfg.OriginalPrediction {
		m.cores.short = f.shortCore
	}
	if err := f.edges(m); err != nil {
		return nil, err
	}
	if m.linkage, err = singleLinkage(context.Background(), n, m.links, weights, m.tree.distance); err != nil {
		return nil, err
	}
	if weights != nil {
		m.linkage.core = m.CoreDistances()
	}
	if err := f.condensed(m, weights); err != nil {
		return nil, err
	}
	m.hierarchy = newHierarchy(m.condensed)
	return m, nil
}

// lengths reports parts that do not have the lengths that the shape asks for.
func (f *fitted) lengths() error {
	n, points, dims := f.shape.Rows, f.shape.Points, f.shape.Dimensions
	if n < 0 || n > maxRows || points < min(n, 1) || points > n || dims < 0 || len(f.minSamples) != 1 {
		return fmt.Errorf("%d rows of %d points of %d dimensions", n, points, dims)
	}
	short, weight, classes := 0, 0, 0
	if f.cfg.OriginalPrediction {
		short = points
	}
	if len(f.weight) > 0 {
		weight = n
	}
	if len(f.classes) > 0 {
		classes = n
	}
	for _, l := range []struct {
		what      string
		got, want int
	}{
		{"points of rows", len(f.position), n},
		{"weights", len(f.weight), weight},
		{"classes", len(f.classes), classes},
		{"core distances", len(f.core), points},
		{"short core distances", len(f.shortCore), short},
		{"edges", len(f.edgeA), max(n-1, 0)},
		{"second rows of edges", len(f.edgeB), max(n-1, 0)},
		{"weights of edges", len(f.reach), max(n-1, 0)},
		{"distances of edges", len(f.between), max(n-1, 0)},
		{"children in the condensed tree", len(f.child), len(f.parent)},
		{"λ in the condensed tree", len(f.lambda), len(f.parent)},
	} {
		if l.got != l.want {
			return fmt.Errorf("%d %s for %d rows of %d points, want %d", l.got, l.what, n, points, l.want)
		}
	}
	values := 0 // of coordinates
	if len(f.coords) > 0 {
		values = points
	}
	if f.values.Rows != points-values || values > 0 && (len(f.coords)%points != 0 || len(f.coords)/points != dims) ||
		values == 0 && f.values.Cols != dims || n > 0 && dims == 0 {
		return fmt.Errorf("%d×%d values and %d coordinates of %d points of %d dimensions", f.values.Rows, f.values.Cols, len(f.coords), points, dims)
	}
	for i, c := range f.classes {
		if c < stage.Outlier {
			return fmt.Errorf("row %d has class %d, want −1 or more", i, c)
		}
	}
	return nil
}

// weights returns the weights of the rows, nil where they are 1 each.
func (f *fitted) weights() ([]float64, error) {
	if len(f.weight) == 0 {
		return nil, nil
	}
	total := 0.0
	for _, w := range f.weight {
		total += w
	}
	if !(total > 0) || math.IsInf(total, 1) {
		return nil, fmt.Errorf("the weights add up to %v", total)
	}
	return f.weight, notNegative("weight", f.weight)
}

// space returns the space of the points.
func (f *fitted) space() (*space, error) {
	cols, dims := f.shape.Columns, f.shape.Dimensions
	if cols < 1 || cols > dims {
		return nil, fmt.Errorf("points of %d dimensions for %d columns", dims, cols)
	}
	// Of the rows, a space needs to know no more than whether one of them has no direction.
	like := blas32.General{Rows: 1, Cols: cols, Stride: cols, Data: make([]float32, cols)}
	if dims == cols {
		like.Data[0] = 1
	}
	sp, err := newSpace(like, f.cfg)
	if err != nil {
		return nil, err
	}
	if sp.dims != dims || (sp.prepare != nil) != (len(f.coords) > 0) {
		return nil, fmt.Errorf("points of %d dimensions for %d columns under the metric %v, want %d", dims, cols, f.cfg.Metric, sp.dims)
	}
	return sp, nil
}

// place gives a tree its points and their rows.
func (f *fitted) place(t *kdTree) error {
	for r := len(f.position) - 1; r >= 0; r-- {
		p := f.position[r]
		if p < 0 || int(p) >= len(t.row) {
			return fmt.Errorf("row %d is at point %d of %d", r, p, len(t.row))
		}
		t.row[p] = int32(r)
		t.mult[p]++
	}
	if p := slices.Index(t.mult, 0); p >= 0 {
		return fmt.Errorf("no row is at point %d", p)
	}
	for i, v := range f.coords {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("coordinate %d of point %d is %v", i%t.dims, i/t.dims, v)
		}
	}
	if f.coords != nil {
		return nil
	}
	if err := f.cfg.metric().Check(f.values); err != nil {
		return fmt.Errorf("points: %w", err)
	}
	if t.norm == noNorm {
		t.raw = make([]float32, 0, f.values.Rows*t.dims)
	} else {
		t.pts = make([]float64, 0, f.values.Rows*t.dims)
	}
	for i := range f.values.Rows {
		row := f.values.Data[i*f.values.Stride:][:t.dims]
		if t.norm == noNorm {
			t.raw = append(t.raw, row...)
			continue
		}
		for _, v := range row {
			t.pts = append(t.pts, float64(v))
		}
	}
	return nil
}

// index parts the points of a tree into nodes, as treeBuilder.build does, from their order alone.
func (t *kdTree) index() {
	n := t.len()
	if t.boxed() {
		t.levels = bits.Len(uint((n - 1) / leafSize))
	}
	nodes := 2<<t.levels - 1
	t.start, t.end = make([]int32, nodes), make([]int32, nodes)
	t.end[0] = int32(n)
	for i := range int32(1<<t.levels - 1) {
		left, half := 2*i+1, t.count(i)/2
		t.start[left], t.end[left] = t.start[i], t.start[i]+half
		t.start[left+1], t.end[left+1] = t.start[i]+half, t.end[i]
	}
	if t.levels == 0 {
		return
	}
	t.box = make([]float64, nodes*2*t.dims)
	for i := int32(nodes - 1); i >= 0; i-- {
		box := t.bounds(i)
		lo, hi := box[:t.dims], box[t.dims:]
		for j := range lo {
			lo[j], hi[j] = math.Inf(1), math.Inf(-1)
		}
		if t.isLeaf(i) {
			for p := t.start[i]; p < t.end[i]; p++ {
				grow(lo, hi, t.point(p))
			}
			continue
		}
		for child := 2*i + 1; child <= 2*i+2; child++ {
			grow(lo, hi, t.bounds(child)[:t.dims])
			grow(lo, hi, t.bounds(child)[t.dims:])
		}
	}
}

// weigh sets the weights of the points from those of the rows, which may be nil.
func (t *kdTree) weigh(weights []float64) {
	if weights == nil {
		return
	}
	t.weight = make([]float64, t.len())
	for i, w := range weights {
		t.weight[t.pos[i]] += w
	}
}

// edges gives a model the edges of its spanning tree.
func (f *fitted) edges(m *Model) error {
	if err := notNegative("edge", f.reach, f.between); err != nil {
		return err
	}
	if !slices.IsSorted(f.reach) {
		return errors.New("the edges of the spanning tree are not in order")
	}
	m.links = make([]link, len(f.edgeA))
	for i, a := range f.edgeA {
		b := f.edgeB[i]
		if a < 0 || b <= a || int(b) >= m.rows {
			return fmt.Errorf("edge %d of the spanning tree joins the rows %d and %d of %d", i, a, b, m.rows)
		}
		m.links[i] = link{f.reach[i], f.between[i], a, b}
	}
	return nil
}

// condensed gives a model its condensed tree. Every row and every cluster but the root leaves one
// cluster, which has a lower number; a cluster parts into two of successive numbers, or not at all.
func (f *fitted) condensed(m *Model, weights []float64) error {
	n := m.rows
	if n == 1 && len(f.child) == 0 { // the row is the root
		m.condensed = &condensed{size: []int32{1}}
		return f.weighClusters(m, weights)
	}
	clusters := len(f.child) - n + 1
	if clusters < 1 {
		return fmt.Errorf("%d edges of the condensed tree for %d rows", len(f.child), n)
	}
	c := &condensed{falls: make([]fall, len(f.child)), size: make([]int32, clusters)}
	m.condensed = c
	seen := make([]bool, n+clusters)
	above := make([]int32, clusters) // the parent of a cluster
	first := make([]int32, clusters) // the first of its parts
	parts := make([]int32, clusters) // their number
	for i, child := range f.child {
		e := fall{f.lambda[i], f.parent[i], child}
		if child < 0 || int(child) >= n+clusters || int(child) == n || seen[child] {
			return fmt.Errorf("edge %d of the condensed tree leads to %d, want each of %d rows and %d clusters once", i, child, n, clusters)
		}
		if int(e.parent) < n || int(e.parent) >= n+clusters || int(child) > n && e.parent >= child {
			return fmt.Errorf("edge %d of the condensed tree leads from %d to %d", i, e.parent, child)
		}
		if !(e.lambda >= 0) || int(child) > n && math.IsInf(e.lambda, 1) {
			return fmt.Errorf("edge %d of the condensed tree has λ %v", i, e.lambda)
		}
		seen[child], c.falls[i] = true, e
		p := int(e.parent) - n
		k := int(child) - n
		if k < 0 {
			c.size[p]++
			continue
		}
		if above[k] = int32(p); parts[p] == 0 {
			first[p] = child
		} else if child != first[p]+parts[p] {
			return fmt.Errorf("cluster %d of the condensed tree does not part into clusters of successive numbers", p)
		}
		parts[p]++
	}
	if k := slices.Index(parts, 1); k >= 0 {
		return fmt.Errorf("cluster %d of the condensed tree has one part", k)
	}
	for k := clusters - 1; k > 0; k-- {
		c.size[above[k]] += c.size[k]
	}
	return f.weighClusters(m, weights)
}

// weighClusters sets the weights of the clusters of the condensed tree.
func (f *fitted) weighClusters(m *Model, weights []float64) error {
	c := m.condensed
	c.n, c.rows = m.rows, weights
	if weights != nil {
		c.weight = f.clusterWeight
		if len(c.weight) != len(c.size) {
			return fmt.Errorf("%d weights of %d clusters", len(c.weight), len(c.size))
		}
		return notNegative("weight of cluster", c.weight)
	}
	if len(f.clusterWeight) > 0 {
		return errors.New("clusters have weights and rows have none")
	}
	c.weight = make([]float64, len(c.size))
	for i, s := range c.size {
		c.weight[i] = float64(s)
	}
	return nil
}

// notNegative reports the first number that is NaN or below 0.
func notNegative(what string, lists ...[]float64) error {
	for _, list := range lists {
		for i, v := range list {
			if !(v >= 0) {
				return fmt.Errorf("%s %d is %v, want 0 or more", what, i, v)
			}
		}
	}
	return nil
}

// add appends the selection of a model.
func (s *selections) add(m *Model) {
	if len(s.start) == 0 {
		s.start = []int{0}
	}
	from := 0.0
	if m.selection != nil {
		s.cluster = append(s.cluster, m.selection.clusters...)
		s.stability = append(s.stability, m.selection.stability...)
		from = m.selection.rootFrom
	}
	s.start, s.rootFrom = append(s.start, len(s.cluster)), append(s.rootFrom, from)
}

// models returns a model for each selection.
func (s *selections) models(m *Model, count int) ([]*Model, error) {
	if len(s.start) != count+1 || len(s.rootFrom) != count || s.start[0] != 0 || !slices.IsSorted(s.start) ||
		s.start[count] != len(s.cluster) || len(s.stability) != len(s.cluster) {
		return nil, fmt.Errorf("%d selections from %v of %d clusters, want %d", len(s.rootFrom), s.start, len(s.cluster), count)
	}
	if err := notNegative("λ of the root", s.rootFrom); err != nil {
		return nil, err
	}
	out := make([]*Model, count)
	for i := range out {
		out[i] = m.derived()
		clusters, stability := s.cluster[s.start[i]:s.start[i+1]], s.stability[s.start[i]:s.start[i+1]]
		if m.hierarchy == nil {
			if len(clusters) > 0 {
				return nil, errors.New("clusters are selected of no rows")
			}
			continue
		}
		chosen := make([]bool, len(m.hierarchy.parent))
		given := make([]float64, len(chosen))
		for k, c := range clusters {
			if c < 0 || int(c) >= len(chosen) || k > 0 && c <= clusters[k-1] || math.IsNaN(stability[k]) {
				return nil, fmt.Errorf("cluster %d of %d is selected with stability %v", c, len(chosen), stability[k])
			}
			chosen[c], given[c] = true, stability[k]
		}
		sel := m.hierarchy.selected(chosen, given)
		if len(sel.clusters) != len(clusters) {
			return nil, errors.New("selected clusters lie within each other")
		}
		sel.rootFrom = s.rootFrom[i]
		out[i].choose(sel)
	}
	return out, nil
}
