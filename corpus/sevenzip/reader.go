package sevenzip

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/bodgit/sevenzip"
)

// reader gives the posts of an archive. Close may be called while Read is under way, which ends soon then.
type reader struct {
	file *os.File
	name string // of the posts
	left int64  // bytes of them
	sum  uint32 // CRC-32 of them, 0 for none
	met  uint32 // the same of what was read

	mutex  sync.Mutex       // held by Read
	parts  []*sevenzip.File // what is to be decoded, the posts last
	part   io.ReadCloser    // the first of parts
	fault  error            // that ended the reading
	closed atomic.Bool
}

const chunk = 1 << 16 // bytes between two looks at closed

func (r *reader) Read(p []byte) (n int, err error) {
	r.mutex.Lock()
	defer r.release()
	defer r.mutex.Unlock()
	switch {
	case r.fault != nil:
		return 0, r.fault
	case len(p) == 0:
		return 0, nil
	case r.left == 0 && len(r.parts) == 1 && r.part == nil: // nothing in it
		return 0, io.EOF
	}
	if err = r.skip(); err == nil {
		n, err = r.decode(p[:min(len(p), chunk)])
	}
	r.fault = err
	return n, err
}

// decode reads of the posts, and sees to it that they are whole.
func (r *reader) decode(p []byte) (n int, err error) {
	defer recovered(&err)
	n, err = r.part.Read(p)
	r.left -= int64(n)
	r.met = crc32.Update(r.met, crc32.IEEETable, p[:n])
	switch ended := errors.Is(err, io.EOF); {
	case r.closed.Load():
		return n, os.ErrClosed
	case err != nil && !ended:
		return n, explained(err, "it")
	case ended && r.left > 0:
		return n, explained(fmt.Errorf("%d bytes of it are missing", r.left), "it")
	case r.left == 0 && r.sum != 0 && r.sum != r.met:
		return n, fmt.Errorf("it is damaged: its checksum is %08x, that of the archive %08x", r.met, r.sum)
	case r.left == 0:
		return n, io.EOF
	}
	return n, nil
}

// skip decodes what comes before the posts, and begins with them.
func (r *reader) skip() (err error) {
	defer recovered(&err)
	for {
		if r.closed.Load() {
			return os.ErrClosed
		}
		before := len(r.parts) > 1
		if r.part == nil {
			if r.part, err = r.parts[0].Open(); err != nil {
				return explained(err, r.what())
			}
		}
		if !before {
			return nil
		}
		for {
			n, err := io.CopyN(io.Discard, r.part, chunk)
			switch {
			case r.closed.Load():
				return os.ErrClosed
			case err != nil && !errors.Is(err, io.EOF):
				return explained(err, r.what())
			case err == nil && n > 0:
				continue
			}
			break
		}
		err = r.part.Close() // which leaves the decoder for the next part
		r.part, r.parts = nil, r.parts[1:]
		if err != nil {
			return explained(err, r.what())
		}
	}
}

// what is the part that is being read, as an error names it.
func (r *reader) what() string {
	if len(r.parts) > 1 {
		return r.parts[0].Name + ", which stands before it,"
	}
	return "it"
}

func (r *reader) Close() error {
	if r.closed.Swap(true) {
		return os.ErrClosed
	}
	err := r.file.Close() // at which a decoder that is under way ends
	r.release()
	return err
}

// release closes the decoder of a closed reader, once nothing reads.
func (r *reader) release() {
	if !r.closed.Load() || !r.mutex.TryLock() {
		return
	}
	defer r.mutex.Unlock()
	if r.part != nil {
		_ = r.part.Close()
	}
	r.part, r.parts, r.fault = nil, nil, os.ErrClosed
}
