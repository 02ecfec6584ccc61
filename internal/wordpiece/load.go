package wordpiece

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
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// LoadDir reads the tokenizer of a sentence-transformers or Hugging Face model directory as AutoTokenizer of transformers
// 5.23 does: tokenizer.json, or else vocab.txt, with what tokenizer_config.json, special_tokens_map.json, added_tokens.json
// and config.json say.
//
// A directory whose tokenizer class is BertTokenizer or DistilBertTokenizer (Fast or not; a directory that names no class is
// judged by config.json's model_type) takes only the vocabulary and the added tokens from tokenizer.json, again as
// transformers does: case, accents, Chinese characters and special tokens are those of tokenizer_config.json, with
// BertTokenizer's defaults for what is missing there (lower case).
func LoadDir(dir string) (*Tokenizer, error) {
	l := loader{dir: dir}
	var cfg tokenizerConfig
	if _, err := l.json("tokenizer_config.json", &cfg); err != nil {
		return nil, err
	}
	var model struct {
		Type string `json:"model_type"`
	}
	if _, err := l.json("config.json", &model); err != nil {
		return nil, err
	}
	class := strings.TrimSuffix(cfg.Class, "Fast")
	if class == "" && (model.Type == "bert" || model.Type == "distilbert") {
		class = "BertTokenizer"
	}
	native := class == "BertTokenizer" || class == "DistilBertTokenizer"

	var file tokenizerFile
	found, err := l.json("tokenizer.json", &file)
	if err != nil {
		return nil, err
	}
	if !found {
		return l.fromVocab(&cfg)
	}
	path := filepath.Join(dir, "tokenizer.json")
	if err := file.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	vocab, extra := file.entries()
	c, own, err := file.config()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tmpl := own
	if native {
		added := c.Added
		c, tmpl = DefaultConfig(), nil
		c.Added = added
		if err := l.apply(&cfg, &c); err != nil {
			return nil, err
		}
	} else {
		// Token names only: ids come from the file's template.
		if err := l.specials(&cfg, &c); err != nil {
			return nil, err
		}
	}
	more, err := l.added(&cfg, &c)
	if err != nil {
		return nil, err
	}
	t, err := build(vocab, append(extra, more...), c, tmpl)
	if err == nil {
		err = own.check(t) // also where it is not followed: a file whose ids are not its tokens' is a broken one
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

type loader struct{ dir string }

// json reads a file of the directory into v; false when there is none.
func (l loader) json(name string, v any) (bool, error) {
	path := filepath.Join(l.dir, name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read tokenizer: %w", err)
	}
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")) // a byte-order mark
	if err := json.Unmarshal(b, v); err != nil {
		return false, fmt.Errorf("%s: %w", path, jsonWhere(b, err))
	}
	return true, nil
}

// jsonWhere adds the line to a syntax error.
func jsonWhere(b []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: %w", 1+bytes.Count(b[:min(int(syntax.Offset), len(b))], []byte("\n")), err)
	}
	return err
}

// fromVocab is the directory without a tokenizer.json.
func (l loader) fromVocab(cfg *tokenizerConfig) (*Tokenizer, error) {
	path := filepath.Join(l.dir, "vocab.txt")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: holds neither tokenizer.json nor vocab.txt: %w", l.dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	c := DefaultConfig()
	if err := l.apply(cfg, &c); err != nil {
		return nil, err
	}
	more, err := l.added(cfg, &c)
	if err != nil {
		return nil, err
	}
	t, err := build(vocabLines(b), more, c, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// vocabLines are the tokens of a vocab.txt: one a line, white space at the end of a line is not part of it.
func vocabLines(b []byte) []entry {
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if len(b) == 0 {
		lines = nil
	}
	entries := make([]entry, len(lines))
	for i, s := range lines {
		entries[i] = entry{strings.TrimRightFunc(s, unicode.IsSpace), int32(i)}
	}
	return entries
}

// tokenizerConfig is tokenizer_config.json.
type tokenizerConfig struct {
	Class     string                `json:"tokenizer_class"`
	Lowercase *bool                 `json:"do_lower_case"`
	Strip     *bool                 `json:"strip_accents"`
	Chinese   *bool                 `json:"tokenize_chinese_chars"`
	Added     map[string]addedEntry `json:"added_tokens_decoder"`
	specialsMap
}

// specialsMap is special_tokens_map.json, and a part of tokenizer_config.json.
type specialsMap struct {
	Unk   *addedEntry  `json:"unk_token"`
	Cls   *addedEntry  `json:"cls_token"`
	Sep   *addedEntry  `json:"sep_token"`
	Pad   *addedEntry  `json:"pad_token"`
	Mask  *addedEntry  `json:"mask_token"`
	Extra []addedEntry `json:"additional_special_tokens"`
}

// addedEntry is an added token as JSON has it: an object, or its text alone.
type addedEntry struct {
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
	ID         int32  `json:"id"`
}

func (a *addedEntry) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &a.Content)
	}
	type plain addedEntry
	return json.Unmarshal(b, (*plain)(a))
}

