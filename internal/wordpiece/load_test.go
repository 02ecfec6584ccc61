package wordpiece

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/stage"
)

const general = `{"tokenizer_class": "PreTrainedTokenizerFast"}`

// edited is a directory with a tokenizer.json of smallVocab, changed by edit, and a tokenizer_config.json.
func edited(tb testing.TB, config string, edit func(doc map[string]any)) string {
	tb.Helper()
	return writeDir(tb, map[string]string{"tokenizer.json": tokenizerJSON(tb, smallVocab(), edit), "tokenizer_config.json": config})
}

type object = map[string]any

// TestLoadDirRefuses: a tokenizer.json that is not of the BERT family or not of one piece; the error names the file, the
// field and the value.
func TestLoadDirRefuses(t *testing.T) {
	ids := func(doc object, token string, ids ...any) {
		doc["post_processor"].(object)["special_tokens"].(object)[token].(object)["ids"] = ids
	}
	bertProcessing := func(cls, sep any) func(doc object) {
		return func(doc object) { doc["post_processor"] = object{"type": "BertProcessing", "cls": cls, "sep": sep} }
	}
	single := func(pieces ...any) func(doc object) {
		return func(doc object) { doc["post_processor"].(object)["single"] = pieces }
	}
	text := object{"Sequence": object{"id": "A", "type_id": 0}}
	added := func(doc object, id any, content any) {
		doc["added_tokens"] = append(doc["added_tokens"].([]any), object{"id": id, "content": content})
	}
	require.Len(t, smallVocab(), 24)
	for _, c := range []struct {
		want string
		edit func(doc object)
	}{
		{`post_processor.special_tokens["[CLS]"] has the id 24, want that of a token, 0 to 23`, func(d object) { ids(d, "[CLS]", 24) }},
		{`post_processor.special_tokens["[SEP]"] has the id 30522, want that of a token, 0 to 23`, func(d object) { ids(d, "[SEP]", 30522) }},
		{`post_processor.special_tokens["[SEP]"] has the id -1, want that of a token, 0 to 23`, func(d object) { ids(d, "[SEP]", 3, -1) }},
		{`post_processor.cls has the id 101, want that of a token, 0 to 23`, bertProcessing([]any{"[CLS]", 101}, []any{"[SEP]", 3})},
		{`post_processor.sep has the id -3, want that of a token, 0 to 23`, bertProcessing([]any{"[CLS]", 2}, []any{"[SEP]", -3})},
		{`post_processor.special_tokens["[CLS]"] has the id 25, want that of a token, 0 to 30`, func(d object) { added(d, 30, "later"); ids(d, "[CLS]", 25) }},
		{`post_processor lacks cls or sep`, bertProcessing([]any{"[CLS]", 2}, nil)},
		{`["[CLS]"] is not a token with its id`, bertProcessing([]any{"[CLS]"}, []any{"[SEP]", 3})},
		{`json: `, bertProcessing([]any{"[CLS]", "2"}, []any{"[SEP]", 3})},
		{`json: `, func(d object) { ids(d, "[CLS]", 1<<30) }},
		{`json: `, func(d object) { ids(d, "[CLS]", 2.5) }},
		{`post_processor.single[0] names "[BOS]", which special_tokens lacks`, single(object{"SpecialToken": object{"id": "[BOS]"}}, text)},
		{`post_processor.single lacks the text A`, single(object{"SpecialToken": object{"id": "[CLS]"}})},
		{`post_processor.single[1] is `, single(text, text)},
		{`post_processor.single[0] is `, single(object{"Sequence": object{"id": "B"}}, text)},
		{`post_processor.single[0] is `, single(object{"Other": object{"id": "A"}}, text)},
		{`post_processor.type is ByteLevel, only TemplateProcessing, BertProcessing or RobertaProcessing is supported`, func(d object) { d["post_processor"] = object{"type": "ByteLevel"} }},
		{`post_processor lacks cls or sep`, func(d object) { d["post_processor"] = object{"type": "RobertaProcessing"} }},
		{`model is missing, only WordPiece is supported`, func(d object) { delete(d, "model") }},
		{`model.type is BPE, only WordPiece is supported`, func(d object) { d["model"].(object)["type"] = "BPE" }},
		{`model.vocab is not an object of tokens and ids`, func(d object) { d["model"].(object)["vocab"] = []any{"a"} }},
		{`model.vocab is not an object of tokens and ids`, func(d object) { delete(d["model"].(object), "vocab") }},
		{`normalizer.type is NFC, only BertNormalizer is supported`, func(d object) { d["normalizer"] = object{"type": "NFC"} }},
		{`normalizer.type is missing, only BertNormalizer`, func(d object) { d["normalizer"] = nil }},
		{`pre_tokenizer.type is Metaspace, only BertPreTokenizer`, func(d object) { d["pre_tokenizer"] = object{"type": "Metaspace"} }},
		{`pre_tokenizer.type is missing, only BertPreTokenizer`, func(d object) { delete(d, "pre_tokenizer") }},
		{`token "far" has id 1000000, want 0 to `, func(d object) { d["model"].(object)["vocab"].(map[string]int)["far"] = 1000000 }},
		{`token "neg" has id -1, want 0 to `, func(d object) { d["model"].(object)["vocab"].(map[string]int)["neg"] = -1 }},
		{`added token "far" has id 1000000, want 0 to `, func(d object) { added(d, 1000000, "far") }},
		{`added token "neg" has id -7, want 0 to `, func(d object) { added(d, -7, "neg") }},
		{`MaxWordChars is 0, want at least 1`, func(d object) { d["model"].(object)["max_input_chars_per_word"] = 0 }},
		{`MaxWordChars is -100, want at least 1`, func(d object) { d["model"].(object)["max_input_chars_per_word"] = -100 }},
		{`Unk is "", want a token`, func(d object) { d["model"].(object)["unk_token"] = "" }},
		{`the vocabulary of 24 tokens lacks the unknown token "[NONE]"`, func(d object) { d["model"].(object)["unk_token"] = "[NONE]" }},
		{`are the same once they are normalized`, func(d object) {
			d["added_tokens"] = append(d["added_tokens"].([]any), object{"id": 24, "content": "One", "normalized": true}, object{"id": 25, "content": "oNE", "normalized": true})
		}},
		{`added token "\u200b" is empty once it is normalized`, func(d object) {
			d["added_tokens"] = append(d["added_tokens"].([]any), object{"id": 24, "content": "\u200b", "normalized": true})
		}},
	} {
		t.Run(c.want, func(t *testing.T) {
			dir := edited(t, general, c.edit)
			tok, err := LoadDir(dir)
			require.Nil(t, tok)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, filepath.Join(dir, "tokenizer.json")+": ")
		})
	}

	// A BertTokenizer does not follow the template, but ids that are no token's are a sign of two files mixed up.
	_, err := LoadDir(edited(t, `{"tokenizer_class": "BertTokenizer"}`, func(d object) { ids(d, "[CLS]", 101) }))
	require.ErrorContains(t, err, `post_processor.special_tokens["[CLS]"] has the id 101, want that of a token, 0 to 23`)
	_, err = LoadDir(edited(t, `{"tokenizer_class": "BertTokenizer", "cls_token": "[BOS]"}`, nil))
	require.ErrorContains(t, err, `the vocabulary of 24 tokens lacks the special token "[BOS]"`)
	_, err = LoadDir(edited(t, general, func(d object) { added(d, 24, "later"); ids(d, "[CLS]", 2, 24) }))
	require.NoError(t, err, "an added token may stand in a template")
}

