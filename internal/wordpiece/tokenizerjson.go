package wordpiece

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// tokenizerFile is tokenizer.json as far as this family needs it. Padding and truncation are the caller's.
type tokenizerFile struct {
	Added      []addedEntry `json:"added_tokens"`
	Normalizer *struct {
		typed
		CleanText *bool `json:"clean_text"`
		Chinese   *bool `json:"handle_chinese_chars"`
		Strip     *bool `json:"strip_accents"`
		Lowercase *bool `json:"lowercase"`
	} `json:"normalizer"`
	PreTokenizer  *typed         `json:"pre_tokenizer"`
	PostProcessor *postProcessor `json:"post_processor"`
	Model         *struct {
		typed
		Unk      *string         `json:"unk_token"`
		Prefix   *string         `json:"continuing_subword_prefix"`
		MaxChars *int            `json:"max_input_chars_per_word"`
		Vocab    json.RawMessage `json:"vocab"`
	} `json:"model"`

	vocab map[string]int32
}

type typed struct {
	Type string `json:"type"`
}

type postProcessor struct {
	typed
	Single   []map[string]templatePiece `json:"single"`
	Specials map[string]struct {
		IDs []int32 `json:"ids"`
	} `json:"special_tokens"`
	Cls, Sep *tokenID
}

type templatePiece struct {
	ID string `json:"id"`
}

// tokenID is ["[SEP]", 102].
type tokenID struct {
	token string
	id    int32
}

func (t *tokenID) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) != 2 {
		return fmt.Errorf("%.40s is not a token with its id", b)
	}
	if err := json.Unmarshal(parts[0], &t.token); err != nil {
		return err
	}
	return json.Unmarshal(parts[1], &t.id)
}

// check reports the first part that is not of the BERT family.
func (f *tokenizerFile) check() error {
	no := func(field, got, want string) error {
		if got == "" {
			got = "missing"
		}
		return fmt.Errorf("%s is %s, only %s is supported", field, got, want)
	}
	if f.Model == nil {
		return no("model", "", "WordPiece")
	}
	if f.Model.Type != "WordPiece" && (f.Model.Type != "" || f.Model.MaxChars == nil) {
		return no("model.type", f.Model.Type, "WordPiece")
	}
	if f.Normalizer == nil || f.Normalizer.Type != "BertNormalizer" {
		got := ""
		if f.Normalizer != nil {
			got = f.Normalizer.Type
		}
		return no("normalizer.type", got, "BertNormalizer")
	}
	if f.PreTokenizer == nil || f.PreTokenizer.Type != "BertPreTokenizer" {
		got := ""
		if f.PreTokenizer != nil {
			got = f.PreTokenizer.Type
		}
		return no("pre_tokenizer.type", got, "BertPreTokenizer")
	}
	if p := f.PostProcessor; p != nil && !slices.Contains([]string{"TemplateProcessing", "BertProcessing", "RobertaProcessing"}, p.Type) {
		return no("post_processor.type", p.Type, "TemplateProcessing, BertProcessing or RobertaProcessing")
	}
	if err := json.Unmarshal(f.Model.Vocab, &f.vocab); err != nil {
		return fmt.Errorf("model.vocab is not an object of tokens and ids: %w", err)
	}
	return nil
}

// entries are the vocabulary, ordered by id, and the added tokens that it lacks.
func (f *tokenizerFile) entries() (vocab, extra []entry) {
	vocab = make([]entry, 0, len(f.vocab))
	for token, id := range f.vocab {
		vocab = append(vocab, entry{token, id})
	}
	sortEntries(vocab)
	for _, a := range f.Added {
		if _, ok := f.vocab[a.Content]; !ok {
			extra = append(extra, entry{a.Content, a.ID})
		}
	}
	return vocab, extra
}

// config is what the file says on its own.
func (f *tokenizerFile) config() (Config, *template, error) {
	c := DefaultConfig()
	n, m := f.Normalizer, f.Model
	set(&c.CleanText, n.CleanText)
	set(&c.ChineseChars, n.Chinese)
	set(&c.Lowercase, n.Lowercase)
	c.StripAccents = n.Strip
	set(&c.Unk, m.Unk)
	set(&c.Prefix, m.Prefix)
	set(&c.MaxWordChars, m.MaxChars)
	for _, a := range f.Added {
		if a.Content != "" {
			c.Added = append(c.Added, a.token())
		}
	}
	tmpl, err := f.PostProcessor.template()
	return c, tmpl, err
}

func set[T any](dst, src *T) {
	if src != nil {
		*dst = *src
	}
}

// template is what the post processor puts around one text.
func (p *postProcessor) template() (*template, error) {
	t := &template{}
	if p == nil {
		return t, nil
	}
	if p.Type != "TemplateProcessing" {
		if p.Cls == nil || p.Sep == nil {
			return nil, fmt.Errorf("post_processor lacks cls or sep")
		}
		t.before, t.after = []templateID{{"post_processor.cls", p.Cls.id}}, []templateID{{"post_processor.sep", p.Sep.id}}
		return t, nil
	}
	seen := false
	for i, piece := range p.Single {
		special, isSpecial := piece["SpecialToken"]
		text, isText := piece["Sequence"]
		switch {
		case isText && !seen && strings.EqualFold(text.ID, "A"):
			seen = true
		case isSpecial:
			s, ok := p.Specials[special.ID]
			if !ok {
				return nil, fmt.Errorf("post_processor.single[%d] names %q, which special_tokens lacks", i, special.ID)
			}
			to := &t.before
			if seen {
				to = &t.after
			}
			for _, id := range s.IDs {
				*to = append(*to, templateID{fmt.Sprintf("post_processor.special_tokens[%q]", special.ID), id})
			}
		default:
			return nil, fmt.Errorf("post_processor.single[%d] is %v, want special tokens and the text A once", i, piece)
		}
	}
	if !seen {
		return nil, fmt.Errorf("post_processor.single lacks the text A")
	}
	return t, nil
}
