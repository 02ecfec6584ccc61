// Package language names the language of texts, by their stop words and scripts.
package language

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// Languages that Of knows: those of the Latin script by their stop words, the others by their script.
var (
	byWords = []string{
		"danish", "dutch", "english", "finnish", "french", "german", "italian", "norwegian", "polish", "portuguese", "spanish", "swedish", "turkish",
		"catalan", "czech", "hungarian", "indonesian", "romanian", "vietnamese",
	}
	byScript = []string{"arabic", "bulgarian", "chinese", "greek", "hebrew", "hindi", "japanese", "korean", "persian", "russian", "thai", "ukrainian"}
	known    = slices.Concat(byWords, byScript)
)

// Names returns the names that Of gives, sorted.
func Names() []string { return slices.Sorted(slices.Values(known)) }

// Of returns the language that most of a text's sentences are in, by its English name in lower case, or "" where the text
// does not tell: it is too short, has hardly any sentences (code, names, a log), or could be of several.
//
// A language of the Latin script is known by its function words, which program texts and names have few of; one that
// others have too counts for less. Other scripts tell the language themselves. Names and terms in English do not make a
// text English.
func Of(text string) string { return of(text, leastWords) }

// of is Of for a text in which a language of the Latin script needs at least words different function words.
func of(text string, words int) string {
	s := score(text, words)
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
	leastWords    = 2   // different function words: one word that is repeated is no evidence
	leastOfCorpus = 5   // different function words of a corpus that is taken as one text
)

// Foreign returns the language that speaks most clearly against a text being in one of keep, which Set gives; "" where none
// does.
func Foreign(text string, keep []bool) string {
	s := score(text, leastWords)
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

// Set returns the languages of the names, for Foreign. The error names one that is not known.
func Set(names []string) ([]bool, error) {
	keep := make([]bool, len(known))
	for _, name := range names {
		i := slices.Index(known, strings.ToLower(name))
		if i < 0 {
			return nil, fmt.Errorf("the language is %q, want one of %s", name, strings.Join(Names(), ", "))
		}
		keep[i] = true
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no language to keep, want some of %s", strings.Join(Names(), ", "))
	}
	return keep, nil
}

// functionWord is a stop word of at least one language.
type functionWord struct {
	id        int   // from 1
	languages []int // places in byWords
}

// functionWords returns the stop words of all languages of byWords.
var functionWords = sync.OnceValue(func() map[string]functionWord {
	words := map[string]functionWord{}
	for i, language := range byWords {
		list, err := ctfidf.StopWords(language)
		if err != nil {
			panic("language: " + err.Error())
		}
		for _, w := range list {
			word := words[w]
			if word.id == 0 {
				word.id = len(words) + 1
			}
			word.languages = append(word.languages, i)
			words[w] = word
		}
	}
	return words
})

// different counts the different function words of a language, up to leastOfCorpus.
type different struct {
	ids [leastOfCorpus]int
	n   int
}

// add counts the word with this id, unless it was counted.
func (d *different) add(id int) {
	if d.n < len(d.ids) && !slices.Contains(d.ids[:d.n], id) {
		d.ids[d.n] = id
		d.n++
	}
}

// glue joins a word with what is before or after it to a name, an address or a piece of code.
const glue = "./\\:@_-=#$&"

// score returns the evidence for each of the known languages, in function words. A language of byWords
// with fewer than least different function words has none.
func score(text string, least int) (s [31]float64) {
	words := functionWords()
	seen := make([]different, len(byWords))
	var letters [len(scripts)]int
	var runs [len(scripts)]int // words, where the script has them
	ukrainian, bulgarian, persian := false, 0, 0
	last := -1
	begin := -1
	end := func(i int) {
		if begin < 0 {
			return
		}
		word := words[strings.ToLower(text[begin:i])]
		if i-begin == 1 || begin > 0 && strings.IndexByte(glue, text[begin-1]) >= 0 || i < len(text) && strings.IndexByte(glue, text[i]) >= 0 && i+1 < len(text) && text[i+1] > ' ' {
			word.languages = nil
		}
		for _, l := range word.languages {
			s[l] += 1 / float64(len(word.languages))
			seen[l].add(word.id)
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
			switch {
			case r == 'ъ' || r == 'Ъ':
				bulgarian++
			case strings.ContainsRune("ыэёЫЭЁ", r):
				bulgarian -= 3
			case strings.ContainsRune("پچژگکی", r):
				persian++
			case strings.ContainsRune("ةىيك", r):
				persian--
			}
		}
		last = k
	}
	end(len(text))
	for l := range seen {
		if seen[l].n < least {
			s[l] = 0
		}
	}

	// About half of the words of a text are function words; a word of a script without spaces is one sign, or two.
	add := func(language string, words float64) { s[slices.Index(known, language)] += words / 2 }
	switch {
	case ukrainian:
		add("ukrainian", float64(runs[cyrillic]))
	case 10*bulgarian > runs[cyrillic]: // whose ъ is a vowel, in one word of five
		add("bulgarian", float64(runs[cyrillic]))
	default:
		add("russian", float64(runs[cyrillic]))
	}
	if letters[kana] > 0 {
		add("japanese", float64(letters[kana]+letters[han]))
	} else {
		add("chinese", float64(letters[han]))
	}
	add("korean", float64(runs[hangul]))
	add("greek", float64(runs[greek]))
	if persian > 0 {
		add("persian", float64(runs[arabic]))
	} else {
		add("arabic", float64(runs[arabic]))
	}
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

// Share is how many of the texts of which the language is known are in one.
type Share struct {
	Language string
	Share    float64 // in (0, 1]
}

// sampled bounds how many texts Detect looks at.
const sampled = 2000

// Detect returns the languages of a corpus, the most frequent first, those of less than a tenth of the texts left out. Texts
// whose language is not clear do not count; where that leaves fewer than three in a hundred, the corpus is taken as one text. It
// looks at 2,000 texts at most, which it takes at equal distances.
func Detect(texts []string) []Share {
	counts, clear, looked := map[string]int{}, 0, 0
	step := max(1, len(texts)/sampled)
	for i := 0; i < len(texts); i += step {
		looked++
		if name := Of(texts[i]); name != "" {
			counts[name]++
			clear++
		}
	}
	if 100*clear < 3*looked {
		var b strings.Builder
		for i := 0; i < len(texts) && b.Len() < 1<<20; i += step {
			b.WriteString(texts[i])
			b.WriteByte('\n')
		}
		if name := of(b.String(), leastOfCorpus); name != "" {
			return []Share{{name, 1}}
		}
		return nil
	}
	var out []Share
	for name, n := range counts {
		if 10*n >= clear {
			out = append(out, Share{name, float64(n) / float64(clear)})
		}
	}
	slices.SortFunc(out, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), strings.Compare(a.Language, b.Language))
	})
	return out
}