func (a addedEntry) token() AddedToken {
	return AddedToken{Content: a.Content, SingleWord: a.SingleWord, LStrip: a.LStrip, RStrip: a.RStrip, Normalized: a.Normalized}
}

// apply overlays tokenizer_config.json and special_tokens_map.json on c.
func (l loader) apply(cfg *tokenizerConfig, c *Config) error {
	if cfg.Lowercase != nil {
		c.Lowercase = *cfg.Lowercase
	}
	if cfg.Chinese != nil {
		c.ChineseChars = *cfg.Chinese
	}
	c.StripAccents = cfg.Strip
	return l.specials(cfg, c)
}

// specials sets the names of the special tokens.
func (l loader) specials(cfg *tokenizerConfig, c *Config) error {
	var m specialsMap
	if _, err := l.json("special_tokens_map.json", &m); err != nil {
		return err
	}
	for _, s := range []struct {
		name    *string
		sources [2]*addedEntry
	}{
		{&c.Unk, [2]*addedEntry{cfg.Unk, m.Unk}},
		{&c.Cls, [2]*addedEntry{cfg.Cls, m.Cls}},
		{&c.Sep, [2]*addedEntry{cfg.Sep, m.Sep}},
		{&c.Pad, [2]*addedEntry{cfg.Pad, m.Pad}},
		{&c.Mask, [2]*addedEntry{cfg.Mask, m.Mask}},
	} {
		for _, from := range s.sources {
			if from != nil && from.Content != "" {
				*s.name = from.Content
				// Its flags count when it is written as an object.
				if !slices.ContainsFunc(c.Added, func(a AddedToken) bool { return a.Content == from.Content }) {
					c.Added = append(c.Added, from.token())
				}
				break
			}
		}
	}
	for _, a := range append(slices.Clone(cfg.Extra), m.Extra...) {
		if a.Content != "" && !slices.ContainsFunc(c.Added, func(b AddedToken) bool { return a.Content == b.Content }) {
			c.Added = append(c.Added, a.token())
		}
	}
	return nil
}

// added overlays the added tokens of tokenizer_config.json (added_tokens_decoder) and added_tokens.json on c, and returns
// their ids.
func (l loader) added(cfg *tokenizerConfig, c *Config) ([]entry, error) {
	known := func(content string) func(AddedToken) bool {
		return func(b AddedToken) bool { return content == b.Content }
	}
	var more []entry
	flags, keys := map[int32]addedEntry{}, map[int32]string{}
	path := filepath.Join(l.dir, "tokenizer_config.json")
	for _, key := range slices.Sorted(maps.Keys(cfg.Added)) {
		id, err := strconv.ParseInt(key, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s: added_tokens_decoder: %q is not a token id", path, key)
		}
		if before, ok := keys[int32(id)]; ok {
			return nil, fmt.Errorf("%s: added_tokens_decoder: %q and %q are the same id, want each id once", path, before, key)
		}
		keys[int32(id)] = key
		if a := cfg.Added[key]; a.Content != "" {
			more = append(more, entry{a.Content, int32(id)})
			flags[int32(id)] = a
		}
	}
	sortEntries(more)
	for _, e := range more {
		a := flags[e.id].token()
		if i := slices.IndexFunc(c.Added, known(a.Content)); i >= 0 {
			c.Added[i] = a
		} else {
			c.Added = append(c.Added, a)
		}
	}
	var ids map[string]int32
	if _, err := l.json("added_tokens.json", &ids); err != nil {
		return nil, err
	}
	var plain []entry
	for content, id := range ids {
		if content != "" && !slices.ContainsFunc(more, func(e entry) bool { return e.token == content }) {
			plain = append(plain, entry{content, id})
		}
	}
	sortEntries(plain)
	for _, e := range plain {
		if !slices.ContainsFunc(c.Added, known(e.token)) {
			c.Added = append(c.Added, AddedToken{Content: e.token, Normalized: true})
		}
	}
	return append(more, plain...), nil
}

func sortEntries(e []entry) {
	sort.Slice(e, func(i, j int) bool {
		if e[i].id != e[j].id {
			return e[i].id < e[j].id
		}
		return e[i].token < e[j].token
	})
}
