package fetch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gobertopic/gobertopic/internal/atomicfile"
)

// state is what FILE.state.json holds.
type state struct {
	Version   int             `json:"version"`
	Service   string          `json:"service"`
	Query     json.RawMessage `json:"query"` // what was asked for
	Pages     int             `json:"pages"` // lines of the output that are accounted for
	Bytes     int64           `json:"bytes"` // where the last of them ends
	Done      bool            `json:"done"`
	NotBefore int64           `json:"not_before,omitempty"` // Unix seconds, the end of a pause that the service asked for
	At        json.RawMessage `json:"at"`                   // where the source is
}

const stateVersion = 1

// StatePath is the file beside out that says how far the pages in out go.
func StatePath(out string) string { return out + ".state.json" }

// store is an output with its state.
type store struct {
	path string
	out  *os.File
	state
}

// openStore opens the output of a query, or begins it. Pages that are in it and not in the state yet are given to take,
// whose error means that what follows is no page; it is cut off.
func openStore(path string, begin state, restart bool, resume func(at json.RawMessage) error, take func(page []byte) error) (*store, error) {
	s := &store{path: path, state: begin}
	if restart {
		for _, name := range []string{StatePath(path), path} { // the state first: pages without one are not gone on with
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	text, err := os.ReadFile(StatePath(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Stat(path); err == nil && (info.Size() > 0 || !info.Mode().IsRegular()) {
			return nil, fmt.Errorf("%s is there already, without %s that would say how to go on: name another file or begin again", path, StatePath(path))
		}
		if err := s.save(); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	default:
		if err := s.load(text, begin); err != nil {
			return nil, err
		}
		if err := resume(s.At); err != nil {
			return nil, s.damaged(err.Error())
		}
	}
	if s.out, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, err
	}
	if err := s.mend(take); err != nil {
		return nil, errors.Join(err, s.out.Close())
	}
	return s, nil
}

func (s *store) load(text []byte, begin state) error {
	var was state
	if err := json.Unmarshal(text, &was); err != nil {
		return s.damaged(err.Error())
	}
	var query bytes.Buffer
	switch {
	case was.Version != stateVersion:
		return s.damaged(fmt.Sprintf("its version is %d, want %d", was.Version, stateVersion))
	case was.Bytes < 0 || was.Pages < 0 || json.Compact(&query, was.Query) != nil:
		return s.damaged("it holds numbers or a query that make no sense")
	case was.Service != begin.Service || !bytes.Equal(query.Bytes(), begin.Query):
		return fmt.Errorf("%s was begun with another query, %s %s, not %s %s: ask for the same, name another file or begin again",
			s.path, was.Service, query.Bytes(), begin.Service, begin.Query)
	}
	s.state = was
	return nil
}

func (s *store) damaged(why string) error {
	return fmt.Errorf("%s cannot be gone on with: %s: name another file or begin again", StatePath(s.path), why)
}

// mend makes the output end where its state does.
func (s *store) mend(take func(page []byte) error) error {
	info, err := s.out.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file, which fetching needs to go on after a break", s.path)
	}
	if info.Size() < s.Bytes {
		return fmt.Errorf("%s has %d bytes, and %s tells of %d: something was cut off; name another file or begin again",
			s.path, info.Size(), StatePath(s.path), s.Bytes)
	}
	if info.Size() == s.Bytes {
		_, err := s.out.Seek(s.Bytes, io.SeekStart)
		return err
	}
	tail := make([]byte, info.Size()-s.Bytes)
	if _, err := s.out.ReadAt(tail, s.Bytes); err != nil {
		return err
	}
	for {
		end := bytes.IndexByte(tail, '\n')
		if end < 0 || !json.Valid(tail[:end]) || take(tail[:end]) != nil {
			break
		}
		s.Pages, s.Bytes = s.Pages+1, s.Bytes+int64(end)+1
		tail = tail[end+1:]
	}
	if err := s.out.Truncate(s.Bytes); err != nil {
		return err
	}
	_, err = s.out.Seek(s.Bytes, io.SeekStart)
	return err
}

// append writes a page to the output. When it fails the output is as it was.
func (s *store) append(page []byte) error {
	line := append(page, '\n')
	_, err := s.out.Write(line)
	if err == nil {
		err = s.out.Sync()
	}
	if err != nil {
		_, seek := s.out.Seek(s.Bytes, io.SeekStart)
		return errors.Join(err, s.out.Truncate(s.Bytes), seek)
	}
	s.Pages, s.Bytes = s.Pages+1, s.Bytes+int64(len(line))
	return nil
}

// save replaces the state.
func (s *store) save() error {
	text, err := json.Marshal(s.state)
	if err != nil {
		return err
	}
	return atomicfile.Write(StatePath(s.path), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

func (s *store) close() error { return s.out.Close() }
