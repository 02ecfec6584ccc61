package bert

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/sentencedir"
	"github.com/gobertopic/gobertopic/internal/tokenizer"
)

// shape is everything about a model but its numbers and its vocabulary.
type shape = sentencedir.Shape

// pooling says how the vectors of a text's tokens become one.
type pooling = sentencedir.Pooling

const (
	poolMean = sentencedir.Mean
	poolCLS  = sentencedir.CLS
	poolMax  = sentencedir.Max
	poolSqrt = sentencedir.SqrtLen
	poolRise = sentencedir.Weighted
	poolLast = sentencedir.Last
)

// Load reads a sentence-transformers directory: config.json (model_type bert, camembert,
// distilbert, modernbert, mpnet, roberta or xlm-roberta), model.safetensors (F32, F16 or BF16) or
// the files that model.safetensors.index.json names, the tokenizer's files (WordPiece, Unigram or
// BPE), and where they are there modules.json (a Transformer, a Pooling, Dense modules, and
// Normalize or not), 1_Pooling/config.json, 2_Dense/config.json with its model.safetensors,
// sentence_bert_config.json and config_sentence_transformers.json. What is missing has
// sentence-transformers' defaults. A directory that asks for something else is an error that names
// the file, the field, its value and what is supported.
func Load(dir string, cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m, err := readDir(dir)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	e, err := newEncoder(m, cfg, nil)
	if err != nil {
		return nil, fmt.Errorf("load encoder: %w", err)
	}
	return e, nil
}

// model is what an encoder is made of.
type model struct {
	shape
	path    string // what to call the source of the tensors in errors
	tensors *safetensors.File
	// denseFiles are the files of the Dense modules, nil where tensors has them.
	denseFiles []denseFile
	tok        *tokenizer.Tokenizer
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readDir(dir string) (*model, error) {
	d, err := sentencedir.ReadAny(dir)
	if err != nil {
		return nil, err
	}
	m := &model{shape: d.Shape, path: filepath.Join(d.Home, "model.safetensors"), tok: d.Tokenizer}
	if m.tensors, err = safetensors.Open(m.path); errors.Is(err, fs.ErrNotExist) {
		if index := m.path + ".index.json"; exists(index) {
			m.path = index
			m.tensors, err = safetensors.OpenSharded(index)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, home := range d.DenseHome {
		f := denseFile{path: filepath.Join(home, "model.safetensors")}
		if f.tensors, err = safetensors.Open(f.path); err != nil {
			return nil, err
		}
		m.denseFiles = append(m.denseFiles, f)
	}
	return m, nil
}
