package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gobertopic/gobertopic/internal/filelock"
)

const (
	lockName      = "lock"
	temporaryName = "model.json.tmp" // and what os.CreateTemp appends

	lockWait = 10 * time.Second // for the lock of a directory
	busyWait = 2 * time.Second  // for a file that another process has open, on Windows
)

// formerNames are what a model of format 3 has beside model.json.
var formerNames = []string{"embeddings.npy", "labels.npy", "models", "notes.json", "points.npy", "seeds.npy"}

// ErrLocked is returned by Write if another save to the directory goes on.
var ErrLocked = filelock.ErrLocked

// Write replaces the model in dir, or creates dir, whose parent must exist. write stores the
// sections. The new model appears whole when all of it is on the disk; if Write fails before, or
// the process is killed, the old model stays. Readers of the old model can go on with it.
//
// One save to a directory goes on at a time: Write waits up to ten seconds for another one and then
// fails with ErrLocked. It refuses a directory that holds anything else than a model. A model of an
// older format is replaced, one of a later format is refused.
func Write(dir string, write func(*Writer) error) (err error) {
	dir = filepath.Clean(dir)
	made, release, err := enter(dir)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		release()
		if made && !committed {
			_ = os.Remove(dir) // fails if somebody else began to save
		}
	}()
	old, err := survey(dir)
	if err != nil {
		return err
	}
	if !old.damaged {
		old.removeExcept(old.generation)
	}
	generation, err := newGeneration(dir, old)
	if err != nil {
		return err
	}
	gen := filepath.Join(dir, generationDir(generation))
	defer func() {
		if !committed {
			_ = os.RemoveAll(gen)
		}
	}()
	w := newWriter(gen)
	defer func() { _ = w.close() }() // if write panics
	err = write(w)
	if e := w.close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := syncDir(gen); err != nil {
		return err
	}
	m := manifest{
		Format: formatName, Version: version, Generation: generation, Files: w.files, Sections: w.list, Former: old.former,
	}
	if committed, err = m.commit(dir); err != nil {
		return err
	}
	if made {
		err = syncDir(filepath.Dir(dir))
	}
	old.removeExcept(generation)
	return err
}

// enter makes dir if it does not exist and takes its lock.
func enter(dir string) (made bool, release func(), err error) {
	for range 100 { // a save that fails removes the directory that it made
		switch err := os.Mkdir(dir, 0o777); {
		case err == nil:
			made = true
		case !errors.Is(err, fs.ErrExist):
			return false, nil, err
		}
		if err := directory(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, nil, err
		}
		release, err = filelock.Acquire(filepath.Join(dir, lockName), lockWait)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil && made {
		_ = os.Remove(dir)
	}
	return made, release, err
}

// directory reports a path that does not lead to a directory.
func directory(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "save", Path: path, Err: syscall.ENOTDIR}
	}
	return err
}

// contents is what a directory holds that a model is to be written to.
type contents struct {
	dir        string
	generation int64    // of the model; 0 if there is none of this format
	damaged    bool     // the manifest does not say which generation is the model
	others     []int64  // all generations
	temporary  []string // manifests that were not finished
	former     []string // what a model of format 3 left
}

// survey lists what a directory holds, and refuses one that must not be replaced.
func survey(dir string) (*contents, error) {
	c := &contents{dir: dir}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var former []string // allowed
	if i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return e.Name() == manifestName }); i >= 0 {
		if former, err = c.readManifest(); err != nil {
			return nil, err
		}
	}
	for _, e := range entries {
		name := e.Name()
		if n, ok := generationOf(e); ok {
			c.others = append(c.others, n)
		} else if isTemporary(e) {
			c.temporary = append(c.temporary, name)
		} else if slices.Contains(former, name) {
			c.former = append(c.former, name)
		} else if name != manifestName && name != lockName && !bySystem(name) {
			return nil, fmt.Errorf("%s holds %s, which is no part of a saved model: choose another directory", dir, name)
		}
	}
	return c, nil
}

// readManifest finds out what model there is, and which names of formerNames can be there.
func (c *contents) readManifest() (former []string, err error) {
	_, m, err := readManifest(c.dir)
	if err == nil {
		c.generation = m.Generation
		return m.Former, nil
	}
	var old *VersionError
	if errors.As(err, &old) && old.Version < version {
		return formerNames, nil
	}
	var damaged *DamagedError
	if !errors.As(err, &damaged) {
		return nil, err
	}
	// A damaged model is replaced, another file of that name is not.
	head, e := readHead(filepath.Join(c.dir, manifestName))
	if e != nil {
		return nil, e
	}
	if v, ok := versionOf(head); !ok || v != version {
		return nil, err
	}
	c.damaged = true
	return nil, nil
}

