package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

// kMeans is a stage.Clusterer: Lloyd's algorithm from evenly spaced rows. Its clusters are then merged, the
// closest two first (Ward's criterion), so that there is a layer for every smaller number of clusters.
type kMeans struct {
	// K is the number of clusters, from 1 to 1,000. Default 8. There are fewer if there are fewer
	// different rows.
	K int `json:"k"`
	// Rounds is the number of passes over the rows, from 1 to 1,000. Default 20.
	Rounds int `json:"rounds"`
}

// The abilities of the stage, which package topic finds by assertion.
var (
	_ stage.Clusterer = kMeans{}
	_ stage.Validator = kMeans{}
	_ stage.Layered   = (*centers)(nil)
	_ stage.Saver     = (*centers)(nil)
)

func init() { state.Register[kMeans]("example.com/customstage/kmeans", loadCenters) }

// Validate reports every field outside its range.
func (k kMeans) Validate() error {
	return errors.Join(inRange("kMeans.K", k.K), inRange("kMeans.Rounds", k.Rounds))
}

// inRange reports a setting that is neither 0, which means the default, nor from 1 to 1,000.
func inRange(field string, v int) error {
	if v < 0 || v > 1000 {
		return &stage.ConfigError{Field: field, Value: v, Want: "from 1 to 1,000, or 0 for the default"}
	}
	return nil
}

// Cluster returns the *centers of the rows of d.
func (k kMeans) Cluster(ctx context.Context, run stage.Run, d stage.Data) (stage.Clustering, error) {
	n, rounds := min(stage.Setting(k.K, 8), d.X.Rows), stage.Setting(k.Rounds, 20)
	at := blas32.General{Rows: n, Cols: d.X.Cols, Stride: d.X.Cols, Data: make([]float32, n*d.X.Cols)}
	for c := range n {
		copy(row(at, c), row(d.X, c*d.X.Rows/n))
	}
	var of []int
	for done := range rounds {
		var err error
		if of, err = nearest(ctx, at, d.X); err != nil {
			return nil, err
		}
		moveToMeans(at, d.X, of)
		if run.Progress != nil {
			run.Progress(done+1, rounds)
		}
	}
	of, err := nearest(ctx, at, d.X)
	if err != nil {
		return nil, err
	}
	m := &centers{at: at, of: of}
	m.dropEmpty()
	m.merge(d.X)
	return m, nil
}

// nearest returns the number of the nearest center of each row of x, the lowest of equals.
func nearest(ctx context.Context, at, x blas32.General) ([]int, error) {
	out := make([]int, x.Rows)
	for i := range out {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		least := math.Inf(1)
		for c := range at.Rows {
			if d := distance(row(x, i), row(at, c)); d < least {
				out[i], least = c, d
			}
		}
	}
	return out, context.Cause(ctx)
}

// moveToMeans moves every center that has rows to their mean.
func moveToMeans(at, x blas32.General, of []int) {
	sums, counts := make([]float64, len(at.Data)), make([]float64, at.Rows)
	for i, c := range of {
		counts[c]++
		for j, v := range row(x, i) {
			sums[c*at.Cols+j] += float64(v)
		}
	}
	for i := range sums {
		if n := counts[i/at.Cols]; n > 0 {
			at.Data[i] = float32(sums[i] / n)
		}
	}
}

// centers is a fitted kMeans.
type centers struct {
	at     blas32.General // one row per center
	of     []int          // the center of each row of the fit
	loaded bool           // Labels has none then
	layers []layer        // the coarsest first; the last one has a cluster for every center
	chosen int
}

// layer is a granularity.
type layer struct {
	stage.Layer
	Cluster []int // of each center
}

// dropEmpty removes the centers that have no rows.
func (m *centers) dropEmpty() {
	number := make([]int, m.at.Rows)
	n := 0
	for c := range m.at.Rows {
		number[c] = -1
		if slices.Contains(m.of, c) {
			copy(row(m.at, n), row(m.at, c))
			number[c] = n
			n++
		}
	}
	m.at.Rows, m.at.Data = n, m.at.Data[:n*m.at.Stride]
	for i, c := range m.of {
		m.of[i] = number[c]
	}
}

