//go:build amd64 && !purego

package simd

import "unsafe"

func (k *Kernels) below(mask []uint64, c, col []float32, add, row float32) {
	switch k.set {
	case setAVX512:
		belowAVX512(len(c)/16, (*uint16)(unsafe.Pointer(&mask[0])), &c[0], &col[0], add, row)
	case setAVX2:
		belowAVX2(len(c)/16, (*uint16)(unsafe.Pointer(&mask[0])), &c[0], &col[0], add, row)
	default:
		belowGo(mask, c, col, add, row)
	}
}

func (k *Kernels) dot64(a, b []float32, s *[8]float64) {
	switch k.set {
	case setAVX512:
		dot64AVX512(len(a)/8, &a[0], &b[0], &s[0])
	case setAVX2:
		dot64AVX2(len(a)/8, &a[0], &b[0], &s[0])
	default:
		dot64Go(a, b, s)
	}
}

func (k *Kernels) squares64(a, b []float32, s *[8]float64) {
	switch k.set {
	case setAVX512:
		squares64AVX512(len(a)/8, &a[0], &b[0], &s[0])
	case setAVX2:
		squares64AVX2(len(a)/8, &a[0], &b[0], &s[0])
	default:
		squares64Go(a, b, s)
	}
}

func (k *Kernels) absolute64(a, b []float32, s *[8]float64) {
	switch k.set {
	case setAVX512:
		absolute64AVX512(len(a)/8, &a[0], &b[0], &s[0])
	case setAVX2:
		absolute64AVX2(len(a)/8, &a[0], &b[0], &s[0])
	default:
		absolute64Go(a, b, s)
	}
}

func (k *Kernels) dotInt8(a, b []int8) int32 {
	switch k.set {
	case setAVX512:
		return dotInt8AVX512(len(a)/32, &a[0], &b[0])
	case setAVX2:
		return dotInt8AVX2(len(a)/32, &a[0], &b[0])
	}
	return dotInt8Go(a, b)
}