// readHead reads the beginning of a manifest.
func readHead(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := f.Read(head)
	if n > 0 {
		err = nil
	}
	return head[:n], err
}

// generationOf returns the number of the generation that a directory holds.
func generationOf(e os.DirEntry) (n int64, ok bool) {
	digits, ok := strings.CutPrefix(e.Name(), "gen-")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil && n > 0 && e.IsDir() && e.Name() == generationDir(n)
}

// isTemporary reports whether a file is a manifest that was not finished, or what CanWrite made.
func isTemporary(e os.DirEntry) bool {
	return strings.HasPrefix(e.Name(), temporaryName) && e.Type().IsRegular()
}

// bySystem reports whether systems and their file managers make files of that name anywhere.
func bySystem(name string) bool {
	switch name {
	case ".DS_Store", "Thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(name, ".nfs") || strings.HasPrefix(name, "._")
}

// removeExcept removes what is no part of the generation keep. What cannot be removed, such as what
// a reader has open on Windows, is left for the next save.
func (c *contents) removeExcept(keep int64) {
	for _, n := range c.others {
		if n != keep {
			_ = os.RemoveAll(filepath.Join(c.dir, generationDir(n)))
		}
	}
	for _, name := range c.temporary {
		_ = os.Remove(filepath.Join(c.dir, name))
	}
	if c.generation != keep { // the old model is replaced
		for _, name := range c.former {
			_ = os.RemoveAll(filepath.Join(c.dir, name))
		}
	}
}

// newGeneration makes the directory of a generation that is not there.
func newGeneration(dir string, old *contents) (int64, error) {
	n := old.generation
	if old.damaged {
		for _, k := range old.others {
			n = max(n, k)
		}
	}
	for range 100 { // a leftover that could not be removed
		if n++; n < 1 {
			n = 1 // after the largest number
		}
		if err := os.Mkdir(filepath.Join(dir, generationDir(n)), 0o777); !errors.Is(err, fs.ErrExist) {
			return n, err
		}
	}
	return 0, fmt.Errorf("%s: leftovers of other saves, up to %s, cannot be removed", dir, generationDir(n))
}

// commit makes m the manifest of dir. It reports whether that is done, which can be true after an
// error.
func (m *manifest) commit(dir string) (done bool, err error) {
	text, err := m.encode()
	if err != nil {
		return false, err
	}
	tmp := filepath.Join(dir, temporaryName)
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return false, err
	}
	if _, err = f.Write(text); err == nil {
		err = syncFile(f)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = whileBusy(func() error { return os.Rename(tmp, filepath.Join(dir, manifestName)) })
	}
	if err != nil {
		_ = os.Remove(tmp)
		return false, err
	}
	return true, syncDir(dir)
}

// whileBusy repeats what failed because another process has a file open.
func whileBusy(do func() error) error {
	for end := time.Now().Add(busyWait); ; time.Sleep(5 * time.Millisecond) {
		if err := do(); !busy(err) || time.Now().After(end) {
			return err
		}
	}
}

// syncFile puts a file on the disk, where the file system can.
func syncFile(f *os.File) error { return supported(f.Sync()) }

// syncDir puts the names in a directory on the disk, where the system can.
func syncDir(dir string) error {
	switch runtime.GOOS {
	case "windows", "js", "wasip1", "plan9":
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(supported(f.Sync()), f.Close())
}

// supported returns err unless the file system has no such operation.
func supported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}

// CanWrite reports, before the work is done, why Write would refuse dir or fail: it is not a
// directory, it holds something else than a model or a model of a later format, it or, if it does
// not exist, its parent is missing or cannot be written.
func CanWrite(dir string) error {
	dir = filepath.Clean(dir)
	parent, pattern := dir, temporaryName+"-*"
	err := directory(dir)
	switch {
	case err == nil:
		if _, err := survey(dir); err != nil {
			return err
		}
		lock, err := os.Lstat(filepath.Join(dir, lockName))
		if err == nil && !lock.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", filepath.Join(dir, lockName))
		}
	case errors.Is(err, fs.ErrNotExist):
		if _, e := os.Lstat(dir); e == nil {
			return fmt.Errorf("%s is a link to nothing", dir)
		}
		parent, pattern = filepath.Dir(dir), filepath.Base(dir)+".tmp-*"
		if err := directory(parent); err != nil {
			return err
		}
	default:
		return err
	}
	f, err := os.CreateTemp(parent, pattern)
	if err != nil {
		return err
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a save that goes on removed it with the leftovers
	}
	return err
}
