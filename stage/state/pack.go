package state

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

const (
	packSection = "packed.zip" // holds the small sections of a stage
	packLimit   = 1 << 16      // bytes of the largest section that is packed
)

// packer is a Writer that gathers small sections in one, so that a stage with many of them makes few
// files. Matrices go to the Writer below if that stores them in its own way.
type packer struct {
	w     stage.Writer
	names map[string]bool
	small []packed
}

type packed struct {
	name string
	data []byte
}

// Create begins a section. It fails for a name that is not valid, or was there before.
func (p *packer) Create(name string) (io.Writer, error) {
	if err := p.take(name); err != nil {
		return nil, err
	}
	return &packedSection{p: p, name: name, at: len(p.small)}, nil
}

func (p *packer) take(name string) error {
	if !fs.ValidPath(name) || name == "." || name == packSection || p.names[name] {
		return fmt.Errorf("%q is not a valid new name of a section", name)
	}
	p.names[name] = true
	return nil
}

// packedSection is a section that moves to a file of its own once it is no longer small.
type packedSection struct {
	p    *packer
	name string
	at   int // in small, which may be its end
	own  io.Writer
}

func (s *packedSection) Write(b []byte) (int, error) {
	if s.own != nil {
		return s.own.Write(b)
	}
	if s.at == len(s.p.small) {
		s.p.small = append(s.p.small, packed{name: s.name})
	}
	at := &s.p.small[s.at]
	if len(at.data)+len(b) <= packLimit {
		at.data = append(at.data, b...)
		return len(b), nil
	}
	own, err := s.p.w.Create(s.name)
	if err == nil {
		_, err = own.Write(at.data)
	}
	if err != nil {
		return 0, err
	}
	s.own, s.p.small = own, s.p.small[:s.at]
	return own.Write(b)
}

// WriteMatrix hands a matrix on if the Writer below takes matrices.
func (p *packer) WriteMatrix(name string, x blas32.General) error {
	if _, own := p.w.(MatrixWriter); !own {
		return writePlain(p, name, x)
	}
	if err := p.take(name); err != nil {
		return err
	}
	return writeMatrix(p.w, name, x)
}

// close writes the small sections.
func (p *packer) close() error {
	out, err := p.w.Create(packSection)
	if err != nil {
		return err
	}
	z := zip.NewWriter(out)
	for _, s := range p.small {
		w, err := stored{z}.Create(s.name)
		if err == nil {
			_, err = w.Write(s.data)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// unpacked is the sections of a stage, those that were packed and those with files of their own.
type unpacked struct {
	small, rest fs.FS
}

// unpack returns the sections in r. Nothing need be packed.
func unpack(r fs.FS) (fs.FS, error) {
	f, err := r.Open(packSection)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", packSection, err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err == nil {
		err = checkStored(z, int64(len(data)))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", packSection, err)
	}
	return unpacked{z, r}, nil
}

// checkStored reports files of an archive of the given size that are compressed, which would take
// more memory than they have bytes, or claim to be larger than the archive.
func checkStored(z *zip.Reader, size int64) error {
	for _, f := range z.File {
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 || f.CompressedSize64 > uint64(size) {
			return fmt.Errorf("%s is compressed, or larger than the archive", f.Name)
		}
	}
	return nil
}

// Open opens a section.
func (u unpacked) Open(name string) (fs.File, error) {
	f, err := u.small.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return u.rest.Open(name)
	}
	return f, err
}

// ReadMatrix reads a matrix from where it is.
func (u unpacked) ReadMatrix(name string) (blas32.General, error) {
	f, err := u.small.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return readMatrix(u.rest, name)
	}
	if err != nil {
		return blas32.General{}, err
	}
	defer f.Close()
	return readPlain(f)
}

// Sub returns the sections below dir.
func (u unpacked) Sub(dir string) (fs.FS, error) {
	small, err := fs.Sub(u.small, dir)
	if err != nil {
		return nil, err
	}
	rest, err := SubFS(u.rest, dir)
	return unpacked{small, rest}, err
}
