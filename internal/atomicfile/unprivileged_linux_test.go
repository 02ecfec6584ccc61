package atomicfile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// unprivileged calls f without the right to write to dir. Root, who may write anywhere, becomes nobody for that time:
// on Linux a thread can have a user of its own for files.
func unprivileged(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		require.NoError(t, os.Chmod(dir, 0o500))
		f()
		require.NoError(t, os.Chmod(dir, 0o700))
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	user := func(id uintptr) {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, id, 0, 0) // which gives no error
	}
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) { // nobody has to get there
		info, err := os.Stat(at)
		require.NoError(t, err)
		if strings.Contains(at, t.Name()) { // made by TempDir
			require.NoError(t, os.Chmod(at, 0o755))
		} else if info.Mode().Perm()&0o001 == 0 {
			t.Logf("not tried: %s is closed to others", at)
			return
		}
	}
	user(nobody)
	defer user(0)
	now, _, _ := syscall.RawSyscall(syscall.SYS_SETFSUID, ^uintptr(0), 0, 0) // changes nothing
	require.EqualValues(t, nobody, now)
	f()
}
