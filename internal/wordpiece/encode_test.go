package wordpiece

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// smallVocab is enough to tell words, pieces and unknown words apart.
func smallVocab() []string {
	return []string{
		"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "hell", "##o", "##s", "!", "a", "##a", "b", "##b", "é", "e", "你", "好", "new", "york", "\ufffd", "İ", "i\u0307",
	}
}

// variants are tokenizers that read text in each of the ways there are.
func variants(tb testing.TB) map[string]*Tokenizer {
	tb.Helper()
	out := map[string]*Tokenizer{}
	add := func(name string, change func(c *Config)) {
		c := DefaultConfig()
		change(&c)
		t, err := FromVocab(smallVocab(), c)
		require.NoError(tb, err)
		out[name] = t
	}
	add("default", func(*Config) {})
	add("cased", func(c *Config) { c.Lowercase = false })
	add("raw", func(c *Config) { c.CleanText, c.ChineseChars, c.Lowercase, c.MaxWordChars = false, false, false, 5 })
	no := false
	add("accents kept", func(c *Config) { c.StripAccents = &no })
	add("added", func(c *Config) {
		c.Added = []AddedToken{{Content: "new york", SingleWord: true}, {Content: "<m>", LStrip: true, RStrip: true}, {Content: "ne"}, {Content: "?"}}
	})
	add("normalised", func(c *Config) {
		c.Added = []AddedToken{{Content: "New York", Normalized: true}, {Content: "É", Normalized: true, LStrip: true, RStrip: true}}
	})
	add("wide", func(c *Config) {
		c.Added = []AddedToken{{Content: "\ufffd\ufffd"}, {Content: "a\ufffd", Normalized: true}}
	})
	add("no prefix", func(c *Config) { c.Prefix = "" })
	bare, err := build(mustEntries(smallVocab()), nil, DefaultConfig(), &template{})
	require.NoError(tb, err)
	out["bare"] = bare
	five := &template{before: []templateID{{"", 2}, {"", 4}, {"", 2}}, after: []templateID{{"", 3}, {"", 4}}}
	out["five around"], err = build(mustEntries(smallVocab()), nil, DefaultConfig(), five)
	require.NoError(tb, err)
	return out
}

func mustEntries(vocab []string) []entry {
	out := make([]entry, len(vocab))
	for i, s := range vocab {
		out[i] = entry{s, int32(i)}
	}
	return out
}

var oddTexts = []string{
	"", " ", "\t\n\u00a0", "\u0301", "\x00", "\u200b", "a", "hello", "hello world", "hellos hellooo", "Hello, WORLD!", "é e\u0301 É", "你好hello", "new york new yorks ne w", "New York NEW YORK",
	" <m>  hello <m><m> ", "[MASK] [CLS]x[SEP]", "[mask]", "\xff", "\xff\xfe a\xc3", "a\xffb", "\ufffd\ufffd", "İi\u0307", "!!!!!!!!", "a!a!a!a!a", "x\u0315\u0300\u0334y", strings.Repeat("a", 99),
	strings.Repeat("a", 100), strings.Repeat("a", 101), strings.Repeat("hello world ", 50), strings.Repeat(" ", 1000) + "a", "a" + strings.Repeat(" ", 1000), strings.Repeat("\u0315\u0300\u0334", 70), "각 값",
}

