package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

const blockSize = 1 << 20

// block is a piece of a file that begins at a '<', but for the first, and ends before one, but for the last.
type block struct {
	text []byte
	line int // of its first byte, from 1
}

// eachBlock cuts what r gives into blocks, calls parse on several goroutines, and take with what it gives in the order of
// the blocks on this one. No element may be of more than most bytes. The text of a block is valid until take has returned. It ends with the first error of r, or when
// take says stop. The line is that of the end, or of the fault.
func eachBlock[T any](ctx context.Context, r io.Reader, most int64, workers int, parse func(block) T, take func(T) bool) (line int, err error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	type job struct {
		block
		result T
		ready  chan struct{}
	}
	var (
		stop  = make(chan struct{})
		jobs  = make(chan *job)              // to the workers
		order = make(chan *job, 2*workers)   // to take
		free  = make(chan []byte, 2*workers) // memory for blocks
		group sync.WaitGroup
		fault error
		last  = 1
	)
	for range cap(free) {
		free <- nil
	}
	group.Go(func() {
		defer close(order)
		defer close(jobs)
		c := cutter{r: r, most: most, line: 1}
		for {
			var memory []byte
			select {
			case memory = <-free:
			case <-stop:
				return
			}
			b, err := c.next(memory)
			last = c.line
			if len(b.text) > 0 {
				j := &job{block: b, ready: make(chan struct{})}
				order <- j // never blocks: there are as many places as blocks
				select {
				case jobs <- j:
				case <-stop:
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					fault = err
				}
				return
			}
		}
	})
	for range workers {
		group.Go(func() {
			for j := range jobs {
				j.result = parse(j.block)
				close(j.ready)
			}
		})
	}
	for {
		var j *job
		more := true
		select {
		case j, more = <-order:
		case <-ctx.Done():
			close(stop)
			return 0, context.Cause(ctx) // without waiting for r, which may be at a stand
		}
		if !more {
			group.Wait()
			return last, fault
		}
		select {
		case <-j.ready:
		case <-ctx.Done():
			close(stop)
			return 0, context.Cause(ctx)
		}
		if !take(j.result) {
			close(stop)
			group.Wait()
			return 0, nil
		}
		memory := j.text[:0]
		if cap(memory) > 4*blockSize {
			memory = nil
		}
		free <- memory
	}
}

// cutter cuts a stream before '<'s.
type cutter struct {
	r    io.Reader
	most int64
	line int    // of the next block
	rest []byte // the beginning of it
	err  error  // of r
}

// errLong is the error of text without a '<' for most bytes.
type errLong int64

func (e errLong) Error() string {
	return fmt.Sprintf("no '<' within %s, this is no dump in XML", bytesOf(int64(e)))
}

func (errLong) Unwrap() error { return ErrTooLong }

// next is the next block, in memory where it fits.
func (c *cutter) next(memory []byte) (b block, err error) {
	b.line = c.line
	b.text = append(memory[:0], c.rest...)
	want := int(min(blockSize, c.most))
	for {
		if cap(b.text) < want {
			b.text = append(make([]byte, 0, want), b.text...)
		}
		for c.err == nil && len(b.text) < want {
			var n int
			n, c.err = c.r.Read(b.text[len(b.text):want])
			b.text = b.text[:len(b.text)+n]
		}
		if c.err != nil {
			c.rest = nil
			if !errors.Is(c.err, io.EOF) { // what is cut off here is not at fault
				b.text = b.text[:max(0, bytes.LastIndexByte(b.text, '<'))]
			}
			c.line += bytes.Count(b.text, []byte("\n"))
			return b, c.err
		}
		if at := bytes.LastIndexByte(b.text, '<'); at > 0 {
			c.rest = append(c.rest[:0], b.text[at:]...)
			b.text = b.text[:at]
			c.line += bytes.Count(b.text, []byte("\n"))
			return b, nil
		}
		if int64(want) >= c.most {
			return block{}, errLong(c.most)
		}
		want = int(min(2*int64(want), c.most))
	}
}
