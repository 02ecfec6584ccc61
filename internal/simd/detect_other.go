//go:build !amd64 || purego

package simd

func supported(Level) bool { return false }

// The levels that name these kernels cannot be had in this build, so nothing calls them.

func mulAVX2(int, *float32, int, *float32, int, *float32, int)      { panic(absent) }
func mulAVX512(int, *float32, int, *float32, int, *float32, int)    { panic(absent) }
func squareAVX2(int, *float32, int, *float32, int, *float32, int)   { panic(absent) }
func squareAVX512(int, *float32, int, *float32, int, *float32, int) { panic(absent) }

const absent = "simd: a vector kernel in a build that has none"
