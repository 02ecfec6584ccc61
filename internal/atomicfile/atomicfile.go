// Package atomicfile writes files that appear whole or not at all: the bytes go to a temporary file in the same
// directory, which takes the file's name only when it is committed.
package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// File is a file that is being written. Exactly one of Commit and Discard ends it; Discard after Commit does nothing.
type File struct {
	tmp  *os.File
	path string
	done bool
}

// Create begins the file path. Its directory must exist and be writable.
func Create(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, &os.PathError{Op: "write", Path: path, Err: errors.New("is a directory, want a file")}
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return nil, err
	}
	return &File{tmp: tmp, path: path}, nil
}

// Write appends to the file.
func (f *File) Write(p []byte) (int, error) { return f.tmp.Write(p) }

// Commit gives the file its name, replacing what had it. When it fails nothing has changed and nothing is left behind.
func (f *File) Commit() error {
	f.done = true
	err := f.tmp.Chmod(0o644)
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	err = errors.Join(err, f.tmp.Close())
	if err == nil {
		err = os.Rename(f.tmp.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(f.tmp.Name())
	}
	return err
}

// Discard drops the file.
func (f *File) Discard() {
	if f.done {
		return
	}
	f.done = true
	_ = f.tmp.Close()
	_ = os.Remove(f.tmp.Name())
}

// Write makes the file path of what write writes to it.
func Write(path string, write func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := write(f); err != nil {
		return err
	}
	return f.Commit()
}
