//go:build amd64 && !purego

package simd

func (k *Kernels) addRows64(mask []uint32, sum, rows []float64, terms []Row64, least float64) {
	switch k.set {
	case setAVX512:
		addRows64AVX512(len(mask), &mask[0], &sum[0], &rows[0], &terms[0].At, len(terms), least)
	case setAVX2:
		addRows64AVX2(len(mask), &mask[0], &sum[0], &rows[0], &terms[0].At, len(terms), least)
	default:
		addRows64Go(mask, sum, rows, terms, least)
	}
}
