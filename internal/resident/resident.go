// Package resident tells how much memory a process holds, for benchmarks that compare processes.
package resident

import (
	"os"
	"strconv"
	"strings"
)

// NowMB is the resident size of this process in units of 10⁶ bytes; 0 where the system does not say so in /proc.
func NowMB() float64 { return status("VmRSS:") }

// PeakMB is the largest resident size that this process has had, as NowMB has it. (getrusage does not do: its peak begins
// with that of the process that started this one.)
func PeakMB() float64 { return status("VmHWM:") }

func status(field string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kib * 1024 / 1e6
		}
	}
	return 0
}
