package cybertron

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/nlpodyssey/cybertron/pkg/models/bert"
	"github.com/nlpodyssey/spago/mat/fbs/dense"
	"github.com/nlpodyssey/spago/nn"

	"github.com/gobertopic/gobertopic/internal/sentencedir"
	"github.com/gobertopic/gobertopic/stage"
)

// The files that the library reads, in one folder.
const (
	configFile    = "config.json"
	vocabFile     = "vocab.txt"
	tokenizerFile = "tokenizer_config.json"
	modelFile     = "spago_model.bin"
)

// Load reads a directory that Convert made, or one in which the library's own converter has put spago_model.bin (float32)
// beside the files of a sentence-transformers directory: config.json, the tokenizer's files, and where they are there
// modules.json, 1_Pooling/config.json and sentence_bert_config.json. What is missing has sentence-transformers' defaults. A
// directory that asks for something else is an error that names the file, the field, its value and what is supported.
func Load(dir string, cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e, err := load(dir, cfg)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	return e, nil
}

func load(dir string, cfg Config) (*Encoder, error) {
	s, err := sentencedir.Read(dir)
	if err != nil {
		return nil, err
	}
	if cfg.MaxTokens > 0 {
		if cfg.MaxTokens > s.Positions {
			return nil, &stage.ConfigError{Field: "cybertron.Config.MaxTokens", Value: cfg.MaxTokens, Want: fmt.Sprintf("at most the model's %d positions", s.Positions)}
		}
		s.MaxTokens = cfg.MaxTokens
	}
	prompt, err := s.Choose("cybertron.Config", cfg.Prompt, cfg.PromptName)
	if err != nil {
		return nil, err
	}
	e, err := newEncoder(filepath.Join(s.Home, modelFile), s, cfg)
	if err != nil {
		return nil, err
	}
	e.prompt = prompt
	e.files, err = hashFiles(filepath.Join(s.Home, modelFile), s)
	return e, err
}

// hashFiles returns a hash of the library's file path and of the settings of a model.
func hashFiles(path string, s *sentencedir.Dir) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%q %v %v %d %q", s.Pooling, s.Normalize, s.Hidden, s.Positions, s.Tok.Vocab())
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// newEncoder reads the library's file path for a model of which s is all the rest.
func newEncoder(path string, s *sentencedir.Dir, cfg Config) (*Encoder, error) {
	m, err := readModel(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w (Convert makes it of model.safetensors)", err)
	}
	if err != nil {
		return nil, err
	}
	words := s.Tok.Size()
	if m.Embeddings != nil && m.Embeddings.Tokens != nil {
		words = max(words, m.Embeddings.Tokens.Size)
	}
	slots, err := slotsOf(m, s, words)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range slots {
		if err := slots[i].settle(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	// Neither is used here, and both would keep the decoder's buffer or a second vocabulary in memory.
	m.Pooler, m.Embeddings.Vocab = nil, nil
	prepare(m, s)
	return &Encoder{settings: s, model: m, workers: cfg.Workers}, nil
}

// readModel reads the library's file. The shapes of what it holds are not checked yet. The decoder panics on some broken
// files.
func readModel(path string) (m *bert.Model, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("%s: is broken: %v", path, p)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := checkMatrices(f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Any model that has the base model in its field Bert decodes as this one.
	all, err := nn.Load[*bert.ModelForSequenceEncoding](f)
	if err == nil && (all == nil || all.Bert == nil) {
		err = errors.New("has no model in it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all.Bert, nil
}

// matrixName is how encoding/gob marks each of the library's matrices in a file; the type of the elements follows.
const matrixName = "*mat.Dense["

// checkMatrices looks at the lengths that stand in front of the values of each matrix. The library takes memory for them, and
// looks at memory beyond the file, without checking them. It leaves f at its beginning.
func checkMatrices(f io.ReadSeeker) error {
	r := bufio.NewReaderSize(f, 1<<20)
	var blob []byte
	for at := int64(0); ; {
		window, err := r.Peek(1 << 19)
		if err != nil && err != io.EOF {
			return err
		}
		i := bytes.Index(window, []byte(matrixName))
		if i < 0 {
			if err == io.EOF {
				_, err := f.Seek(0, io.SeekStart)
				return err
			}
			i = len(window) - len(matrixName)
			_, _ = r.Discard(i)
			at += int64(i)
			continue
		}
		_, _ = r.Discard(i + len(matrixName))
		at += int64(i + len(matrixName))
		g := gobReader{r: r}
		if g.text("float32]"); g.err == nil {
			g.typeID()
			g.uint()       // the bytes that follow
			g.text("\x00") // they are no struct
			blob = g.bytes(blob)
		}
		if g.err == nil && !soundMatrix(blob) {
			g.err = errors.New("lengths are not those of a matrix")
		}
		if g.err != nil {
			return fmt.Errorf("is broken, or not of float32, at the matrix at byte %d: %w", at, g.err)
		}
		at += g.n
	}
}

// soundMatrix tells whether a matrix has no more dimensions and values than the library's file has of them.
func soundMatrix(blob []byte) (ok bool) {
	defer func() {
		if recover() != nil { // an offset beyond the end
			ok = false
		}
	}()
	m := dense.GetRootAsDenseFloat32(blob, 0)
	return m.ShapeLength() <= 2 && m.DataLength() <= cap(m.DataBytes())/4
}

// gobReader reads the parts of encoding/gob's format and remembers the first error.
type gobReader struct {
	r   *bufio.Reader
	n   int64 // bytes read
	err error
}

func (g *gobReader) byte() byte {
	if g.err != nil {
		return 0
	}
	b, err := g.r.ReadByte()
	g.n++
	g.err = err
	return b
}

func (g *gobReader) text(want string) {
	for i := range len(want) {
		if b := g.byte(); g.err == nil && b != want[i] {
			g.err = fmt.Errorf("%q is missing", want)
		}
	}
}

// uint is a number: below 128 a byte, or else the negated number of the bytes that follow, the highest first.
func (g *gobReader) uint() (v uint64) {
	b := g.byte()
	if b < 0x80 {
		return uint64(b)
	}
	if b < 0xF8 {
		g.err = errors.New("a number is too long")
	}
	for ; b != 0; b++ {
		v = v<<8 | uint64(g.byte())
	}
	return v
}

// typeID is the number of a type that has a binary form of its own. Where it comes up first, negated, its definition and the
// number of bytes after that come before it.
func (g *gobReader) typeID() {
	if id := g.uint(); id&1 == 0 { // the lowest bit is the sign
		return
	}
	g.text("\x06\x01") // wireType.BinaryMarshalerT.CommonType
	for field, d := uint64(0), g.uint(); d != 0 && g.err == nil; d = g.uint() {
		if field += d; field == 1 {
			g.bytes(nil) // Name
		} else {
			g.uint() // Id
		}
	}
	g.text("\x00\x00")
	g.uint()
	if id := g.uint(); g.err == nil && id&1 == 1 {
		g.err = errors.New("there are two definitions of its type")
	}
}

// bytes is a number and as many bytes. It uses the memory of buf, and no more memory than there are bytes.
func (g *gobReader) bytes(buf []byte) []byte {
	n := g.uint()
	if g.err != nil || n > math.MaxInt32 {
		g.err = cmp.Or(g.err, errors.New("a matrix is too large"))
		return nil
	}
	b := bytes.NewBuffer(buf[:0])
	k, err := io.CopyN(b, g.r, int64(n))
	g.n, g.err = g.n+k, err
	return slices.Clip(b.Bytes())
}
