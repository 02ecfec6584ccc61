// Package addedtoken finds added tokens ("[MASK]") in text as the Hugging Face tokenizers library
// does.
package addedtoken

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/trie"
)

// Token is a token that is found in text as it is written (added_tokens of tokenizer.json).
type Token struct {
	Content    string
	SingleWord bool // only where no word character stands beside it
	LStrip     bool // takes the white space on its left with it
	RStrip     bool // takes the white space on its right with it
	Normalized bool // is normalized, and looked for in the normalized text
}

// Entry is a token with its id and the text that stands for it: Content, or what the normalizer
// makes of it.
type Entry struct {
	Token
	Pattern string
	ID      int32
}

// Matcher finds entries in text: the leftmost one, and of those that start there the longest. The
// zero value finds none.
type Matcher struct {
	entries []Entry    // ordered by pattern
	words   *trie.Trie // pattern → index in entries
	first   [256]bool  // bytes that a pattern starts with
	only    int        // the one byte that all patterns start with, or −1
	wide    bool       // a pattern holds U+FFFD
}

// NewMatcher returns a matcher of entries, which it keeps and sorts. Two entries with one pattern
// are an error.
func NewMatcher(entries []Entry) (Matcher, error) {
	m := Matcher{only: -1}
	if len(entries) == 0 {
		return m, nil
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].Pattern < entries[j].Pattern })
	m.entries, m.words = entries, trie.New(8)
	for i, a := range entries {
		switch {
		case a.Pattern == "":
			return m, fmt.Errorf("added token %q is empty once it is normalized", a.Content)
		case i > 0 && entries[i-1].Pattern == a.Pattern:
			return m, fmt.Errorf("added tokens %q and %q are the same once they are normalized", entries[i-1].Content, a.Content)
		case !m.words.Put(a.Pattern, int32(i)):
			return m, fmt.Errorf("%d added tokens have more than %d different beginnings", len(entries), trie.MaxNodes)
		}
		m.first[a.Pattern[0]] = true
		m.wide = m.wide || strings.ContainsRune(a.Pattern, utf8.RuneError)
	}
	if entries[0].Pattern[0] == entries[len(entries)-1].Pattern[0] {
		m.only = int(entries[0].Pattern[0])
	}
	return m, nil
}

// Empty reports whether there is nothing to find.
func (m *Matcher) Empty() bool { return m.entries == nil }

// Wide reports whether a pattern holds U+FFFD, which stands for invalid UTF-8 in text.
func (m *Matcher) Wide() bool { return m.wide }

// ID returns the id of the token that is spelled content.
func (m *Matcher) ID(content string) (int32, bool) {
	for i := range m.entries {
		if m.entries[i].Content == content {
			return m.entries[i].ID, true
		}
	}
	return 0, false
}

// next returns the first place at or after from where a pattern may start, len(text) for none.
func (m *Matcher) next(text string, from int) int {
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

// Split calls yield with the pieces of text in order, id −1, and the added tokens between them,
// until it returns false. It takes linear time, whatever the text: no stretch of white space is
// walked over twice.
func (m *Matcher) Split(text string, yield func(piece string, id int32) bool) {
	done := 0
	if m.entries == nil {
		yield(text, -1)
		return
	}
	spaceFrom, spaceTo := 0, 0 // the white space that RStrip found last
	for i := m.next(text, 0); i < len(text); i = m.next(text, i) {
		k, n := m.longest(text[i:])
		if k < 0 {
			i++
			continue
		}
		a, start, stop := &m.entries[k], i, i+n
		i = stop
		if a.SingleWord && (endsWithWord(text[:start]) || startsWithWord(text[stop:])) {
			continue
		}
		switch {
		case start <= done: // the token before may have taken it with the white space
			start = done
		case a.LStrip:
			start = done + len(strings.TrimRightFunc(text[done:start], unicode.IsSpace))
		}
		if a.RStrip {
			if stop < spaceFrom || stop > spaceTo {
				spaceFrom, spaceTo = stop, len(text)-len(strings.TrimLeftFunc(text[stop:], unicode.IsSpace))
			}
			stop = spaceTo
		}
		if done < start && !yield(text[done:start], -1) {
			return
		}
		if !yield(text[min(start, stop):stop], a.ID) {
			return
		}
		done = stop
	}
	if done < len(text) {
		yield(text[done:], -1)
	}
}

// longest returns the index and length of the longest pattern that text starts with, −1 for none.
func (m *Matcher) longest(text string) (k, n int) {
	k = -1
	var node uint32
	for i := range len(text) {
		next, at := m.words.Step(node, text[i])
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

// wordChar reports the \w of the regular expressions by which the library judges an added token's
// neighbors.
func wordChar(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.Nl, unicode.Nd, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}
