package state

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

// shareSection names the sections whose matrix is in another section.
const shareSection = "shared.json"

// Sharer is a MatrixWriter that writes a matrix once, in the first section that holds it, however
// many sections hold the same memory in the same shape. The matrices must not change before Close.
type Sharer struct {
	w    stage.Writer
	seen map[identity]string
	same map[string]string // section → section with the same matrix
}

// identity is what two matrices of the same memory have in common.
type identity struct {
	first              *float32
	rows, cols, stride int
}

// Share returns a Sharer whose sections go to w. Open one for all stages of a model.
func Share(w stage.Writer) *Sharer {
	return &Sharer{w: w, seen: map[identity]string{}, same: map[string]string{}}
}

// Create begins a section.
func (s *Sharer) Create(name string) (io.Writer, error) { return s.w.Create(name) }

// WriteMatrix writes a matrix, or notes which section has it.
func (s *Sharer) WriteMatrix(name string, x blas32.General) error {
	if x.Rows > 0 && x.Cols > 0 && len(x.Data) > 0 {
		id := identity{&x.Data[0], x.Rows, x.Cols, x.Stride}
		if first, ok := s.seen[id]; ok {
			s.same[name] = first
			return nil
		}
		s.seen[id] = name
	}
	return writeMatrix(s.w, name, x)
}

// Close writes which sections share a matrix. It does not close the Writer below.
func (s *Sharer) Close() error { return WriteSections(s.w, Section{shareSection, &s.same}) }

// Shared is the counterpart of Sharer: a MatrixReader that gives the same memory to all sections
// that shared it, and reads it once. It is safe for concurrent use.
type Shared struct {
	prefix string // of the names asked for: "" or "a/b/"
	whole  *sharedWhole
}

type sharedWhole struct {
	r        fs.FS
	same     map[string]string
	wanted   map[string]bool // sections that others share
	mu       sync.Mutex
	matrices map[string]blas32.General // of those
}

// OpenShared returns the sections that a Sharer wrote to r.
func OpenShared(r fs.FS) (*Shared, error) {
	w := &sharedWhole{r: r, wanted: map[string]bool{}, matrices: map[string]blas32.General{}}
	if err := ReadSections(r, Section{shareSection, &w.same}); err != nil {
		return nil, err
	}
	for name, first := range w.same {
		if _, also := w.same[first]; also || !fs.ValidPath(name) || !fs.ValidPath(first) {
			return nil, fmt.Errorf("%s: %q does not share the matrix of %q", shareSection, name, first)
		}
		w.wanted[first] = true
	}
	return &Shared{whole: w}, nil
}

// Open opens a section that is not a shared matrix.
func (s *Shared) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return s.whole.r.Open(path.Join(s.prefix, name))
}

// ReadMatrix returns the matrix of a section.
func (s *Shared) ReadMatrix(name string) (blas32.General, error) {
	w := s.whole
	name = path.Join(s.prefix, name)
	if first, ok := w.same[name]; ok {
		name = first
	}
	if !w.wanted[name] {
		return readMatrix(w.r, name)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if x, ok := w.matrices[name]; ok {
		return x, nil
	}
	x, err := readMatrix(w.r, name)
	if err == nil {
		w.matrices[name] = x
	}
	return x, err
}

// Sub returns the sections below dir, which share memory with all others.
func (s *Shared) Sub(dir string) (fs.FS, error) {
	if !fs.ValidPath(dir) {
		return nil, &fs.PathError{Op: "sub", Path: dir, Err: fs.ErrInvalid}
	}
	if dir == "." {
		return s, nil
	}
	return &Shared{prefix: path.Join(s.prefix, dir) + "/", whole: s.whole}, nil
}

// Sub returns a Writer that puts its sections below dir. Matrices that the Writer below takes in its
// own way go to it under their full names.
func Sub(w stage.Writer, dir string) stage.Writer {
	below := sub{w, dir + "/"}
	if _, ok := w.(MatrixWriter); ok {
		return matrixSub{below}
	}
	return below
}

type sub struct {
	w      stage.Writer
	prefix string
}

func (s sub) Create(name string) (io.Writer, error) { return s.w.Create(s.prefix + name) }

type matrixSub struct{ sub }

func (s matrixSub) WriteMatrix(name string, x blas32.General) error {
	return writeMatrix(s.w, s.prefix+name, x)
}

// SubFS returns the sections below dir. It is the counterpart of Sub: as fs.Sub, but what is below a
// MatrixReader is a MatrixReader too.
func SubFS(r fs.FS, dir string) (fs.FS, error) {
	if own, ok := r.(fs.SubFS); ok {
		return own.Sub(dir)
	}
	below, err := fs.Sub(r, dir)
	if matrices, ok := r.(MatrixReader); ok && err == nil {
		return subReader{below, matrices, dir}, nil
	}
	return below, err
}

type subReader struct {
	fs.FS
	whole MatrixReader
	dir   string
}

func (s subReader) ReadMatrix(name string) (blas32.General, error) {
	return s.whole.ReadMatrix(path.Join(s.dir, name))
}

func (s subReader) Sub(dir string) (fs.FS, error) { return SubFS(s.whole, path.Join(s.dir, dir)) }
