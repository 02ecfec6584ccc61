// Package filelock holds locks that are files: one process, or one part of it, has the lock of a
// path at a time, and a process that ends or is killed loses it.
//
// The lock is the system's lock of an open file (flock, LockFileEx). Where there is none (js,
// wasip1, plan9, aix, solaris) the lock excludes only other parts of the same process.
package filelock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// ErrLocked is returned if somebody else has the lock.
var ErrLocked = errors.New("locked")

// errAgain reports that the file went away while it was opened.
var errAgain = errors.New("the file was removed")

// poll is the time between two attempts.
const poll = 10 * time.Millisecond

// Acquire creates the file of a lock, if there is none, and locks it. While somebody else has the
// lock, Acquire tries again until wait has passed and then fails with ErrLocked. What is at path
// must be a regular file; anything else is refused at once.
func Acquire(path string, wait time.Duration) (release func(), err error) {
	for end := time.Now().Add(wait); ; time.Sleep(poll) {
		if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
			return nil, &fs.PathError{Op: "lock", Path: path, Err: errors.New("not a regular file")}
		}
		release, err := tryLock(path)
		if err == nil {
			return release, nil
		}
		if !errors.Is(err, ErrLocked) && !errors.Is(err, errAgain) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("lock %s: %w", path, ErrLocked)
		}
	}
}
