package filelock

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAcquire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Acquire(path, 0)
	require.NoError(t, err)
	start := time.Now()
	_, err = Acquire(path, 50*time.Millisecond)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, path)
	require.GreaterOrEqual(t, time.Since(start), 50*time.Millisecond)
	release()
	require.NoFileExists(t, path)
	require.NoError(t, os.WriteFile(path, nil, 0o600), "left by a process that was killed")
	release, err = Acquire(path, 0)
	require.NoError(t, err)
	release()

	_, err = Acquire(filepath.Join(t.TempDir(), "missing", "lock"), time.Hour)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Acquire(t.TempDir(), time.Hour)
	require.ErrorContains(t, err, "not a regular file")
}

// The file appears and disappears all the time; still one has the lock at a time.
func TestAcquireExcludes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var inside sync.Mutex
	var total int
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 25 {
				release, err := Acquire(path, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if !inside.TryLock() {
					t.Error("two have the lock")
					return
				}
				total++
				inside.Unlock()
				release()
			}
		})
	}
	wait.Wait()
	require.Equal(t, 200, total)
}
