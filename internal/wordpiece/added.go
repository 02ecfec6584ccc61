package wordpiece

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// matcher finds added tokens in text: the leftmost one, and of those that start there the longest.
type matcher struct {
	tokens []addedToken // nil when there is none; ordered by pattern
	words  *trie        // pattern → index in tokens
	first  [256]bool    // bytes that a pattern starts with
	only   int          // the one byte that all patterns start with, or −1
	wide   bool         // a pattern holds U+FFFD
}

type addedToken struct {
	AddedToken
	pattern string
	id      int32
}

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
	var raw, normalized []addedToken
	for _, a := range all {
		if seen[a.Content] {
			continue
		}
		seen[a.Content] = true
		id := t.words.get(a.Content)
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
			p := t.normalize(a.Content)
			if p == "" {
				return fmt.Errorf("added token %q is empty once it is normalised", a.Content)
			}
			normalized = append(normalized, addedToken{a, p, id})
		} else {
			raw = append(raw, addedToken{a, a.Content, id})
		}
	}
	var err error
	if t.raw, err = newMatcher(raw); err != nil {
		return err
	}
	t.normalized, err = newMatcher(normalized)
	return err
}

func newMatcher(tokens []addedToken) (matcher, error) {
	m := matcher{only: -1}
	if len(tokens) == 0 {
		return m, nil
	}
	sort.SliceStable(tokens, func(i, j int) bool { return tokens[i].pattern < tokens[j].pattern })
	m.tokens, m.words = tokens, newTrie(8)
	for i, a := range tokens {
		if i > 0 && tokens[i-1].pattern == a.pattern {
			return m, fmt.Errorf("added tokens %q and %q are the same once they are normalised", tokens[i-1].Content, a.Content)
		}
		if !m.words.put(a.pattern, int32(i)) {
			return m, fmt.Errorf("%d added tokens have more than %d different beginnings", len(tokens), maxNodes)
		}
		m.first[a.pattern[0]] = true
		m.wide = m.wide || strings.ContainsRune(a.pattern, utf8.RuneError)
	}
	if tokens[0].pattern[0] == tokens[len(tokens)-1].pattern[0] {
		m.only = int(tokens[0].pattern[0])
	}
	return m, nil
}

// next is the first place at or after from where a pattern may start, len(text) for none.
func (m *matcher) next(text string, from int) int {
	if m.only >= 0 {
		if i := strings.IndexByte(text[from:], byte(m.only)); i >= 0 {
			return from + i
		}
		return len(text)
	}
	for from < len(text) && !m.first[text[from]] {
		from++
	}
	return from
}

// split calls yield with the pieces of text in order, id −1, and the added tokens between them, until it returns false.
func (m *matcher) split(text string, yield func(piece string, id int32) bool) {
	done := 0
	if m.tokens == nil {
		yield(text, -1)
		return
	}
	for i := m.next(text, 0); i < len(text); i = m.next(text, i) {
		k, n := m.longest(text[i:])
		if k < 0 {
			i++
			continue
		}
		a, start, stop := &m.tokens[k], i, i+n
		i = stop
		if a.SingleWord && (endsWithWord(text[:start]) || startsWithWord(text[stop:])) {
			continue
		}
		if a.LStrip {
			start = len(strings.TrimRightFunc(text[:start], unicode.IsSpace))
		}
		start = max(start, done) // the token before may have taken the white space
		if a.RStrip {
			stop = len(text) - len(strings.TrimLeftFunc(text[stop:], unicode.IsSpace))
		}
		if done < start && !yield(text[done:start], -1) {
			return
		}
		if !yield(text[start:stop], a.id) {
			return
		}
		done = stop
	}
	if done < len(text) {
		yield(text[done:], -1)
	}
}

// longest is the index and length of the longest pattern that text starts with, −1 for none.
func (m *matcher) longest(text string) (k, n int) {
	k = -1
	var node uint32
	for i := range len(text) {
		next, at := m.words.step(node, text[i])
		if next == 0 {
			break
		}
		if at >= 0 {
			k, n = int(at), i+1
		}
		node = next
	}
	return k, n
}

func endsWithWord(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	return n > 0 && wordChar(r)
}

func startsWithWord(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && wordChar(r)
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
	t.normalized.split(view(n.word), func(piece string, id int32) bool {
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
