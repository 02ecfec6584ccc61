package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// file is tokenizer.json. Truncation, padding and the decoder are the caller's.
type file struct {
	Added         []addedFile     `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Model         json.RawMessage `json:"model"`
}

type addedFile struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
}

type normalizerFile struct {
	Type        string            `json:"type"`
	Normalizers []json.RawMessage `json:"normalizers"`
	Charsmap    *string           `json:"precompiled_charsmap"`
	Left        bool              `json:"strip_left"`
	Right       bool              `json:"strip_right"`
	Prepend     *string           `json:"prepend"`
	Pattern     *patternFile      `json:"pattern"`
	Content     *string           `json:"content"`

	CleanText *bool `json:"clean_text"`
	Chinese   *bool `json:"handle_chinese_chars"`
	Accents   *bool `json:"strip_accents"`
	Lowercase *bool `json:"lowercase"`
}

type patternFile struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

type splitterFile struct {
	Type         string            `json:"type"`
	Pretokenizer []json.RawMessage `json:"pretokenizers"`

	Replacement *string      `json:"replacement"`
	AddPrefix   *bool        `json:"add_prefix_space"`
	Scheme      *string      `json:"prepend_scheme"`
	Split       *bool        `json:"split"`
	UseRegex    *bool        `json:"use_regex"`
	Pattern     *patternFile `json:"pattern"`
	Behavior    *string      `json:"behavior"`
	Invert      bool         `json:"invert"`
	Individual  bool         `json:"individual_digits"`
	Delimiter   *string      `json:"delimiter"`
	Length      *int         `json:"length"`
}

type processorFile struct {
	Type       string                     `json:"type"`
	Processors []json.RawMessage          `json:"processors"`
	Single     []map[string]templatePiece `json:"single"`
	Specials   map[string]struct {
		IDs []int32 `json:"ids"`
	} `json:"special_tokens"`
	Cls *tokenID `json:"cls"`
	Sep *tokenID `json:"sep"`
}

type templatePiece struct {
	ID string `json:"id"`
}

type modelFile struct {
	Type         string          `json:"type"`
	Vocab        json.RawMessage `json:"vocab"`
	Merges       json.RawMessage `json:"merges"`
	Unk          *string         `json:"unk_token"`
	UnkID        *int            `json:"unk_id"`
	ByteFallback bool            `json:"byte_fallback"`
	FuseUnk      bool            `json:"fuse_unk"`
	IgnoreMerges bool            `json:"ignore_merges"`
	Dropout      *float64        `json:"dropout"`
	Prefix       *string         `json:"continuing_subword_prefix"`
	Suffix       *string         `json:"end_of_word_suffix"`
	MaxChars     *int            `json:"max_input_chars_per_word"`
}

// tokenID is ["</s>", 2].
type tokenID struct{ id int32 }

func (t *tokenID) UnmarshalJSON(b []byte) error {
	var token string
	v := []any{&token, &t.id}
	if err := json.Unmarshal(b, &v); err != nil || len(v) != 2 {
		return fmt.Errorf("%.40s is not a token with its id", b)
	}
	return nil
}

// unigramPiece is ["▁the", −3.5].
type unigramPiece struct {
	token string
	score float64
}

func (p *unigramPiece) UnmarshalJSON(b []byte) error {
	var n score
	v := []any{&p.token, &n}
	if err := json.Unmarshal(b, &v); err != nil || len(v) != 2 {
		return fmt.Errorf("%.40s is not a piece with its score", b)
	}
	p.score = float64(n)
	return nil
}

// What is supported, for errors.
var (
	normalizers   = []string{"BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled", "Prepend", "Replace", "Sequence", "Strip", "StripAccents"}
	preTokenizers = []string{"BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "FixedLength", "Metaspace", "Punctuation", "Sequence", "Split", "Whitespace", "WhitespaceSplit"}
	processors    = []string{"BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing"}
	models        = []string{"BPE", "Unigram", "WordLevel", "WordPiece"}
)

func unknown(field, got string, supported []string) error {
	if got == "" {
		got = "missing"
	}
	return fmt.Errorf("%s is %s, only these are supported: %s", field, got, strings.Join(supported, ", "))
}

func absent(b json.RawMessage) bool {
	return len(b) == 0 || bytes.Equal(bytes.TrimSpace(b), []byte("null"))
}

// maxDepth bounds sequences within sequences, maxSteps the steps of all of them, and maxGrowth how
// many bytes the replacements together may make of one.
const (
	maxDepth  = 8
	maxSteps  = 64
	maxGrowth = 4096
)

// readNormalizers appends the steps of a normalizer.
func readNormalizers(field string, b json.RawMessage, steps []normalizer, depth int) ([]normalizer, error) {
	if absent(b) {
		return steps, nil
	}
	var f normalizerFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	step, err := f.step(field)
	if err != nil {
		return nil, err
	}
	if step != nil {
		if steps = append(steps, step); len(steps) > maxSteps {
			return nil, fmt.Errorf("%s: normalizer has more than %d steps", field, maxSteps)
		}
		growth := 1
		for _, s := range steps {
			if r, ok := s.(replace); ok {
				growth *= r.growth()
			}
			if growth > maxGrowth {
				return nil, fmt.Errorf("%s: this and the steps before it may make %d bytes of one, want at most %d", field, growth, maxGrowth)
			}
		}
		return steps, nil
	}
	if depth == maxDepth {
		return nil, fmt.Errorf("%s is a sequence in %d others, want at most %d", field, depth, maxDepth)
	}
	for i, n := range f.Normalizers {
		if steps, err = readNormalizers(fmt.Sprintf("%s.normalizers[%d]", field, i), n, steps, depth+1); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// step returns the step that f is, nil for a sequence.
func (f *normalizerFile) step(field string) (normalizer, error) {
	u := loadUnicode()
	switch f.Type {
	case "Sequence":
		return nil, nil
	case "BertNormalizer":
		c := wordpiece.DefaultConfig()
		set(&c.CleanText, f.CleanText)
		set(&c.ChineseChars, f.Chinese)
		set(&c.Lowercase, f.Lowercase)
		c.StripAccents = f.Accents
		return bertNormalizer{wordpiece.NewNormalizer(c)}, nil
	case "ByteLevel":
		return byteChars{}, nil
	case "Lowercase":
		return lowercase{}, nil
	case "NFC", "NFD", "NFKC", "NFKD":
		return newForm(u, strings.Contains(f.Type, "K"), strings.HasSuffix(f.Type, "C")), nil
	case "Nmt":
		return nmt(), nil
	case "Precompiled":
		if f.Charsmap == nil || *f.Charsmap == "" {
			return nil, fmt.Errorf("%s: precompiled_charsmap is missing", field)
		}
		m, err := newCharsMap(*f.Charsmap)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		return m, nil
	case "Prepend":
		if f.Prepend == nil {
			return nil, fmt.Errorf("%s: prepend is missing", field)
		}
		return prepend(*f.Prepend), nil
	case "Replace":
		p, err := parsePattern(f.Pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		if f.Content == nil {
			return nil, fmt.Errorf("%s: content is missing", field)
		}
		return replace{p, *f.Content}, nil
	case "Strip", "StripNormalizer":
		return strip{f.Left, f.Right}, nil
	case "StripAccents":
		return stripAccents(), nil
	default:
		return nil, unknown(field+".type", f.Type, normalizers)
	}
}

// readSplitters appends the steps of a pre-tokenizer.
func readSplitters(field string, b json.RawMessage, steps []splitter, depth int) ([]splitter, error) {
	if absent(b) {
		return steps, nil
	}
	var f splitterFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	if f.Type != "Sequence" {
		more, err := f.steps(field)
		return append(steps, more...), err
	}
	if depth == maxDepth {
		return nil, fmt.Errorf("%s is a sequence in %d others, want at most %d", field, depth, maxDepth)
	}
	for i, n := range f.Pretokenizer {
		var err error
		if steps, err = readSplitters(fmt.Sprintf("%s.pretokenizers[%d]", field, i), n, steps, depth+1); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

func (f *splitterFile) steps(field string) ([]splitter, error) {
	u := loadUnicode()
	one := func(c class, b behavior) splitter {
		return splitter{kind: splitPattern, pattern: &pattern{u: u, one: charSet{class: c}}, behavior: b}
	}
	behave := func(missing string) (behavior, error) {
		name := missing
		set(&name, f.Behavior)
		b, ok := behaviors[name]
		if !ok {
			return 0, unknown(field+".behavior", name, slices.Sorted(maps.Keys(behaviors)))
		}
		return b, nil
	}
	switch f.Type {
	case "BertPreTokenizer":
		return []splitter{{kind: splitSpaces}, one(isPunct, isolated)}, nil
	case "ByteLevel":
		p := splitter{kind: splitBytes, split: true, chars: true}
		if f.AddPrefix == nil {
			return nil, fmt.Errorf("%s: add_prefix_space is missing", field)
		}
		p.prefix = *f.AddPrefix
		set(&p.split, f.UseRegex)
		return []splitter{p}, nil
	case "CharDelimiterSplit", "Delimiter":
		if f.Delimiter == nil || utf8.RuneCountInString(*f.Delimiter) != 1 {
			return nil, fmt.Errorf("%s: delimiter is not one character", field)
		}
		return []splitter{{kind: splitPattern, pattern: &pattern{u: u, literal: *f.Delimiter}, behavior: removed}}, nil
	case "Digits":
		if f.Individual {
			return []splitter{one(isNumeric, isolated)}, nil
		}
		return []splitter{one(isNumeric, contiguous)}, nil
	case "FixedLength":
		p := splitter{kind: splitLength, length: 5}
		if set(&p.length, f.Length); p.length < 1 {
			return nil, fmt.Errorf("%s: length is %d, want at least 1", field, p.length)
		}
		return []splitter{p}, nil
	case "Metaspace":
		return f.metaspace(field)
	case "Punctuation":
		b, err := behave("Isolated")
		return []splitter{one(isPunct, b)}, err
	case "Split":
		p, err := parsePattern(f.Pattern)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		b, err := behave("")
		return []splitter{{kind: splitPattern, pattern: p, behavior: b, invert: f.Invert}}, err
	case "Whitespace":
		return []splitter{{kind: splitWords}}, nil
	case "WhitespaceSplit":
		return []splitter{{kind: splitSpaces}}, nil
	default:
		return nil, unknown(field+".type", f.Type, preTokenizers)
	}
}

func (f *splitterFile) metaspace(field string) ([]splitter, error) {
	p := splitter{kind: splitMeta, split: true}
	if f.Replacement == nil || utf8.RuneCountInString(*f.Replacement) != 1 {
		return nil, fmt.Errorf("%s: replacement is not one character", field)
	}
	p.mark = *f.Replacement
	set(&p.split, f.Split)
	name := "always"
	set(&name, f.Scheme)
	switch name {
	case "always":
	case "never":
		p.scheme = never
	case "first":
		p.scheme = onFirst
	default:
		return nil, unknown(field+".prepend_scheme", name, []string{"always", "first", "never"})
	}
	if f.AddPrefix != nil && !*f.AddPrefix {
		if f.Scheme != nil && p.scheme != never {
			return nil, fmt.Errorf("%s: add_prefix_space is false, which contradicts prepend_scheme %s", field, name)
		}
		p.scheme = never
	}
	return []splitter{p}, nil
}

// template is what stands before and after a text.
type template struct{ before, after []int32 }

// readTemplate adds what a post-processor puts around a text.
func readTemplate(field string, b json.RawMessage, t *template, depth int) error {
	if absent(b) {
		return nil
	}
	var f processorFile
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	switch f.Type {
	case "ByteLevel": // places in the text alone
	case "Sequence":
		if depth == maxDepth {
			return fmt.Errorf("%s is a sequence in %d others, want at most %d", field, depth, maxDepth)
		}
		for i, p := range f.Processors {
			if err := readTemplate(fmt.Sprintf("%s.processors[%d]", field, i), p, t, depth+1); err != nil {
				return err
			}
		}
	case "BertProcessing", "RobertaProcessing":
		if f.Cls == nil || f.Sep == nil {
			return fmt.Errorf("%s lacks cls or sep", field)
		}
		t.before, t.after = slices.Insert(t.before, 0, f.Cls.id), append(t.after, f.Sep.id)
	case "TemplateProcessing":
		return f.template(field, t)
	default:
		return unknown(field+".type", f.Type, processors)
	}
	return nil
}

func (f *processorFile) template(field string, t *template) error {
	var before, after []int32
	seen := false
	for i, piece := range f.Single {
		special, isSpecial := piece["SpecialToken"]
		text, isText := piece["Sequence"]
		switch {
		case isText && !seen && strings.EqualFold(text.ID, "A"):
			seen = true
		case isSpecial:
			s, ok := f.Specials[special.ID]
			if !ok {
				return fmt.Errorf("%s.single[%d] names %q, which special_tokens lacks", field, i, special.ID)
			}
			if seen {
				after = append(after, s.IDs...)
			} else {
				before = append(before, s.IDs...)
			}
		default:
			return fmt.Errorf("%s.single[%d] is %v, want special tokens and the text A once", field, i, piece)
		}
	}
	if !seen {
		return fmt.Errorf("%s.single lacks the text A", field)
	}
	t.before, t.after = append(before, t.before...), append(t.after, after...)
	return nil
}

func set[T any](dst, src *T) {
	if src != nil {
		*dst = *src
	}
}

// readMerges reads the merges of BPE: "a b" or ["a", "b"], in one form for all.
func readMerges(b json.RawMessage) ([][2]string, error) {
	if absent(b) {
		return nil, errors.New("model.merges is missing")
	}
	var pairs [][]string
	if err := json.Unmarshal(b, &pairs); err == nil {
		out := make([][2]string, len(pairs))
		for i, p := range pairs {
			if len(p) != 2 {
				return nil, fmt.Errorf("model.merges[%d] has %d tokens, want 2", i, len(p))
			}
			out[i] = [2]string(p)
		}
		return out, nil
	}
	var lines []string
	if err := json.Unmarshal(b, &lines); err != nil {
		return nil, errors.New(`model.merges is neither a list of ["a", "b"] nor one of "a b"`)
	}
	out := make([][2]string, 0, len(lines))
	for i, line := range lines {
		if strings.HasPrefix(line, "#version") {
			continue
		}
		parts := strings.Split(line, " ")
		if len(parts) != 2 {
			return nil, fmt.Errorf("model.merges[%d] is %q, want two tokens with a space between them", i, line)
		}
		out = append(out, [2]string(parts))
	}
	return out, nil
}
