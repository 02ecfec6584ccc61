//go:build !unix

package main

// cpuSeconds is 0 where it is not known how to ask for it.
func cpuSeconds() float64 { return 0 }
