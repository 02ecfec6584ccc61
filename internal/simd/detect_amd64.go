//go:build amd64 && !purego

package simd

import "golang.org/x/sys/cpu"

// supported says whether the processor has the instructions and the operating system saves the registers: x/sys/cpu
// reports a vector extension only when both hold, and the system's leave to use tiles implies it.
func supported(l Level) bool {
	x := &cpu.X86
	switch l {
	case AVX2:
		return x.HasAVX2 && x.HasFMA
	case AVX512:
		return supported(AVX2) && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL
	case AVX512VNNI:
		return supported(AVX512) && x.HasAVX512VNNI
	case AMX:
		return supported(AVX512VNNI) && x.HasAMXTile && x.HasAMXInt8 && x.HasAMXBF16 && tilesPermitted()
	}
	return false
}
