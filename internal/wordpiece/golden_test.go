package wordpiece

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func unzip(tb testing.TB, name string) []byte {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(tb, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(tb, err)
	b, err := io.ReadAll(z)
	require.NoError(tb, err)
	return b
}

// bertVocab is the vocabulary of bert-base-uncased.
func bertVocab(tb testing.TB) []string {
	tb.Helper()
	lines := strings.Split(strings.TrimSuffix(string(unzip(tb, "vocab.txt.gz")), "\n"), "\n")
	require.Len(tb, lines, 30522)
	return lines
}

// wideVocab is the rule wide() of scripts/golden/wordpiece.py.
func wideVocab() []string {
	var chars []string
	for _, s := range [][2]rune{
		{0x21, 0x24F},
		{0x2B0, 0x36F},
		{0x370, 0x52F},
		{0x590, 0x5FF},
		{0x621, 0x64A},
		{0x8D0, 0x8FF},
		{0xE01, 0xE4E},
		{0x1100, 0x11FF},
		{0x1BA0, 0x1BAF},
		{0x1C80, 0x1C8F},
		{0x1DC0, 0x1DFF},
		{0x1E00, 0x1FFF},
		{0x2000, 0x206F},
		{0x20D0, 0x22FF},
		{0x2E40, 0x2E5F},
		{0x3001, 0x30FF},
		{0x4E00, 0x4E1F},
		{0xA7C0, 0xA7DF},
		{0xAC00, 0xAC3F},
		{0xF900, 0xF91F},
		{0xFB00, 0xFB4F},
		{0xFE00, 0xFE2F},
		{0xFF01, 0xFF5E},
		{0xFFFD, 0xFFFD},
		{0x10400, 0x1044F},
		{0x11930, 0x1193F},
		{0x1D15E, 0x1D172},
		{0x1F600, 0x1F60F},
	} {
		for r := s[0]; r <= s[1]; r++ {
			chars = append(chars, string(r))
		}
	}
	vocab := append([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, chars...)
	for _, c := range chars {
		vocab = append(vocab, "##"+c)
	}
	return append(vocab, "hello", "Hello", "##ing", "wor", "##ld", "##LD", "你好", "##e\u0301", "e\u0301")
}

type goldenSettings struct {
	Texts    []string
	Settings []struct {
		Name, Vocab string
		Config      struct {
			Clean    *bool
			Chinese  *bool
			Strip    *bool
			Lower    *bool
			MaxChars *int `json:"max_chars"`
		}
		Added []addedEntry
		Limit int
		IDs   [][]int32
	}
}

// TestGoldenSettingsExact holds the ids of hostile and random texts, under many settings, to those of tokenizers.
func TestGoldenSettingsExact(t *testing.T) {
	var g goldenSettings
	require.NoError(t, json.Unmarshal(unzip(t, "settings.json.gz"), &g))
	require.Greater(t, len(g.Texts), 700)
	require.Len(t, g.Settings, 14)
	for _, s := range g.Settings {
		t.Run(s.Name, func(t *testing.T) {
			vocab := wideVocab()
			if s.Vocab == "bert" {
				vocab = bertVocab(t)
			}
			cfg := DefaultConfig()
			set(&cfg.CleanText, s.Config.Clean)
			set(&cfg.ChineseChars, s.Config.Chinese)
			set(&cfg.Lowercase, s.Config.Lower)
			set(&cfg.MaxWordChars, s.Config.MaxChars)
			cfg.StripAccents = s.Config.Strip
			for _, a := range s.Added {
				cfg.Added = append(cfg.Added, a.token())
			}
			tok, err := FromVocab(vocab, cfg)
			require.NoError(t, err)
			require.Len(t, s.IDs, len(g.Texts))
			for i, text := range g.Texts {
				ids, _ := tok.Encode(nil, text, s.Limit)
				require.Equal(t, s.IDs[i], ids, "text %d: %.300q\nwant %v\ngot  %v", i, text, spell(tok, s.IDs[i]), spell(tok, ids))
			}
		})
	}
}

func spell(t *Tokenizer, ids []int32) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = t.Token(id)
	}
	return out
}

// TestGoldenDirsExact holds LoadDir to transformers.AutoTokenizer on directories that disagree with themselves.
func TestGoldenDirsExact(t *testing.T) {
	var g struct {
		Texts []string
		Dirs  []struct {
			Name  string
			Files map[string]string
			IDs   [][]int32
		}
	}
	require.NoError(t, json.Unmarshal(unzip(t, "dirs.json.gz"), &g))
	require.Greater(t, len(g.Dirs), 20)
	for _, d := range g.Dirs {
		t.Run(d.Name, func(t *testing.T) {
			tok, err := LoadDir(writeDir(t, d.Files))
			require.NoError(t, err)
			for i, text := range g.Texts {
				ids, cut := tok.Encode(nil, text, 0)
				require.False(t, cut)
				require.Equal(t, d.IDs[i], ids, "text %q\nwant %v\ngot  %v", text, spell(tok, d.IDs[i]), spell(tok, ids))
			}
		})
	}
}

