//go:build !unix

package main

import "time"

// processorTime returns the time since the start, in place of that of the processors.
func processorTime() time.Duration { return time.Since(began) }
