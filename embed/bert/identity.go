package bert

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/gobertopic/gobertopic/internal/simd"
)

// Identity is the name of all that decides the vectors: the weights, the vocabulary, the settings and the prompt. It is the
// Identity that embed.Cached uses where its configuration has none.
func (e *Encoder) Identity() string {
	s := fmt.Sprintf("bert %x max=%d windows=%t prompt=%q %s", e.model, e.shape.MaxTokens, e.windows, e.prompt, e.precision)
	if e.cols < e.shape.Out() {
		s += fmt.Sprintf(" dim=%d", e.cols)
	}
	if e.precision == FP32 && e.kernels.Level() == simd.PureGo { // all others give the same bits
		s += " purego"
	}
	if e.precision == Int8 {
		s += " attention=bf16"
		if e.rounded { // the weights, when they were loaded, in the second way that there was
			s += " rounding=2"
		}
	}
	return s
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum is a hash of a model. That of a tensor's values is short, which takes a fraction of the time of a long one for all of
// them; two models would have to agree in every tensor's.
func (m *model) sum() (s [16]byte, err error) {
	h := sha256.New()
	for _, name := range m.tensors.Names() {
		t, err := m.tensors.Tensor(name)
		if err != nil {
			return s, err
		}
		fmt.Fprintf(h, "%q %s %v %08x\n", name, t.DType, t.Shape, crc32.Checksum(t.Data, castagnoli))
	}
	modules, err := m.denseModules()
	if err != nil {
		return s, err
	}
	for _, d := range modules {
		for _, v := range [][]float32{d.weights, d.bias} {
			_ = binary.Write(h, binary.LittleEndian, v) // a hash takes everything
		}
	}
	for _, token := range m.tok.Vocab() {
		_, _ = io.WriteString(h, token+"\x00")
	}
	var rest any = m.tok.File()
	if wp := m.tok.WordPiece(); wp != nil {
		rest = wp.Config()
	}
	j := json.NewEncoder(h)
	for _, v := range []any{m.shape, rest} {
		if err := j.Encode(v); err != nil {
			return s, err
		}
	}
	copy(s[:], h.Sum(nil))
	return s, nil
}
