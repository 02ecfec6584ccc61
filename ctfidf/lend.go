package ctfidf

import (
	"math/bits"
	"sync"
)

// lender lends memory for as long as something is counted and takes it back for the next time: memory that the process
// has already had costs much less than fresh pages. What nobody asks for again, and what is large, the garbage collector
// gets. There is a pool for each power of two.
type lender[T any] [lent]sync.Pool

// lent bounds the number of elements that a lender keeps, as a power of two.
const lent = 18

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
	if k >= lent {
		return make([]T, n)
	}
	if x, ok := l[k].Get().(*[]T); ok {
		clear((*x)[:n])
		return (*x)[:n]
	}
	return make([]T, n, 1<<k)
}

// back takes back what lend gave, of which the caller keeps nothing.
func (l *lender[T]) back(x []T) {
	x = x[:cap(x)]
	if k := bits.Len(uint(len(x) - 1)); len(x) > 0 && k < lent {
		l[k].Put(&x)
	}
}