func writeDir(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		require.NoError(tb, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// TestEveryCodePointExact holds every code point there is, alone and inside a word, to tokenizers, and so does it with what
// four normalisers make of it.
func TestEveryCodePointExact(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "sweep.bin"))
	require.NoError(t, err)
	require.Len(t, want, 0x1100*8)
	vocab := bertVocab(t)
	tok, err := FromVocab(vocab, DefaultConfig())
	require.NoError(t, err)
	var norms []*Tokenizer
	for _, on := range [][4]bool{{true, true, true, true}, {true, true, false, false}, {false, false, false, true}, {false, false, true, false}} {
		cfg := DefaultConfig()
		cfg.CleanText, cfg.ChineseChars, cfg.StripAccents, cfg.Lowercase = on[0], on[1], &on[2], on[3]
		n, err := FromVocab(vocab, cfg)
		require.NoError(t, err)
		norms = append(norms, n)
	}
	var ids []int32
	var line, text []byte
	for block := range 0x1100 {
		if testing.Short() && block >= 0x200 {
			break // beyond the planes with text
		}
		h := sha256.New()
		for cp := rune(block) * 256; cp < rune(block+1)*256; cp++ {
			if cp >= 0xD800 && cp < 0xE000 {
				continue
			}
			line = line[:0]
			text = append(append(text[:0], 'a'), string(cp)...)
			text = append(text, 'b')
			for _, s := range []string{string(text[1 : len(text)-1]), string(text)} {
				ids, _ = tok.Encode(ids[:0], s, 0)
				for i, id := range ids {
					if i > 0 {
						line = append(line, ' ')
					}
					line = strconv.AppendInt(line, int64(id), 10)
				}
				line = append(line, '\n')
			}
			for _, n := range norms {
				line = append(line, n.normalize(string(cp))...)
				line = append(line, '\n')
			}
			h.Write(line)
		}
		if got := h.Sum(nil)[:8]; !bytes.Equal(want[block*8:block*8+8], got) {
			t.Errorf("some of U+%04X to U+%04X differ", block*256, block*256+255)
		}
	}
}

// TestModelFileExact takes the whole vocabulary through a tokenizer.json.
func TestModelFileExact(t *testing.T) {
	vocab := bertVocab(t)
	tok, err := FromVocab(vocab, DefaultConfig())
	require.NoError(t, err)
	dir := writeDir(t, map[string]string{"tokenizer.json": tokenizerJSON(t, vocab, nil)})
	fromFile, err := LoadDir(dir)
	require.NoError(t, err)
	require.Equal(t, len(vocab), fromFile.Size())
	require.Equal(t, tok.Config(), fromFile.Config())
	for i, s := range vocab {
		require.Equal(t, s, fromFile.Token(int32(i)))
		id, ok := fromFile.ID(s)
		require.True(t, ok)
		require.Equal(t, int32(i), id)
	}
	var g goldenSettings
	require.NoError(t, json.Unmarshal(unzip(t, "settings.json.gz"), &g))
	for i, text := range g.Texts {
		ids, _ := fromFile.Encode(nil, text, g.Settings[0].Limit)
		require.Equal(t, g.Settings[0].IDs[i], ids, "%.100q", text)
	}
}

// tokenizerJSON is a tokenizer.json of the BERT family, changed by edit.
func tokenizerJSON(tb testing.TB, vocab []string, edit func(doc map[string]any)) string {
	tb.Helper()
	ids := map[string]int{}
	for i, s := range vocab {
		ids[s] = i
	}
	special := func(s string) map[string]any {
		return map[string]any{"SpecialToken": map[string]any{"id": s, "type_id": 0}}
	}
	var added []any
	for _, s := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		added = append(added, map[string]any{"id": ids[s], "content": s, "special": true, "normalized": false})
	}
	doc := map[string]any{
		"version":       "1.0",
		"truncation":    map[string]any{"max_length": 128, "strategy": "LongestFirst", "stride": 0},
		"added_tokens":  added,
		"normalizer":    map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer": map[string]any{"type": "BertPreTokenizer"},
		"post_processor": map[string]any{
			"type":   "TemplateProcessing",
			"single": []any{special("[CLS]"), map[string]any{"Sequence": map[string]any{"id": "A", "type_id": 0}}, special("[SEP]")},
			"special_tokens": map[string]any{
				"[CLS]": map[string]any{"id": "[CLS]", "ids": []int{ids["[CLS]"]}, "tokens": []string{"[CLS]"}},
				"[SEP]": map[string]any{"id": "[SEP]", "ids": []int{ids["[SEP]"]}, "tokens": []string{"[SEP]"}},
			},
		},
		"model": map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids},
	}
	if edit != nil {
		edit(doc)
	}
	b, err := json.Marshal(doc)
	require.NoError(tb, err)
	return string(b)
}
