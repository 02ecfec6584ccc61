package ctfidf

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// ErrEmptyVocabulary is returned when no term is left: the documents are empty, hold nothing but stop words and single
// characters, or MinDF and MaxDF leave out every term.
var ErrEmptyVocabulary = errors.New("ctfidf: empty vocabulary")

// DF is a bound on the number of classes that hold a term: a count of classes or a share of them. The zero value is no
// bound. DF{Count: 1} is one class, DF{Share: 1} all of them, as the integer 1 and the float 1.0 are in scikit-learn.
type DF struct {
	Count int     `json:"count"` // a number of classes, at least 1; 0 when Share is used
	Share float64 `json:"share"` // a share of the classes in (0, 1]; 0 when Count is used
}

func (d DF) String() string {
	switch {
	case d.Count != 0 && d.Share != 0:
		return fmt.Sprintf("Count %d and Share %v", d.Count, d.Share)
	case d.Share != 0:
		return fmt.Sprintf("Share %v", d.Share)
	case d.Count != 0:
		return fmt.Sprintf("Count %d", d.Count)
	}
	return "no bound"
}

func (d DF) valid() bool {
	if d.Share != 0 {
		return d.Count == 0 && d.Share > 0 && d.Share <= 1
	}
	return d.Count >= 0
}

// classes is the bound as a number of classes out of n.
func (d DF) classes(n int, none float64) float64 {
	switch {
	case d.Share != 0:
		return d.Share * float64(n)
	case d.Count != 0:
		return float64(d.Count)
	}
	return none
}

// Config says how texts become terms and which terms are kept. The zero value has the defaults of CountVectorizer but for PythonWords: lower
// case, single words, every term kept. The names in brackets are CountVectorizer's.
type Config struct {
	// KeepCase leaves the case of letters. Default false: the text is lowered first, as Python's str.lower does, by the
	// full mapping, final sigma included. [not lowercase]
	KeepCase bool `json:"keep_case"`
	// NGramMin is the shortest run of tokens that is a term, in [1, 1000]. 0, the default, means 1. [ngram_range]
	NGramMin int `json:"ngram_min"`
	// NGramMax is the longest run of tokens that is a term, in [NGramMin, 1000]; a larger value takes memory in proportion.
	// 0, the default, means NGramMin. [ngram_range]
	NGramMax int `json:"ngram_max"`
	// StopWords are tokens to leave out, before n-grams are made. They are compared after lower-casing and are not
	// changed themselves, so write them in lower case. Default none; [StopWords] has lists. [stop_words]
	StopWords []string `json:"stop_words"`
	// MinDF leaves out terms of fewer classes than this. Default no bound. Not applied to a given Vocabulary. [min_df]
	MinDF DF `json:"min_df"`
	// MaxDF leaves out terms of more classes than this. Default no bound. Not applied to a given Vocabulary. [max_df]
	MaxDF DF `json:"max_df"`
	// MaxFeatures keeps the terms of the highest total count, this many; ties go by code point. 0, the default, keeps
	// all. Not applied to a given Vocabulary. [max_features]
	MaxFeatures int `json:"max_features"`
	// Vocabulary is the list of terms to count; all others are ignored, and the columns keep its order. Default nil:
	// the terms of the documents, sorted by code point. [vocabulary]
	Vocabulary []string `json:"vocabulary"`
	// Binary counts a term once for each document that has it, or with Join once for each class, however often it stands
	// there. Default false. [binary]
	Binary bool `json:"binary"`

	// Preprocessor, when not nil, makes the text ready in place of lowering and StripAccents. Like all functions here it
	// is called from several goroutines at once and must not keep state between calls. [preprocessor]
	Preprocessor func(string) string `json:"-"`
	// StripAccents turns accented letters into plain ones, after lower-casing. Default [KeepAccents]. [strip_accents]
	StripAccents Accents `json:"strip_accents"`
	// Analyzer chooses between n-grams of tokens, the default [Words], and n-grams of characters, for which stop words,
	// TokenPattern, Tokenizer and Stem have no effect. [analyzer]
	Analyzer Analyzer `json:"analyzer"`
	// TokenPattern is a regular expression in the syntax of package regexp, whose \w and \b know ASCII alone: write
	// [\pL\pN_] for letters of all scripts. A token is a match, or what the one group of the expression matched. Default
	// "": words of two characters or more, see PythonWords, much faster than any expression. Package words has a tokenizer
	// for expressions of Python. [token_pattern]
	TokenPattern string `json:"token_pattern"`
	// PythonWords makes words what \w\w+ of Python's re finds, as in scikit-learn and BERTopic: a combining mark or a joiner ends
	// a word, which tears the words of most scripts of India, and texts are taken as they are. Default false: texts are
	// composed first (NFC), marks and joiners continue a word, soft hyphens within it are dropped, and so is the dot that the
	// lower case of İ has; Thai, Lao, Khmer and Burmese, which have no spaces, are counted by pairs of grapheme clusters. Texts
	// in ASCII are the same either way. No effect on TokenPattern and Tokenizer but for NFC.
	PythonWords bool `json:"python_words"`
	// Tokenizer, when not nil, cuts a text into tokens in place of the pattern: [CodeTokens] is one, and packages below
	// this one have more. It gets the text cleaned and lowered, with invalid UTF-8 replaced by U+FFFD. Empty tokens are left
	// out. [tokenizer]
	Tokenizer func(string) []string `json:"-"`
	// Stem, when not nil, replaces each token that is not a stop word, before n-grams are made; a token whose stem is
	// empty is left out. It must give one token the same stem always: the answers are remembered.
	Stem func(string) string `json:"-"`

	// CleanASCII does first what BERTopic does to texts when its language is "english": newlines and tabs become
	// spaces, every other character than A–Z, a–z, 0–9 and space is dropped, so that "don't" is counted as "dont".
	// Default false.
	CleanASCII bool `json:"clean_ascii"`
	// Join makes one text of all documents of a class, as BERTopic does, so that n-grams run across the border of two
	// documents, and a class whose text is empty counts the one term "emptydoc". Each class is then counted by one
	// goroutine. Not for n-grams of characters. Default false: an n-gram lies within one document.
	Join bool `json:"join"`

	// Workers is the number of goroutines that count; 0, the default, means GOMAXPROCS. The result is the same for any.
	Workers int `json:"-"`
	// Progress, when not nil, is told how many documents are done, from the goroutine that called. total is 0 when it
	// is not known.
	Progress func(done, total int) `json:"-"`
}

