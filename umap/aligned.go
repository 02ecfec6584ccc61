package umap

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// Relation says which rows of a slice are rows of the next: pairs of row numbers, the first in the slice, the second in
// the next one. No row is in two pairs.
type Relation [][2]int

// AlignedConfig holds the settings of slices that are fitted together. The zero value is valid. The
// name in parentheses at the end of a comment is umap-learn's.
type AlignedConfig struct {
	// Config is that of every slice. NEpochs of 0 means 200. Init is Spectral, and Unique, DensMAP
	// and Epoch are not used.
	Config
	// Regularization is how strongly a row is drawn to where it is in other slices. At least 0,
	// default 0.01; stage.None means 0. (alignment_regularisation)
	Regularization float64 `json:"alignment_regularization,omitempty"`
	// Window is how many slices before and after count, from 1 to 10,000, default 3.
	// (alignment_window_size)
	Window int `json:"alignment_window_size,omitempty"`
}

// alignedSettings is an AlignedConfig with the defaults in place of zeros.
type alignedSettings struct {
	config Config // of every slice, with the number of epochs
	settings
	Regularization float64
	Window         int
}

func (c AlignedConfig) resolve() alignedSettings {
	if c.NEpochs == 0 {
		c.NEpochs = 200
	}
	return alignedSettings{c.Config, c.Config.resolve(), stage.Setting(c.Regularization, 0.01), stage.Setting(c.Window, 3)}
}

// Validate reports every field outside its range, as joined *stage.ConfigError.
func (c AlignedConfig) Validate() error {
	var f check.Fields
	s := c.resolve()
	f.Want(!math.IsNaN(c.Regularization) && !math.IsInf(c.Regularization, 1), "umap.AlignedConfig.Regularization", c.Regularization, "a finite number, 0 for 0.01, or stage.None for 0")
	f.Want(s.Window >= 1 && s.Window <= 10_000, "umap.AlignedConfig.Window", c.Window, "from 1 to 10000, or 0 for 3")
	f.Want(c.Init == Spectral, "umap.AlignedConfig.Init", c.Init, "Spectral")
	f.Want(!c.Unique, "umap.AlignedConfig.Unique", c.Unique, "false: equal rows are vertices of their own")
	f.Want(!c.DensMAP, "umap.AlignedConfig.DensMAP", c.DensMAP, "false")
	f.Want(c.Epoch == nil, "umap.AlignedConfig.Epoch", "a function", "nil")
	return errors.Join(f.Err(), c.Config.Validate())
}

// Aligned is fitted slices. It does not change.
type Aligned struct {
	cfg       alignedSettings
	models    []*Model
	relations []Relation
}

// Models are the slices' models, whose positions can be compared with each other.
func (a *Aligned) Models() []*Model { return append([]*Model(nil), a.models...) }

// FitAligned fits slices of data, one after the other in time or in another order, such that a row that is in several of
// them is at about the same place in each, as far as its neighbors are the same. relations[i] joins the slices i and i+1.
//
// It follows AlignedUMAP of umap-learn 0.5.12. Every slice starts from its spectral layout, turned to fit the slice before;
// then all are optimized together, in every epoch one after the other, and a row is drawn to where it is in the slices of
// the window, the less the farther they are and the fewer neighbors it has in common there. Unlike there, the window is
// the same on both sides, and MinDist and Spread count.
//
// Errors: those of FitData for every slice, and one for relations that do not fit.
func FitAligned(ctx context.Context, slices []Data, relations []Relation, cfg AlignedConfig) (*Aligned, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("umap: %w", err)
	}
	if len(slices) == 0 || len(relations) != len(slices)-1 {
		return nil, fmt.Errorf("umap: aligned: %d relations for %d slices, want one between each two", len(relations), len(slices))
	}
	s := cfg.resolve()
	a := &Aligned{cfg: s, relations: append([]Relation(nil), relations...)}
	var starts []blas32.General
	for i, data := range slices {
		m, err := sliceModel(ctx, data, s)
		if err != nil {
			return nil, fmt.Errorf("umap: aligned: slice %d: %w", i, err)
		}
		a.models = append(a.models, m)
		y, warnings, err := unstretched(ctx, &m.data, s.prune(m.graph), s.settings)
		if err != nil {
			return nil, fmt.Errorf("umap: aligned: slice %d: %w", i, err)
		}
		m.warnings = append(m.warnings, warnings...)
		starts = append(starts, y)
	}
	if err := a.checkRelations(); err != nil {
		return nil, err
	}
	for i := 1; i < len(starts); i++ {
		turn(starts[i-1], starts[i], relations[i-1])
	}
	if err := a.optimize(ctx, starts, 0); err != nil {
		return nil, err
	}
	return a, nil
}

