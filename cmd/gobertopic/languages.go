package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/ctfidf/language"
	"github.com/gobertopic/gobertopic/ctfidf/words"
	"github.com/gobertopic/gobertopic/topic"
)

// applyPattern makes words what --token-pattern matches, which is an expression of Python's.
func (o wordOptions) applyPattern(v *ctfidf.Config) error {
	switch {
	case o.pattern == "":
		return nil
	case o.tokens != "word":
		return usage{errors.New("--token-pattern goes with --tokens word")}
	case strings.TrimPrefix(o.pattern, "(?u)") == strings.TrimPrefix(words.DefaultPattern, "(?u)"):
		v.PythonWords = true // the same, and much faster
		return nil
	}
	tokenizer, err := words.Pattern(o.pattern)
	if err != nil {
		return usage{fmt.Errorf("--token-pattern: %w", err)}
	}
	v.Tokenizer = tokenizer
	return nil
}

// detect leaves out the stop words of the languages that the documents are in, where --stop-words does not say which, and tells
// of them, unless it is English alone.
func (o wordOptions) detect(in *input, cfg *topic.Config) error {
	if len(o.stopWords) > 0 {
		return nil
	}
	var names, told []string
	for _, share := range language.Detect(in.texts) {
		told = append(told, fmt.Sprintf("%s %.0f %%", share.Language, 100*share.Share))
		if slices.Contains(ctfidf.StopWordLanguages(), share.Language) {
			names = append(names, share.Language)
		}
	}
	if len(told) == 0 || slices.Equal(names, []string{"english"}) && len(told) == 1 {
		return nil
	}
	list := make([]string, 0, 1000)
	for _, name := range names {
		more, err := ctfidf.StopWords(name)
		if err != nil {
			return err
		}
		list = append(list, more...)
	}
	which := strings.Join(names, ",")
	if which == "" {
		which = "none"
	}
	cfg.Vocabulary.StopWords = list
	in.warnings = append(in.warnings, stopWordWarning(told, names))

	// The model is to be described again with the same words.
	var args []string
	if noted := cfg.Notes[flagsNote]; noted != "" {
		if err := json.Unmarshal([]byte(noted), &args); err != nil {
			return err
		}
	}
	for _, name := range strings.Split(which, ",") {
		args = append(args, "--stop-words="+name)
	}
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	if cfg.Notes == nil {
		cfg.Notes = map[string]string{}
	}
	cfg.Notes[flagsNote] = string(text)
	return nil
}

// stopWordWarning tells of the languages of the documents, with their shares, and whose stop words are left out.
func stopWordWarning(told, names []string) error {
	languages := strings.Join(told, ", ")
	if len(names) == 0 {
		return fmt.Errorf("the documents are in %s, of which there is no list of stop words: no words are left out; --stop-words @FILE has words of one's own", languages)
	}
	return fmt.Errorf("the documents are in %s: the stop words of --stop-words %s are left out", languages, strings.Join(names, ","))
}