// mostTokens is the most tokens, or characters, of a term.
const mostTokens = 1000

// resolved returns the configuration with the values that its zeros stand for. Resolving it again changes nothing.
func (c Config) resolved() Config {
	c.NGramMin = max(c.NGramMin, 1)
	if c.NGramMax == 0 {
		c.NGramMax = c.NGramMin
	}
	return c
}

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.NGramMin >= 0 && c.NGramMin <= mostTokens, "ctfidf.Config.NGramMin", c.NGramMin, "a whole number in [1, 1000], or 0 for 1")
	f.Want(c.NGramMax == 0 || c.NGramMax >= max(c.NGramMin, 1) && c.NGramMax <= mostTokens, "ctfidf.Config.NGramMax", c.NGramMax,
		fmt.Sprintf("a whole number in [%d, 1000], where ctfidf.Config.NGramMin begins, or 0 for that", max(c.NGramMin, 1)))
	f.Want(c.Workers >= 0 && c.Workers <= parallel.MaxWorkers, "ctfidf.Config.Workers", c.Workers, "from 1 to 4096, or 0 for GOMAXPROCS")
	f.Want(c.MinDF.valid(), "ctfidf.Config.MinDF", c.MinDF, "either a Count of at least 1 or a Share in (0, 1]")
	f.Want(c.MaxDF.valid(), "ctfidf.Config.MaxDF", c.MaxDF, "either a Count of at least 1 or a Share in (0, 1]")
	f.Want(c.MaxFeatures >= 0, "ctfidf.Config.MaxFeatures", c.MaxFeatures, "at least 0")
	f.Want(c.StripAccents.valid(), "ctfidf.Config.StripAccents", c.StripAccents, `"", "ascii" or "unicode"`)
	f.Want(c.Analyzer.valid(), "ctfidf.Config.Analyzer", c.Analyzer, `"", "char" or "char_wb"`)
	f.Want(!c.Join || c.Analyzer == Words, "ctfidf.Config.Join", c.Join, "false for n-grams of characters (ctfidf.Config.Analyzer)")
	f.Want(c.Tokenizer == nil || c.TokenPattern == "", "ctfidf.Config.TokenPattern", c.TokenPattern, `"" beside ctfidf.Config.Tokenizer`)
	if re, err := regexp.Compile(c.TokenPattern); err != nil {
		f.Want(false, "ctfidf.Config.TokenPattern", c.TokenPattern, "a regular expression of Go: "+err.Error())
	} else {
		f.Want(re.NumSubexp() <= 1, "ctfidf.Config.TokenPattern", c.TokenPattern, "at most one group; write (?:…) for the others")
	}
	f.Want(c.Vocabulary == nil || len(c.Vocabulary) > 0, "ctfidf.Config.Vocabulary", c.Vocabulary, "nil or at least one term")
	seen := make(map[string]int, len(c.Vocabulary))
	for i, term := range c.Vocabulary {
		if first, ok := seen[term]; ok {
			f.Want(false, "ctfidf.Config.Vocabulary", fmt.Sprintf("%q at %d and at %d", term, first, i), "each term once")
			continue
		}
		seen[term] = i
	}
	return f.Err()
}
