//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package filelock

import (
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
	if held.paths == nil {
		held.paths = map[string]bool{}
	}
	held.paths[path] = true
	return func() {
		held.Lock()
		defer held.Unlock()
		delete(held.paths, path)
	}, nil
}
