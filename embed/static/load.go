package static

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/internal/safetensors"
)

// layouts are the directories that model2vec reads, the first that is there whole.
var layouts = []struct{ config, tensors, tokenizer, name string }{
	{"config.json", "model.safetensors", "tokenizer.json", "embeddings"},
	{"config_sentence_transformers.json", "model.safetensors", "tokenizer.json", "embedding.weight"},
	{"config_sentence_transformers.json", "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json", "embedding.weight"},
}

// modelConfig is config.json.
type modelConfig struct {
	Type          string          `json:"model_type"`
	Architectures []string        `json:"architectures"`
	PCA           any             `json:"apply_pca"`
	SIF           any             `json:"sif_coefficient"`
	Dim           int             `json:"hidden_dim"`
	SeqLength     int             `json:"seq_length"`
	Normalize     *bool           `json:"normalize"`
	Pooling       string          `json:"pooling,omitempty"`
	MaxLength     json.RawMessage `json:"max_length,omitempty"`
	DType         string          `json:"embedding_dtype,omitempty"`
	Clusters      int             `json:"vocabulary_quantization,omitempty"`
}

// Load reads a directory that Save, model2vec or sentence-transformers' StaticEmbedding wrote: the table (F32, F16, BF16, F64
// or I8) with its weights and mapping where it has them, tokenizer.json, and the fields normalize and max_length of the
// configuration. A table of half precision is computed with in float32, so that results are closer to the exact mean than
// model2vec's, which rounds them to the precision of the table. A directory that cannot be used is an error that names the
// file and the field.
func Load(dir string, cfg Config) (*Model, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	for _, l := range layouts {
		whole := true
		for _, name := range []string{l.config, l.tensors, l.tokenizer} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				whole = false
			}
		}
		if whole {
			return load(filepath.Join(dir, l.config), filepath.Join(dir, l.tensors), filepath.Join(dir, l.tokenizer), l.name, cfg)
		}
	}
	return nil, fmt.Errorf("%s: want config.json, model.safetensors and tokenizer.json, or what sentence-transformers writes for a StaticEmbedding: %w", dir, fs.ErrNotExist)
}

func load(configPath, tensorPath, tokenizerPath, name string, cfg Config) (*Model, error) {
	m := &Model{workers: cfg.Workers}
	b, err := os.ReadFile(configPath)
	if err != nil {
		return nil, fmt.Errorf("static embeddings: %w", err)
	}
	c, err := parseConfig(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", configPath, err)
	}
	m.normalize = c.Normalize != nil && *c.Normalize
	if m.maxTokens, err = maxLength(c.MaxLength); err != nil {
		return nil, fmt.Errorf("%s: %w", configPath, err)
	}
	m.limit(cfg)
	if b, err = os.ReadFile(tokenizerPath); err != nil {
		return nil, fmt.Errorf("static embeddings: %w", err)
	}
	if m.tok, err = parseTokenizer(b); err != nil {
		return nil, fmt.Errorf("%s: %w", tokenizerPath, err)
	}
	f, err := safetensors.Open(tensorPath)
	if err != nil {
		return nil, fmt.Errorf("static embeddings: %w", err)
	}
	if err := m.read(f, name); err != nil {
		return nil, fmt.Errorf("%s: %w", tensorPath, err)
	}
	return m.prepare(), nil
}

// limit applies the length of a configuration.
func (m *Model) limit(cfg Config) {
	switch {
	case cfg.MaxTokens > 0:
		m.maxTokens = cfg.MaxTokens
	case cfg.MaxTokens < 0:
		m.maxTokens = 0
	}
	if m.maxTokens > math.MaxInt32/1024 {
		m.maxTokens = 0
	}
}

func parseConfig(b []byte) (modelConfig, error) {
	var c modelConfig
	err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")), &c)
	return c, err
}

// maxLength is the field max_length: missing, null for no limit, or a number.
func maxLength(raw json.RawMessage) (int, error) {
	if len(raw) == 0 {
		return defaultMaxTokens, nil
	}
	if string(raw) == "null" {
		return 0, nil
	}
	var n int
	if err := json.Unmarshal(raw, &n); err != nil || n < 1 {
		return 0, fmt.Errorf("max_length is %.20s, want null or at least 1", raw)
	}
	return n, nil
}