// checkLimit holds a text with a limit to the same text without: the ids of the text lose their end, special tokens stay
// while there is room for all of them, and cut tells whether anything was lost.
func checkLimit(tb testing.TB, tok *Tokenizer, text string, limit int) {
	tb.Helper()
	full, cut := tok.Encode(nil, text, 0)
	require.False(tb, cut, "%.60q without a limit", text)
	before, after := len(tok.before), len(tok.after)
	require.GreaterOrEqual(tb, len(full), before+after)
	require.True(tb, slices.Equal(tok.before, full[:before]))
	require.True(tb, slices.Equal(tok.after, full[len(full)-after:]))
	want := full
	switch {
	case limit <= 0 || len(full) <= limit:
	case limit < before+after:
		want = slices.Concat(tok.before, tok.after)[:limit]
	default:
		want = slices.Concat(full[:limit-after], tok.after)
	}
	ids, cut := tok.Encode(nil, text, limit)
	require.Equal(tb, len(want), len(ids), "%.60q, limit %d", text, limit)
	if !slices.Equal(want, ids) {
		require.Equal(tb, want, ids, "%.60q, limit %d", text, limit)
	}
	require.Equal(tb, limit > 0 && len(full) > limit, cut, "%.60q, limit %d, of %d ids", text, limit, len(full))
}

// TestLimitExact: see checkLimit; every limit around the length of each text, and on golden texts of every kind.
func TestLimitExact(t *testing.T) {
	for name, tok := range variants(t) {
		t.Run(name, func(t *testing.T) {
			for _, text := range oddTexts {
				for limit := -1; limit <= 14; limit++ {
					checkLimit(t, tok, text, limit)
				}
				checkLimit(t, tok, text, 64)
				checkLimit(t, tok, text, 1<<30)
			}
		})
	}
	var g goldenSettings
	require.NoError(t, json.Unmarshal(unzip(t, "settings.json.gz"), &g))
	tok, err := FromVocab(bertVocab(t), DefaultConfig())
	require.NoError(t, err)
	for i, text := range g.Texts {
		for _, limit := range []int{1, 2, 3, 4, 5, 8, 16, 100} {
			if i%3 == 0 || !testing.Short() {
				checkLimit(t, tok, text, limit)
			}
		}
	}
}

// TestCut spells out the cases at and below the number of special tokens.
func TestCut(t *testing.T) {
	tok, err := FromVocab(smallVocab(), DefaultConfig())
	require.NoError(t, err)
	for _, c := range []struct {
		text  string
		limit int
		ids   []int32
		cut   bool
	}{
		{"", 0, []int32{2, 3}, false},
		{"", 3, []int32{2, 3}, false},
		{"", 2, []int32{2, 3}, false},
		{"", 1, []int32{2}, true},
		{" \t", 2, []int32{2, 3}, false},
		{"\u0301\x00", 2, []int32{2, 3}, false},
		{" ", 1, []int32{2}, true},
		{"hello", 1, []int32{2}, true},
		{"hello", 2, []int32{2, 3}, true},
		{"!", 2, []int32{2, 3}, true},
		{"nothing", 2, []int32{2, 3}, true},
		{"[MASK]", 2, []int32{2, 3}, true},
		{"hello", 3, []int32{2, 5, 3}, false},
		{"hello  \u0301 ", 3, []int32{2, 5, 3}, false},
		{"hello !", 3, []int32{2, 5, 3}, true},
		{"hello [SEP]", 3, []int32{2, 5, 3}, true},
		{"hellos", 3, []int32{2, 5, 3}, true},
		{"hellos", 4, []int32{2, 5, 9, 3}, false},
		{"hello hellox", 4, []int32{2, 5, 1, 3}, false}, // found to be unknown beyond the limit
		{"hello hellosx", 4, []int32{2, 5, 1, 3}, false},
	} {
		ids, cut := tok.Encode(nil, c.text, c.limit)
		require.Equal(t, c.ids, ids, "%q, limit %d", c.text, c.limit)
		require.Equal(t, c.cut, cut, "%q, limit %d", c.text, c.limit)
	}
}

// TestEncodeAppends: what is in dst stays, and the limit is for what is appended.
func TestEncodeAppends(t *testing.T) {
	for name, tok := range variants(t) {
		for _, text := range oddTexts {
			for _, limit := range []int{0, 1, 2, 3, 5, 9} {
				alone, cut := tok.Encode(nil, text, limit)
				dst := make([]int32, 3, 3+len(text)%7)
				copy(dst, []int32{-7, -8, -9})
				ids, cut2 := tok.Encode(dst, text, limit)
				require.Equal(t, []int32{-7, -8, -9}, ids[:3], name)
				require.Equal(t, len(alone), len(ids)-3)
				require.True(t, slices.Equal(alone, ids[3:]), "%s: %.40q, limit %d", name, text, limit)
				require.Equal(t, cut, cut2)
			}
		}
	}
}