// merge makes the layers. The score of a layer is the share of the variance that its clusters explain.
func (m *centers) merge(x blas32.General) {
	type cluster struct {
		mean    []float64
		size    float64
		members []int
	}
	all := make([]cluster, m.at.Rows)
	total := make([]float64, x.Cols)
	for c := range all {
		all[c] = cluster{mean: make([]float64, x.Cols), members: []int{c}}
	}
	for i, c := range m.of {
		all[c].size++
		for j, v := range row(x, i) {
			all[c].mean[j] += float64(v)
			total[j] += float64(v)
		}
	}
	for c := range all {
		for j := range all[c].mean {
			all[c].mean[j] /= all[c].size
		}
	}
	within, variance := 0.0, 0.0
	for i, c := range m.of {
		for j, v := range row(x, i) {
			a, b := float64(v)-all[c].mean[j], float64(v)-total[j]/float64(x.Rows)
			within += float64(a * a)
			variance += float64(b * b)
		}
	}
	for {
		l := layer{stage.Layer{Clusters: len(all), Scale: float64(len(all)), Score: 1}, make([]int, m.at.Rows)}
		if variance > 0 {
			l.Score = 1 - within/variance
		}
		for number, c := range all {
			for _, member := range c.members {
				l.Cluster[member] = number
			}
		}
		m.layers = append(m.layers, l)
		if len(all) <= 2 {
			break
		}
		a, b, least := 0, 1, math.Inf(1)
		for i := range all {
			for j := range i {
				d := 0.0
				for col, v := range all[i].mean {
					diff := v - all[j].mean[col]
					d += float64(diff * diff)
				}
				if d *= all[i].size * all[j].size / (all[i].size + all[j].size); d < least {
					a, b, least = j, i, d
				}
			}
		}
		within += least
		size := all[a].size + all[b].size
		for col, v := range all[b].mean {
			all[a].mean[col] = (float64(all[a].mean[col]*all[a].size) + float64(v*all[b].size)) / size
		}
		all[a].size, all[a].members = size, append(all[a].members, all[b].members...)
		all = slices.Delete(all, b, b+1)
	}
	slices.Reverse(m.layers)
	m.chosen = len(m.layers) - 1
}

// Labels returns the cluster of each row of the fit in the chosen layer.
func (m *centers) Labels() []int {
	if m.loaded {
		return nil
	}
	return m.clusters(m.of)
}

// clusters returns the clusters of centers in the chosen layer.
func (m *centers) clusters(of []int) []int {
	out := make([]int, len(of))
	for i, c := range of {
		out[i] = m.layers[m.chosen].Cluster[c]
	}
	return out
}

// Predict returns the cluster of the nearest center of each row of x.
func (m *centers) Predict(ctx context.Context, x blas32.General) (labels []int, strengths []float64, err error) {
	if x.Rows > 0 && x.Cols != m.at.Cols {
		return nil, nil, fmt.Errorf("k-means: %d columns, want %d as in the fit", x.Cols, m.at.Cols)
	}
	of, err := nearest(ctx, m.at, x)
	if err != nil {
		return nil, nil, err
	}
	return m.clusters(of), nil, nil
}

// Layers lists the granularities, the coarsest first.
func (m *centers) Layers() []stage.Layer {
	out := make([]stage.Layer, len(m.layers))
	for i, l := range m.layers {
		out[i] = l.Layer
	}
	return out
}

// Chosen returns the index of the chosen layer.
func (m *centers) Chosen() int { return m.chosen }

// AtLayer returns the same centers with another layer chosen.
func (m *centers) AtLayer(layer int) (stage.Clustering, error) {
	if layer < 0 || layer >= len(m.layers) {
		return nil, fmt.Errorf("k-means: layer %d, want from 0 to %d", layer, len(m.layers)-1)
	}
	out := *m
	out.chosen, out.loaded = layer, false
	return &out, nil
}

// sections lists what is saved.
func (m *centers) sections() []state.Section {
	return []state.Section{{Name: "centers.npy", Data: &m.at}, {Name: "rows.npy", Data: &m.of}, {Name: "layers.json", Data: &m.layers}, {Name: "chosen.json", Data: &m.chosen}}
}

// Save writes the centers and the layers.
func (m *centers) Save(w stage.Writer) error { return state.WriteSections(w, m.sections()...) }

// loadCenters reads what Save wrote.
func loadCenters(_ stage.Run, r fs.FS) (*centers, error) {
	m := &centers{loaded: true}
	if err := state.ReadSections(r, m.sections()...); err != nil {
		return nil, err
	}
	if m.at.Rows < 1 || m.at.Cols < 1 || m.chosen < 0 || m.chosen >= len(m.layers) {
		return nil, fmt.Errorf("k-means: %d centers of %d columns, layer %d of %d", m.at.Rows, m.at.Cols, m.chosen, len(m.layers))
	}
	for i, l := range m.layers {
		if len(l.Cluster) != m.at.Rows || slices.Min(l.Cluster) < 0 || slices.Max(l.Cluster) >= l.Clusters {
			return nil, fmt.Errorf("k-means: layer %d does not fit to %d centers", i, m.at.Rows)
		}
	}
	for i, c := range m.of {
		if c < 0 || c >= m.at.Rows {
			return nil, fmt.Errorf("k-means: row %d has the center %d of %d", i, c, m.at.Rows)
		}
	}
	return m, nil
}

// distance returns the squared distance of two rows.
func distance(a, b []float32) float64 {
	sum := 0.0
	for j, v := range a {
		d := float64(v) - float64(b[j])
		sum += float64(d * d)
	}
	return sum
}

func row(x blas32.General, i int) []float32 { return x.Data[i*x.Stride:][:x.Cols] }
