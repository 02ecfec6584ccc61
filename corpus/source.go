package corpus

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
)

// Source is where a reader of threads has its bytes from: File and Stream make one, and so do packages that unpack
// archives, such as corpus/sevenzip.
type Source struct {
	// Name is the name in errors.
	Name string
	// Size is how many bytes there are, as Open gives them; 0 where that is unknown.
	Size int64
	// Open begins at the first byte. The reader closes what it gives; where its context ends it does so while Read is under
	// way, as files and pipes allow. It calls both on goroutines of its own, one at a time.
	Open func() (io.ReadCloser, error)
	// Once says that Open can be called a single time.
	Once bool
}

// File is the file at path. Of an archive whose format a package has registered (see RegisterArchive) it is the part
// that is to be read.
func File(path string) Source {
	s := Source{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	info, err := os.Stat(path)
	if err != nil {
		return s
	}
	s.Size = info.Size()
	s.Once = !info.Mode().IsRegular()
	if a, ok := archiveAt(path); ok {
		return a.open(path)
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
	source io.ReadCloser
	ctx    context.Context
	read   atomic.Int64
	buffer []byte // of the goroutine that reads
}

// got is what an operation gave that ran on a goroutine of its own.
type got[T any] struct {
	value T
	err   error
}

// apart runs f on a goroutine of its own, and does not wait for its end when that of ctx comes first.
func apart[T any](ctx context.Context, f func() (T, error)) (done chan got[T], result got[T], ended bool) {
	done = make(chan got[T], 1)
	go func() {
		value, err := f()
		done <- got[T]{value, err}
	}()
	select {
	case result = <-done:
		return done, result, true
	case <-ctx.Done():
		return done, result, false
	}
}

func (s Source) open(ctx context.Context) (*input, *Error) {
	if err := context.Cause(ctx); err != nil {
		return nil, cancelled(s.Name, err)
	}
	if ctx.Done() == nil {
		source, err := s.Open()
		if err != nil {
			return nil, cannot("be opened", s.Name, 0, err)
		}
		return &input{source: source, ctx: ctx}, nil
	}
	done, opened, ended := apart(ctx, s.Open)
	if !ended {
		go func() {
			if late := <-done; late.err == nil {
				_ = late.value.Close()
			}
		}()
		return nil, cancelled(s.Name, context.Cause(ctx))
	}
	if opened.err != nil {
		return nil, cannot("be opened", s.Name, 0, opened.err)
	}
	return &input{source: opened.value, ctx: ctx}, nil
}

const readMost = 1 << 18 // bytes at a time

func (in *input) Read(p []byte) (int, error) {
	if in.ctx.Done() == nil { // nothing can end it
		n, err := in.source.Read(p)
		in.read.Add(int64(n))
		return n, err
	}
	if err := context.Cause(in.ctx); err != nil {
		return 0, err
	}
	size := min(len(p), readMost)
	if len(in.buffer) < size {
		in.buffer = make([]byte, size)
	}
	memory := in.buffer[:size] // not p, which is the caller's again when ctx has ended
	_, r, ended := apart(in.ctx, func() (int, error) { return in.source.Read(memory) })
	if !ended {
		return 0, context.Cause(in.ctx)
	}
	in.read.Add(int64(r.value))
	return copy(p, memory[:r.value]), r.err
}

func (in *input) Close() error { return in.source.Close() }

// canceled is the error of a context that has ended.
func cancelled(source string, cause error) *Error {
	return &Error{Source: source, Why: "reading was stopped: " + cause.Error(), Err: cause, Fatal: true}
}
