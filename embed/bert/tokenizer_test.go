package bert

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
)

// unigramJSON is a tokenizer.json like that of XLM-RoBERTa.
func unigramJSON(tb testing.TB) string {
	tb.Helper()
	vocab := [][]any{{"<s>", 0}, {"<pad>", 0}, {"</s>", 0}, {"<unk>", 0}, {"<mask>", 0}, {"▁", -3}}
	for i, piece := range []string{"▁the", "▁read", "▁file", "ing", "ed", "▁мир", "你好", "▁err", "or"} {
		vocab = append(vocab, []any{piece, -4 - float64(i)/8})
	}
	for c := 'a'; c <= 'z'; c++ {
		vocab = append(vocab, []any{string(c), -6})
	}
	special := func(s string) any { return map[string]any{"SpecialToken": map[string]any{"id": s, "type_id": 0}} }
	var added []any
	for i, s := range []string{"<s>", "<pad>", "</s>", "<unk>", "<mask>"} {
		added = append(added, map[string]any{"id": i, "content": s, "special": true, "lstrip": s == "<mask>"})
	}
	b, err := json.Marshal(map[string]any{
		"added_tokens":  added,
		"normalizer":    map[string]any{"type": "NFKC"},
		"pre_tokenizer": map[string]any{"type": "Sequence", "pretokenizers": []any{map[string]any{"type": "WhitespaceSplit"}, map[string]any{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}}},
		"post_processor": map[string]any{
			"type": "TemplateProcessing", "single": []any{special("<s>"), map[string]any{"Sequence": map[string]any{"id": "A"}}, special("</s>")},
			"special_tokens": map[string]any{"<s>": map[string]any{"ids": []int{0}}, "</s>": map[string]any{"ids": []int{2}}},
		},
		"model": map[string]any{"type": "Unigram", "unk_id": 3, "vocab": vocab},
	})
	require.NoError(tb, err)
	return string(b)
}

// TestUnigram: a BERT with a tokenizer of another kind gives the vectors of that tokenizer's ids,
// from the directory and as converted, with windows and without.
func TestUnigram(t *testing.T) {
	m := newTiny(t)
	delete(m.files, "vocab.txt")
	m.files["tokenizer_config.json"] = `{"tokenizer_class": "XLMRobertaTokenizer"}`
	m.files["tokenizer.json"] = unigramJSON(t)
	dir := m.save(t)
	e := load(t, dir, Config{})
	require.Nil(t, e.Tokenizer())
	ids, cut := e.Tokens("the  files <mask>мир ｅrror €")
	require.Equal(t, []int32{0, 6, 8, 33, 4, 11, 13, 14, 5, 3, 2}, ids)
	require.False(t, cut)

	texts := []string{"", "the files", "reading 你好", strings.Repeat("error ", 100), "€"}
	want := embedAll(t, e, texts)
	var sequences [][]int32
	for _, text := range texts {
		ids, _ := e.Tokens(text)
		sequences = append(sequences, ids)
	}
	x, err := e.EmbedIDs(context.Background(), sequences, embed.Options{})
	require.NoError(t, err)
	for i, row := range want { // the mean of the same rows, before it is normalized
		other := make([]float32, x.Cols)
		copy(other, x.Data[i*x.Stride:])
		normalize(other)
		require.InDeltaSlice(t, row, other, 1e-6, "%q", texts[i])
	}

	data := convert(t, m)
	for _, windows := range []bool{false, true} {
		small, err := Parse("here", data, Config{Windows: windows})
		require.NoError(t, err)
		require.Nil(t, small.Tokenizer())
		for i, row := range embedAll(t, small, texts) {
			a, _ := small.Tokens(texts[i])
			require.Equal(t, sequences[i], a)
			if cosine, _ := compare(want[i], row); !windows {
				require.GreaterOrEqual(t, cosine, 0.999, "%q", texts[i])
			}
		}
	}
	require.Equal(t, e.Identity(), load(t, dir, Config{}).Identity())
	m.files["tokenizer.json"] = strings.Replace(m.files["tokenizer.json"], "NFKC", "NFC", 1)
	require.NotEqual(t, e.Identity(), load(t, m.save(t), Config{}).Identity(), "another normalizer is another model")
}

// TestTokenizerRefused: a component that is not supported is named, also where a converted file has
// it.
func TestTokenizerRefused(t *testing.T) {
	m := newTiny(t)
	m.files["tokenizer.json"] = strings.Replace(unigramJSON(t), "NFKC", "Transliterate", 1)
	refuses(t, m.save(t), "tokenizer.json", "normalizer.type is Transliterate, only these are supported: BertNormalizer")
	m.files["tokenizer.json"] = unigramJSON(t)
	m.set(t, "sentence_bert_config.json", "do_lower_case", true)
	refuses(t, m.save(t), "do_lower_case is true, want false, but for a tokenizer of the BERT family")
	m.set(t, "sentence_bert_config.json", "do_lower_case", nil)
	data := convert(t, m)
	_, err := Parse("here", []byte(strings.Replace(string(data), "NFKC", "NFQC", 1)), Config{})
	require.ErrorContains(t, err, fmt.Sprintf("metadata %s: normalizer.type is NFQC", metaFile))
}
