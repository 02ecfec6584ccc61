package embed

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/internal/atomicfile"
)

// A segment is, all numbers little-endian:
//
//	magic [8]byte, dimensions uint64, count uint64, sum [16]byte    of what stands before it
//	count × key [32]byte                                            SHA-256 of the text
//	count × (dimensions × float32, sum [16]byte)                    of key and values
//
// A sum is the first half of the SHA-256 of the hash of the identity and what it is a sum of. The name is
// the sequence number, above that of every segment that the writer knew, and a random number.
const (
	segmentMagic  = "gbtemb1\n"
	segmentHead   = 24 + segmentSum
	segmentSum    = 16
	segmentMaxDim = 1 << 24
)

var errSegment = errors.New("not a whole segment")

type cacheKey [sha256.Size]byte

// segment is a file with vectors.
type segment struct {
	name   string
	dim, n int
	gone   bool // guarded by Cache.mu
}

func (s *segment) size() int64 {
	return segmentHead + int64(s.n)*(sha256.Size+int64(4*s.dim)+segmentSum)
}

func segmentName(sequence uint64) string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%016x-%x.seg", sequence, b)
}

// segmentSequence tells whether a file is a segment, and its sequence number.
func segmentSequence(name string) (sequence uint64, ok bool) {
	var random uint64
	if len(name) != len("0123456789abcdef-0123456789abcdef.seg") {
		return 0, false
	}
	n, err := fmt.Sscanf(name, "%16x-%16x.seg", &sequence, &random)
	return sequence, n == 2 && err == nil && name == fmt.Sprintf("%016x-%016x.seg", sequence, random)
}

// compareSegments orders segments by age.
func compareSegments(a, b *segment) int { return strings.Compare(a.name, b.name) }

func sum(salt [sha256.Size]byte, parts ...[]byte) [segmentSum]byte {
	h := sha256.New()
	h.Write(salt[:])
	for _, p := range parts {
		h.Write(p)
	}
	var s [sha256.Size]byte
	return [segmentSum]byte(h.Sum(s[:0]))
}

// createSegment writes a segment of rows of one length.
func createSegment(dir string, sequence uint64, salt [sha256.Size]byte, keys []cacheKey, rows [][]float32) (*segment, error) {
	seg := &segment{name: segmentName(sequence), dim: len(rows[0]), n: len(keys)}
	err := atomicfile.Write(filepath.Join(dir, seg.name), func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<16)
		head := append(make([]byte, 0, segmentHead), segmentMagic...)
		head = binary.LittleEndian.AppendUint64(head, uint64(seg.dim))
		head = binary.LittleEndian.AppendUint64(head, uint64(seg.n))
		s := sum(salt, head)
		_, _ = b.Write(append(head, s[:]...)) // the error comes again at Flush
		for _, key := range keys {
			_, _ = b.Write(key[:])
		}
		record := make([]byte, 0, 4*seg.dim+segmentSum)
		for i, row := range rows {
			record = record[:0]
			for _, v := range row {
				record = binary.LittleEndian.AppendUint32(record, math.Float32bits(v))
			}
			s := sum(salt, keys[i][:], record)
			_, _ = b.Write(append(record, s[:]...))
		}
		return b.Flush()
	})
	return seg, err
}

// openSegment reads the head and the keys of a segment whose size fits its head.
func openSegment(path string, salt [sha256.Size]byte) (*segment, []cacheKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	var head [segmentHead]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return nil, nil, errSegment
	}
	if string(head[:8]) != segmentMagic || sum(salt, head[:24]) != [segmentSum]byte(head[24:]) {
		return nil, nil, errSegment
	}
	dim, n := binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint64(head[16:])
	if dim < 1 || dim > segmentMaxDim || n > uint64(info.Size()) {
		return nil, nil, errSegment
	}
	seg := &segment{name: filepath.Base(path), dim: int(dim), n: int(n)}
	if seg.size() != info.Size() {
		return nil, nil, errSegment
	}
	raw := make([]byte, seg.n*sha256.Size)
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, nil, errSegment
	}
	keys := make([]cacheKey, seg.n)
	for i := range keys {
		keys[i] = cacheKey(raw[i*sha256.Size:])
	}
	return seg, keys, nil
}

// read returns vector i, which belongs to a key, or nil when it does not fit its sum.
func (s *segment) read(f io.ReaderAt, salt [sha256.Size]byte, key cacheKey, i int) []float32 {
	record := make([]byte, 4*s.dim+segmentSum)
	at := segmentHead + int64(s.n)*sha256.Size + int64(i)*int64(len(record))
	if n, _ := f.ReadAt(record, at); n < len(record) {
		return nil
	}
	values := record[:4*s.dim]
	if sum(salt, key[:], values) != [segmentSum]byte(record[4*s.dim:]) {
		return nil
	}
	row := make([]float32, s.dim)
	for j := range row {
		row[j] = math.Float32frombits(binary.LittleEndian.Uint32(values[4*j:]))
	}
	return row
}
