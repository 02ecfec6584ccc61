package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/addedtoken"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// Tokenizer turns text into token ids. It is immutable and safe for concurrent use.
type Tokenizer struct {
	bert *wordpiece.Tokenizer // does all of it where it is not nil

	file        []byte
	u           *unicodeData
	raw         addedtoken.Matcher // added tokens looked for in the raw text
	normalizers []normalizer
	normalized  addedtoken.Matcher // and in the normalized text
	splitters   []splitter
	model       model
	template
	tokens    []string // of each id, "" for none
	vocabSize int      // number of tokens of the model
	pool      sync.Pool
	seed      maphash.Seed
}

// Parse reads the contents of a tokenizer.json, which it keeps. It fails where a component is not
// supported, with the name of the component and a list of those that are.
func Parse(data []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), &f); err != nil {
		return nil, err
	}
	t := &Tokenizer{file: data, u: loadUnicode(), seed: maphash.MakeSeed()}
	var err error
	if t.normalizers, err = readNormalizers("normalizer", f.Normalizer, nil, 0); err != nil {
		return nil, err
	}
	if t.splitters, err = readSplitters("pre_tokenizer", f.PreTokenizer, nil, 0); err != nil {
		return nil, err
	}
	if err := readTemplate("post_processor", f.PostProcessor, &t.template, 0); err != nil {
		return nil, err
	}
	if err := t.readModel(f.Model); err != nil {
		return nil, err
	}
	if err := t.addTokens(f.Added); err != nil {
		return nil, err
	}
	for _, id := range slices.Concat(t.before, t.after) {
		if t.Token(id) == "" {
			return nil, fmt.Errorf("post_processor has the id %d, want that of a token, 0 to %d", id, t.Size()-1)
		}
	}
	return t, nil
}

// readModel sets the model and the tokens that it has.
func (t *Tokenizer) readModel(b json.RawMessage) error {
	if absent(b) {
		return unknown("model", "", models)
	}
	var f modelFile
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if f.Type == "" { // files from before the field
		switch {
		case !absent(f.Merges):
			f.Type = "BPE"
		case f.MaxChars != nil:
			f.Type = "WordPiece"
		case f.UnkID != nil:
			f.Type = "Unigram"
		}
	}
	switch f.Type {
	case "Unigram":
		return t.readUnigram(&f)
	case "BPE", "WordPiece", "WordLevel":
	default:
		return unknown("model.type", f.Type, models)
	}
	var vocab map[string]int32
	if err := json.Unmarshal(f.Vocab, &vocab); err != nil {
		return fmt.Errorf("model.vocab is not an object of tokens and ids: %w", err)
	}
	t.vocabSize = len(vocab)
	if err := t.nameAll(vocab); err != nil {
		return fmt.Errorf("model.vocab: %w", err)
	}
	if f.Type == "BPE" {
		return t.readBPE(&f, vocab)
	}
	unk := "[UNK]"
	if f.Type == "WordLevel" {
		unk = "<unk>"
	}
	set(&unk, f.Unk)
	m, err := newWords(vocab, unk)
	if err != nil {
		return err
	}
	if f.Type == "WordPiece" {
		prefix := "##"
		set(&prefix, f.Prefix)
		m.pieces, m.maxChars = true, 100
		if set(&m.maxChars, f.MaxChars); m.maxChars < 1 {
			return fmt.Errorf("model.max_input_chars_per_word is %d, want at least 1", m.maxChars)
		}
		m.tail, _, m.tails = m.trie.Walk(prefix)
	}
	t.model = m
	return nil
}

func (t *Tokenizer) readUnigram(f *modelFile) error {
	var vocab []unigramPiece
	if err := json.Unmarshal(f.Vocab, &vocab); err != nil {
		return fmt.Errorf("model.vocab is not a list of pieces and scores: %w", err)
	}
	if f.UnkID == nil || *f.UnkID < 0 || *f.UnkID >= len(vocab) {
		got := "missing"
		if f.UnkID != nil {
			got = fmt.Sprint(*f.UnkID)
		}
		return fmt.Errorf("model.unk_id is %s, want the id of a token, 0 to %d", got, len(vocab)-1)
	}
	t.vocabSize = len(vocab)
	for id, p := range vocab {
		if err := t.name(p.token, int32(id), len(vocab)); err != nil {
			return fmt.Errorf("model.vocab[%d]: %w", id, err)
		}
	}
	m, err := newUnigram(vocab, *f.UnkID, f.ByteFallback)
	if err != nil {
		return err
	}
	t.model = m
	return nil
}

func (t *Tokenizer) readBPE(f *modelFile, vocab map[string]int32) error {
	if f.Dropout != nil && *f.Dropout != 0 {
		return fmt.Errorf("model.dropout is %g, want null or 0: ids would be random", *f.Dropout)
	}
	merges, err := readMerges(f.Merges)
	if err != nil {
		return err
	}
	plain := func(s *string) bool { return s == nil || *s == "" }
	raw := false
	if n := len(t.splitters); n > 0 && t.splitters[n-1].kind == splitBytes && plain(f.Prefix) && plain(f.Suffix) && !f.ByteFallback {
		raw, t.splitters[n-1].chars = true, false
	}
	m, err := newBPE(f, vocab, merges, raw)
	if err != nil {
		return err
	}
	t.model = m
	return nil
}

