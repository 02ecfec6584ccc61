// Package parallel runs loops on several goroutines in a way that cannot change their result: the blocks that a range is
// cut into depend on the range alone, never on the number of workers, so a function that writes only to its own block
// (or to a slot numbered by the block) gives the same bits for any number of workers.
package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// MaxWorkers is the greatest number of goroutines that settings may ask for: each has memory of its own.
const MaxWorkers = 1 << 12

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
// blocks at a time, so it may index scratch memory. Once ctx is canceled no block is begun and the context's cause is
// returned, unless there is no block left to begin; when calls of f fail, the error of the lowest block that failed is
// returned and no further block is begun. A panic of f counts as a failure of its block: when that is the lowest, Run
// panics in the goroutine that called it, with the value itself from one worker and a *Panic from several. However Run
// ends, no call of f runs any more.
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
		failed     = blocks // the lowest block that failed
		failure    error    // of that block: an error of f, a *Panic or errExit
		panicked   bool     // failure is not an error that f returned
		wg         sync.WaitGroup
		done       = make(chan int, workers)
	)
	fail := func(b int, err error, panics bool) {
		stop.Store(1)
		mu.Lock()
		defer mu.Unlock()
		if b < failed {
			failed, failure, panicked = b, err, panics
		}
	}
	work := func(w int) {
		b, returned := -1, false
		defer func() {
			if v := recover(); v != nil {
				fail(b, &Panic{Value: v, Stack: debug.Stack()}, true)
			} else if !returned {
				fail(b, errExit, true)
			}
		}()
		for stop.Load() == 0 && ctx.Err() == nil {
			if b = int(next.Add(1)) - 1; b >= blocks {
				break
			}
			lo, hi := b*block, min((b+1)*block, n)
			if err := f(w, lo, hi); err != nil {
				fail(b, err, false)
				break
			}
			if l.Progress != nil {
				done <- hi - lo
			}
		}
		returned = true
	}
	for w := range workers {
		wg.Go(func() { work(w) })
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	defer func() { // for a Progress that panics; nothing is left to do otherwise
		stop.Store(1)
		for range done {
		}
	}()
	total := 0
	for items := range done {
		total += items
		l.Progress(total, n)
	}
	switch {
	case panicked && errors.Is(failure, errExit):
		runtime.Goexit()
	case panicked:
		panic(failure)
	case failure != nil:
		return failure
	case int(next.Load()) < blocks: // a block was never begun: only a canceled context does that
		return context.Cause(ctx)
	}
	return nil
}

// errExit marks a call of f that ended its goroutine by runtime.Goexit, as a test that fails does.
var errExit = errors.New("parallel: runtime.Goexit")

// Panic is a panic of a worker, carried to the goroutine that called Run.
type Panic struct {
	Value any    // what f panicked with
	Stack []byte // of the goroutine that f ran on
}

func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Unwrap is Value when that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}
