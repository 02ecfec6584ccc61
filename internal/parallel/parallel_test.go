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
	for _, workers := range []int{0, 1, 2, 3, 8} {
		for _, n := range []int{0, 1, 7, 8, 9, 100} {
			for _, block := range []int{0, 1, 8, 1000} {
				seen := make([]int, n)
				var busy [8]atomic.Bool
				last, ends := 0, 0
				l := Loop{Workers: workers, Block: block, Progress: func(done, total int) {
					require.Equal(t, n, total)
					require.Greater(t, done, last)
					last = done
					ends++
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

	// Cancelled in the last block, when all the work is done anyway.
	ctx, cancel := context.WithCancelCause(t.Context())
	require.NoError(t, Loop{Workers: 2, Block: 1}.Run(ctx, 2, func(_, lo, _ int) error {
		if lo == 1 {
			cancel(gone)
		}
		time.Sleep(5 * time.Millisecond)
		return nil
	}))
}

func TestWorkers(t *testing.T) {
	require.Equal(t, 3, Workers(3))
	require.Equal(t, runtime.GOMAXPROCS(0), Workers(0))
	require.Equal(t, runtime.GOMAXPROCS(0), Workers(-1))
}
