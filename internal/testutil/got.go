package testutil

import "testing"

// Got returns what f returns, and ends the test if that is an error.
func Got[T any](tb testing.TB, f func() (T, error)) T {
	tb.Helper()
	v, err := f()
	if err != nil {
		tb.Fatal(err)
	}
	return v
}
