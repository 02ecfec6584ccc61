//go:build !(amd64 || arm64) || purego

package simd

func (k *Kernels) below(mask []uint64, c, col []float32, add, row float32) {
	belowGo(mask, c, col, add, row)
}

func (k *Kernels) dot64(a, b []float32, s *[8]float64) { dot64Go(a, b, s) }

func (k *Kernels) squares64(a, b []float32, s *[8]float64) { squares64Go(a, b, s) }

func (k *Kernels) dotInt8(a, b []int8) int32 { return dotInt8Go(a, b) }

func (k *Kernels) absolute64(a, b []float32, s *[8]float64) { absolute64Go(a, b, s) }