// read takes the tensors of a file.
func (m *Model) read(f *safetensors.File, name string) error {
	t, err := f.Tensor(name)
	if err != nil {
		return err
	}
	if len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] < 1 {
		return fmt.Errorf("%s has shape %v, want tokens × dimensions", name, t.Shape)
	}
	rows := t.Shape[0]
	m.dim = t.Shape[1]
	if t.DType == safetensors.I8 {
		m.small = t.Data
	} else if m.table, _, err = f.Float32(name); err != nil {
		return err
	}
	if err := finite(name, m.table); err != nil {
		return err
	}
	size := m.tok.size
	if f.Has("weights") {
		var shape []int
		if m.weights, shape, err = f.Float32("weights"); err != nil {
			return err
		}
		if len(shape) != 1 || shape[0] != size {
			return fmt.Errorf("weights has shape %v, want one for each of %d tokens", shape, size)
		}
		if err := finite("weights", m.weights); err != nil {
			return err
		}
	}
	if !f.Has("mapping") {
		if rows != size {
			return fmt.Errorf("%s has %d rows for %d tokens, and there is no mapping", name, rows, size)
		}
		return nil
	}
	t, err = f.Tensor("mapping")
	if err != nil {
		return err
	}
	if len(t.Shape) != 1 || t.Shape[0] != size {
		return fmt.Errorf("mapping has shape %v, want one for each of %d tokens", t.Shape, size)
	}
	m.mapping = make([]int32, size)
	for i := range m.mapping {
		var v int64
		switch t.DType {
		case "I64":
			v = int64(binary.LittleEndian.Uint64(t.Data[8*i:]))
		case "I32":
			v = int64(int32(binary.LittleEndian.Uint32(t.Data[4*i:])))
		default:
			return fmt.Errorf("mapping is of type %s, want I64 or I32", t.DType)
		}
		if v < 0 || v >= int64(rows) {
			return fmt.Errorf("mapping of token %d is %d, want a row of the table, 0 to %d", i, v, rows-1)
		}
		m.mapping[i] = int32(v)
	}
	return nil
}

// tensors are what read takes.
func (m *Model) tensors() []safetensors.Tensor {
	table := safetensors.Tensor{Name: "embeddings", DType: safetensors.I8, Shape: []int{m.rows(), m.dim}, Data: m.small}
	if m.small == nil {
		table = safetensors.FromFloat32(table.Name, table.Shape, m.table)
	}
	tensors := []safetensors.Tensor{table}
	if m.weights != nil {
		tensors = append(tensors, safetensors.FromFloat32("weights", []int{len(m.weights)}, m.weights))
	}
	if m.mapping != nil {
		b := make([]byte, 0, 8*len(m.mapping))
		for _, v := range m.mapping {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		tensors = append(tensors, safetensors.Tensor{Name: "mapping", DType: "I64", Shape: []int{len(m.mapping)}, Data: b})
	}
	return tensors
}

func finite(name string, values []float32) error {
	for i, v := range values {
		if v != v || math.IsInf(float64(v), 0) {
			return fmt.Errorf("%s: value %d is %v, want a finite number", name, i, v)
		}
	}
	return nil
}

// Save writes the model to a directory, which is made when it is missing: model.safetensors (F32 or I8), tokenizer.json, config.json
// and modules.json, as model2vec does. model2vec and sentence-transformers read it, and Load gives the same bits. The same
// model gives the same bytes.
func (m *Model) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("static embeddings: %w", err)
	}
	tensors := m.tensors()
	c := modelConfig{
		Type: "model2vec", Architectures: []string{"StaticModel"}, Dim: m.dim, SeqLength: 1_000_000, Normalize: &m.normalize, Pooling: "mean",
		MaxLength: json.RawMessage("null"), DType: "float32",
	}
	if m.maxTokens > 0 {
		c.MaxLength = json.RawMessage(fmt.Sprint(m.maxTokens))
	}
	if m.sif > 0 {
		c.SIF = m.sif
	}
	if m.pca > 0 {
		c.PCA = m.pca
	}
	if m.mapping != nil {
		c.Clusters = m.rows()
	}
	if m.small != nil {
		c.DType = "int8"
	}
	modules := `[{"idx": 0, "name": "0", "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}`
	if m.normalize {
		modules += `, {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"}`
	}
	config, err := json.MarshalIndent(c, "", "    ")
	if err != nil {
		return err
	}
	write := func(name string, f func(io.Writer) error) error { return atomicfile.Write(filepath.Join(dir, name), f) }
	plain := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		}
	}
	err = errors.Join(
		write("model.safetensors", func(w io.Writer) error { return safetensors.Write(w, tensors, nil) }),
		write("tokenizer.json", plain(m.tok.file())),
		write("config.json", plain(config)),
		write("modules.json", plain([]byte(modules+"]\n"))),
	)
	if err != nil {
		return fmt.Errorf("static embeddings: %w", err)
	}
	return nil
}
