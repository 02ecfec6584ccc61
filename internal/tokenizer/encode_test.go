package tokenizer

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
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

// variants returns the tokenizers of the golden file, by name.
func variants(tb testing.TB) map[string]*Tokenizer {
	tb.Helper()
	out := map[string]*Tokenizer{}
	for _, k := range loadGolden(tb).Kinds {
		t, err := Parse(k.File)
		require.NoError(tb, err)
		out[k.Name] = t
	}
	return out
}

// checkLimit holds a text with a limit to the same text without: the ids of the text lose their
// end, special tokens stay while there is room for all of them, and cut tells whether anything was
// lost.
func checkLimit(tb testing.TB, tok *Tokenizer, text string, limit int) {
	tb.Helper()
	full, cut := tok.Encode(nil, text, 0)
	require.False(tb, cut, "%.60q without a limit", text)
	before, after := tok.Specials()
	want := full
	switch {
	case limit <= 0 || len(full) <= limit:
	case limit < before+after:
		want = slices.Concat(full[:before], full[len(full)-after:])[:limit]
	default:
		want = slices.Concat(full[:limit-after], full[len(full)-after:])
	}
	ids, cut := tok.Encode(nil, text, limit)
	if !slices.Equal(want, ids) {
		require.Equal(tb, want, ids, "%.60q, limit %d", text, limit)
	}
	require.Equal(tb, limit > 0 && len(full) > limit, cut, "%.60q, limit %d, of %d ids", text, limit, len(full))
}

// TestLimitExact: see checkLimit.
func TestLimitExact(t *testing.T) {
	g := loadGolden(t)
	for name, tok := range variants(t) {
		t.Run(name, func(t *testing.T) {
			for i, text := range g.Texts {
				if i%5 == 0 || len(text) < 4 {
					for _, limit := range []int{-1, 1, 2, 3, 4, 7, 64} {
						checkLimit(t, tok, text, limit)
					}
				}
			}
		})
	}
}

// TestSameBits: a tokenizer may be used from many goroutines, and what one text left in memory does
// not reach the next.
func TestSameBits(t *testing.T) {
	g := loadGolden(t)
	for name, tok := range variants(t) {
		texts := g.Texts[len(g.Texts)-200:]
		want := make([][]int32, len(texts))
		for i, text := range texts {
			want[i], _ = tok.newEncoder().encode(nil, text, 0)
		}
		var wg sync.WaitGroup
		wrong := make([]int, 4)
		for w := range wrong {
			wg.Go(func() {
				for k := range texts {
					i := (k*(2*w+1) + w) % len(texts)
					if ids, _ := tok.Encode(nil, texts[i], 0); !slices.Equal(ids, want[i]) {
						wrong[w]++
					}
				}
			})
		}
		wg.Wait()
		require.Equal(t, make([]int, len(wrong)), wrong, name)
	}
}

// TestEncodeAllocatesNothing once it has the memory that it needs.
func TestEncodeAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool drop memory at random, so allocations cannot be counted")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection would empty the pool
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))  // the pool keeps an encoder per processor
	g := loadGolden(t)
	dst := make([]int32, 0, 1<<16)
	for name, tok := range variants(t) {
		for i, text := range g.Texts {
			if i%17 != 0 {
				continue
			}
			encode := func() { dst, _ = tok.Encode(dst[:0], text, 0) }
			encode()
			encode()
			require.Zero(t, testing.AllocsPerRun(3, encode), "%s: %.60q", name, text)
		}
	}
}

// TestInvalidUTF8: a byte that is no UTF-8 counts as U+FFFD.
func TestInvalidUTF8(t *testing.T) {
	for name, tok := range variants(t) {
		for _, s := range []string{"\xff", "a\xc3", "\xed\xa0\x80b", "x \xf0\x9f y", "\xff\xfe<mask>"} {
			valid := string([]rune(s))
			require.True(t, utf8.ValidString(valid))
			want, _ := tok.Encode(nil, valid, 0)
			got, _ := tok.Encode(nil, s, 0)
			require.Equal(t, want, got, "%s: %q", name, s)
		}
	}
}

