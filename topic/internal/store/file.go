package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/gobertopic/gobertopic/internal/mmap"
)

// maxPacked is the largest number of bytes of a file that is kept in memory once it was read.
const maxPacked = packBytes + smallBytes

// file is a stored file. Its handle is open as long as the Reader, so that a save that replaces the
// model takes nothing away.
type file struct {
	path string
	want entry

	mu      sync.Mutex
	handle  *os.File
	checked bool
	content []byte // in memory or mapped; nil until it is asked for
	mapped  bool
}

// openRegular opens a file for reading and refuses at once what is not a regular file, or a link to
// one: to open a FIFO could take forever.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &DamagedError{path, "it is not a regular file"}
	}
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	}
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = &DamagedError{path, "it is not a regular file"}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// openFile opens a stored file and compares its length.
func openFile(path string, want entry) (*file, error) {
	h, err := openRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DamagedError{path, "it is missing"}
	}
	if err != nil {
		return nil, err
	}
	info, err := h.Stat()
	if err == nil && info.Size() != want.Bytes {
		err = &DamagedError{path, fmt.Sprintf("it has %d bytes, want %d", info.Size(), want.Bytes)}
	}
	if err != nil {
		_ = h.Close()
		return nil, err
	}
	return &file{path: path, want: want, handle: h}, nil
}

// reader returns a reader of a section of the file, after the checksum of the file was compared.
func (f *file) reader(at location) (*io.SectionReader, error) {
	if f.want.Bytes <= maxPacked {
		b, err := f.bytes()
		if err != nil {
			return nil, err
		}
		return io.NewSectionReader(readerAt(b), at.Offset, at.Bytes), nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.check(); err != nil {
		return nil, err
	}
	return io.NewSectionReader(f.handle, at.Offset, at.Bytes), nil
}

// readerAt is a slice of bytes as an io.ReaderAt.
type readerAt []byte

func (b readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// bytes returns the content of the file, which must not be changed, after its checksum was
// compared. A large file is mapped where the system can.
func (f *file) bytes() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handle == nil {
		return nil, f.closed()
	}
	if f.content != nil {
		return f.content, nil
	}
	if f.want.Bytes > maxPacked {
		if err := f.check(); err != nil {
			return nil, err
		}
		if b, err := mmap.Map(f.handle, f.want.Bytes); err == nil {
			f.content, f.mapped = b, true
			return b, nil
		}
	}
	return f.read()
}

// read reads the content into memory.
func (f *file) read() ([]byte, error) {
	if int64(int(f.want.Bytes)) != f.want.Bytes {
		return nil, fmt.Errorf("%s: %d bytes do not fit into memory", f.path, f.want.Bytes)
	}
	b := make([]byte, f.want.Bytes) // the length of the file when it was opened
	n, err := f.handle.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	sum := sha256.Sum256(b[:n])
	if n != len(b) || hex.EncodeToString(sum[:]) != f.want.SHA256 {
		return nil, f.damaged()
	}
	f.content, f.checked = b, true
	return b, nil
}

// check compares the checksum, once.
func (f *file) check() error { return f.checkUntil(context.Background()) }

func (f *file) checkUntil(ctx context.Context) error {
	if f.handle == nil {
		return f.closed()
	}
	if f.checked {
		return nil
	}
	sum := sha256.New()
	buf := make([]byte, min(f.want.Bytes+1, 1<<18)) // not empty
	n, err := io.CopyBuffer(untilDone{ctx, sum}, io.NewSectionReader(f.handle, 0, f.want.Bytes), buf)
	if err != nil {
		return err
	}
	if n != f.want.Bytes || hex.EncodeToString(sum.Sum(nil)) != f.want.SHA256 {
		return f.damaged()
	}
	f.checked = true
	return nil
}

// untilDone is a Writer that fails once its context is done.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

func (u untilDone) Write(p []byte) (int, error) {
	if err := context.Cause(u.ctx); err != nil {
		return 0, err
	}
	return u.w.Write(p)
}

// verify compares length and checksum, even if that was done before.
func (f *file) verify(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handle == nil {
		return f.closed()
	}
	info, err := f.handle.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.want.Bytes {
		return &DamagedError{f.path, fmt.Sprintf("it has %d bytes, want %d", info.Size(), f.want.Bytes)}
	}
	f.checked = false
	return f.checkUntil(ctx)
}

// close ends the mapping and closes the handle.
func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.handle == nil {
		return nil
	}
	var unmapped error
	if f.mapped {
		unmapped = mmap.Unmap(f.content)
	}
	err := f.handle.Close()
	f.handle, f.content, f.mapped = nil, nil, false
	return errors.Join(unmapped, err)
}

func (f *file) damaged() error {
	return &DamagedError{f.path, "its checksum is not that of the manifest"}
}

func (f *file) closed() error { return &fs.PathError{Op: "read", Path: f.path, Err: fs.ErrClosed} }
