package cybertron

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/nlpodyssey/cybertron/pkg/models/bert"
	"github.com/nlpodyssey/spago/nn"
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
	s, err := readSettings(dir)
	if err != nil {
		return nil, err
	}
	if cfg.MaxTokens > 0 {
		if cfg.MaxTokens > s.Positions {
			return nil, &ConfigError{Field: "cybertron.Config.MaxTokens", Value: cfg.MaxTokens, Want: fmt.Sprintf("at most the model's %d positions", s.Positions)}
		}
		s.maxTokens = cfg.MaxTokens
	}
	return newEncoder(filepath.Join(s.home, modelFile), s, cfg)
}

// newEncoder reads the library's file path for a model of which s is all the rest.
func newEncoder(path string, s *settings, cfg Config) (*Encoder, error) {
	m, err := readModel(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w (Convert makes it of model.safetensors)", err)
	}
	if err != nil {
		return nil, err
	}
	words := s.tok.Size()
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

// readModel reads the library's file. What it holds is not checked yet; the decoder panics on some broken files.
func readModel(path string) (m *bert.Model, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("%s: is broken: %v", path, p)
		}
	}()
	// Any model that has the base model in its field Bert decodes as this one.
	all, err := nn.LoadFromFile[*bert.ModelForSequenceEncoding](path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && (all == nil || all.Bert == nil) {
		err = errors.New("has no model in it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all.Bert, nil
}
