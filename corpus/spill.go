package corpus

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	"github.com/gobertopic/gobertopic/internal/rowxml"
)

// spill keeps what answers tell until their questions are known: in memory, and beyond earlyMost bytes in a temporary file.
type spill struct {
	early []earlyAnswer
	size  int
	file  *os.File
	out   *bufio.Writer
	buf   []byte
}

// add puts an answer aside.
func (s *spill) add(a *answer) error {
	e := earlyAnswer{answer: *a, text: a.body.Value()}
	e.body = rowxml.Attribute{}
	s.early = append(s.early, e)
	if s.size += 128 + len(e.text); s.size < earlyMost {
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "gobertopic-answers-*")
		if err != nil {
			return err
		}
		s.file, s.out = f, bufio.NewWriterSize(f, blockSize)
	}
	for i := range s.early {
		if err := s.write(&s.early[i]); err != nil {
			return err
		}
	}
	clear(s.early)
	s.early, s.size = s.early[:0], 0
	return nil
}

func (s *spill) write(e *earlyAnswer) error {
	b := s.buf[:0]
	score, known := e.score.Value()
	for _, n := range [...]int64{e.id, e.parent, e.owner, e.created.Unix(), int64(e.created.Nanosecond()), int64(score)} {
		b = binary.AppendVarint(b, n)
	}
	if known {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(e.text)))
	s.buf = append(b, e.text...)
	_, err := s.out.Write(s.buf)
	return err
}

// each calls f with every answer, in the order in which they came.
func (s *spill) each(ctx context.Context, f func(*earlyAnswer)) error {
	if s.file != nil {
		if err := s.out.Flush(); err != nil {
			return err
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		in := bufio.NewReaderSize(s.file, blockSize)
		for n := 0; ; n++ {
			if n%1024 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			e, err := readEarly(in)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			f(e)
		}
	}
	for i := range s.early {
		f(&s.early[i])
	}
	return nil
}

// readEarly reads what write wrote; io.EOF where nothing more is there.
func readEarly(in *bufio.Reader) (*earlyAnswer, error) {
	if _, err := in.Peek(1); err != nil {
		return nil, err
	}
	var v [6]int64
	for i := range v {
		n, err := binary.ReadVarint(in)
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		v[i] = n
	}
	known, err := in.ReadByte()
	if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	length, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(in, text); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	e := &earlyAnswer{text: string(text), answer: answer{id: v[0], parent: v[1], owner: v[2], created: time.Unix(v[3], v[4]).UTC()}}
	if known == 1 {
		e.score = Known(int(v[5]))
	}
	return e, nil
}

// close removes the file.
func (s *spill) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
