package wordpiece

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/addedtoken"
	"github.com/gobertopic/gobertopic/internal/trie"
)

// Tokenizer turns text into token ids. It is immutable and safe for concurrent use.
type Tokenizer struct {
	cfg     Config
	uni     *unicodeData
	words   *trie.Trie
	tail    uint32 // the node after the prefix: where a word goes on
	tails   bool   // whether there is such a node
	tokens  []string
	unk     int32
	before  []int32 // what stands before and after every text
	after   []int32
	strip   bool
	ascii   [256]uint8 // class of a byte below 0x80, viaRune for one above
	lowered [256]byte
	single  [128]int32 // id of a punctuation character

	raw        addedtoken.Matcher // added tokens looked for in the raw text
	normalized addedtoken.Matcher // and in the normalised text
}

// FromVocab makes a tokenizer from a vocabulary: the id of a token is its index, the last one's where a token is there
// twice. Special and added tokens that the vocabulary lacks get the ids after it, but Unk, Cls and Sep must be in it.
func FromVocab(vocab []string, cfg Config) (*Tokenizer, error) {
	entries := make([]entry, len(vocab))
	for i, s := range vocab {
		entries[i] = entry{s, int32(i)}
	}
	return build(entries, nil, cfg, nil)
}

// entry is a token with its id.
type entry struct {
	token string
	id    int32
}

// template is what stands before and after a text; nil is Cls and Sep.
type template struct{ before, after []templateID }

// templateID is an id with the field of the file that it is from.
type templateID struct {
	field string
	id    int32
}

func idsOf(from []templateID) []int32 {
	ids := make([]int32, len(from))
	for i, p := range from {
		ids[i] = p.id
	}
	return ids
}

// check reports an id of a template that no token of t has.
func (tmpl *template) check(t *Tokenizer) error {
	for _, p := range slices.Concat(tmpl.before, tmpl.after) {
		if t.Token(p.id) == "" {
			return fmt.Errorf("%s has the id %d, want that of a token, 0 to %d", p.field, p.id, t.Size()-1)
		}
	}
	return nil
}

// build makes the tokenizer. Words are covered with the tokens of vocab alone; extra are the ids of added tokens, which
// vocab need not have. Later entries win over earlier ones of the same text.
func build(vocab, extra []entry, cfg Config, tmpl *template) (*Tokenizer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	t := &Tokenizer{cfg: cfg.clone(), uni: loadUnicode(), words: trie.New(17), strip: cfg.strips()}
	if err := t.fill(vocab, extra); err != nil {
		return nil, err
	}
	if t.unk = t.words.Get(cfg.Unk); t.unk < 0 {
		return nil, fmt.Errorf("the vocabulary of %d tokens lacks the unknown token %q", len(vocab), cfg.Unk)
	}
	t.tail, _, t.tails = t.words.Walk(cfg.Prefix)
	t.fillASCII()
	known := t.Size()
	if err := t.addTokens(extra); err != nil {
		return nil, err
	}
	if tmpl != nil {
		t.before, t.after = idsOf(tmpl.before), idsOf(tmpl.after)
		return t, nil
	}
	for _, s := range []struct {
		token string
		ids   *[]int32
	}{{cfg.Cls, &t.before}, {cfg.Sep, &t.after}} {
		id, ok := t.ID(s.token)
		if !ok || int(id) >= known {
			return nil, fmt.Errorf("the vocabulary of %d tokens lacks the special token %q", len(vocab), s.token)
		}
		*s.ids = []int32{id}
	}
	return t, nil
}

func (t *Tokenizer) fill(vocab, extra []entry) error {
	// An id far above the number of tokens is a broken file, and would cost memory.
	limit := int32(len(vocab)+len(extra)) + 1<<16
	top := int32(-1)
	for i, e := range slices.Concat(vocab, extra) {
		kind := "token"
		if i >= len(vocab) {
			kind = "added token"
		}
		switch {
		case e.id < 0 || e.id >= limit:
			return fmt.Errorf("%s %q has id %d, want 0 to %d", kind, e.token, e.id, limit-1)
		case !utf8.ValidString(e.token):
			return fmt.Errorf("%s %q (id %d) is not valid UTF-8", kind, e.token, e.id)
		}
		top = max(top, e.id)
		if i < len(vocab) && e.token != "" && !t.words.Put(e.token, e.id) { // "" can never match
			return fmt.Errorf("the vocabulary of %d tokens has more than %d different beginnings", len(vocab), trie.MaxNodes)
		}
	}
	t.tokens = make([]string, top+1)
	for _, e := range vocab {
		if e.token != "" && t.tokens[e.id] == "" && t.words.Get(e.token) == e.id {
			t.tokens[e.id] = e.token
		}
	}
	return nil
}

// viaRune marks a byte that starts or continues a code point beyond ASCII.
const viaRune uint8 = 0xFF

func (t *Tokenizer) fillASCII() {
	for b := range t.ascii {
		if b >= utf8.RuneSelf {
			t.ascii[b] = viaRune
			continue
		}
		c := t.uni.class[b]
		switch {
		case t.cfg.CleanText && c&isDropped != 0:
			t.ascii[b] = isDropped
		default:
			t.ascii[b] = c & (isSpace | isPunct)
		}
		t.lowered[b] = byte(b)
		if t.cfg.Lowercase && b >= 'A' && b <= 'Z' {
			t.lowered[b] += 'a' - 'A'
		}
		if t.single[b] = t.words.Get(string(rune(b))); t.single[b] < 0 {
			t.single[b] = t.unk
		}
	}
}

// ID is the id of a token, as it is spelt in the vocabulary or among the added tokens.
func (t *Tokenizer) ID(token string) (int32, bool) {
	for _, m := range []*addedtoken.Matcher{&t.raw, &t.normalized} {
		if id, ok := m.ID(token); ok {
			return id, true
		}
	}
	id := t.words.Get(token)
	return max(id, 0), id >= 0
}

// Token is the token with an id, "" when there is none.
func (t *Tokenizer) Token(id int32) string {
	if id < 0 || int(id) >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}

// Vocab is the vocabulary that words are covered with, for FromVocab: the token with each id, "" where there is none. Added
// tokens that the vocabulary lacks are not in it, so it can be shorter than Size.
func (t *Tokenizer) Vocab() []string {
	vocab, n := make([]string, len(t.tokens)), 0
	for id, s := range t.tokens {
		if s != "" && t.words.Get(s) == int32(id) {
			vocab[id], n = s, id+1
		}
	}
	return vocab[:n]
}

// Specials is the number of special tokens that Encode puts before and after a text.
func (t *Tokenizer) Specials() (before, after int) { return len(t.before), len(t.after) }

// Size is one more than the largest id: how many rows a table of word vectors must have.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Config is the configuration that the tokenizer was made with; Added also has the special tokens.
func (t *Tokenizer) Config() Config { return t.cfg.clone() }
