// Package stem reduces words to their stems, so that "reading" and "reads" are counted as one term:
//
//	cfg := ctfidf.Config{}
//	cfg.Stem, err = stem.New("english")
//
// The stemmers are those of the Snowball project (https://snowballstem.org) as Go code. Only a program that imports this
// package carries them.
package stem

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/tamil"
	"github.com/blevesearch/snowballstem/turkish"
)

var stemmers = map[string]func(*snowballstem.Env) bool{
	"arabic": arabic.Stem, "danish": danish.Stem, "dutch": dutch.Stem, "english": english.Stem, "finnish": finnish.Stem,
	"french": french.Stem, "german": german.Stem, "hungarian": hungarian.Stem, "irish": irish.Stem,
	"italian": italian.Stem, "norwegian": norwegian.Stem, "portuguese": portuguese.Stem, "romanian": romanian.Stem,
	"russian": russian.Stem, "spanish": spanish.Stem, "swedish": swedish.Stem, "tamil": tamil.Stem, "turkish": turkish.Stem,
}

// Languages are the names that New knows, sorted.
func Languages() []string { return slices.Sorted(maps.Keys(stemmers)) }

// New is the stemmer of a language, by its English name in lower case. It may be called from several goroutines at once.
// Give it words in lower case.
func New(language string) (func(word string) string, error) {
	stem, ok := stemmers[language]
	if !ok {
		return nil, fmt.Errorf("stem: no stemmer for %q, want one of %s", language, strings.Join(Languages(), ", "))
	}
	envs := sync.Pool{New: func() any { return snowballstem.NewEnv("") }}
	return func(word string) string {
		env := envs.Get().(*snowballstem.Env)
		defer envs.Put(env)
		env.SetCurrent(word)
		stem(env)
		return env.Current()
	}, nil
}
