package static

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// tokenizerFile is tokenizer.json as far as it is read and written here.
type tokenizerFile struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	Added         []addedToken    `json:"added_tokens"`
	Normalizer    *normalizer     `json:"normalizer"`
	PreTokenizer  *typed          `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
	Model         *wordModel      `json:"model"`
}

type typed struct {
	Type string `json:"type"`
}

type addedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

type normalizer struct {
	Type      string `json:"type"`
	CleanText *bool  `json:"clean_text"`
	Chinese   *bool  `json:"handle_chinese_chars"`
	Strip     *bool  `json:"strip_accents"`
	Lowercase *bool  `json:"lowercase"`
}

type wordModel struct {
	Type     string          `json:"type"`
	Unk      string          `json:"unk_token"`
	Prefix   *string         `json:"continuing_subword_prefix"`
	MaxChars *int            `json:"max_input_chars_per_word"`
	Vocab    json.RawMessage `json:"vocab"`
}

// parseTokenizer reads tokenizer.json by itself: the files beside it that transformers reads do not count, as in model2vec.
func parseTokenizer(file []byte) (*tokenizer, error) {
	file = bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))
	var f tokenizerFile
	if err := json.Unmarshal(file, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	var ids map[string]int32
	if err := json.Unmarshal(f.Model.Vocab, &ids); err != nil {
		return nil, fmt.Errorf("model.vocab is not an object of tokens and ids: %w", err)
	}
	tokens := make([]string, len(ids))
	for token, id := range ids {
		if id < 0 || int(id) >= len(ids) {
			return nil, fmt.Errorf("model.vocab: token %q has id %d, want 0 to %d", token, id, len(ids)-1)
		}
		if tokens[id] != "" {
			return nil, fmt.Errorf("model.vocab: tokens %q and %q have the id %d", min(token, tokens[id]), max(token, tokens[id]), id)
		}
		tokens[id] = token
	}
	t, err := f.build(tokens)
	if err != nil {
		return nil, err
	}
	t.file = func() []byte { return file }
	return t, nil
}

// check reports a kind of tokenizer that there is not.
func (f *tokenizerFile) check() error {
	for _, part := range []struct{ field, got, want string }{
		{"model.type", kind(f.Model != nil, func() string { return f.Model.Type }), "WordPiece"},
		{"normalizer.type", kind(f.Normalizer != nil, func() string { return f.Normalizer.Type }), "BertNormalizer"},
		{"pre_tokenizer.type", kind(f.PreTokenizer != nil, func() string { return f.PreTokenizer.Type }), "BertPreTokenizer"},
	} {
		if part.got != part.want {
			return fmt.Errorf("%s is %s: the only tokenizers supported are WordPiece with BertNormalizer and BertPreTokenizer, not BPE, Unigram or WordLevel", part.field, part.got)
		}
	}
	return nil
}

// build makes a tokenizer of the tokens of the vocabulary. It has no file yet.
func (f *tokenizerFile) build(tokens []string) (*tokenizer, error) {
	c := wordpiece.DefaultConfig()
	c.Unk, c.Pad, c.Mask = f.Model.Unk, "", ""
	c.Cls, c.Sep = c.Unk, c.Unk // tokens are wanted without special ones, and unknown ones are dropped
	set(&c.CleanText, f.Normalizer.CleanText)
	set(&c.ChineseChars, f.Normalizer.Chinese)
	set(&c.Lowercase, f.Normalizer.Lowercase)
	c.StripAccents = f.Normalizer.Strip
	set(&c.Prefix, f.Model.Prefix)
	set(&c.MaxWordChars, f.Model.MaxChars)
	slices.SortStableFunc(f.Added, func(a, b addedToken) int { return int(a.ID) - int(b.ID) }) // new ones get their ids in order
	for _, a := range f.Added {
		c.Added = append(c.Added, wordpiece.AddedToken{Content: a.Content, SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip, Normalized: a.Normalized})
	}
	wp, err := wordpiece.FromVocab(tokens, c)
	if err != nil {
		return nil, err
	}
	for _, a := range f.Added {
		id, _ := wp.ID(a.Content)
		if id != a.ID {
			return nil, fmt.Errorf("added_tokens: %q has id %d, want %d, by the vocabulary or after it", a.Content, a.ID, id)
		}
		if int(id) >= len(tokens) {
			tokens = append(tokens, a.Content)
		}
	}
	t := &tokenizer{wp: wp, tokens: tokens, size: len(tokens)}
	t.unk, _ = wp.ID(c.Unk)
	lengths := make([]int, len(tokens))
	for i, token := range tokens {
		lengths[i] = utf8.RuneCountInString(token)
	}
	slices.Sort(lengths)
	n := len(lengths)
	t.median = (lengths[(n-1)/2] + lengths[n/2]) / 2
	return t, nil
}

func kind(there bool, name func() string) string {
	if there {
		if s := name(); s != "" {
			return s
		}
	}
	return "missing"
}

func set[T any](dst, src *T) {
	if src != nil {
		*dst = *src
	}
}

// newTokenizer makes a tokenizer of tokens, with the settings of another; those of special that the tokens have are looked
// for in the text as they are written.
func newTokenizer(tokens []string, c wordpiece.Config, special ...string) (*tokenizer, error) {
	vocab, err := vocabJSON(tokens)
	if err != nil {
		return nil, err
	}
	null := json.RawMessage("null")
	prefix, err := appendJSON(c.Prefix)
	if err != nil {
		return nil, err
	}
	f := tokenizerFile{
		Version: "1.0", Truncation: null, Padding: null, PostProcessor: null, PreTokenizer: &typed{"BertPreTokenizer"},
		Added:      []addedToken{},
		Normalizer: &normalizer{"BertNormalizer", &c.CleanText, &c.ChineseChars, c.StripAccents, &c.Lowercase},
		Decoder:    json.RawMessage(fmt.Sprintf(`{"type":"WordPiece","prefix":%s,"cleanup":true}`, prefix)),
		Model:      &wordModel{"WordPiece", c.Unk, &c.Prefix, &c.MaxWordChars, vocab},
	}
	for i, token := range tokens {
		if slices.Contains(special, token) {
			f.Added = append(f.Added, addedToken{ID: int32(i), Content: token, Special: true})
		}
	}
	file, err := appendJSON(f)
	if err != nil {
		return nil, err
	}
	return parseTokenizer(file)
}

// vocabJSON is the object of tokens and their ids.
func vocabJSON(tokens []string) (json.RawMessage, error) {
	b := bytes.NewBufferString("{")
	for i, token := range tokens {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := appendJSON(token)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(b, "%s:%d", key, i)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// appendJSON is json.Marshal without the escapes for HTML.
func appendJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