// hostile are units whose repetition makes tokenizers slow: words without an end, marks without a
// base, white space that patterns go back over, merges that begin again at each place.
var hostile = []string{
	"a", "ab", "aab", "abc", " ", "\n", " a", "  a", "▁", "你", "你好", "\u0301", "a\u0301", "\u0300\u0315\u0334", "\u200d", "©\u200d", "\u0600", "'", "'s", "1", "!", ".a", "<", "<mask>", "<mask> ", " <mask>",
	"\t", "\t ", "New York", "e.", "``", "ﷺ", "한", "\u1100\u1161", "\U0001f1e9", "é", "€", "\xff", "z", "Ġ", "<0x41>", "||", "|||IP||",
}

// TestLinear: eight times a hostile text costs about eight times as much, and 128 kB less than a
// second.
func TestLinear(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("times are measured without the race detector, and not in short runs")
	}
	const unit = 1 << 12 // bytes
	var dst []int32
	took := func(tok *Tokenizer, text string) time.Duration {
		begin := testutil.ProcessorTime()
		dst, _ = tok.Encode(dst[:0], text, 0)
		return max(testutil.ProcessorTime()-begin, time.Microsecond)
	}
	for name, tok := range variants(t) {
		for _, s := range hostile {
			require.Less(t, took(tok, strings.Repeat(s, 1<<17/len(s))), time.Second, "%s: %q, 128 kB", name, s)
			long := strings.Repeat(s, 8*unit/len(s))
			one, eight := time.Hour, time.Hour
			for round := 0; round < 3 || round < 40 && eight > 14*one; round++ { // other programs may be at work
				one, eight = min(one, took(tok, long[:unit/len(s)*len(s)])), min(eight, took(tok, long))
			}
			require.Less(t, eight, 14*one, "%s: %q takes %v for %d bytes and %v for %d", name, s, one, unit, eight, len(long))
		}
	}
}

// mergeSlowly is the definition of BPE: the leftmost pair of the lowest rank, until there is none.
func (b *bpe) mergeSlowly(ids []int32) []int32 {
	for {
		best, at := noRank, -1
		for i := range len(ids) - 1 {
			if r := b.merges.rank(ids[i], ids[i+1]); r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return ids
		}
		ids[at] = b.made[best]
		ids = slices.Delete(ids, at+1, at+2)
	}
}

// TestMergesExact holds both ways of merging to the definition, on words of every length.
func TestMergesExact(t *testing.T) {
	g := loadGolden(t)
	for name, tok := range variants(t) {
		b, ok := tok.model.(*bpe)
		if !ok {
			continue
		}
		e := tok.encoder()
		require.Equal(t, !strings.Contains(name, "shuffled"), b.inOrder, name)
		for _, text := range g.Texts {
			for _, n := range []int{2, 3, 10, maxScan, maxScan + 1, 100, 400} {
				ids := b.symbols(e, nil, text[:min(n, len(text))])
				if len(ids) < 2 {
					continue
				}
				want := b.mergeSlowly(slices.Clone(ids))
				long := slices.Clone(ids)
				require.Equal(t, want, long[:b.mergeLong(e, long)], "%s: %q", name, text)
				queued := chain{}
				long = slices.Clone(ids)
				queued.begin(long)
				b.mergeByQueue(&queued, &e.queue)
				require.Equal(t, want, long[:queued.compact()], "%s: %q", name, text)
				if len(ids) <= maxScan {
					short := slices.Clone(ids)
					require.Equal(t, want, short[:b.mergeShort(short)], "%s: %q", name, text)
				}
			}
		}
	}
}

