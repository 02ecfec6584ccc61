//go:build amd64 && !purego

package simd

import "golang.org/x/sys/cpu"

// supported says whether the processor has the instructions and the operating system saves the registers: x/sys/cpu
// reports a vector extension only when both hold.
func supported(l Level) bool {
	switch l {
	case AVX2:
		return cpu.X86.HasAVX2 && cpu.X86.HasFMA
	case AVX512:
		return cpu.X86.HasAVX512F
	}
	return false
}
