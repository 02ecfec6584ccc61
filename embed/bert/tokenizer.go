package bert

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gobertopic/gobertopic/internal/sentencedir"
	"github.com/gobertopic/gobertopic/internal/tokenizer"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// The keys of the tokenizer in a converted model's metadata: a configuration and a vocabulary for
// one of the BERT family, a tokenizer.json for any other.
const (
	metaTokenizer = "tokenizer"
	metaVocab     = "vocab"
	metaFile      = "tokenizer.json"
)

// putTokenizer puts what tokenizerFrom reads into meta.
func putTokenizer(meta map[string]string, t *tokenizer.Tokenizer) error {
	wp := t.WordPiece()
	if wp == nil {
		meta[metaFile] = string(t.File())
		return nil
	}
	vocab := wp.Vocab()
	for id, token := range vocab {
		if strings.Contains(token, "\n") {
			return fmt.Errorf("token %q (id %d) has a line break in it, want none", token, id)
		}
	}
	if _, err := sentencedir.Rebuild(wp, wp.Config()); err != nil { // as tokenizerFrom will
		return err
	}
	config, err := json.Marshal(wp.Config())
	if err != nil {
		return err
	}
	meta[metaTokenizer], meta[metaVocab] = string(config), strings.Join(vocab, "\n")
	return nil
}

func tokenizerFrom(meta map[string]string) (*tokenizer.Tokenizer, error) {
	if file, ok := meta[metaFile]; ok {
		t, err := tokenizer.Parse([]byte(file))
		if err != nil {
			return nil, fmt.Errorf("metadata %s: %w", metaFile, err)
		}
		return t, nil
	}
	var config wordpiece.Config
	if err := json.Unmarshal([]byte(meta[metaTokenizer]), &config); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", metaTokenizer, err)
	}
	wp, err := wordpiece.FromVocab(strings.Split(meta[metaVocab], "\n"), config)
	if err != nil {
		return nil, err
	}
	return tokenizer.OfWordPiece(wp), nil
}
