//go:build !amd64 || purego

package simd

func supported(Level) bool { return false }
