package testutil

import "runtime"

// Allocated is the bytes of memory that f took, with those that it no longer holds. Other goroutines should be idle.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
