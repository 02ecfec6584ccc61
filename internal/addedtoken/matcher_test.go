package addedtoken

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

func matcher(tb testing.TB, tokens ...Token) *Matcher {
	tb.Helper()
	entries := make([]Entry, len(tokens))
	for i, a := range tokens {
		entries[i] = Entry{Token: a, Pattern: a.Content, ID: int32(i)}
	}
	m, err := NewMatcher(entries)
	require.NoError(tb, err)
	return &m
}

type part struct {
	text string
	id   int32
}

func split(m *Matcher, text string) (out []part) {
	m.Split(text, func(piece string, id int32) bool {
		out = append(out, part{piece, id})
		return true
	})
	return out
}

// TestSplit covers the places where tokens take white space that others have, or are themselves
// white space. The ids are those of tokenizers 0.23.3.
func TestSplit(t *testing.T) {
	m := matcher(t, Token{Content: "<r>", RStrip: true}, Token{Content: " "}, Token{Content: "<l>", LStrip: true}, Token{Content: "word", SingleWord: true})
	for _, c := range []struct {
		text string
		want []part
	}{
		{"", nil},
		{"plain", []part{{"plain", -1}}},
		{"a<r>b", []part{{"a", -1}, {"<r>", 0}, {"b", -1}}},
		{"<r>\tb", []part{{"<r>\t", 0}, {"b", -1}}},
		// The space that <r> took is found again, and what follows it with it.
		{"<r> \tb", []part{{"<r> \t", 0}, {"", 1}, {"\tb", -1}}},
		{"\t<l>", []part{{"\t<l>", 2}}},
		{"x\t <l>", []part{{"x\t", -1}, {" ", 1}, {"<l>", 2}}},
		{"word words word", []part{{"word", 3}, {" ", 1}, {"words", -1}, {" ", 1}, {"word", 3}}},
	} {
		require.Equal(t, c.want, split(m, c.text), "%q", c.text)
	}
}

func TestNewMatcherRefuses(t *testing.T) {
	_, err := NewMatcher([]Entry{{Token: Token{Content: "A"}, Pattern: "a"}, {Token: Token{Content: "a"}, Pattern: "a"}})
	require.ErrorContains(t, err, `added tokens "A" and "a" are the same`)
	_, err = NewMatcher([]Entry{{Token: Token{Content: "\u0301"}}})
	require.ErrorContains(t, err, "is empty")
}

// TestLinear: a text of nothing but white space that every token would take to its end costs eight
// times as much when it is eight times as long, with room for noise.
func TestLinear(t *testing.T) {
	m := matcher(t, Token{Content: " ", LStrip: true, RStrip: true}, Token{Content: "\t", LStrip: true})
	took := func(n int) time.Duration {
		text := strings.Repeat(" \t\u00a0", n)
		begin := testutil.ProcessorTime()
		m.Split(text, func(string, int32) bool { return true })
		return max(testutil.ProcessorTime()-begin, time.Microsecond)
	}
	one, eight := time.Hour, time.Hour
	for round := 0; round < 3 || round < 40 && eight > 20*one; round++ { // other programs may be at work
		one, eight = min(one, took(1<<15)), min(eight, took(1<<18))
	}
	require.Less(t, eight, 20*one)
}

// FuzzSplit: the pieces of a text without quirks of white space are the text.
func FuzzSplit(f *testing.F) {
	plain := matcher(f, Token{Content: "<a>"}, Token{Content: "<ab>", SingleWord: true}, Token{Content: "é", Normalized: true})
	greedy := matcher(f, Token{Content: " ", LStrip: true, RStrip: true}, Token{Content: "<a>", RStrip: true}, Token{Content: "\n"})
	for _, s := range []string{"", "<a><ab>x", "é<ab> é", " <a> \n <a>\n\n", "\xff<a>\xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for _, p := range split(plain, text) {
			require.Less(t, p.id, int32(3))
			b.WriteString(p.text)
		}
		require.Equal(t, text, b.String())
		split(greedy, text)
	})
}
