package umap

import (
	"context"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// engine moves vertices. See Layout for what it does.
type engine struct {
	n, dim  int
	y       blas32.General // positions, padded, in an order of the engine's own
	vertex  []int32        // per row of y: the vertex that it is
	start   []int          // per row: its first edge
	to      []int32        // per edge: the row it leads to
	due     []uint32       // per edge: its weight over the largest, times 2³¹
	key     []uint32       // per row: of its random numbers
	forces  forces
	rate    float64
	samples int // per use of an edge
	epochs  int
	workers int
	degree  int                                           // edges of a vertex at most
	turn    int                                           // rows that move in a turn
	next    []float32                                     // their new positions
	before  []float32                                     // positions before an epoch
	crews   []crew                                        // per worker
	density *density                                      // nil without densMAP
	pull    func(own []float32, vertex int, uses float32) // a further force, after a row has moved; may be nil
}

const (
	layoutChunk = 128 // vertices per unit of work
	layoutTurns = 64  // groups of vertices, which take turns: up to fewVertices,
	largeTurns  = 16  // and beyond
	fewVertices = 4096
	phases      = 31         // bits of an edge's phase
	epochStep   = 0x85ebca6b // between the keys of two epochs
	mostPull    = 0.38       // of the way
	touchBytes  = 1 << 20    // of positions, which the caches nearest to a processor hold
)

// forces are those of the layout.
type forces struct {
	simd.Forces
	a, b    float64
	kernels *simd.Kernels
}

// scale sets how far a pull and a push go. A pull ends mostPull of the way to the other vertex at the latest: steps that
// lead beyond it, as umap-learn's do at short distances, are noise, and take neighbourhoods apart.
func (f *forces) scale(pull, push float32) {
	f.PullStep, f.PushStep, f.PullMost = pull, push, -mostPull/pull
}

func newForces(a, b, gamma float64) forces {
	return forces{
		Forces:  simd.Forces{B: float32(b), Log2A: float32(bitmath.Log(a) / math.Ln2), Pull: float32(-2 * b), Push: float32(2 * gamma * b)},
		a:       a,
		b:       b,
		kernels: simd.Best(),
	}
}

func newEngine(positions blas32.General, g Graph, f forces, cfg Config) engine {
	n := g.Vertices()
	e := engine{
		n: n, dim: cfg.NComponents, y: newPadded(n, cfg.NComponents),
		vertex: shuffled(n), start: make([]int, n+1), to: make([]int32, len(g.Index)), due: make([]uint32, len(g.Index)), key: make([]uint32, n),
		forces: f, rate: cfg.LearningRate, samples: cfg.NegativeSampleRate,
		epochs: cfg.epochs(n), workers: cfg.Workers,
		crews: make([]crew, parallel.Workers(cfg.Workers)),
	}
	row := make([]int32, n)
	for r, v := range e.vertex {
		row[v] = int32(r)
		copy(e.row(r), positions.Data[int(v)*positions.Stride:][:positions.Cols])
	}
	most := float64(g.maxWeight())
	for r, v := range e.vertex {
		index, weight := g.row(int(v))
		e.start[r+1] = e.start[r] + len(index)
		for k, j := range index {
			e.to[e.start[r]+k] = row[j]
			e.due[e.start[r]+k] = share(float64(weight[k]) / most)
		}
		s := rng.New(cfg.Seed, streamNegative, uint64(v))
		e.key[r] = uint32(s.Uint64())
		e.degree = max(e.degree, len(index))
	}
	turns := layoutTurns
	if n > fewVertices {
		turns = largeTurns
	}
	e.turn = (n + turns - 1) / turns
	e.next = make([]float32, e.turn*e.y.Stride)
	e.before = make([]float32, len(e.y.Data))
	return e
}

// row is the position in row r.
func (e *engine) row(r int) []float32 { return e.y.Data[r*e.y.Stride:][:e.dim] }

// positions are those of the vertices, in their order.
func (e *engine) positions() blas32.General {
	y := dense.New(e.n, e.dim)
	e.copyTo(y)
	return y
}

func (e *engine) copyTo(y blas32.General) {
	for r, v := range e.vertex {
		copy(y.Data[int(v)*y.Stride:], e.row(r))
	}
}

// shuffled is the numbers below n in an order that no data has.
func shuffled(n int) []int32 {
	order := make([]int32, n)
	s := rng.New(streamOrder)
	for i := range order {
		j := s.Intn(i + 1)
		order[i] = order[j]
		order[j] = int32(i)
	}
	return order
}

// share is the part of the epochs in which an edge is used, in units of 2⁻³¹: in epoch t, counted from 1, it is when t times its share,
// modulo 1, is below its share, which is when the whole part of the product has grown.
func share(part float64) uint32 { return uint32(min(part, 1) * (1 << phases)) }

// padded is a copy of positions whose rows begin a multiple of 8 values apart, with zeros between them.
func padded(y blas32.General) blas32.General {
	p := newPadded(y.Rows, y.Cols)
	for i := range y.Rows {
		copy(p.Data[i*p.Stride:], y.Data[i*y.Stride:][:y.Cols])
	}
	return p
}

func newPadded(rows, cols int) blas32.General {
	stride := (cols + simd.WalkRow - 1) / simd.WalkRow * simd.WalkRow
	return blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: make([]float32, rows*stride)}
}

