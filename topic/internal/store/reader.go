package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/blas/blas32"
)

// Reader reads the sections of a model. It is an fs.FS with the sections as files, and a
// state.MatrixReader. It is safe for concurrent use. What it returns stays valid until Close.
//
// Large files are mapped: their memory is that of the system's file cache, and writing to it kills
// the program, as does using it after Close, or after another process cut the file short. Write
// never changes a file, so that nothing of that happens to a Reader whose model is replaced.
type Reader struct {
	*model
	dir string // what the names are relative to; "." is the model
}

// model is what the Readers of one model share.
type model struct {
	files    []*file
	sections map[string]location
	dirs     map[string][]string // the names in each directory, ascending

	mu       sync.Mutex
	closed   bool
	matrices map[location]blas32.General
}

func newReader(dir string, m *manifest) *Reader {
	r := &Reader{dir: ".", model: &model{
		sections: map[string]location{}, dirs: map[string][]string{".": nil}, matrices: map[location]blas32.General{},
	}}
	for _, s := range m.Sections {
		r.sections[s.Name] = s.location
		for name := s.Name; name != "."; name = path.Dir(name) {
			at := path.Dir(name)
			_, known := r.dirs[at]
			r.dirs[at] = append(r.dirs[at], path.Base(name))
			if known && at != "." {
				break // it is in its own directory already
			}
		}
	}
	for at, names := range r.dirs {
		slices.Sort(names)
		r.dirs[at] = slices.Compact(names)
	}
	return r
}

// Sub returns a Reader of the sections below dir. It shares memory with r, and Close closes both.
func (r *Reader) Sub(dir string) (fs.FS, error) {
	if !fs.ValidPath(dir) {
		return nil, &fs.PathError{Op: "sub", Path: dir, Err: fs.ErrInvalid}
	}
	return &Reader{r.model, path.Join(r.dir, dir)}, nil
}

// find returns the full name of a section and its place.
func (r *Reader) find(op, name string) (full string, at location, err error) {
	err = fs.ErrInvalid
	if fs.ValidPath(name) {
		err = fs.ErrNotExist
		full = path.Join(r.dir, name)
		if at, ok := r.sections[full]; ok {
			return full, at, nil
		}
	}
	return full, at, &fs.PathError{Op: op, Path: name, Err: err}
}

// Open opens a section, or a directory of sections, after the checksum of its file was compared. A
// section is also an io.ReaderAt and an io.Seeker.
func (r *Reader) Open(name string) (fs.File, error) {
	full, at, err := r.find("open", name)
	if err != nil {
		if names, ok := r.dirs[full]; ok && full != "" {
			return &sectionDir{r: r, name: full, names: names}, nil
		}
		return nil, err
	}
	s, err := r.files[at.File].reader(at)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &sectionFile{s, path.Base(name)}, nil
}

// Bytes returns the content of a section after the checksum of its file was compared. The memory is
// mapped if the section is large; it must not be changed.
func (r *Reader) Bytes(name string) ([]byte, error) {
	_, at, err := r.find("read", name)
	if err != nil {
		return nil, err
	}
	b, err := r.files[at.File].bytes()
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return b[at.Offset:][:at.Bytes:at.Bytes], nil
}

// ReadMatrix returns the matrix that was stored as a section, after the checksum of its file was
// compared. Sections that were stored once have the same memory, which must not be changed.
func (r *Reader) ReadMatrix(name string) (blas32.General, error) {
	full, at, err := r.find("read", name)
	if err != nil {
		return blas32.General{}, err
	}
	r.mu.Lock()
	x, ok := r.matrices[at]
	r.mu.Unlock()
	if ok {
		return x, nil
	}
	if x, err = readMatrix(path.Base(full), r.files[at.File], at); err != nil {
		return blas32.General{}, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return blas32.General{}, &fs.PathError{Op: "read", Path: name, Err: fs.ErrClosed}
	}
	if first, ok := r.matrices[at]; ok {
		return first, nil // another goroutine came first
	}
	r.matrices[at] = x
	return x, nil
}

// Verify reads all files and reports each that is damaged.
func (r *Reader) Verify(ctx context.Context) error {
	var all error
	for _, f := range r.files {
		all = errors.Join(all, f.verify(ctx))
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	return all
}

// Close ends the mappings and closes the files. Matrices and Bytes must not be used any more.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.closed = true
	clear(r.matrices)
	r.mu.Unlock()
	var all error
	for _, f := range r.files {
		all = errors.Join(all, f.close())
	}
	return all
}

// sectionFile is an open section.
type sectionFile struct {
	*io.SectionReader
	name string
}

// Close does nothing: the file stays open for other sections.
func (s *sectionFile) Close() error { return nil }

// Stat describes the section.
func (s *sectionFile) Stat() (fs.FileInfo, error) { return info{s.name, s.Size(), 0o444}, nil }

// sectionDir is an open directory of sections.
type sectionDir struct {
	r     *Reader
	name  string
	names []string // still to be listed
}

// Stat describes the directory.
func (d *sectionDir) Stat() (fs.FileInfo, error) { return d.r.info(d.name), nil }

// Read fails.
func (d *sectionDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a directory")}
}

// Close does nothing.
func (d *sectionDir) Close() error { return nil }

// ReadDir lists sections and directories, as fs.ReadDirFile describes it.
func (d *sectionDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.names) {
		if n > 0 && len(d.names) == 0 {
			return nil, io.EOF
		}
		n = len(d.names)
	}
	var entries []fs.DirEntry
	for _, name := range d.names[:n] {
		entries = append(entries, fs.FileInfoToDirEntry(d.r.info(path.Join(d.name, name))))
	}
	d.names = d.names[n:]
	return entries, nil
}

// info describes a section or a directory, which exists.
func (m *model) info(full string) info {
	if at, ok := m.sections[full]; ok {
		return info{path.Base(full), at.Bytes, 0o444}
	}
	return info{path.Base(full), 0, fs.ModeDir | 0o555}
}

// info is an fs.FileInfo.
type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }
