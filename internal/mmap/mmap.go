// Package mmap maps files into memory for reading.
//
// The pages of a mapped file are read when they are first used and can be dropped again by the
// system. If another process shortens the file, using the missing pages kills the program: map only
// files that are replaced by renaming and never rewritten.
package mmap

import (
	"errors"
	"fmt"
	"os"
)

// Map returns the first size bytes of a file, which must have that many. They must not be changed.
// f can be closed afterwards. Map fails with errors.ErrUnsupported where the system has no mapping.
func Map(f *os.File, size int64) ([]byte, error) {
	if size < 1 || int64(int(size)) != size {
		return nil, fmt.Errorf("map %s: %d bytes cannot be mapped", f.Name(), size)
	}
	b, err := mapFile(f, int(size))
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return b, nil
}

// Unmap ends the mapping that Map returned as b. Nobody may use its memory any more.
func Unmap(b []byte) error {
	if len(b) == 0 {
		return errors.New("unmap: no mapping")
	}
	return unmapFile(b)
}
