package tokenizer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden is testdata/golden.json.gz, which scripts/golden/tokenizer.py writes.
type golden struct {
	Limit  int
	Texts  []string
	Shared map[string]json.RawMessage
	Kinds  []*goldenKind
	Scores [][2]any // text and number
}

type goldenKind struct {
	Name string
	File json.RawMessage
	Step int
	IDs  [][]int32 // of every Step-th text
}

var readGolden = sync.OnceValues(func() (*golden, error) {
	f, err := os.Open(filepath.Join("testdata", "golden.json.gz"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	var g golden
	if err := json.Unmarshal(b, &g); err != nil {
		return nil, err
	}
	for _, k := range g.Kinds {
		for name, part := range g.Shared {
			k.File = bytes.ReplaceAll(k.File, []byte(`"@`+name+`"`), part)
		}
	}
	return &g, nil
})

func loadGolden(tb testing.TB) *golden {
	tb.Helper()
	g, err := readGolden()
	require.NoError(tb, err)
	return g
}

// TestGoldenExact holds the ids of hostile and random texts in more than 20 scripts, by tokenizers
// of every kind, to those of Hugging Face tokenizers.
func TestGoldenExact(t *testing.T) {
	g := loadGolden(t)
	require.Greater(t, len(g.Texts), 1000)
	require.Greater(t, len(g.Kinds), 20)
	for _, k := range g.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			tok, err := Parse(k.File)
			require.NoError(t, err)
			require.Len(t, k.IDs, (len(g.Texts)+k.Step-1)/k.Step)
			wrong := 0
			for range 2 { // the second time from what the first one left in memory
				for i := range k.IDs {
					text := g.Texts[i*k.Step]
					ids, _ := tok.Encode(nil, text, 0)
					ids = ids[:min(len(ids), g.Limit)]
					if fmt.Sprint(ids) == fmt.Sprint(k.IDs[i]) {
						continue
					}
					if wrong++; wrong < 5 {
						t.Errorf("text %d: %.200q\nwant %.300q\ngot  %.300q", i, text, spell(tok, k.IDs[i]), spell(tok, ids))
					}
				}
			}
			require.Zero(t, wrong, "texts whose ids differ")
		})
	}
}

// TestScoresExact holds scores to the bits that tokenizers reads, which are often not those of the
// nearest float64.
func TestScoresExact(t *testing.T) {
	g := loadGolden(t)
	require.Greater(t, len(g.Scores), 200)
	rounded := 0
	for _, s := range g.Scores {
		text, want := s[0].(string), s[1].(float64)
		var got score
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		require.Equal(t, math.Float64bits(want), math.Float64bits(float64(got)), text)
		if nearest, err := strconv.ParseFloat(text, 64); err == nil && nearest != want {
			rounded++
		}
	}
	require.Greater(t, rounded, 10)
	for _, text := range []string{"1e400", "-1e309", "1e99999999999999999999", "123e307"} {
		require.Error(t, json.Unmarshal([]byte(text), new(score)), text)
	}
}

func spell(t *Tokenizer, ids []int32) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = t.Token(id)
	}
	return out
}

// recorder is a model that keeps the words.
type recorder struct{ words []string }

func (r *recorder) tokens(_ *encoder, dst []int32, word string) []int32 {
	r.words = append(r.words, strings.Clone(word))
	return dst
}

func (r *recorder) id(string) int32 { return -1 }

// TestEveryCodePointExact holds normalizers and pre-tokenizers on every code point there is, among
// others, to those of tokenizers. The pre-tokenizers are compared by where they split.
func TestEveryCodePointExact(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "sweep.bin"))
	require.NoError(t, err)
	require.Len(t, want, 0x1100*8)
	g := loadGolden(t)
	var charsmap string
	require.NoError(t, json.Unmarshal(g.Shared[g.charsmap(t)], &charsmap))
	component := func(normalizer, splitter string) *encoder {
		tok, err := Parse(fmt.Appendf(nil, `{"normalizer": %s, "pre_tokenizer": %s, "model": {"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"}}`, normalizer, splitter))
		require.NoError(t, err)
		tok.model = &recorder{}
		for i := range tok.splitters {
			tok.splitters[i].chars = false
		}
		return tok.encoder()
	}
	var norms, splits []*encoder
	for _, n := range []string{"NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase", "Nmt"} {
		norms = append(norms, component(`{"type": "`+n+`"}`, "null"))
	}
	norms = append(norms, component(`{"type": "Strip", "strip_left": true, "strip_right": true}`, "null"), component(fmt.Sprintf(`{"type": "Precompiled", "precompiled_charsmap": %q}`, charsmap), "null"))
	for _, s := range []string{`{"type": "ByteLevel", "add_prefix_space": false}`, `{"type": "Whitespace"}`, `{"type": "Digits"}`, `{"type": "BertPreTokenizer"}`} {
		splits = append(splits, component("null", s))
	}
	var lines []byte
	for block := range 0x1100 {
		if block >= 0x200 && (testing.Short() || block >= 0x340 && block != 0xE00 && block != 0xE01 && block%16 != 0) {
			continue // beyond the planes with text, where little is assigned
		}
		if raceDetector && block%16 != 3 {
			continue // no goroutine is at work here
		}
		h := sha256.New()
		for cp := rune(block) * 256; cp < rune(block+1)*256; cp++ {
			if cp >= 0xD800 && cp < 0xE000 {
				continue
			}
			lines = lines[:0]
			c := string(cp)
			for _, n := range norms {
				for _, s := range []string{c, "a" + c + "\u0301", "\u0345" + c + "\u0334", "\u1100" + c} {
					lines = append(append(lines, n.normalize(s)...), '\n')
				}
			}
			for _, p := range splits {
				for _, s := range []string{"a" + c + "b", "1" + c + "!", " " + c + " "} {
					r := p.t.model.(*recorder)
					r.words = r.words[:0]
					p.limit = 0 // which passes by the words that are remembered
					p.pre(0, s, true)
					lines = appendPlaces(lines, s, r.words)
				}
			}
			h.Write(lines)
		}
		if got := h.Sum(nil)[:8]; !bytes.Equal(want[block*8:block*8+8], got) {
			t.Errorf("some of U+%04X to U+%04X differ", block*256, block*256+255)
		}
	}
}

// charsmap is the name of the shared part that is a character map.
func (g *golden) charsmap(tb testing.TB) string {
	for name, part := range g.Shared {
		if part[0] == '"' {
			return name
		}
	}
	tb.Fatal("the golden file has no character map")
	return ""
}

// appendPlaces appends a line with where words, which follow one another in s, begin and end, in
// code points.
func appendPlaces(dst []byte, s string, words []string) []byte {
	at, chars := 0, 0
	for i, w := range words {
		k := strings.Index(s[at:], w)
		chars += len([]rune(s[at : at+k]))
		if i > 0 {
			dst = append(dst, ' ')
		}
		n := len([]rune(w))
		dst = fmt.Appendf(dst, "%d-%d", chars, chars+n)
		chars += n
		at += k + len(w)
	}
	return append(dst, '\n')
}