func TestLoadDirFiles(t *testing.T) {
	vocab := strings.Join(smallVocab(), "\n")
	none := t.TempDir()
	_, err := LoadDir(none)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, none+": holds neither tokenizer.json nor vocab.txt")

	for file, text := range map[string]string{
		"tokenizer.json": `{"model": 3}`, "tokenizer_config.json": "{\n\n]", "special_tokens_map.json": `[`, "added_tokens.json": `{"a": "b"}`, "config.json": "",
	} {
		dir := writeDir(t, map[string]string{"vocab.txt": vocab, file: text})
		tok, err := LoadDir(dir)
		require.Nil(t, tok)
		require.ErrorContains(t, err, filepath.Join(dir, file)+": ")
		if file == "tokenizer_config.json" {
			require.ErrorContains(t, err, "line 3: ")
		}
		require.NoError(t, os.Remove(filepath.Join(dir, file)))
		require.NoError(t, os.Mkdir(filepath.Join(dir, file), 0o700))
		_, err = LoadDir(dir)
		require.ErrorContains(t, err, file, "a directory")
	}
	for text, want := range map[string]string{
		"":                           `the vocabulary of 0 tokens lacks the unknown token "[UNK]"`,
		"[UNK]\n[SEP]\n":             `the vocabulary of 2 tokens lacks the special token "[CLS]"`,
		"[UNK]\n[CLS]\n[SEP":         `the vocabulary of 3 tokens lacks the special token "[SEP]"`,
		"[UNK]\n[CLS]\n[SEP]\na\xff": `token "a\xff" (id 3) is not valid UTF-8`,
	} {
		dir := writeDir(t, map[string]string{"vocab.txt": text})
		_, err := LoadDir(dir)
		require.ErrorContains(t, err, filepath.Join(dir, "vocab.txt")+": "+want)
	}
	for config, want := range map[string]string{
		`{"added_tokens_decoder": {"x": {"content": "a"}}}`:                         `tokenizer_config.json: added_tokens_decoder: "x" is not a token id`,
		`{"added_tokens_decoder": {"1e3": {"content": "a"}}}`:                       `added_tokens_decoder: "1e3" is not a token id`,
		`{"added_tokens_decoder": {"1": {"content": "a"}, "01": {"content": "b"}}}`: `added_tokens_decoder: "01" and "1" are the same id, want each id once`,
		`{"added_tokens_decoder": {"9999999": {"content": "zz"}}}`:                  `added token "zz" has id 9999999, want 0 to`,
		`{"added_tokens_decoder": {"-1": {"content": "zz"}}}`:                       `added token "zz" has id -1, want 0 to`,
	} {
		_, err := LoadDir(writeDir(t, map[string]string{"vocab.txt": vocab, "tokenizer_config.json": config}))
		require.ErrorContains(t, err, want)
	}

	// Lines may end as on Windows, and JSON may begin with a byte-order mark.
	tok, err := LoadDir(writeDir(t, map[string]string{
		"vocab.txt": strings.ReplaceAll(vocab, "\n", "\r\n") + "\r\n", "tokenizer_config.json": "\uFEFF" + `{"do_lower_case": false}`,
	}))
	require.NoError(t, err)
	require.Equal(t, smallVocab(), tok.Vocab())
	require.False(t, tok.Config().Lowercase)
}