// FuzzEncode: any text, limit and kind of tokenizer gives ids of the vocabulary, the same each
// time, as checkLimit has it.
func FuzzEncode(f *testing.F) {
	g := loadGolden(f)
	for i, text := range g.Texts {
		if len(text) < 500 {
			f.Add(text, i%9, uint8(i))
		}
	}
	toks := variants(f)
	var names []string
	for name := range toks {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Fuzz(func(t *testing.T, text string, limit int, which uint8) {
		tok := toks[names[int(which)%len(names)]]
		ids, _ := tok.Encode(nil, text, limit)
		for _, id := range ids {
			require.True(t, id >= 0 && int(id) < tok.Size() && tok.Token(id) != "", "id %d", id)
		}
		again, _ := tok.newEncoder().encode(nil, text, limit)
		require.True(t, slices.Equal(ids, again))
		checkLimit(t, tok, text, limit)
	})
}

// FuzzParse: any file is refused or gives a tokenizer that encodes any text to its own ids.
func FuzzParse(f *testing.F) {
	for _, k := range loadGolden(f).Kinds {
		var doc map[string]json.RawMessage
		require.NoError(f, json.Unmarshal(k.File, &doc))
		var m map[string]any
		require.NoError(f, json.Unmarshal(doc["model"], &m))
		switch v := m["vocab"].(type) { // small enough for a seed
		case []any:
			m["vocab"] = v[:20]
			m["unk_id"] = 3
		case map[string]any:
			small := map[string]any{"a": 0, "b": 1, "<unk>": 2, "[UNK]": 3, "ab": 4, "Ġ": 5}
			m["vocab"] = small
			if m["merges"] != nil {
				m["merges"] = []any{[]string{"a", "b"}}
			}
		}
		doc["model"], _ = json.Marshal(m)
		delete(doc, "added_tokens")
		if strings.Contains(string(doc["normalizer"]), "Precompiled") {
			doc["normalizer"] = json.RawMessage(`{"type": "Precompiled", "precompiled_charsmap": "BAAAAAAEAAA="}`)
		}
		delete(doc, "post_processor")
		b, err := json.Marshal(doc)
		require.NoError(f, err)
		f.Add(b, "a b ab\u0301 <mask>")
	}
	f.Add([]byte(`{"added_tokens": [{"id": 1, "content": " ", "lstrip": true, "rstrip": true, "normalized": true}], "model": {"type": "Unigram", "unk_id": 0, "vocab": [["", -1e308]]}}`), "a  b")
	f.Add([]byte(`{"normalizer": {"type": "Replace", "pattern": {"Regex": "[^a-z\\S]{2,}|\\p{L}"}, "content": ""}, "pre_tokenizer": {"type": "Split", "pattern": {"String": "aa"}, "behavior": "Contiguous"}, "model": {"type": "WordLevel", "vocab": {"<unk>": 0}}}`), "aaa  b")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tok, err := Parse(data)
		if err != nil {
			return
		}
		ids, cut := tok.Encode(nil, text, 0)
		require.False(t, cut)
		for _, id := range ids {
			require.True(t, id >= 0 && int(id) < tok.Size(), "id %d of %d", id, tok.Size())
		}
		checkLimit(t, tok, text, 5)
	})
}

