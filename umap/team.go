package umap

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// team is goroutines that work in step: each part of the work begins when all have ended the part before. They wait for
// each other without giving up their processors, as the parts take some ten microseconds, in which no goroutine is woken.
type team struct {
	workers int
	arrived atomic.Int32
	part    atomic.Uint32
}

// run calls f once for every worker, at the same time.
func (t *team) run(f func(worker int)) {
	var wg sync.WaitGroup
	for w := 1; w < t.workers; w++ {
		wg.Go(func() { f(w) })
	}
	f(0)
	wg.Wait()
}

// wait returns when all workers have called it.
func (t *team) wait() {
	if t.workers == 1 {
		return
	}
	part := t.part.Load()
	if int(t.arrived.Add(1)) == t.workers {
		t.arrived.Store(0)
		t.part.Add(1)
		return
	}
	for spins := 0; t.part.Load() == part; spins++ {
		switch {
		case spins > 20000: // a worker has lost its processor
			time.Sleep(20 * time.Microsecond)
		case spins > 200:
			runtime.Gosched()
		}
	}
}