// epoch lets all vertices move. When the context is cancelled, none has.
func (e *engine) epoch(ctx context.Context, epoch int) error {
	if err := context.Cause(ctx); err != nil || e.n == 0 {
		return err
	}
	t := team{workers: min(parallel.Workers(e.workers), (e.turn+layoutChunk-1)/layoutChunk)}
	copy(e.before, e.y.Data)
	dense := e.density.on(epoch, e.epochs)
	if dense {
		if err := e.density.measure(ctx, e); err != nil {
			return err
		}
	}
	var next [layoutTurns]atomic.Int32
	var stop atomic.Bool
	t.run(func(w int) {
		c := &e.crews[w]
		if c.used == nil {
			*c = newCrew(e.forces, e.y, e.samples, e.degree)
		}
		step := alpha(e.rate, epoch, e.epochs)
		c.scale(2*step, step)
		for turn := range (e.n + e.turn - 1) / e.turn {
			first, last := turn*e.turn, min((turn+1)*e.turn, e.n)
			c.chunks = c.chunks[:0]
			for {
				lo := first + int(next[turn].Add(1)-1)*layoutChunk
				if lo >= last {
					break
				}
				c.chunks = append(c.chunks, lo)
				e.move(c, first, lo, min(lo+layoutChunk, last), epoch, dense)
			}
			if w == 0 && ctx.Err() != nil {
				stop.Store(true)
			}
			t.wait()
			if stop.Load() {
				return
			}
			size := e.y.Stride
			for _, lo := range c.chunks {
				hi := min(lo+layoutChunk, last)
				copy(e.y.Data[lo*size:hi*size], e.next[(lo-first)*size:])
			}
			t.wait()
			// What others have moved is fetched here in one go, and not row by row when it is needed.
			if t.workers > 1 && (last-first)*size*4 <= touchBytes {
				for at := first * size; at < last*size; at += 16 {
					c.touched += e.y.Data[at]
				}
			}
		}
	})
	if stop.Load() {
		copy(e.y.Data, e.before)
		return context.Cause(ctx)
	}
	return nil
}

// move finds the new positions of the rows lo to hi in a turn that begins with row first.
func (e *engine) move(c *crew, first, lo, hi, epoch int, dense bool) {
	c.members = c.members[:0]
	for r := lo; r < hi; r++ {
		from, to := e.start[r], e.start[r+1]
		own := e.next[(r-first)*e.y.Stride:][:e.dim]
		copy(own, e.row(r))
		if dense {
			e.moveDense(c, own, r, epoch)
			continue
		}
		c.add(own, r, e.key[r]+uint32(epoch)*epochStep, e.to[from:to], e.due[from:to], uint32(epoch))
	}
	c.walk()
	if e.pull != nil {
		for i := range c.members {
			m := &c.members[i]
			e.pull(m.own, int(e.vertex[m.self]), float32(m.uses)*c.PushStep)
		}
	}
}