// TestParseRefuses: what is not supported is named, with what is.
func TestParseRefuses(t *testing.T) {
	model := `{"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1}, "unk_token": "<unk>"}`
	unigram := func(rest string) string { return `{"model": {"type": "Unigram", ` + rest + `}}` }
	bpe := func(rest string) string { return `{"model": {"type": "BPE", ` + rest + `}}` }
	with := func(field, value string) string { return fmt.Sprintf(`{%q: %s, "model": %s}`, field, value, model) }
	for _, c := range []struct{ file, want string }{
		{`{`, "unexpected end"},
		{`{}`, "model is missing, only these are supported: BPE, Unigram, WordLevel, WordPiece"},
		{`{"model": {"type": "Morfessor", "vocab": {}}}`, "model.type is Morfessor, only these are supported: BPE, Unigram, WordLevel, WordPiece"},
		{with("normalizer", `{"type": "Transliterate"}`), "normalizer.type is Transliterate, only these are supported: BertNormalizer, ByteLevel,"},
		{with("normalizer", `{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "X"}]}`), "normalizer.normalizers[1].type is X, only"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "a.b"}, "content": ""}`), `normalizer: pattern.Regex "a.b" is not supported (at ".b"), only alternatives of one character`},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "(a)"}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "a+?"}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "a{0,2}"}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "[a"}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "\\d"}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": ""}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"Regex": "a|"}, "content": ""}`), "is not supported"},
		{with("normalizer", `{"type": "Replace", "pattern": {"String": ""}, "content": ""}`), "pattern.String is empty"},
		{with("normalizer", `{"type": "Replace", "pattern": {"String": "a"}}`), "content is missing"},
		{with("normalizer", `{"type": "Sequence", "normalizers": [`+strings.Repeat(`{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaa"},`, 5)+`{"type": "NFC"}]}`), "normalizer.normalizers[4]: this and the steps before it may make 32768 bytes of one"},
		{with("normalizer", `{"type": "Sequence", "normalizers": [{"type": "NFC"}`+strings.Repeat(`, {"type": "NFC"}`, 64)+`]}`), "has more than 64 steps"},
		{with("normalizer", `{"type": "Precompiled"}`), "precompiled_charsmap is missing"},
		{with("normalizer", `{"type": "Precompiled", "precompiled_charsmap": "####"}`), "is not base64"},
		{with("normalizer", `{"type": "Precompiled", "precompiled_charsmap": "AAAAAQ=="}`), "has a trie of 16777216 bytes, want a multiple of 4 up to 0"},
		{with("normalizer", strings.Repeat(`{"type": "Sequence", "normalizers": [`, 12)+strings.Repeat(`]}`, 12)), "is a sequence in 8 others"},
		{with("pre_tokenizer", `{"type": "UnicodeScripts"}`), "pre_tokenizer.type is UnicodeScripts, only these are supported: BertPreTokenizer, ByteLevel,"},
		{with("pre_tokenizer", `{"type": "Split", "pattern": {"String": " "}, "behavior": "Kept"}`), "behavior is Kept, only these are supported: Contiguous, Isolated"},
		{with("pre_tokenizer", `{"type": "Metaspace", "replacement": "__"}`), "replacement is not one character"},
		{with("pre_tokenizer", `{"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"}`), "prepend_scheme is last, only these are supported: always, first, never"},
		{with("pre_tokenizer", `{"type": "Metaspace", "replacement": "_", "prepend_scheme": "always", "add_prefix_space": false}`), "contradicts prepend_scheme always"},
		{with("pre_tokenizer", `{"type": "FixedLength", "length": 0}`), "length is 0, want at least 1"},
		{with("pre_tokenizer", `{"type": "ByteLevel"}`), "add_prefix_space is missing"},
		{with("post_processor", `{"type": "Pairs"}`), "post_processor.type is Pairs, only these are supported: BertProcessing, ByteLevel, RobertaProcessing"},
		{with("post_processor", `{"type": "BertProcessing"}`), "lacks cls or sep"},
		{with("post_processor", `{"type": "RobertaProcessing", "cls": ["a", 1], "sep": ["b", 2]}`), "post_processor has the id 2, want that of a token, 0 to 1"},
		{with("post_processor", `{"type": "TemplateProcessing", "single": []}`), "lacks the text A"},
		{with("post_processor", `{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "b"}}]}`), `names "b", which special_tokens lacks`},
		{with("added_tokens", `[{"content": "b", "id": 7}]`), `added_tokens[0]: "b" has id 7, want 2`},
		{with("added_tokens", `[{"content": "b", "id": 2}, {"content": "b", "id": 2}]`), `added_tokens[1] is "b", as added_tokens[0] is`},
		{unigram(`"vocab": [["a", -1]]`), "model.unk_id is missing, want the id of a token, 0 to 0"},
		{unigram(`"vocab": [["a", -1]], "unk_id": 1`), "model.unk_id is 1"},
		{unigram(`"vocab": [["a"]], "unk_id": 0`), `["a"] is not a piece with its score`},
		{unigram(`"vocab": [["a", 1e999]], "unk_id": 0`), "is not a piece with its score"},
		{unigram(`"vocab": {"a": 0}, "unk_id": 0`), "model.vocab is not a list of pieces"},
		{bpe(`"vocab": {"a": 0}`), "model.merges is missing"},
		{bpe(`"vocab": {"a": 0}, "merges": [["a", "b"]]`), `model.merges[0] has the token "b", which is not in the vocabulary`},
		{bpe(`"vocab": {"a": 0}, "merges": ["a a"]`), `model.merges[0] makes "aa", which is not in the vocabulary`},
		{bpe(`"vocab": {"a": 0}, "merges": ["a"]`), "want two tokens with a space between them"},
		{bpe(`"vocab": {"a": 0}, "merges": 5`), "model.merges is neither"},
		{bpe(`"vocab": {"a": 0}, "merges": [], "unk_token": "?"`), `model.unk_token "?" is not in the vocabulary`},
		{bpe(`"vocab": {"a": 0}, "merges": [], "dropout": 0.1`), "model.dropout is 0.1, want null or 0"},
		{bpe(`"vocab": {"a": -1}, "merges": []`), `token "a" has id -1, want 0 to`},
		{bpe(`"vocab": {"a": 2000000000}, "merges": []`), `token "a" has id 2000000000, want 0 to`},
		{`{"model": {"type": "WordPiece", "vocab": {"a": 0}}}`, `model.unk_token "[UNK]" is not in the vocabulary`},
	} {
		_, err := Parse([]byte(c.file))
		require.ErrorContains(t, err, c.want, c.file)
	}
}
