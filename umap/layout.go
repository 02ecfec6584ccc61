package umap

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// OptimizeLayout moves the vertices of a symmetric graph from start (vertices × cfg.NComponents, not changed) to where the
// cross entropy between the graph and the positions is low, and gives their positions.
//
// Every edge is used in proportion to its weight, in cfg.NEpochs epochs at most, and pulls both its ends together; each
// use is followed by cfg.NegativeSampleRate negative samples, vertices drawn at random that push the edge's first end
// away. Steps are at most 4 long and shrink linearly to 0. It is optimize_layout_euclidean of umap-learn 0.5.12, with one
// difference that makes room for several workers: see layout.
func OptimizeLayout(ctx context.Context, start blas32.General, g Graph, cfg Config) (blas32.General, error) {
	if err := errors.Join(cfg.Validate(), g.check(), check.Matrix(start)); err != nil {
		return blas32.General{}, fmt.Errorf("umap: layout: %w", err)
	}
	if start.Rows != g.Vertices() || start.Rows > 0 && start.Cols != cfg.NComponents {
		return blas32.General{}, fmt.Errorf("umap: layout: start of %d×%d for %d vertices and %d components", start.Rows, start.Cols, g.Vertices(), cfg.NComponents)
	}
	y := compact(start)
	a, b := cfg.curve()
	l := newLayout(y, g, newForces(a, b, cfg.RepulsionStrength), cfg)
	if err := l.run(ctx, cfg.Progress); err != nil {
		return blas32.General{}, fmt.Errorf("umap: layout: %w", err)
	}
	return y, nil
}

// layout is the state of the optimisation.
//
// umap-learn goes through the edges in order and moves both ends at once. Here the vertices are cut into blocks, one after
// the other, each of a 64th of the vertices or less. Within a block every vertex works through its edges with its
// own position up to date and all others as they were before the block; the moves of other vertices are written
// down and made when the block is done, in the order of the edges. So the vertices of a block can be worked on at
// the same time, the cut depends on the number of vertices alone, and a position is out of date by a
// 64th of an epoch at most. Neither trustworthiness nor clusters can be told from those of one vertex at a time: over
// eight seeds, 20,000 titles clustered to a mean adjusted Rand index of 0.182 with their classes, and to 0.175 one vertex at
// a time, with a standard deviation of 0.02 from seed to seed.
type layout struct {
	dim      int
	y        []float32 // positions, vertices × dim
	g        Graph
	next     []float64 // per edge: the epoch of its next use
	schedule []schedule
	streams  []rng.Stream // per vertex: its negative samples
	f        *forces
	rate     float64
	negative float64 // samples per use of an edge
	epochs   int
	workers  int

	block int
	own   []float32 // new positions of the block's vertices
	moves []moves   // per chunk of the block
}

// schedule says how often an edge and its negative samples are used, in epochs.
type schedule struct {
	every   float64 // epochs between two uses
	nextNeg float64 // up to when negative samples have been drawn
}

// moves are steps of vertices that are not the chunk's own.
type moves struct {
	vertex []int32
	step   []float32 // dim for each vertex
}

const (
	maxStep      = 4    // per coordinate, before it is multiplied by the learning rate
	layoutChunk  = 64   // vertices per unit of work
	layoutBlocks = 64   // blocks at least
	maxBlock     = 2048 // vertices per block at most
)

func newLayout(y blas32.General, g Graph, f *forces, cfg Config) *layout {
	n := g.Vertices()
	l := &layout{
		dim: y.Cols, y: y.Data, g: g, f: f,
		rate: cfg.LearningRate, negative: float64(cfg.NegativeSampleRate),
		epochs: cfg.epochs(n), workers: cfg.Workers,
		next:     make([]float64, len(g.Weight)),
		schedule: make([]schedule, len(g.Weight)),
		streams:  make([]rng.Stream, n),
	}
	most := g.maxWeight()
	for e, w := range g.Weight {
		every := float64(most) / float64(w)
		l.next[e] = every
		l.schedule[e] = schedule{every: every, nextNeg: every / max(l.negative, 1)}
	}
	for i := range l.streams {
		l.streams[i] = rng.New(cfg.Seed, streamNegative, uint64(i))
	}
	l.block = min(max((n+layoutBlocks-1)/layoutBlocks, 1), maxBlock)
	l.own = make([]float32, l.block*l.dim)
	l.moves = make([]moves, (l.block+layoutChunk-1)/layoutChunk)
	return l
}

// run makes all epochs. Progress counts them.
func (l *layout) run(ctx context.Context, progress func(done, total int)) error {
	for epoch := range l.epochs {
		if err := l.epoch(ctx, epoch); err != nil {
			return err
		}
		if progress != nil {
			progress(epoch+1, l.epochs)
		}
	}
	return nil
}

