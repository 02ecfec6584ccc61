package wordpiece

import (
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/addedtoken"
)

// addTokens registers the special tokens and Config.Added. One that neither the vocabulary nor extra knows gets the next
// free id.
func (t *Tokenizer) addTokens(extra []entry) error {
	ids := make(map[string]int32, len(extra))
	for _, e := range extra {
		ids[e.token] = e.id
	}
	all := append([]AddedToken(nil), t.cfg.Added...)
	for _, s := range []string{t.cfg.Pad, t.cfg.Unk, t.cfg.Cls, t.cfg.Sep, t.cfg.Mask} {
		if s != "" {
			all = append(all, AddedToken{Content: s})
		}
	}
	seen := map[string]bool{}
	t.cfg.Added = nil
	var raw, normalized []addedtoken.Entry
	for _, a := range all {
		if seen[a.Content] {
			continue
		}
		seen[a.Content] = true
		id := t.words.Get(a.Content)
		if e, ok := ids[a.Content]; ok {
			id = e
		} else if id < 0 {
			id = int32(len(t.tokens))
			t.tokens = append(t.tokens, "")
		}
		if t.tokens[id] == "" {
			t.tokens[id] = a.Content
		}
		t.cfg.Added = append(t.cfg.Added, a)
		if a.Normalized {
			normalized = append(normalized, addedtoken.Entry{Token: a, Pattern: t.normalize(a.Content), ID: id})
		} else {
			raw = append(raw, addedtoken.Entry{Token: a, Pattern: a.Content, ID: id})
		}
	}
	var err error
	if t.raw, err = addedtoken.NewMatcher(raw); err != nil {
		return err
	}
	t.normalized, err = addedtoken.NewMatcher(normalized)
	return err
}

// normalize is text as BertNormalizer leaves it.
func (t *Tokenizer) normalize(text string) string {
	e := newEncoder(t)
	defer e.release()
	e.normalize(text)
	return string(e.word)
}

// normalize makes word what BertNormalizer leaves of text.
func (e *encoder) normalize(text string) {
	t := e.t
	e.whole = true
	for _, r := range text {
		switch {
		case r >= utf8.RuneSelf:
			e.read(r)
		case t.ascii[r] == isDropped:
		case t.ascii[r] == isSpace && t.cfg.CleanText:
			e.add(' ')
		default:
			e.add(rune(t.lowered[r]))
		}
	}
	e.order()
}

// segmentNormalized is segment for a tokenizer that looks for tokens in normalised text: the text is normalised as a
// whole first.
func (e *encoder) segmentNormalized(text string) {
	t := e.t
	n := newEncoder(t)
	defer n.release()
	n.normalize(text)
	t.normalized.Split(view(n.word), func(piece string, id int32) bool {
		if id >= 0 {
			e.emit(id)
			return !e.cut
		}
		for _, r := range piece {
			switch c := t.uni.classOf(r); {
			case c&isSpace != 0:
				e.flush()
			case c&isPunct != 0:
				e.punct(r)
			default:
				e.add(r)
			}
			if e.cut {
				return false
			}
		}
		e.flush()
		return !e.cut
	})
}
