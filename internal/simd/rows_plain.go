//go:build !(amd64 || arm64) || purego

package simd

func (k *Kernels) addRows64(mask []uint32, sum, rows []float64, terms []Row64, least float64) {
	addRows64Go(mask, sum, rows, terms, least)
}
