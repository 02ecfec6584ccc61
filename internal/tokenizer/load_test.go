package tokenizer

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func writeDir(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		require.NoError(tb, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// TestLoadExact: a directory gives the golden ids by way of its files, one of the BERT family by
// package wordpiece.
func TestLoadExact(t *testing.T) {
	g := loadGolden(t)
	for _, k := range g.Kinds {
		tok, err := Load(writeDir(t, map[string]string{"tokenizer.json": "\uFEFF" + string(k.File), "tokenizer_config.json": `{"tokenizer_class": "PreTrainedTokenizerFast"}`}))
		require.NoError(t, err)
		require.Equal(t, k.Name == "WordPiece, MPNet", tok.WordPiece() != nil, k.Name)
		for i, want := range k.IDs {
			if i%10 != 0 && tok.WordPiece() == nil { // Parse is tested with the others
				continue
			}
			ids, _ := tok.Encode(nil, g.Texts[i*k.Step], 0)
			require.True(t, slices.Equal(want, ids[:min(len(ids), g.Limit)]), "%s: %q", k.Name, g.Texts[i*k.Step])
		}
		if tok.File() == nil {
			continue
		}
		again, err := Parse(tok.File())
		require.NoError(t, err)
		require.Equal(t, tok.Vocab(), again.Vocab())
	}
}

// small is a tokenizer.json without added tokens.
const small = `{"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<unk>": 0, "a": 1, "<mask>": 2}},
	"added_tokens": [{"id": 2, "content": "<mask>", "special": true}]}`

// TestLoadConfig: the added tokens of tokenizer_config.json count.
func TestLoadConfig(t *testing.T) {
	for _, c := range []struct {
		config string
		want   []int32
	}{
		{`{}`, []int32{1, 2, 1, 0}},
		{`{"added_tokens_decoder": {"2": {"content": "<mask>", "single_word": true}}}`, []int32{0, 0}},
		{`{"added_tokens_decoder": {"2": {"content": "<mask>"}, "3": {"content": "b", "normalized": true}}}`, []int32{1, 2, 1, 3}},
	} {
		tok, err := Load(writeDir(t, map[string]string{"tokenizer.json": small, "tokenizer_config.json": c.config}))
		require.NoError(t, err)
		ids, _ := tok.Encode(nil, "a<mask>a b", 0)
		require.Equal(t, c.want, ids, c.config)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{nil, "holds neither tokenizer.json nor vocab.txt"},
		{map[string]string{"sentencepiece.bpe.model": ""}, "sentencepiece.bpe.model alone is not supported, want a tokenizer.json"},
		{map[string]string{"merges.txt": "", "vocab.json": "{}"}, "merges.txt alone is not supported, want a tokenizer.json"},
		{map[string]string{"tokenizer.json": "{\n\n!"}, "line 3: "},
		{map[string]string{"tokenizer.json": `{"model": {"type": "Other"}}`}, "tokenizer.json: model.type is Other, only these are supported"},
		{map[string]string{"tokenizer.json": small, "tokenizer_config.json": "{\n!"}, "tokenizer_config.json: line 2: "},
		{map[string]string{"tokenizer.json": small, "tokenizer_config.json": `{"added_tokens_decoder": {"x": {}}}`}, `"x" is not a token id`},
		{map[string]string{"tokenizer.json": small, "tokenizer_config.json": `{"added_tokens_decoder": {"3": {"content": "b"}, "03": {"content": "c"}}}`}, `"03" and "3" are the same id, want each id once`},
		{map[string]string{"tokenizer.json": small, "tokenizer_config.json": `{"added_tokens_decoder": {"3": null}}`}, `the content of "3" is <nil>, want a text`},
		{map[string]string{"tokenizer.json": small, "tokenizer_config.json": `{"added_tokens_decoder": {"9": {"content": "z"}}}`}, `added_tokens[1]: "z" has id 9, want 3`},
	} {
		_, err := Load(writeDir(t, c.files))
		require.ErrorContains(t, err, c.want)
		if len(c.files) == 0 || c.files["tokenizer.json"] == "" {
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
	}
}

// TestSameError: of many faults in an object of JSON, the error names the one with the least key
// each time.
func TestSameError(t *testing.T) {
	bad := map[string]map[string]any{}
	ids := map[string]int{"<unk>": 0, "a": 1}
	for i := range 40 {
		bad[fmt.Sprintf("x%02d", i)] = nil
		ids[fmt.Sprintf("bad%02d", i)] = -1 - i
	}
	config, err := json.Marshal(map[string]any{"added_tokens_decoder": bad})
	require.NoError(t, err)
	vocab, err := json.Marshal(ids)
	require.NoError(t, err)
	dir := writeDir(t, map[string]string{"tokenizer.json": small, "tokenizer_config.json": string(config)})
	for range 10 {
		_, err := Load(dir)
		require.ErrorContains(t, err, `"x00" is not a token id`)
		_, err = Parse([]byte(`{"model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": ` + string(vocab) + `}}`))
		require.ErrorContains(t, err, `token "bad00" has id -1`)
	}
}

// TestSharedID: of tokens that share an id, the id stands for the least, and each of them for the id.
func TestSharedID(t *testing.T) {
	for _, kind := range []string{`"type": "WordLevel", "unk_token": "<unk>"`, `"type": "WordPiece", "unk_token": "<unk>"`, `"type": "BPE", "merges": []`} {
		for range 10 {
			tok, err := Parse([]byte(`{"pre_tokenizer": {"type": "WhitespaceSplit"},
				"model": {` + kind + `, "vocab": {"<unk>": 0, "g": 1, "f": 1, "e": 1, "d": 1, "c": 1, "b": 1, "": 1}}}`))
			require.NoError(t, err)
			require.Equal(t, []string{"<unk>", "b"}, tok.Vocab())
			ids, _ := tok.Encode(nil, "g b c", 0)
			require.Equal(t, []int32{1, 1, 1}, ids)
		}
	}
}

// TestTokens: ids and tokens belong together in every tokenizer.
func TestTokens(t *testing.T) {
	for name, tok := range variants(t) {
		vocab := tok.Vocab()
		require.Len(t, vocab, tok.Size(), name)
		for id, token := range vocab {
			require.Equal(t, token, tok.Token(int32(id)))
			if got, ok := tok.ID(token); token != "" {
				require.True(t, ok, "%s: %q", name, token)
				require.Equal(t, token, vocab[got], name)
				require.GreaterOrEqual(t, got, int32(id), "the last id of a token that is there twice")
			}
		}
		require.Empty(t, tok.Token(-1))
		require.Empty(t, tok.Token(int32(tok.Size())))
		_, ok := tok.ID("no such token")
		require.False(t, ok)
		before, after := tok.Specials()
		ids, _ := tok.Encode(nil, "", 0)
		require.Len(t, ids, before+after)
	}
}

// Example shows how the vocabulary of a byte-level model spells text.
func Example() {
	tok, err := Parse([]byte(`{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
		"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4}, "merges": ["a b", "Ġ ab"]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ids, _ := tok.Encode(nil, "ab ab b", 0)
	fmt.Println(ids, tok.Token(4))
	// Output: [3 4 2 1] Ġab
}

// FuzzLoad: whatever tokenizer_config.json says, Load refuses it or gives a tokenizer that its own
// File gives again.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"added_tokens_decoder": {"3": {"content": "b", "lstrip": true}}}`))
	f.Add([]byte(`{"added_tokens_decoder": {"-1": {"content": 5}, "3": null}}`))
	f.Add([]byte(`{"added_tokens_decoder": {"3": {"content": ""}}, "x": [1e999]}`))
	dir := writeDir(f, map[string]string{"tokenizer.json": small})
	f.Fuzz(func(t *testing.T, config []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), config, 0o600))
		tok, err := Load(dir)
		if err != nil {
			return
		}
		require.True(t, json.Valid(tok.File()))
		again, err := Parse(tok.File())
		require.NoError(t, err)
		a, _ := tok.Encode(nil, "a <mask> b<mask>", 0)
		b, _ := again.Encode(nil, "a <mask> b<mask>", 0)
		require.True(t, slices.Equal(a, b))
	})
}
