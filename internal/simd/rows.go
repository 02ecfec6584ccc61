package simd

import "fmt"

// Row64 is a multiple of a row.
type Row64 struct {
	At int // where the row begins
	By float64
}

// AddRows64 adds multiples of rows to sum, one after the other, each product and each sum rounded: to sum[j] By times
// rows[At+j] for each of the terms. Bit j mod 32 of mask[j/32] then says whether sum[j] is at least least; NaN is not.
// The bits are the same at every level.
//
// It panics when the lengths do not fit: that of sum must be a multiple of 32, mask has a word for each 32 values.
func (k *Kernels) AddRows64(mask []uint32, sum, rows []float64, terms []Row64, least float64) {
	if len(sum)%32 != 0 || len(mask) != len(sum)/32 {
		panic(fmt.Sprintf("simd: %d masks for %d sums", len(mask), len(sum)))
	}
	for _, t := range terms {
		if t.At < 0 || t.At+len(sum) > len(rows) {
			panic(fmt.Sprintf("simd: row of %d values at %d of %d", len(sum), t.At, len(rows)))
		}
	}
	switch {
	case len(sum) == 0:
	case len(terms) == 0:
		addRows64Go(mask, sum, rows, nil, least)
	default:
		k.addRows64(mask, sum, rows, terms, least)
	}
}

func addRows64Go(mask []uint32, sum, rows []float64, terms []Row64, least float64) {
	for _, t := range terms {
		row := rows[t.At:][:len(sum)]
		for j, v := range row {
			sum[j] += float64(t.By * v)
		}
	}
	for i := range mask {
		bits := uint32(0)
		for j, v := range sum[32*i:][:32] {
			if v >= least {
				bits |= 1 << j
			}
		}
		mask[i] = bits
	}
}
