package sentencedir

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/gobertopic/gobertopic/internal/tokenizer"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// readTokenizer reads the tokenizer and the length at which texts are cut: max_seq_length of sentence_bert_config.json, or
// else model_max_length of tokenizer_config.json, or else as many positions as there are.
func (d *Dir) readTokenizer() error {
	path := filepath.Join(d.Home, "sentence_bert_config.json")
	var c struct {
		MaxTokens *float64 `json:"max_seq_length"`
		Lowercase bool     `json:"do_lower_case"`
	}
	if _, err := ReadJSON(path, &c, false); err != nil {
		return err
	}
	field, source := "max_seq_length", path
	if c.MaxTokens == nil {
		var t struct {
			MaxTokens *float64 `json:"model_max_length"`
		}
		field, source = "model_max_length", filepath.Join(d.Home, "tokenizer_config.json")
		if _, err := ReadJSON(source, &t, false); err != nil {
			return err
		}
		c.MaxTokens = t.MaxTokens
	}
	d.MaxTokens = d.Positions
	if c.MaxTokens != nil {
		if !(*c.MaxTokens >= 3) {
			return Wrong(source, field, *c.MaxTokens, "at least 3")
		}
		d.MaxTokens = int(math.Min(*c.MaxTokens, float64(d.Positions)))
	}

	var err error
	if d.Tokenizer, err = tokenizer.Load(d.Home); err != nil {
		return err
	}
	d.Lowercase = c.Lowercase
	if d.Tok = d.Tokenizer.WordPiece(); d.Tok == nil {
		if c.Lowercase {
			return Wrong(path, "do_lower_case", true, "false, but for a tokenizer of the BERT family")
		}
		return nil
	}
	if cfg := d.Tok.Config(); c.Lowercase && !cfg.Lowercase {
		// sentence-transformers lowers the text before all else, which leaves accents as they are.
		keep := cfg.StripAccents != nil && *cfg.StripAccents
		cfg.Lowercase, cfg.StripAccents = true, &keep
		if d.Tok, err = Rebuild(d.Tok, cfg); err != nil {
			return fmt.Errorf("%s: do_lower_case: %w", path, err)
		}
		d.Tokenizer = tokenizer.OfWordPiece(d.Tok)
	}
	return nil
}

// Rebuild makes a tokenizer with the same vocabulary and another configuration. It fails where FromVocab cannot give the
// special and added tokens the ids that they have.
func Rebuild(t *wordpiece.Tokenizer, cfg wordpiece.Config) (*wordpiece.Tokenizer, error) {
	u, err := wordpiece.FromVocab(t.Vocab(), cfg)
	if err != nil {
		return nil, err
	}
	for _, a := range cfg.Added {
		want, _ := t.ID(a.Content)
		if got, _ := u.ID(a.Content); got != want {
			return nil, fmt.Errorf("added token %q has id %d, want %d, its place in the vocabulary or after it", a.Content, want, got)
		}
	}
	a, _ := t.Encode(nil, "a", 0)
	b, _ := u.Encode(nil, "a", 0)
	if !slices.Equal(a, b) {
		return nil, fmt.Errorf("the tokenizer makes %v of \"a\", want %v, with nothing around it but %s and %s", a, b, cfg.Cls, cfg.Sep)
	}
	return u, nil
}
