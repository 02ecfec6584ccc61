package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"gonum.org/v1/gonum/blas/blas32"
)

const (
	smallBytes = 1 << 16 // a section of up to so many bytes lies in a file with others
	packBytes  = 1 << 20 // such a file is ended when it has that many
)

// Writer stores the sections of a model. It is a stage.Writer and a state.MatrixWriter. It is valid
// during the call of the function that Write was given, and not safe for concurrent use.
type Writer struct {
	dir    string // of the generation
	files  []entry
	list   []section
	names  namespace
	equal  map[content]location // what was stored already
	shared map[matrix]content   // the same by memory

	now  *draft // the current section
	pack []byte
	// packFile is the number of the file that pack will be, or −1.
	packFile int
	err      error // the first failure, or errEnded
}

// content identifies the bytes of a section.
type content struct {
	sum   [sha256.Size]byte
	bytes int64
}

// matrix identifies a stored matrix: its memory, its shape, its precision. It keeps the memory from
// being used again.
type matrix struct {
	first              *float32
	rows, cols, stride int
	precision          Precision
}

var errEnded = errors.New("the save has ended")

func newWriter(dir string) *Writer {
	return &Writer{
		dir: dir, names: namespace{}, equal: map[content]location{}, shared: map[matrix]content{}, packFile: -1,
	}
}

// Create begins the section of a slash-separated name, and ends the one before. A name has ASCII
// letters, digits, '.', '_' and '-', and is used once. After a failure the Writer takes nothing
// more, and Write fails.
func (w *Writer) Create(name string) (io.Writer, error) {
	if err := w.end(); err != nil {
		return nil, err
	}
	if err := w.names.add(name); err != nil {
		return nil, w.fail(err)
	}
	w.now = &draft{w: w, name: name, sum: sha256.New(), number: -1}
	return w.now, nil
}

// WriteMatrix stores a matrix as the .npy file of a section. A matrix that was stored before, in
// the same memory and with the same values, is not stored again.
func (w *Writer) WriteMatrix(name string, x blas32.General) error {
	return w.WriteRounded(name, x, Float32)
}

// WriteRounded is WriteMatrix for a matrix that is stored with less precision. ReadMatrix returns it
// rounded. It fails for values that the precision cannot hold.
func (w *Writer) WriteRounded(name string, x blas32.General, p Precision) error {
	if err := w.end(); err != nil {
		return err
	}
	if err := p.Check(x); err != nil {
		return w.fail(fmt.Errorf("%s: %w", name, err))
	}
	encode := func(to io.Writer) error {
		if p.Exact() {
			return encodeMatrix(to, name, x)
		}
		return p.encode(to, x)
	}
	var id matrix
	if x.Rows > 0 && x.Cols > 0 && len(x.Data) > 0 {
		id = matrix{&x.Data[0], x.Rows, x.Cols, x.Stride, p}
		if past, ok := w.shared[id]; ok {
			// The values may have changed since: a stage can use memory again.
			sum := counter{sum: sha256.New()}
			if err := encode(&sum); err != nil {
				return w.fail(err)
			}
			if sum.content() == past {
				return w.add(name, past)
			}
		}
	}
	out, err := w.Create(name)
	if err != nil {
		return err
	}
	if err := encode(out); err != nil {
		return w.fail(err)
	}
	c := w.now.content()
	if err := w.end(); err != nil {
		return err
	}
	if id.first != nil {
		w.shared[id] = c
	}
	return nil
}

// add adds a section of a content that is stored already.
func (w *Writer) add(name string, c content) error {
	if err := w.names.add(name); err != nil {
		return w.fail(err)
	}
	w.list = append(w.list, section{name, w.equal[c]})
	return nil
}

// counter is an io.Writer that hashes and counts.
type counter struct {
	sum   hash.Hash
	bytes int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return c.sum.Write(p)
}

