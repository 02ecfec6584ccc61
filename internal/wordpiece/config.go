package wordpiece

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/addedtoken"
	"github.com/gobertopic/gobertopic/internal/check"
)

// Config is how text is split. The names in brackets are those of tokenizer.json and tokenizer_config.json.
type Config struct {
	// CleanText removes control, format and private-use characters and U+FFFD, and takes any white space for a space
	// (clean_text). Default true.
	CleanText bool
	// ChineseChars makes a word of each Chinese character (handle_chinese_chars, tokenize_chinese_chars). Default true.
	ChineseChars bool
	// Lowercase maps each character to lower case (lowercase, do_lower_case). Default true.
	Lowercase bool
	// StripAccents removes nonspacing marks after canonical decomposition (strip_accents). Nil, the default: as Lowercase.
	StripAccents *bool
	// MaxWordChars is the most characters a word may have before it is taken for unknown, at least 1
	// (max_input_chars_per_word). Default 100.
	MaxWordChars int
	// Prefix marks a vocabulary entry that continues a word (continuing_subword_prefix). Default "##".
	Prefix string
	// Unk, Cls, Sep, Pad and Mask are the special tokens. Unk, Cls and Sep must be in the vocabulary.
	Unk, Cls, Sep, Pad, Mask string
	// Added are tokens that are looked for in the text before it is split into words. The special tokens above are
	// such tokens even when they are not listed.
	Added []AddedToken
}

// AddedToken is a token that is found in text as it is written (added_tokens).
type AddedToken = addedtoken.Token

// DefaultConfig is the uncased BERT.
func DefaultConfig() Config {
	return Config{
		CleanText: true, ChineseChars: true, Lowercase: true, MaxWordChars: 100, Prefix: "##",
		Unk: "[UNK]", Cls: "[CLS]", Sep: "[SEP]", Pad: "[PAD]", Mask: "[MASK]",
	}
}

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.MaxWordChars >= 1, "wordpiece.Config.MaxWordChars", c.MaxWordChars, "at least 1")
	f.Want(utf8.ValidString(c.Prefix), "wordpiece.Config.Prefix", c.Prefix, "valid UTF-8")
	f.Want(c.Unk != "", "wordpiece.Config.Unk", `""`, "a token of the vocabulary")
	f.Want(c.Cls != "", "wordpiece.Config.Cls", `""`, "a token of the vocabulary")
	f.Want(c.Sep != "", "wordpiece.Config.Sep", `""`, "a token of the vocabulary")
	for i, a := range c.Added {
		f.Want(a.Content != "" && utf8.ValidString(a.Content), fmt.Sprintf("wordpiece.Config.Added[%d].Content", i), fmt.Sprintf("%q", a.Content),
			"valid UTF-8 that is not empty")
	}
	return f.Err()
}

func (c Config) strips() bool {
	if c.StripAccents != nil {
		return *c.StripAccents
	}
	return c.Lowercase
}

// clone shares nothing with c that a caller could change.
func (c Config) clone() Config {
	c.Added = slices.Clone(c.Added)
	if c.StripAccents != nil {
		v := *c.StripAccents
		c.StripAccents = &v
	}
	return c
}
