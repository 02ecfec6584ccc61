package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRunCoversEveryItemOnceExact(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8} {
		for _, n := range []int{0, 1, 7, 8, 9, 100} {
			for _, block := range []int{0, 1, 8, 1000} {
				seen := make([]int, n)
				busy := make([]atomic.Bool, Workers(workers))
				last := 0
				l := Loop{Workers: workers, Block: block, Progress: func(done, total int) {
					require.Equal(t, n, total)
					require.Greater(t, done, last)
					last = done
				}}
				err := l.Run(t.Context(), n, func(worker, lo, hi int) error {
					if busy[worker].Swap(true) {
						return errors.New("a worker has two blocks")
					}
					if block > 0 && (lo%block != 0 || hi != min(lo+block, n)) {
						return fmt.Errorf("block [%d, %d)", lo, hi)
					}
					for i := lo; i < hi; i++ {
						seen[i]++
					}
					busy[worker].Store(false)
					return nil
				})
				require.NoError(t, err)
				require.Equal(t, n, last)
				for i, v := range seen {
					require.Equal(t, 1, v, "item %d", i)
				}
			}
		}
	}
}

// The error is that of the lowest block that fails, whoever was first.
func TestRunGivesTheLowestErrorExact(t *testing.T) {
	for _, workers := range []int{1, 2, 4, 8} {
		for range 20 {
			err := Loop{Workers: workers, Block: 1}.Run(t.Context(), 200, func(_, lo, _ int) error {
				if lo == 30 {
					time.Sleep(time.Millisecond)
				}
				if lo >= 30 && lo%2 == 0 {
					return fmt.Errorf("block %d", lo)
				}
				return nil
			})
			require.EqualError(t, err, "block 30", "%d workers", workers)
		}
	}
}

// After a failure no further block is begun, besides those that were on their way.
func TestRunStopsAfterAFailure(t *testing.T) {
	broken := errors.New("broken")
	for _, workers := range []int{1, 2, 8} {
		var begun atomic.Int64
		require.ErrorIs(t, Loop{Workers: workers, Block: 1}.Run(t.Context(), 1<<20, func(_, lo, _ int) error {
			begun.Add(1)
			if lo == 5 {
				return broken
			}
			time.Sleep(10 * time.Microsecond)
			return nil
		}), broken)
		require.Less(t, begun.Load(), int64(1<<15), "%d workers", workers)
	}
}

func TestRunCancel(t *testing.T) {
	gone := errors.New("gone")
	for _, workers := range []int{1, 2, 4} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var begun atomic.Int64
		err := Loop{Workers: workers, Block: 1}.Run(ctx, 1<<30, func(_, lo, _ int) error {
			if begun.Add(1) == 100 {
				cancel(gone)
			}
			return nil
		})
		require.ErrorIs(t, err, gone)
		require.Less(t, begun.Load(), int64(1<<20))
		called := false
		require.ErrorIs(t, Loop{}.Run(ctx, 10, func(_, _, _ int) error { called = true; return nil }), gone)
		require.False(t, called)
	}

	// Canceled in the last block, when all the work is done anyway.
	ctx, cancel := context.WithCancelCause(t.Context())
	require.NoError(t, Loop{Workers: 2, Block: 1}.Run(ctx, 2, func(_, lo, _ int) error {
		if lo == 1 {
			cancel(gone)
		}
		time.Sleep(5 * time.Millisecond)
		return nil
	}))
}

// A panic reaches the caller of Run, that of the lowest block whoever was first, and an error below it goes first.
func TestRunPanics(t *testing.T) {
	broken := errors.New("broken")
	for _, workers := range []int{1, 2, 4, 8} {
		for range 20 {
			var running atomic.Int64
			loop := func(panics, fails int) (value any, err error) {
				defer func() { value = recover() }()
				return nil, Loop{Workers: workers, Block: 1}.Run(t.Context(), 200, func(_, lo, _ int) error {
					running.Add(1)
					defer running.Add(-1)
					if lo == panics {
						time.Sleep(time.Millisecond)
					}
					if lo >= panics {
						panic(fmt.Errorf("block %d: %w", lo, broken))
					}
					if lo == fails {
						return broken
					}
					return nil
				})
			}
			value, err := loop(30, 1000)
			require.NoError(t, err)
			require.Zero(t, running.Load(), "a call outlives Run")
			require.ErrorIs(t, value.(error), broken)
			require.ErrorContains(t, value.(error), "block 30: broken")
			if workers > 1 {
				require.ErrorContains(t, value.(error), "parallel_test.go:", "where it was")
			}
			value, err = loop(31, 30)
			require.Nil(t, value)
			require.ErrorIs(t, err, broken)
			require.Zero(t, running.Load())
		}
	}
	require.NoError(t, (&Panic{Value: "no error"}).Unwrap())
}

// A Progress that panics ends the loop and leaves no goroutine behind.
func TestRunProgressPanics(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		var running, calls atomic.Int64
		require.PanicsWithValue(t, "in Progress", func() {
			_ = Loop{Workers: workers, Block: 1, Progress: func(done, _ int) {
				if done == 5 {
					panic("in Progress")
				}
			}}.Run(t.Context(), 1<<20, func(_, _, _ int) error {
				running.Add(1)
				defer running.Add(-1)
				calls.Add(1)
				return nil
			})
		})
		require.Zero(t, running.Load())
		require.Less(t, calls.Load(), int64(1<<20))
	}
}

// A call that ends its goroutine, as a failed assertion does, ends that of Run.
func TestRunGoexit(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		came, ended := false, make(chan struct{})
		go func() {
			defer close(ended)
			_ = Loop{Workers: workers, Block: 1}.Run(t.Context(), 100, func(_, lo, _ int) error {
				if lo == 7 {
					runtime.Goexit()
				}
				return nil
			})
			came = true
		}()
		<-ended
		require.False(t, came, "%d workers", workers)
	}
}

// The blocks, and so the bits of a sum over them, are the same for any number of workers.
func TestSameBits(t *testing.T) {
	const n, block = 10007, 64
	var want float64
	for _, workers := range []int{1, 2, 3, 4, 5, 6, 7, 8, 0} {
		parts := make([]float64, (n+block-1)/block)
		require.NoError(t, Loop{Workers: workers, Block: block}.Run(t.Context(), n, func(_, lo, hi int) error {
			for i := lo; i < hi; i++ {
				parts[lo/block] += 1 / float64(i+1)
			}
			return nil
		}))
		sum := 0.0
		for _, p := range parts {
			sum += p
		}
		if workers == 1 {
			want = sum
		}
		require.Equal(t, want, sum, "%d workers", workers)
	}
}

// Several loops inside the calls of another.
func TestNested(t *testing.T) {
	var items atomic.Int64
	require.NoError(t, Loop{Workers: 4, Block: 1}.Run(t.Context(), 10, func(_, _, _ int) error {
		return Loop{Workers: 3, Block: 2}.Run(t.Context(), 11, func(_, lo, hi int) error {
			items.Add(int64(hi - lo))
			return nil
		})
	}))
	require.EqualValues(t, 110, items.Load())
}

func TestWorkers(t *testing.T) {
	require.Equal(t, 3, Workers(3))
	require.Equal(t, runtime.GOMAXPROCS(0), Workers(0))
	require.Equal(t, runtime.GOMAXPROCS(0), Workers(-1))
}
