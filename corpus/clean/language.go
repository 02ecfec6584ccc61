package clean

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// Languages that Language knows: those of the Latin script by their stop words, the others by their script.
var (
	byWords  = []string{"danish", "dutch", "english", "finnish", "french", "german", "italian", "norwegian", "polish", "portuguese", "spanish", "swedish", "turkish"}
	byScript = []string{"arabic", "chinese", "greek", "hebrew", "hindi", "japanese", "korean", "russian", "thai", "ukrainian"}
	known    = slices.Concat(byWords, byScript)
)

// Languages are the names that Language gives, sorted.
func Languages() []string { return slices.Sorted(slices.Values(known)) }

// Language is the language that most of a text's sentences are in, by its English name in lower case, or "" where the text
// does not tell: it is too short, has hardly any sentences (code, names, a log), or could be of several.
//
// A language of the Latin script is known by its function words, which program texts and names have few of; one that
// others have too counts for less. Other scripts tell the language themselves. Names and terms in English do not make a
// text English.
func Language(text string) string {
	s := score(text)
	best, second := 0, -1
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] > s[best]:
			best, second = i, best
		case second < 0 || s[i] > s[second]:
			second = i
		}
	}
	if s[best] < leastEvidence || s[best] < clearly*s[second] {
		return ""
	}
	return known[best]
}

const (
	leastEvidence = 1.5 // function words that no other language has
	clearly       = 2   // times the evidence for any other language
)

// foreign is the language that speaks most clearly against a text being in one of keep, "" where none does.
func foreign(text string, keep []bool) string {
	s := score(text)
	best, kept := -1, 0.0
	for i, v := range s {
		switch {
		case keep[i]:
			kept = max(kept, v)
		case best < 0 || v > s[best]:
			best = i
		}
	}
	if best < 0 || s[best] < leastEvidence || s[best] < clearly*kept {
		return ""
	}
	return known[best]
}

// languageSet checks names of languages.
func languageSet(names []string) ([]bool, error) {
	keep := make([]bool, len(known))
	for _, name := range names {
		i := slices.Index(known, strings.ToLower(name))
		if i < 0 {
			return nil, fmt.Errorf("the language is %q, want one of %s", name, strings.Join(Languages(), ", "))
		}
		keep[i] = true
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no language to keep, want some of %s", strings.Join(Languages(), ", "))
	}
	return keep, nil
}

// functionWords are the languages of each stop word, by their places in byWords.
var functionWords = sync.OnceValue(func() map[string][]int {
	words := map[string][]int{}
	for i, language := range byWords {
		list, err := ctfidf.StopWords(language)
		if err != nil {
			panic("clean: " + err.Error())
		}
		for _, w := range list {
			words[w] = append(words[w], i)
		}
	}
	return words
})

// glue joins a word with what is before or after it to a name, an address or a piece of code.
const glue = "./\\:@_-=#$&"

// score is the evidence for each of the known languages, in function words.
func score(text string) (s [23]float64) {
	words := functionWords()
	var letters [len(scripts)]int
	var runs [len(scripts)]int // words, where the script has them
	ukrainian := false
	last := -1
	begin := -1
	end := func(i int) {
		if begin < 0 {
			return
		}
		languages := words[strings.ToLower(text[begin:i])]
		if i-begin == 1 || begin > 0 && strings.IndexByte(glue, text[begin-1]) >= 0 || i < len(text) && strings.IndexByte(glue, text[i]) >= 0 && i+1 < len(text) && text[i+1] > ' ' {
			languages = nil
		}
		for _, l := range languages {
			s[l] += 1 / float64(len(languages))
		}
		begin = -1
	}
	for i, r := range text {
		if unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) || r == '_' {
			if begin < 0 {
				begin = i
			}
			last = -1
			continue
		}
		end(i)
		if r < 0x370 {
			last = -1
			continue
		}
		k := scriptOf(r)
		if k >= 0 {
			letters[k]++
			if k != last {
				runs[k]++
			}
			ukrainian = ukrainian || strings.ContainsRune("іїєґІЇЄҐ", r)
		}
		last = k
	}
	end(len(text))

	// About half of the words of a text are function words; a word of a script without spaces is one sign, or two.
	add := func(language string, words float64) { s[slices.Index(known, language)] += words / 2 }
	if ukrainian {
		add("ukrainian", float64(runs[cyrillic]))
	} else {
		add("russian", float64(runs[cyrillic]))
	}
	if letters[kana] > 0 {
		add("japanese", float64(letters[kana]+letters[han]))
	} else {
		add("chinese", float64(letters[han]))
	}
	add("korean", float64(runs[hangul]))
	add("greek", float64(runs[greek]))
	add("arabic", float64(runs[arabic]))
	add("hebrew", float64(runs[hebrew]))
	add("hindi", float64(runs[devanagari]))
	add("thai", float64(letters[thai]))
	return s
}

const (
	han = iota
	kana
	hangul
	cyrillic
	greek
	arabic
	hebrew
	devanagari
	thai
)

var scripts = [...][]*unicode.RangeTable{
	han: {unicode.Han}, kana: {unicode.Hiragana, unicode.Katakana}, hangul: {unicode.Hangul}, cyrillic: {unicode.Cyrillic},
	greek: {unicode.Greek}, arabic: {unicode.Arabic}, hebrew: {unicode.Hebrew}, devanagari: {unicode.Devanagari}, thai: {unicode.Thai},
}

func scriptOf(r rune) int {
	for k, tables := range scripts {
		if unicode.In(r, tables...) {
			return k
		}
	}
	return -1
}
