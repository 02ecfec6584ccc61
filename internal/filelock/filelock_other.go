//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package filelock

import (
	"os"
	"path/filepath"
	"sync"
)

var held struct {
	sync.Mutex
	paths map[string]bool
}

func tryLock(path string) (release func(), err error) {
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	held.Lock()
	defer held.Unlock()
	if held.paths[path] {
		return nil, ErrLocked
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	if held.paths == nil {
		held.paths = map[string]bool{}
	}
	held.paths[path] = true
	return func() {
		held.Lock()
		defer held.Unlock()
		_ = os.Remove(path)
		delete(held.paths, path)
	}, nil
}
