//go:build !(amd64 || arm64) || purego

package simd

func supported(Level) bool { return false }
