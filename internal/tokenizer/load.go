package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// Load reads the tokenizer of a model directory. One of the BERT family (WordPiece with
// BertNormalizer and BertPreTokenizer, or a vocab.txt without tokenizer.json) is read as
// wordpiece.LoadDir has it. Of any other, tokenizer.json counts, with the added tokens of
// tokenizer_config.json (added_tokens_decoder) over its own.
func Load(dir string) (*Tokenizer, error) {
	path := filepath.Join(dir, "tokenizer.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		for _, other := range []string{"sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "spm.model", "merges.txt"} {
			if _, err := os.Stat(filepath.Join(dir, other)); err == nil {
				return nil, fmt.Errorf("%s: %s alone is not supported, want a tokenizer.json, which transformers writes by save_pretrained: %w", dir, other, fs.ErrNotExist)
			}
		}
		return ofBERT(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	if family(data) {
		return ofBERT(dir)
	}
	if data, err = withConfig(data, filepath.Join(dir, "tokenizer_config.json")); err != nil {
		return nil, err
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, lineOf(data, err))
	}
	return t, nil
}

func ofBERT(dir string) (*Tokenizer, error) {
	t, err := wordpiece.LoadDir(dir)
	if err != nil {
		return nil, err
	}
	return OfWordPiece(t), nil
}

// family reports whether a tokenizer.json is of the BERT family, or so broken that the family's
// error is as good as any.
func family(data []byte) bool {
	type typed struct {
		Type string `json:"type"`
	}
	var f struct {
		Normalizer   *typed `json:"normalizer"`
		PreTokenizer *typed `json:"pre_tokenizer"`
		Model        *struct {
			typed
			MaxChars *int `json:"max_input_chars_per_word"`
		} `json:"model"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), &f); err != nil {
		return true
	}
	return f.Model != nil && (f.Model.Type == "WordPiece" || f.Model.Type == "" && f.Model.MaxChars != nil) &&
		f.Normalizer != nil && f.Normalizer.Type == "BertNormalizer" && f.PreTokenizer != nil && f.PreTokenizer.Type == "BertPreTokenizer"
}

// withConfig returns a tokenizer.json with the added tokens of a tokenizer_config.json, which need
// not be there.
func withConfig(data []byte, path string) ([]byte, error) {
	config, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return data, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	var c struct {
		Added map[string]map[string]any `json:"added_tokens_decoder"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(config, []byte("\xEF\xBB\xBF")), &c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, lineOf(config, err))
	}
	if len(c.Added) == 0 {
		return data, nil
	}
	doc := map[string]json.RawMessage{}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), &doc); err != nil {
		return nil, err
	}
	var added []map[string]any
	if b := doc["added_tokens"]; !absent(b) {
		if err := json.Unmarshal(b, &added); err != nil {
			return nil, fmt.Errorf("added_tokens: %w", err)
		}
	}
	ids, keys := map[int]map[string]any{}, map[int]string{}
	for _, key := range slices.Sorted(maps.Keys(c.Added)) {
		a := c.Added[key]
		id, err := strconv.Atoi(key)
		if err != nil {
			return nil, fmt.Errorf("%s: added_tokens_decoder: %q is not a token id", path, key)
		}
		if _, ok := a["content"].(string); !ok {
			return nil, fmt.Errorf("%s: added_tokens_decoder: the content of %q is %v, want a text", path, key, a["content"])
		}
		if before, ok := keys[id]; ok {
			return nil, fmt.Errorf("%s: added_tokens_decoder: %q and %q are the same id, want each id once", path, before, key)
		}
		keys[id] = key
		ids[id] = maps.Clone(a)
		ids[id]["id"] = id
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		a := ids[id]
		i := slices.IndexFunc(added, func(b map[string]any) bool { return b["content"] == a["content"] })
		if i < 0 {
			added = append(added, a)
			continue
		}
		a["id"] = added[i]["id"]
		added[i] = a
	}
	if doc["added_tokens"], err = json.Marshal(added); err != nil {
		return nil, err
	}
	return json.Marshal(doc)
}

// lineOf adds the line to a syntax error.
func lineOf(b []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: %w", 1+bytes.Count(b[:min(int(syntax.Offset), len(b))], []byte("\n")), err)
	}
	return err
}
