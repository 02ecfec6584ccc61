//go:build !windows

package store

// busy reports that a file could not be opened or renamed because another process has it open or is
// replacing it, which happens on Windows alone.
func busy(error) bool { return false }
