package ctfidf

import (
	"math"
	"math/bits"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// comparing compares texts with all classes, for one goroutine.
type comparing struct {
	*termParts
	terms []weighed    // of the text that compare compares
	dot   []float64    // by class: the product with the text; zeros between texts
	times []simd.Row64 // the rows of the common terms
	mask  []uint32     // one bit for each class

	// What compare finds.
	found    []int32
	products []float64
}

// weighed is a term of a text.
type weighed struct {
	*column
	n float64 // how often it counts
}

func newComparing(x *termParts) comparing {
	return comparing{termParts: x, dot: make([]float64, x.width), mask: make([]uint32, x.width/32)}
}

// compare finds the classes for which the product with the text is above 0 and at least least. The parts of terms that are
// not common are added first.
func (s *comparing) compare(least float64) {
	s.found, s.products = s.found[:0], s.products[:0]
	s.times = s.times[:0]
	for _, t := range s.terms {
		if t.common {
			s.times = append(s.times, simd.Row64{At: t.row, By: t.n})
			continue
		}
		s.scatter(t)
	}
	least = max(least, math.SmallestNonzeroFloat64)
	switch {
	case len(s.times) == 0:
		for _, t := range s.terms {
			for _, class := range s.class[t.lo:t.hi] {
				v := s.dot[class]
				s.dot[class] = 0
				if v >= least {
					s.take(class, v)
				}
			}
		}
		return
	case s.kernels == nil:
		for _, t := range s.terms {
			if t.common {
				s.scatter(t)
			}
		}
		for class, v := range s.dot[:s.classes] {
			if v >= least {
				s.take(int32(class), v)
			}
		}
	default:
		s.kernels.AddRows64(s.mask, s.dot, s.rows, s.times, least)
		for i, set := range s.mask {
			for ; set != 0; set &= set - 1 {
				class := 32*i + bits.TrailingZeros32(set)
				s.take(int32(class), s.dot[class])
			}
		}
	}
	clear(s.dot)
}

func (s *comparing) take(class int32, product float64) {
	s.found, s.products = append(s.found, class), append(s.products, product)
}

// scatter adds the parts of a term.
func (s *comparing) scatter(t weighed) {
	classes, parts := s.class[t.lo:t.hi], s.part[t.lo:t.hi]
	parts = parts[:len(classes)]
	for k, class := range classes {
		s.dot[class] += float64(t.n * parts[k])
	}
}
