//go:build unix

package main

import (
	"runtime"
	"syscall"
)

// peakBytes is the largest resident size that the process has had.
func peakBytes() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" { // in bytes there, in KiB elsewhere
		return int64(u.Maxrss) //nolint:unconvert // an int32 on systems of 32 bits
	}
	return int64(u.Maxrss) << 10 //nolint:unconvert // as above
}
