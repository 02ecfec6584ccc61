package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Open opens the model in dir. It checks the manifest, which files there are and how long they are;
// the content of a file is checked when it is first read, or by Verify. It fails with a
// *DamagedError that names the file, with a *VersionError for a model of another format, and with
// fs.ErrNotExist if there is no manifest.
//
// If a save replaces the model in the meantime, the Reader is of the old or the new model.
func Open(dir string) (r *Reader, err error) {
	for range 1000 {
		var text, again []byte
		var m *manifest
		err = whileBusy(func() error {
			text, m, err = readManifest(dir)
			return err
		})
		if err != nil {
			return nil, err
		}
		r, err = openGeneration(dir, m)
		// If the model was replaced by now, its files may have been removed while they were opened.
		e := whileBusy(func() (e error) {
			again, _, e = readManifest(dir)
			return e
		})
		if e == nil && bytes.Equal(text, again) {
			return r, err
		}
		if r != nil {
			_ = r.Close()
		}
		if e != nil {
			return nil, e
		}
	}
	return nil, fmt.Errorf("%s is replaced faster than it can be opened", dir)
}

// openGeneration opens the files of a manifest and reports any that should not be there.
func openGeneration(dir string, m *manifest) (r *Reader, err error) {
	r = newReader(dir, m)
	defer func() {
		if err != nil {
			_ = r.Close()
			r = nil
		}
	}()
	gen := filepath.Join(dir, generationDir(m.Generation))
	for i, e := range m.Files {
		f, err := openFile(filepath.Join(gen, strconv.Itoa(i)), e)
		if err != nil {
			return r, err
		}
		r.files = append(r.files, f)
	}
	err = eachEntry(dir, func(e os.DirEntry) bool {
		_, generation := generationOf(e)
		return generation || isTemporary(e) || slices.Contains(m.Former, e.Name()) || bySystem(e.Name()) ||
			e.Name() == manifestName || e.Name() == lockName && e.Type().IsRegular()
	})
	if err != nil {
		return r, err
	}
	err = eachEntry(gen, func(e os.DirEntry) bool {
		n, err := strconv.Atoi(e.Name())
		return err == nil && n >= 0 && n < len(m.Files) && strconv.Itoa(n) == e.Name() || bySystem(e.Name())
	})
	return r, err
}

// eachEntry reports an entry of a directory that is not known.
func eachEntry(dir string, known func(os.DirEntry) bool) error {
	f, err := os.OpenFile(dir, os.O_RDONLY|nonblock, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return &DamagedError{dir, "it is missing"}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(100)
		for _, e := range entries {
			if !known(e) {
				return &DamagedError{filepath.Join(dir, e.Name()), "it is no part of the model"}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
