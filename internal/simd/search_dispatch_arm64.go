//go:build arm64 && !purego

package simd

import "unsafe"

func (k *Kernels) below(mask []uint64, c, col []float32, add, row float32) {
	if k.set == setGo {
		belowGo(mask, c, col, add, row)
		return
	}
	belowNEON(len(c)/lanes, (*uint16)(unsafe.Pointer(&mask[0])), &c[0], &col[0], add, row)
}

func (k *Kernels) dot64(a, b []float32, s *[8]float64) {
	if k.set == setGo {
		dot64Go(a, b, s)
		return
	}
	dot64NEON(len(a)/8, &a[0], &b[0], &s[0])
}

func (k *Kernels) squares64(a, b []float32, s *[8]float64) {
	if k.set == setGo {
		squares64Go(a, b, s)
		return
	}
	squares64NEON(len(a)/8, &a[0], &b[0], &s[0])
}

func (k *Kernels) absolute64(a, b []float32, s *[8]float64) {
	if k.set == setGo {
		absolute64Go(a, b, s)
		return
	}
	absolute64NEON(len(a)/8, &a[0], &b[0], &s[0])
}

func (k *Kernels) dotInt8(a, b []int8) int32 {
	switch {
	case k.dot:
		return dotInt8Dot(len(a)/32, &a[0], &b[0])
	case k.set == setNEON:
		return dotInt8NEON(len(a)/32, &a[0], &b[0])
	}
	return dotInt8Go(a, b)
}