func (c *counter) content() (out content) {
	c.sum.Sum(out.sum[:0])
	out.bytes = c.bytes
	return out
}

// draft is a section that is being written. Its bytes are kept until they are too many to be
// packed.
type draft struct {
	w      *Writer
	name   string
	sum    hash.Hash
	bytes  int64
	buf    []byte   // not yet in the file
	file   *os.File // nil: small so far
	number int      // of the file
}

func (o *draft) Write(p []byte) (int, error) {
	if o.w.now != o {
		return 0, fmt.Errorf("section %q has ended", o.name)
	}
	if o.w.err != nil {
		return 0, o.w.err
	}
	o.sum.Write(p)
	o.bytes += int64(len(p))
	if len(o.buf)+len(p) <= smallBytes {
		o.buf = append(o.buf, p...)
		return len(p), nil
	}
	if err := o.spill(p); err != nil {
		return 0, o.w.fail(err)
	}
	return len(p), nil
}

// spill writes what was kept, then p, to the file of the section.
func (o *draft) spill(p []byte) error {
	if o.file == nil {
		o.number = o.w.reserve()
		f, err := o.w.create(o.number)
		if err != nil {
			return err
		}
		o.file = f
	}
	if _, err := o.file.Write(o.buf); err != nil {
		return err
	}
	o.buf = o.buf[:0]
	_, err := o.file.Write(p)
	return err
}

func (o *draft) content() content { return (&counter{o.sum, o.bytes}).content() }

// reserve returns the number of a new file.
func (w *Writer) reserve() int {
	w.files = append(w.files, entry{})
	return len(w.files) - 1
}

func (w *Writer) create(number int) (*os.File, error) {
	return os.OpenFile(filepath.Join(w.dir, strconv.Itoa(number)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// fail keeps the first failure.
func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return w.err
}

// end ends the current section. It returns the first failure of the Writer.
func (w *Writer) end() error {
	o := w.now
	if o == nil || w.err != nil {
		return w.err
	}
	w.now = nil
	c := o.content()
	at, stored := w.equal[c]
	var err error
	switch {
	case o.file != nil && stored: // written for nothing; it is the last file, for a pack would be older
		w.files = w.files[:o.number]
		err = errors.Join(o.file.Close(), os.Remove(o.file.Name()))
	case o.file != nil:
		at = location{o.number, 0, o.bytes}
		w.files[o.number] = entry{o.bytes, hex.EncodeToString(c.sum[:])}
		if err = o.spill(nil); err == nil {
			err = syncFile(o.file)
		}
		err = errors.Join(err, o.file.Close())
	case !stored:
		if w.packFile < 0 {
			w.packFile = w.reserve()
		}
		at = location{w.packFile, int64(len(w.pack)), o.bytes}
		if w.pack = append(w.pack, o.buf...); len(w.pack) >= packBytes {
			err = w.endPack()
		}
	}
	if err != nil {
		return w.fail(err)
	}
	w.equal[c] = at
	w.list = append(w.list, section{o.name, at})
	return nil
}

// endPack writes the file of the small sections.
func (w *Writer) endPack() error {
	if w.packFile < 0 {
		return nil
	}
	sum := sha256.Sum256(w.pack)
	w.files[w.packFile] = entry{int64(len(w.pack)), hex.EncodeToString(sum[:])}
	f, err := w.create(w.packFile)
	if err != nil {
		return err
	}
	if _, err = f.Write(w.pack); err == nil {
		err = syncFile(f)
	}
	w.pack, w.packFile = w.pack[:0], -1
	return errors.Join(err, f.Close())
}

// close ends the last section and makes the Writer take nothing more.
func (w *Writer) close() error {
	err := w.end()
	if w.now != nil && w.now.file != nil {
		_ = w.now.file.Close() // after a failure
	}
	w.now = nil
	if err == nil {
		err = w.endPack()
	}
	if w.err == nil {
		w.err = errEnded
	}
	return err
}
