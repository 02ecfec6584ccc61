package static

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/gobertopic/gobertopic/internal/safetensors"
)

// Quantise returns the model with its table rounded to int8, a fourth of the size: each row has a scale of its own, which is
// the weight of its tokens. Vectors keep a cosine of some 0.9998 to those of the model. Save writes such a model too.
func (m *Model) Quantise() *Model {
	if m.small != nil {
		return m
	}
	q := *m
	q.table, q.small = nil, make([]byte, len(m.table))
	scale := make([]float32, m.rows())
	for i := range scale {
		row := m.table[i*m.dim:][:m.dim]
		top := 0.0
		for _, v := range row {
			top = max(top, math.Abs(float64(v)))
		}
		if scale[i] = float32(top / 127); scale[i] == 0 {
			continue // all values are 0, or too small to have a scale
		}
		for j, v := range row {
			q.small[i*m.dim+j] = byte(int8(min(max(math.RoundToEven(float64(v)/float64(scale[i])), -127), 127)))
		}
	}
	q.weights = make([]float32, m.tok.size)
	for id := range q.weights {
		at := id
		if m.mapping != nil {
			at = int(m.mapping[id])
		}
		q.weights[id] = scale[at]
		if m.weights != nil {
			q.weights[id] *= m.weights[id]
		}
	}
	return q.prepare()
}

// The keys of a packed model's metadata.
const (
	metaModel     = "static"    // a packed
	metaTokenizer = "tokenizer" // tokenizer.json without its vocabulary
	metaVocab     = "vocab"     // the tokens, one a line
)

// packed is what a packed model has beside its tensors and its tokenizer.
type packed struct {
	Normalize bool    `json:"normalize"`
	MaxTokens int     `json:"max_length"` // 0: no limit
	SIF       float64 `json:"sif_coefficient"`
	PCA       int     `json:"apply_pca"`
}

// Pack writes the model as one file for Parse, in the safetensors format, for a program to carry it with go:embed. The same
// model gives the same bytes. A token with a line break in it is an error.
func (m *Model) Pack(w io.Writer) error {
	var f tokenizerFile
	if err := json.Unmarshal(m.tok.file(), &f); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	n := m.tok.wp.Vocab()
	for id, token := range n {
		if token == "" || strings.Contains(token, "\n") {
			return fmt.Errorf("pack: token %q (id %d) is empty or has a line break in it", token, id)
		}
	}
	f.Model.Vocab = json.RawMessage("null")
	tok, err := appendJSON(f)
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	settings, err := appendJSON(packed{m.normalize, m.maxTokens, m.sif, m.pca})
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	meta := map[string]string{metaModel: string(settings), metaTokenizer: string(tok), metaVocab: strings.Join(n, "\n")}
	return safetensors.Write(w, m.tensors(), meta)
}

// Parse makes a model of what Pack wrote. data is kept and must not change; name stands for it in errors.
func Parse(name string, data []byte, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m, err := parse(data, cfg)
	if err != nil {
		return nil, fmt.Errorf("static embeddings: %s: %w", name, err)
	}
	return m, nil
}

func parse(data []byte, cfg Config) (*Model, error) {
	f, err := safetensors.Parse(data)
	if err != nil {
		return nil, err
	}
	meta := f.Metadata()
	var p packed
	if err := json.Unmarshal([]byte(meta[metaModel]), &p); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", metaModel, err)
	}
	var file tokenizerFile
	if err := json.Unmarshal([]byte(meta[metaTokenizer]), &file); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", metaTokenizer, err)
	}
	if p.MaxTokens < 0 {
		return nil, errors.New("max_length is negative")
	}
	if err := file.check(); err != nil {
		return nil, err
	}
	m := &Model{normalize: p.Normalize, maxTokens: p.MaxTokens, workers: cfg.Workers, sif: p.SIF, pca: p.PCA}
	m.limit(cfg)
	vocab := strings.Split(meta[metaVocab], "\n")
	if m.tok, err = file.build(slices.Clone(vocab)); err != nil {
		return nil, err
	}
	m.tok.file = sync.OnceValue(func() []byte {
		file.Model.Vocab, _ = vocabJSON(vocab) // strings always can be written
		whole, _ := appendJSON(file)
		return whole
	})
	if err := m.read(f, "embeddings"); err != nil {
		return nil, err
	}
	return m.prepare(), nil
}
