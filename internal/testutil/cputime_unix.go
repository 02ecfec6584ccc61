//go:build unix

package testutil

import (
	"syscall"
	"time"
)

// ProcessorTime returns the time that the processors have spent on this process, which other
// programs that are at work change less than the time of a clock.
func ProcessorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return time.Since(began)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
