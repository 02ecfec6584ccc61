package ctfidf

import (
	"math/bits"
	"sync"
)

// lender lends memory for as long as something is counted and takes it back for the next time: memory that the process
// has already had costs much less than fresh pages. What nobody asks for again, the garbage collector gets. There is a
// pool for each power of two.
type lender[T any] [64]sync.Pool

var (
	lendCells   lender[cell]
	lendPlaces  lender[place]
	lendKeyed   lender[keyed]
	lendEntries lender[entry]
	lendInt32   lender[int32]
	lendInt64   lender[int64]
)

// lend is n zeros.
func (l *lender[T]) lend(n int) []T {
	if n <= 0 {
		return nil
	}
	k := bits.Len(uint(n - 1))
	if x, ok := l[k].Get().(*[]T); ok {
		clear((*x)[:n])
		return (*x)[:n]
	}
	return make([]T, n, 1<<k)
}

// back takes back what lend gave, of which the caller keeps nothing.
func (l *lender[T]) back(x []T) {
	if cap(x) == 0 {
		return
	}
	x = x[:cap(x)]
	l[bits.Len(uint(cap(x)-1))].Put(&x)
}