// TestFromVocab: ids, the other way round, doubles and gaps, and what is handed out is a copy.
func TestFromVocab(t *testing.T) {
	cfg := DefaultConfig()
	yes := true
	cfg.StripAccents = &yes
	cfg.Added = []AddedToken{{Content: "one more"}, {Content: "hello", SingleWord: true}}
	vocab := append(smallVocab(), "hello", "", "last")
	tok, err := FromVocab(vocab, cfg)
	require.NoError(t, err)
	require.Equal(t, len(vocab)+1, tok.Size())
	for i, s := range vocab {
		id, ok := tok.ID(s)
		switch {
		case s == "":
			require.False(t, ok)
			require.Equal(t, "", tok.Token(int32(i)))
		case s == "hello":
			require.True(t, ok)
			require.Equal(t, int32(24), id, "the last of two counts")
		default:
			require.True(t, ok)
			require.Equal(t, int32(i), id)
			require.Equal(t, s, tok.Token(id))
		}
	}
	id, ok := tok.ID("one more")
	require.True(t, ok)
	require.Equal(t, int32(len(vocab)), id)
	require.Equal(t, "one more", tok.Token(id))
	ids, _ := tok.Encode(nil, "a one more", 0)
	require.Equal(t, []int32{2, 11, id, 3}, ids)
	for _, id := range []int32{-1, int32(tok.Size()), 1 << 30} {
		require.Equal(t, "", tok.Token(id))
	}
	id, ok = tok.ID("nothing")
	require.False(t, ok)
	require.Zero(t, id)

	words := slices.Clone(vocab)
	words[5] = "" // the first hello
	require.Equal(t, words, tok.Vocab(), "without the added token after it")
	again, err := FromVocab(tok.Vocab(), tok.Config())
	require.NoError(t, err)
	require.Equal(t, tok.Config(), again.Config())
	for _, text := range append(oddTexts, "hello one more last") {
		a, _ := tok.Encode(nil, text, 0)
		b, _ := again.Encode(nil, text, 0)
		require.Equal(t, a, b, "%.40q", text)
	}

	c := tok.Config()
	require.Equal(t, []string{"one more", "hello", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, contents(c.Added))
	c.Added[0].Content, *c.StripAccents, yes = "changed", false, false
	cfg.Added[1].Content = "changed"
	require.Equal(t, "one more", tok.Config().Added[0].Content)
	require.Equal(t, "hello", tok.Config().Added[1].Content)
	require.True(t, *tok.Config().StripAccents)
}

func contents(added []AddedToken) []string {
	var out []string
	for _, a := range added {
		out = append(out, a.Content)
	}
	return out
}

// TestConfigRefused: every bad field at once.
func TestConfigRefused(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	_, err := FromVocab(smallVocab(), Config{Prefix: "\xff", Added: []AddedToken{{Content: "a"}, {}, {Content: "\xff"}}})
	for _, want := range []string{
		"wordpiece.Config.MaxWordChars is 0, want at least 1", "wordpiece.Config.Prefix is \xff, want valid UTF-8", `wordpiece.Config.Unk is "", want a token`, `wordpiece.Config.Cls is ""`,
		`wordpiece.Config.Sep is ""`, `wordpiece.Config.Added[1].Content is "", want`, `wordpiece.Config.Added[2].Content is "\xff", want`,
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "Added[0]")
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	_, err = FromVocab([]string{"[UNK]", "[CLS]", "[SEP]", "\xff"}, DefaultConfig())
	require.ErrorContains(t, err, `token "\xff" (id 3) is not valid UTF-8`)
	_, err = FromVocab(nil, DefaultConfig())
	require.EqualError(t, err, `the vocabulary of 0 tokens lacks the unknown token "[UNK]"`)
}

// TestWordsExact: words are covered as the description says, by a search that tries every cover from the left.
func TestWordsExact(t *testing.T) {
	vocab := []string{"[UNK]", "[CLS]", "[SEP]", "a", "ab", "abc", "b", "##a", "##b", "##ab", "##bc", "##cab", "c", "##ca"}
	cfg := DefaultConfig()
	cfg.MaxWordChars = 7
	tok, err := FromVocab(vocab, cfg)
	require.NoError(t, err)
	index := map[string]int32{}
	for i, s := range vocab {
		index[s] = int32(i)
	}
	cover := func(word string) []int32 {
		if len(word) > 7 {
			return []int32{0}
		}
		var out []int32
		for at := 0; at < len(word); {
			end := len(word)
			for ; end > at; end-- {
				s := word[at:end]
				if at > 0 {
					s = "##" + s
				}
				if id, ok := index[s]; ok {
					out = append(out, id)
					break
				}
			}
			if end == at {
				return []int32{0}
			}
			at = end
		}
		return out
	}
	words := []string{""}
	for lo := 0; len(words[lo]) < 8; lo++ {
		for _, c := range "abc" {
			words = append(words, words[lo]+string(c))
		}
	}
	require.Len(t, words, 9841)
	for _, w := range words[1:] {
		ids, _ := tok.Encode(nil, w, 0)
		if want := slices.Concat([]int32{1}, cover(w), []int32{2}); !slices.Equal(want, ids) {
			t.Fatalf("%q is %v, want %v", w, ids, want)
		}
	}
}

// FuzzLoad: whatever one of the files of a directory says, LoadDir refuses with an error or makes a sound tokenizer.
func FuzzLoad(f *testing.F) {
	files := map[string]string{
		"tokenizer.json":          tokenizerJSON(f, smallVocab(), nil),
		"tokenizer_config.json":   general,
		"special_tokens_map.json": `{"unk_token": "[UNK]", "mask_token": {"content": "[MASK]", "lstrip": true}}`,
		"added_tokens.json":       `{"zz": 24}`,
		"config.json":             `{"model_type": "bert"}`,
		"vocab.txt":               strings.Join(smallVocab(), "\n"),
	}
	names := slices.Sorted(maps.Keys(files))
	for i, name := range names {
		f.Add(uint8(i), true, files[name])
		f.Add(uint8(i), false, files[name])
	}
	at := func(name string) uint8 { return uint8(slices.Index(names, name)) }
	for _, text := range []string{
		`{"tokenizer_class": "BertTokenizerFast", "do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": false}`,
		`{"added_tokens_decoder": {"5": {"content": "New York", "normalized": true, "single_word": true}, "30": {"content": "e\u0301", "rstrip": true}}}`,
		`{"cls_token": "hello", "sep_token": {"content": "a"}, "unk_token": null, "additional_special_tokens": ["<x>", {"content": "b"}]}`,
		`{"tokenizer_class": null, "model_max_length": 1e30}`,
	} {
		f.Add(at("tokenizer_config.json"), true, text)
		f.Add(at("tokenizer_config.json"), false, text)
	}
	for _, text := range []string{
		tokenizerJSON(f, smallVocab()[:5], func(doc map[string]any) {
			doc["post_processor"] = object{"type": "BertProcessing", "cls": []any{"[CLS]", 2}, "sep": []any{"[SEP]", 3}}
		}),
		tokenizerJSON(f, smallVocab(), func(doc map[string]any) { doc["post_processor"] = nil }),
		tokenizerJSON(f, smallVocab()[:7], func(doc map[string]any) {
			doc["model"].(object)["continuing_subword_prefix"] = ""
			doc["model"].(object)["max_input_chars_per_word"] = 1
		}),
	} {
		f.Add(at("tokenizer.json"), true, text)
	}
	f.Add(at("vocab.txt"), false, "[UNK]\r\n[CLS]\n[SEP]\n\n\u3000a \nb\nb")
	f.Add(at("added_tokens.json"), false, `{"e\u0301": 3, "\ufffd": 100}`)
	dir := writeDir(f, files)
	f.Fuzz(func(t *testing.T, which uint8, withJSON bool, text string) {
		name := names[int(which)%len(names)]
		for n, whole := range files { // restores what the call before changed
			if n == name {
				whole = text
			}
			path := filepath.Join(dir, n)
			if n == "tokenizer.json" && !withJSON {
				require.NoError(t, os.RemoveAll(path))
				continue
			}
			require.NoError(t, os.WriteFile(path, []byte(whole), 0o600))
		}
		var tok *Tokenizer
		var err error
		took := testutil.Allocated(func() { tok, err = LoadDir(dir) })
		require.LessOrEqual(t, took, uint64(1<<23+512*len(text)), "memory beyond what the file calls for")
		if err != nil {
			require.Nil(t, tok)
			require.NotEmpty(t, err.Error())
			return
		}
		for _, s := range oddTexts {
			ids, _ := tok.Encode(nil, s, 7)
			require.LessOrEqual(t, len(ids), 7)
			for _, id := range ids {
				require.True(t, id >= 0 && int(id) < tok.Size(), "id %d of %d", id, tok.Size())
			}
			checkLimit(t, tok, s, 3)
		}
		for i, s := range tok.Vocab() {
			if s != "" {
				require.Equal(t, s, tok.Token(int32(i)))
			}
		}
		for _, a := range tok.Config().Added {
			_, ok := tok.ID(a.Content)
			require.True(t, ok, fmt.Sprintf("%q", a.Content))
		}
		require.NoError(t, tok.Config().Validate())
	})
}