// nameAll gives the ids of a vocabulary their tokens. Of several tokens with one id it keeps the
// least that is not empty, and of several errors it returns that of the least token.
func (t *Tokenizer) nameAll(vocab map[string]int32) error {
	var (
		first error
		least string // the token that first belongs to
	)
	for token, id := range vocab {
		if before := t.Token(id); before != "" && (token == "" || before < token) {
			continue
		}
		if err := t.name(token, id, len(vocab)); err != nil && (first == nil || token < least) {
			first, least = err, token
		}
	}
	return first
}

// name gives an id its token. An id far above the number of tokens is a broken file, and would cost
// memory.
func (t *Tokenizer) name(token string, id int32, tokens int) error {
	limit := int32(tokens) + 1<<16
	switch {
	case id < 0 || id >= limit:
		return fmt.Errorf("token %q has id %d, want 0 to %d", token, id, limit-1)
	case !utf8.ValidString(token):
		return fmt.Errorf("token %q (id %d) is not valid UTF-8", token, id)
	}
	for int(id) >= len(t.tokens) {
		t.tokens = append(t.tokens, make([]string, int(id)+1-len(t.tokens))...)
	}
	t.tokens[id] = token
	return nil
}

// addTokens registers the added tokens. The id of one is that of the vocabulary, or else the next
// one after as many as the vocabulary has, which must be the one that the file gives it.
func (t *Tokenizer) addTokens(added []addedFile) error {
	var raw, normalized []addedtoken.Entry
	seen := map[string]int{}
	next, size := int32(t.vocabSize), len(t.tokens)
	for i, a := range added {
		if a.Content == "" {
			continue
		}
		if before, ok := seen[a.Content]; ok {
			return fmt.Errorf("added_tokens[%d] is %q, as added_tokens[%d] is", i, a.Content, before)
		}
		seen[a.Content] = i
		id := t.model.id(a.Content)
		if id < 0 {
			if id = next; id != a.ID {
				return fmt.Errorf("added_tokens[%d]: %q has id %d, want %d, the next one that the vocabulary leaves", i, a.Content, a.ID, id)
			}
			next++
		}
		if err := t.name(a.Content, id, size+len(added)); err != nil {
			return fmt.Errorf("added_tokens[%d]: %w", i, err)
		}
		e := addedtoken.Entry{
			Token:   addedtoken.Token{Content: a.Content, SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip, Normalized: a.Normalized},
			Pattern: a.Content, ID: id,
		}
		if !a.Normalized {
			raw = append(raw, e)
			continue
		}
		s := t.encoder()
		e.Pattern = string(bytesView(s.normalize(a.Content)))
		t.pool.Put(s)
		normalized = append(normalized, e)
	}
	var err error
	if t.raw, err = addedtoken.NewMatcher(raw); err != nil {
		return fmt.Errorf("added_tokens: %w", err)
	}
	if t.normalized, err = addedtoken.NewMatcher(normalized); err != nil {
		return fmt.Errorf("added_tokens: %w", err)
	}
	return nil
}

// ID returns the id of a token, as it is spelled in the vocabulary or among the added tokens.
func (t *Tokenizer) ID(token string) (int32, bool) {
	if t.bert != nil {
		return t.bert.ID(token)
	}
	for _, m := range []*addedtoken.Matcher{&t.raw, &t.normalized} {
		if id, ok := m.ID(token); ok {
			return id, true
		}
	}
	id := t.model.id(token)
	return max(id, 0), id >= 0
}

// Token returns the token with an id, "" where there is none.
func (t *Tokenizer) Token(id int32) string {
	switch {
	case t.bert != nil:
		return t.bert.Token(id)
	case id < 0 || int(id) >= len(t.tokens):
		return ""
	}
	return t.tokens[id]
}

// Size returns one more than the largest id: how many rows a table of word vectors must have.
func (t *Tokenizer) Size() int {
	if t.bert != nil {
		return t.bert.Size()
	}
	return len(t.tokens)
}

// Specials returns the number of special tokens that Encode puts before and after a text.
func (t *Tokenizer) Specials() (before, after int) {
	if t.bert != nil {
		return t.bert.Specials()
	}
	return len(t.before), len(t.after)
}

// WordPiece returns the tokenizer of the BERT family that this one is, nil for any other.
func (t *Tokenizer) WordPiece() *wordpiece.Tokenizer { return t.bert }

// File returns what Parse reads, nil for a tokenizer of the BERT family.
func (t *Tokenizer) File() []byte { return t.file }

// OfWordPiece returns a tokenizer of the BERT family.
func OfWordPiece(t *wordpiece.Tokenizer) *Tokenizer { return &Tokenizer{bert: t} }

// Vocab returns the token of each id, "" for none; for a tokenizer of the BERT family without the
// added tokens that its vocabulary lacks.
func (t *Tokenizer) Vocab() []string {
	if t.bert != nil {
		return t.bert.Vocab()
	}
	return slices.Clone(t.tokens)
}