// Update adds a slice after the last, which relation joins to it. The other slices stay as they are. A row of the new
// slice starts where it is in the last, or at the mean of those of its neighbors that are there.
func (a *Aligned) Update(ctx context.Context, data Data, relation Relation) (*Aligned, error) {
	m, err := sliceModel(ctx, data, a.cfg)
	if err != nil {
		return nil, fmt.Errorf("umap: aligned: new slice: %w", err)
	}
	u := &Aligned{cfg: a.cfg, models: append(a.Models(), m), relations: append(append([]Relation(nil), a.relations...), relation)}
	if err := u.checkRelations(); err != nil {
		return nil, err
	}
	var starts []blas32.General
	for _, old := range a.models {
		starts = append(starts, dense.Compact(old.y))
	}
	last := len(a.models) - 1
	back := reverse(relation, m.data.rows())
	y := dense.New(m.data.rows(), a.cfg.NComponents)
	for i := range y.Rows {
		own := y.Data[i*y.Stride:][:y.Cols]
		if b := back[i]; b >= 0 {
			copy(own, starts[last].Data[int(b)*starts[last].Stride:])
			continue
		}
		index, weight := m.graph.Row(i)
		total := 0.0
		mean := make([]float64, y.Cols)
		for k, j := range index {
			if b := back[j]; b >= 0 {
				total += float64(weight[k])
				for d, v := range starts[last].Data[int(b)*starts[last].Stride:][:y.Cols] {
					mean[d] += float64(float64(weight[k]) * float64(v))
				}
			}
		}
		s := rng.New(a.cfg.TransformSeed, streamUniform, uint64(i))
		for d := range own {
			if total > 0 {
				own[d] = float32(mean[d] / total)
			} else {
				own[d] = float32(float64(2*startExtent*s.Float64()) - startExtent)
			}
		}
	}
	if err := u.optimize(ctx, append(starts, y), last+1); err != nil {
		return nil, err
	}
	return u, nil
}

// sliceModel is a model of one slice, without positions.
func sliceModel(ctx context.Context, data Data, cfg alignedSettings) (*Model, error) {
	if err := data.check(cfg.settings); err != nil {
		return nil, err
	}
	if data.Start.Rows > 0 {
		return nil, errors.New("start: a slice starts from its spectral layout")
	}
	if data.rows() < 2 {
		return nil, fmt.Errorf("%d rows, want at least 2", data.rows())
	}
	m := newModel(data, cfg.config, cfg.settings)
	m.supervised = data.Classes != nil || data.Target.Rows > 0
	m.given = data.Neighbors.K > 0 || data.Graph.Rows() > 0
	data.X, data.Sparse = m.data.X, m.data.Sparse
	if err := m.makeGraph(ctx, &data, cfg.settings, func(_, _, _ int) {}); err != nil {
		return nil, err
	}
	m.warnDisconnected()
	return m, nil
}

func (a *Aligned) checkRelations() error {
	for i, r := range a.relations {
		n := [2]int{a.models[i].data.rows(), a.models[i+1].data.rows()}
		seen := [2]map[int]bool{{}, {}}
		for _, pair := range r {
			for side, row := range pair {
				if row < 0 || row >= n[side] {
					return fmt.Errorf("umap: aligned: relation %d names row %d of slice %d, which has %d", i, row, i+side, n[side])
				}
				if seen[side][row] {
					return fmt.Errorf("umap: aligned: relation %d names row %d of slice %d twice", i, row, i+side)
				}
				seen[side][row] = true
			}
		}
	}
	return nil
}

// forward gives for each of n rows the row of the next slice that it is, or −1; reverse for rows of the next slice that of
// the slice before.
func forward(r Relation, n int) []int32 { return lookup(r, n, 0) }
func reverse(r Relation, n int) []int32 { return lookup(r, n, 1) }