// alpha is the learning rate of an epoch. As in umap-learn the first two have the full one.
func alpha(rate float64, epoch, epochs int) float32 {
	return float32(rate * (1 - float64(max(epoch-1, 0))/float64(epochs)))
}

func (l *layout) epoch(ctx context.Context, epoch int) error {
	n := l.g.Vertices()
	step := alpha(l.rate, epoch, l.epochs)
	loop := parallel.Loop{Workers: l.workers, Block: layoutChunk}
	for lo := 0; lo < n; lo += l.block {
		hi := min(lo+l.block, n)
		err := loop.Run(ctx, hi-lo, func(_, from, to int) error {
			m := &l.moves[from/layoutChunk]
			m.vertex, m.step = m.vertex[:0], m.step[:0]
			for i := lo + from; i < lo+to; i++ {
				own := l.own[(i-lo)*l.dim:][:l.dim]
				copy(own, l.y[i*l.dim:])
				l.vertex(i, own, float64(epoch), step, m)
			}
			return nil
		})
		if err != nil {
			return err
		}
		copy(l.y[lo*l.dim:hi*l.dim], l.own)
		for c := range (hi - lo + layoutChunk - 1) / layoutChunk {
			m := &l.moves[c]
			for k, j := range m.vertex {
				to := l.y[int(j)*l.dim:][:l.dim]
				for d, s := range m.step[k*l.dim:][:l.dim] {
					to[d] += s
				}
			}
		}
	}
	return nil
}

// vertex uses the edges of vertex i that are due: it moves own, the position of i, and writes the other ends' moves down.
func (l *layout) vertex(i int, own []float32, now float64, step float32, m *moves) {
	n := l.g.Vertices()
	stream := l.streams[i]
	first := l.g.Start[i]
	for k, next := range l.next[first:l.g.Start[i+1]] {
		if next > now {
			continue
		}
		e := first + k
		s := &l.schedule[e]
		l.next[e] = next + s.every

		j := l.g.Index[e]
		other := l.y[int(j)*l.dim:][:len(own)]
		at := len(m.step)
		m.vertex = append(m.vertex, j)
		m.step = append(m.step, own...)
		move(own, other, l.f.attraction.at(squared(own, other)), step)
		for d, v := range own {
			m.step[at+d] -= v
		}

		if l.negative == 0 {
			continue
		}
		every := s.every / l.negative
		samples := int((now - s.nextNeg) / every)
		for range samples {
			k := stream.Intn(n)
			if k == i {
				continue
			}
			other := l.y[k*l.dim:][:len(own)]
			move(own, other, l.f.repulsion.at(squared(own, other)), step)
		}
		s.nextNeg += float64(float64(samples) * every)
	}
	l.streams[i] = stream
}

// squared is the squared distance between two positions.
func squared(a, b []float32) float32 {
	b = b[:len(a)]
	var s float32
	for d, v := range a {
		t := v - b[d]
		s += float32(t * t)
	}
	return s
}

// move moves own by factor times its difference from other, each coordinate cut at ±maxStep, times step.
func move(own, other []float32, factor, step float32) {
	other = other[:len(own)]
	for d, v := range own {
		g := factor * (v - other[d])
		if g > maxStep {
			g = maxStep
		} else if g < -maxStep {
			g = -maxStep
		}
		own[d] = v + float32(g*step)
	}
}

// place moves one new position among fixed ones (Transform): edges lead to the vertices of reference with the given
// weights, of which 1 is used in every epoch.
func place(own []float32, index []int32, weight []float32, reference blas32.General, f *forces, cfg Config, epochs int, stream rng.Stream) {
	negative := float64(cfg.NegativeSampleRate)
	next := make([]float64, len(index))
	nextNeg := make([]float64, len(index))
	for e, w := range weight {
		next[e] = 1 / float64(w)
		nextNeg[e] = next[e] / max(negative, 1)
	}
	for epoch := range epochs {
		step := alpha(cfg.LearningRate/4, epoch, epochs)
		for e, j := range index {
			if w := float64(weight[e]); next[e] <= float64(epoch) && w*float64(epochs) >= 1 {
				other := reference.Data[int(j)*reference.Stride:][:len(own)]
				move(own, other, f.attraction.at(squared(own, other)), step)
				next[e] += 1 / w
				if negative == 0 {
					continue
				}
				every := 1 / (w * negative)
				samples := int((float64(epoch) - nextNeg[e]) / every)
				for range samples {
					other := reference.Data[stream.Intn(reference.Rows)*reference.Stride:][:len(own)]
					move(own, other, f.repulsion.at(squared(own, other)), step)
				}
				nextNeg[e] += float64(float64(samples) * every)
			}
		}
	}
}

// finite reports whether all positions are.
func finite(y []float32) bool {
	for _, v := range y {
		if v != v || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}
