// Package atomicfile writes files that appear whole or not at all: the bytes go to a temporary file in the same
// directory, ".NAME.tmp-" and a number, which takes the file's name only when it is committed and on the disk. A process
// that is killed can leave the temporary file behind, never half of the file itself.
//
// A new file has the permissions that os.Create gives; one that is replaced keeps its own. A symbolic link stays and the
// file that it leads to is replaced. Devices and pipes, such as /dev/stdout, cannot be replaced and are written to as the
// bytes come.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// File is a file that is being written. Exactly one of Commit and Discard ends it; Discard after Commit does nothing.
type File struct {
	tmp  *os.File
	path string       // the name to take, "" when the bytes go to a device or a pipe
	mode *fs.FileMode // the permissions of the file that is replaced, nil if there is none
	done bool
}

// Create begins the file path. Its directory must exist and be writable. The error is an *fs.PathError with path.
func Create(path string) (*File, error) {
	f := &File{path: path}
	info, err := os.Stat(path)
	switch {
	case err != nil: // a path that cannot be reached fails below
	case info.IsDir():
		return nil, fault(path, errors.New("is a directory, want a file"))
	case info.Mode().IsRegular():
		mode := info.Mode().Perm()
		f.mode = &mode
		if real, err := filepath.EvalSymlinks(path); err == nil {
			f.path = real
		}
	default:
		if f.tmp, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
			return nil, fault(path, err)
		}
		f.path = ""
		return f, nil
	}
	if f.tmp, err = temporary(f.path); err != nil {
		return nil, fault(path, err)
	}
	return f, nil
}

// temporary is a new file beside path.
func temporary(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	if base == "" {
		return nil, errors.New("is no name of a file")
	}
	const longest = 200 // of the 255 bytes that most file systems take
	if len(base) > longest {
		base = strings.ToValidUTF8(base[:longest], "")
	}
	for try := 0; ; try++ {
		name := fmt.Sprintf("%s.%s.tmp-%d", dir, base, rand.Uint32())
		tmp, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) || try == 100 {
			return tmp, err
		}
	}
}

// fault is the error of path, whatever file it came from.
func fault(path string, err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	return &fs.PathError{Op: "create", Path: path, Err: err}
}

// Write appends to the file.
func (f *File) Write(p []byte) (int, error) { return f.tmp.Write(p) }

// Commit gives the file its name, replacing what had it. When it fails nothing has changed and nothing is left behind.
func (f *File) Commit() error {
	if f.done {
		return fs.ErrClosed
	}
	f.done = true
	if f.path == "" {
		return f.tmp.Close()
	}
	var err error
	if f.mode != nil {
		err = supported(f.tmp.Chmod(*f.mode))
	}
	if err == nil {
		err = supported(f.tmp.Sync())
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

// supported is err unless the file system has no such thing.
func supported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
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
	if f.path != "" {
		_ = os.Remove(f.tmp.Name())
	}
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