func lookup(r Relation, n, side int) []int32 {
	to := make([]int32, n)
	for i := range to {
		to[i] = -1
	}
	for _, pair := range r {
		to[pair[side]] = int32(pair[1-side])
	}
	return to
}

// relate gives for each row of slice m the row of slice m + offset that it is, or −1; nil where there is no such slice.
func (a *Aligned) relate(m, offset int) []int32 {
	if m+offset < 0 || m+offset >= len(a.models) {
		return nil
	}
	var to []int32
	for at := m; at != m+offset; {
		var step []int32
		if offset > 0 {
			step = forward(a.relations[at], a.models[at].data.rows())
			at++
		} else {
			step = reverse(a.relations[at-1], a.models[at].data.rows())
			at--
		}
		if to == nil {
			to = step
			continue
		}
		for i, j := range to {
			if j >= 0 {
				to[i] = step[j]
			}
		}
	}
	return to
}

// similarity is, for every row that a relation to another slice has, the share of neighbors that it has in common there
// (Jaccard's index), of those that both slices have; 1 where it has none.
func similarity(g, h sparse.CSR[float32], to []int32) []float32 {
	image := make([]bool, h.Rows())
	for _, j := range to {
		if j >= 0 {
			image[j] = true
		}
	}
	out := make([]float32, len(to))
	mark := make([]int, h.Rows())
	for i, j := range to {
		if j < 0 {
			continue
		}
		index, _ := g.Row(i)
		size, both := 0, 0
		for _, v := range index {
			if t := to[v]; t >= 0 {
				mark[t] = i + 1
				size++
			}
		}
		other, _ := h.Row(int(j))
		for _, v := range other {
			switch {
			case !image[v]:
			case mark[v] == i+1:
				both++
			default:
				size++
			}
		}
		out[i] = 1
		if size > 0 {
			out[i] = float32(both) / float32(size)
		}
	}
	return out
}

// bond draws the rows of a slice to where they are in another.
type bond struct {
	slice  int
	to     []int32
	weight []float32 // times the regularization
}

// optimize moves the slices from the given one on.
func (a *Aligned) optimize(ctx context.Context, positions []blas32.General, from int) error {
	layouts := make([]*Layout, len(a.models))
	for m := from; m < len(a.models); m++ {
		model := a.models[m]
		layouts[m] = newLayout(positions[m], a.cfg.prune(model.graph), 0, model.forces, a.cfg.settings)
		layouts[m].pull = a.pull(m, positions)
	}
	for epoch := range a.cfg.NEpochs {
		for m := from; m < len(a.models); m++ {
			if err := layouts[m].engine.epoch(ctx, epoch); err != nil {
				return fmt.Errorf("umap: aligned: %w", err)
			}
			layouts[m].copyTo(positions[m])
		}
		if a.cfg.Progress != nil {
			a.cfg.Progress(epoch+1, a.cfg.NEpochs)
		}
	}
	for m := from; m < len(a.models); m++ {
		if !finite(positions[m].Data) {
			return fmt.Errorf("umap: aligned: slice %d: %w", m, errGrown)
		}
		a.models[m].place(positions[m])
	}
	return nil
}

// pull is the force on the rows of slice m.
func (a *Aligned) pull(m int, positions []blas32.General) func(own []float32, vertex int, uses float32) {
	var bonds []bond
	for offset := -a.cfg.Window; offset <= a.cfg.Window; offset++ {
		to := a.relate(m, offset)
		if offset == 0 || to == nil {
			continue
		}
		b := bond{slice: m + offset, to: to, weight: similarity(a.models[m].graph, a.models[m+offset].graph, to)}
		// umap-learn applies it at both ends of every edge and with every negative sample.
		factor := a.cfg.Regularization * bitmath.Exp(1-math.Abs(float64(offset))) * float64(a.cfg.NegativeSampleRate+2)
		for i, w := range b.weight {
			b.weight[i] = float32(float64(w) * factor)
		}
		bonds = append(bonds, b)
	}
	return func(own []float32, vertex int, uses float32) {
		for _, b := range bonds {
			j := b.to[vertex]
			if j < 0 {
				continue
			}
			other := positions[b.slice].Data[int(j)*positions[b.slice].Stride:][:len(own)]
			part := min(float32(b.weight[vertex]*uses), 1)
			for d, v := range own {
				own[d] = v - float32(part*(v-other[d]))
			}
		}
	}
}
