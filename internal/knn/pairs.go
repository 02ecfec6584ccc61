package knn

import (
	"context"
	"fmt"
	"sync"

	"github.com/gobertopic/gobertopic/internal/parallel"
)

// pairs finds the neighbors under a metric that is no function of a product, by its distances in float64. When the rows
// are the points themselves, each pair is measured once.
func (ix *Index) pairs(ctx context.Context, out *result) error {
	const size = 64
	f := ix.metric.Function()
	n, m := out.queries.n(), ix.points.n()
	blocks, all := (n+size-1)/size, (m+size-1)/size
	heaps := make([][]neighbour, n)
	locks := make([]sync.Mutex, blocks)
	type memory struct {
		d    [size * size]float64
		list []neighbour
	}
	workers := make([]*memory, parallel.Workers(ix.opt.Workers))
	loop := parallel.Loop{Workers: ix.opt.Workers, Block: 1}
	if ix.opt.Progress != nil {
		told, total := 0, out.queries.x.Rows
		loop.Progress = func(done, of int) {
			share := float64(done) / float64(of)
			if out.self {
				share *= 2 - share // later strips are shorter
			}
			if now := int(share * float64(total)); now > told && now < total {
				told = now
				ix.opt.Progress(now, total)
			}
		}
	}
	err := loop.Run(ctx, blocks, func(w, i, _ int) error {
		if workers[w] == nil {
			workers[w] = new(memory)
		}
		d := workers[w].d[:]
		first := 0
		if out.self {
			first = i
		}
		for t := range all - first {
			j := first + (t+i*7)%(all-first)
			rows, cols := min(size, n-i*size), min(size, m-j*size)
			same := out.self && i == j
			for r := range rows {
				if err := context.Cause(ctx); err != nil {
					return err
				}
				a := out.queries.row(i*size + r)
				from := 0
				if same {
					from = r
				}
				for c := from; c < cols; c++ {
					v := f(a, ix.points.row(j*size+c))
					if v != v {
						return fmt.Errorf("the distance of the rows %d and %d is NaN", out.queries.members(i*size + r)[0], ix.points.members(j*size + c)[0])
					}
					d[r*size+c] = v
					if same {
						d[c*size+r] = v
					}
				}
			}
			lock := func(b int) func() {
				locks[b].Lock()
				return locks[b].Unlock
			}
			collect := func() {
				defer lock(i)()
				for r := range rows {
					g := i*size + r
					for c, v := range d[r*size:][:cols] {
						if h := heaps[g]; len(h) < out.kg || v <= h[0].distance {
							heaps[g] = keep(h, neighbour{v, int32(j*size + c)}, out.kg)
						}
					}
				}
				if !out.self || same {
					return
				}
				defer lock(j)()
				for c := range cols {
					g := j*size + c
					for r := range rows {
						v := d[r*size+c]
						if h := heaps[g]; len(h) < out.kg || v <= h[0].distance {
							heaps[g] = keep(h, neighbour{v, int32(i*size + r)}, out.kg)
						}
					}
				}
			}
			collect()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return parallel.Loop{Workers: ix.opt.Workers}.Run(ctx, n, func(w, lo, hi int) error {
		for g := lo; g < hi; g++ {
			if workers[w] == nil {
				workers[w] = new(memory)
			}
			workers[w].list = out.set(g, heaps[g], workers[w].list)
		}
		return nil
	})
}
