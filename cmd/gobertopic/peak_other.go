//go:build !unix

package main

import "runtime"

// peakBytes is the memory that the Go runtime has from the system, which does not fall.
func peakBytes() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
