//go:build !linux

package atomicfile

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// unprivileged calls f without the right to write to dir, where that can be done.
func unprivileged(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Geteuid() == 0 || runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Log("not tried: permissions do not bind this user")
		return
	}
	require.NoError(t, os.Chmod(dir, 0o500))
	f()
	require.NoError(t, os.Chmod(dir, 0o700))
}