// TestEncodeAllocatesNothing once it has the memory that it needs.
func TestEncodeAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop memory at random, so allocations cannot be counted")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection would empty the pool
	// The pool keeps an encoder per processor: on another one than before, a new encoder would grow while it is counted.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	dst := make([]int32, 0, 1<<16)
	for name, tok := range variants(t) {
		for _, text := range append(slices.Clone(oddTexts), strings.Repeat("Café \xff New York 你好 e\u0301 a\u0315\u0300\u0334 각! ", 2000)) {
			for _, limit := range []int{0, 256} {
				for range 4 { // two encoders can change places
					dst, _ = tok.Encode(dst[:0], text, limit)
				}
				n := testing.AllocsPerRun(20, func() { dst, _ = tok.Encode(dst[:0], text, limit) })
				require.Zero(t, n, "%s: %.40q, limit %d", name, text, limit)
			}
		}
	}
}

// TestSameBits: a tokenizer may be used from many goroutines, and what one text left in memory does not reach the next.
func TestSameBits(t *testing.T) {
	toks := variants(t)
	want := map[string][]int32{}
	for name, tok := range toks {
		for i, text := range oddTexts {
			want[fmt.Sprint(name, i)], _ = tok.Encode(nil, text, 20)
		}
	}
	var wg sync.WaitGroup
	wrong := make([]string, 8)
	for g := range wrong {
		wg.Go(func() {
			for round := range 10 {
				for name, tok := range toks {
					for k := range oddTexts {
						i := (k*(g+1) + round) % len(oddTexts)
						if ids, _ := tok.Encode(nil, oddTexts[i], 20); !slices.Equal(ids, want[fmt.Sprint(name, i)]) {
							wrong[g] = fmt.Sprintf("%s: %q gives %v", name, oddTexts[i], ids)
						}
					}
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, make([]string, len(wrong)), wrong)
}

// TestLongTextsCostTheirBeginning: a limit ends the reading, so the ids of the beginning cost less than a twentieth of those
// of all, the best of five.
func TestLongTextsCostTheirBeginning(t *testing.T) {
	tok, err := FromVocab(smallVocab(), DefaultConfig())
	require.NoError(t, err)
	long := strings.Repeat("hello world! ", 1<<17)
	best := func(limit int) time.Duration {
		least := time.Hour
		var dst []int32
		for range 5 {
			begin := time.Now()
			dst, _ = tok.Encode(dst[:0], long, limit)
			least = min(least, time.Since(begin))
		}
		return least
	}
	require.Less(t, 20*best(64), best(0))
}

// FuzzEncode: any text, limit and kind of tokenizer gives ids of the vocabulary, the same each time, as checkLimit has it.
func FuzzEncode(f *testing.F) {
	for i, text := range oddTexts {
		f.Add(text, i%9, uint8(i))
	}
	f.Add("Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢ 한국어 \U0001d165\U0001d16d ﬁ", 5, uint8(3))
	toks := variants(f)
	var names []string
	for name := range toks {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Fuzz(func(t *testing.T, text string, limit int, which uint8) {
		tok := toks[names[int(which)%len(names)]]
		ids, cut := tok.Encode(nil, text, limit)
		require.True(t, limit <= 0 || len(ids) <= limit)
		for _, id := range ids {
			require.True(t, id >= 0 && int(id) < tok.Size() && tok.Token(id) != "", "id %d", id)
		}
		again, cut2 := tok.Encode(nil, text, limit)
		require.True(t, slices.Equal(ids, again) && cut == cut2)
		checkLimit(t, tok, text, limit)
	})
}
