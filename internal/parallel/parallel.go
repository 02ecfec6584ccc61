// Package parallel runs loops on several goroutines in a way that cannot change their result: the blocks that a range is
// cut into depend on the range alone, never on the number of workers, so a function that writes only to its own block
// (or to a slot numbered by the block) gives the same bits for any number of workers.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers is the number of goroutines to use when n are asked for: n, or GOMAXPROCS when n ≤ 0.
func Workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// Loop says how a range is to be walked.
type Loop struct {
	// Workers is the number of goroutines; 0 or less means GOMAXPROCS.
	Workers int
	// Block is the number of items given to f at once; 0 or less means 256.
	Block int
	// Progress, when it is not nil, is told how many of the items are done, from the goroutine that called Run, with
	// rising values, the last of them the total when the loop ends well.
	Progress func(done, total int)
}

// Run calls f(worker, lo, hi) once for each block [lo, hi) of [0, n). worker is in [0, Workers) and never runs two
// blocks at a time, so it may index scratch memory. Once ctx is cancelled no block is begun and the context's cause is
// returned; when calls of f fail, the error of the lowest block that failed is returned and no further block is begun.
func (l Loop) Run(ctx context.Context, n int, f func(worker, lo, hi int) error) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if n <= 0 {
		return nil
	}
	block := l.Block
	if block <= 0 {
		block = 256
	}
	blocks := (n + block - 1) / block
	workers := min(Workers(l.Workers), blocks)

	if workers == 1 {
		for b := range blocks {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			lo, hi := b*block, min((b+1)*block, n)
			if err := f(0, lo, hi); err != nil {
				return err
			}
			if l.Progress != nil {
				l.Progress(hi, n)
			}
		}
		return nil
	}

	var (
		next, stop atomic.Int64
		mu         sync.Mutex
		failed     = blocks
		failure    error
		wg         sync.WaitGroup
		done       = make(chan int, workers)
	)
	for w := range workers {
		wg.Go(func() {
			for stop.Load() == 0 && ctx.Err() == nil {
				b := int(next.Add(1)) - 1
				if b >= blocks {
					return
				}
				lo, hi := b*block, min((b+1)*block, n)
				if err := f(w, lo, hi); err != nil {
					stop.Store(1)
					mu.Lock()
					if b < failed {
						failed, failure = b, err
					}
					mu.Unlock()
					return
				}
				if l.Progress != nil {
					done <- hi - lo
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	total := 0
	for items := range done {
		total += items
		l.Progress(total, n)
	}
	if failure != nil {
		return failure
	}
	if total == n {
		return nil
	}
	if int(next.Load()) < blocks { // a block was never begun: only a cancelled context does that
		return context.Cause(ctx)
	}
	return nil
}
