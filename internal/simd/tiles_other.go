//go:build amd64 && !linux && !purego

package simd

// tilesPermitted is false where it is not known how to ask for the tile registers.
func tilesPermitted() bool { return false }
