// Package testutil finds the real corpora that tests and benchmarks read, and skips where they are missing.
package testutil

import (
	"os"
	"path/filepath"
	"testing"
)

// Data is the path of a file below the directory of corpora: $GOBERTOPIC_DATA, or shared/data beside the module. Where
// the file is missing the test is skipped with a message that says so.
func Data(tb testing.TB, elem ...string) string {
	tb.Helper()
	dir := os.Getenv("GOBERTOPIC_DATA")
	if dir == "" {
		dir = filepath.Join(Root(tb), "..", "shared", "data")
	}
	path := filepath.Join(append([]string{dir}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("the corpus %s is not here (set GOBERTOPIC_DATA to the directory that holds it): %v", filepath.Join(elem...), err)
	}
	return path
}

// Root is the directory of the module.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("no go.mod above the test's directory")
		}
		dir = parent
	}
}
