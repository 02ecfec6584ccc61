package testutil

import (
	"testing"
	"time"
)

// Soon runs a trial that says how long after its cancellation the work ended, and fails the test unless that was less than
// 100 ms in one of five trials: other work on the machine adds to such a time and never takes from it.
func Soon(t testing.TB, what string, trial func() time.Duration) {
	t.Helper()
	var took []time.Duration
	for range 5 {
		d := trial()
		if d < 100*time.Millisecond {
			return
		}
		took = append(took, d)
	}
	t.Fatalf("%s: cancelled work ended after %v, want less than 100ms", what, took)
}
