//go:build !unix

package testutil

import "time"

// ProcessorTime returns the time since the start, where the system does not tell that of the
// processors.
func ProcessorTime() time.Duration { return time.Since(began) }
