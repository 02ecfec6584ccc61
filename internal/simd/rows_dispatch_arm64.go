//go:build arm64 && !purego

package simd

func (k *Kernels) addRows64(mask []uint32, sum, rows []float64, terms []Row64, least float64) {
	if k.set == setGo {
		addRows64Go(mask, sum, rows, terms, least)
		return
	}
	addRows64NEON(len(mask), &mask[0], &sum[0], &rows[0], &terms[0].At, len(terms), least)
}
