//go:build arm64 && !purego

package simd

import "golang.org/x/sys/cpu"

// supported says whether the processor has the instructions. NEON is part of every arm64 processor
// that Go runs on.
func supported(l Level) bool {
	x := &cpu.ARM64
	switch l {
	case NEON:
		return true
	case DotProd:
		return x.HasASIMDDP
	case I8MM:
		return supported(DotProd) && x.HasI8MM
	}
	return false
}
