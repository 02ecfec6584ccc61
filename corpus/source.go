package corpus

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
)

// Source is where a reader of threads has its bytes from: File and Stream make one, and so do packages that unpack
// archives.
type Source struct {
	// Name is the name in errors.
	Name string
	// Size is how many bytes there are, as Open gives them; 0 where that is unknown.
	Size int64
	// Open begins at the first byte. The reader closes what it gives.
	Open func() (io.ReadCloser, error)
	// Once says that Open can be called a single time.
	Once bool
}

// File is the file at path.
func File(path string) Source {
	s := Source{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	if info, err := os.Stat(path); err == nil {
		s.Size = info.Size()
		s.Once = !info.Mode().IsRegular()
	}
	return s
}

// Stream is what r gives, under the name. It can be read once, and r is not closed.
func Stream(name string, r io.Reader) Source {
	opened := false
	return Source{Name: name, Once: true, Open: func() (io.ReadCloser, error) {
		if opened {
			return nil, errors.New("it can be read once only")
		}
		opened = true
		return io.NopCloser(r), nil
	}}
}

// input is a source that is being read.
type input struct {
	io.ReadCloser
	ctx  context.Context
	read atomic.Int64
}

func (s Source) open(ctx context.Context) (*input, *Error) {
	if err := context.Cause(ctx); err != nil {
		return nil, cancelled(s.Name, err)
	}
	r, err := s.Open()
	if err != nil {
		return nil, cannot("be opened", s.Name, 0, err)
	}
	return &input{ReadCloser: r, ctx: ctx}, nil
}

func (in *input) Read(p []byte) (int, error) {
	if err := context.Cause(in.ctx); err != nil {
		return 0, err
	}
	n, err := in.ReadCloser.Read(p)
	in.read.Add(int64(n))
	return n, err
}

// cancelled is the error of a context that has ended.
func cancelled(source string, cause error) *Error {
	return &Error{Source: source, Why: "reading was stopped: " + cause.Error(), Err: cause, Fatal: true}
}
