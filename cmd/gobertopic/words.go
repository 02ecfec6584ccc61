package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/ctfidf/stem"
	"github.com/gobertopic/gobertopic/ctfidf/words"
	"github.com/gobertopic/gobertopic/topic"
)

// wordOptions are the flags about what a word is and what it weighs.
type wordOptions struct {
	stopWords      []string
	ngram          string
	stem           string
	tokens         string
	pattern        string
	accents        string
	minDF, maxDF   string
	maxFeatures    int
	binary         bool
	weighting      string
	reduce         bool
	seedWords      []string
	seedMultiplier float64
}

const weightings = "c-tf-idf, bm25, npmi, fighting-words, soft or centroid"

func (o *wordOptions) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.stopWords, "stop-words", nil, "leave out the stop words of `LANGUAGES` such as english,german; @FILE has words of one's own, one per line; none leaves nothing out (default: of\n"+
		"the languages that the documents are in, which are told; english where none is clear)")
	f.StringVar(&o.ngram, "ngram", "1,1", "shortest and longest run of words that is a term, `MIN,MAX`")
	f.StringVar(&o.stem, "stem", "", "count words by their stems in `LANGUAGE`, such as english")
	f.StringVar(&o.tokens, "tokens", "word", "what is counted: word, code (json.loads, gpt-4-turbo and std::vector stay whole), unicode (words by the\n"+
		"rules of Unicode), pairs (unicode, with pairs of Chinese and Japanese characters), char or char_wb (`KIND`)")
	f.StringVar(&o.pattern, "token-pattern", "", "a word is what this regular `EXPRESSION` matches, which means what it means to Python's re, as in scikit-learn")
	f.StringVar(&o.accents, "strip-accents", "", "`HOW` to strip accents from words: unicode or ascii")
	f.StringVar(&o.minDF, "min-df", "", "leave out terms of fewer topics than this `NUMBER`, or than this share such as 0.1")
	f.StringVar(&o.maxDF, "max-df", "", "leave out terms of more topics than this `NUMBER`, or than this share such as 0.9")
	f.IntVar(&o.maxFeatures, "max-features", 0, "keep this `NUMBER` of the most frequent terms; 0 keeps all")
	f.BoolVar(&o.binary, "binary", false, "count a term once in each document")
	f.StringVar(&o.weighting, "weighting", "c-tf-idf", "`HOW` terms are weighed: "+weightings)
	f.BoolVar(&o.reduce, "reduce-frequent-words", false, "take the square root of a term's share, with c-tf-idf and bm25")
	f.StringSliceVar(&o.seedWords, "seed-words", nil, "`TERMS` that weigh more, with c-tf-idf and bm25")
	f.Float64Var(&o.seedMultiplier, "seed-multiplier", 2, "how much more the seed words weigh")
}

// apply sets what the flags ask for.
func (o wordOptions) apply(cfg *topic.Config) error {
	v := &cfg.Vocabulary
	v.StripAccents, v.MaxFeatures, v.Binary = ctfidf.Accents(o.accents), o.maxFeatures, o.binary
	if len(o.stopWords) > 0 {
		v.StopWords = nil
	}
	for _, name := range o.stopWords {
		if name == "none" {
			continue
		}
		list, err := stopWords(name)
		if err != nil {
			return err
		}
		v.StopWords = append(v.StopWords, list...)
	}
	if n, err := fmt.Sscanf(o.ngram+"\n", "%d,%d\n", &v.NGramMin, &v.NGramMax); err != nil || n != 2 || v.NGramMin < 1 || v.NGramMax < v.NGramMin {
		return usage{fmt.Errorf("--ngram is %q, want two numbers of which the second is not the smaller, such as 1,2", o.ngram)}
	}
	var err error
	if o.stem != "" {
		if v.Stem, err = stem.New(o.stem); err != nil {
			return usage{fmt.Errorf("--stem: %w", err)}
		}
	}
	switch o.tokens {
	case "word":
	case "code":
		v.Tokenizer = ctfidf.CodeTokens
	case "unicode":
		v.Tokenizer = words.Tokens
	case "pairs":
		v.Tokenizer = words.Pairs
	case "char", "char_wb":
		v.Analyzer = ctfidf.Analyzer(o.tokens)
	default:
		return usage{fmt.Errorf("--tokens is %q, want word, code, unicode, pairs, char or char_wb", o.tokens)}
	}
	if err := o.applyPattern(v); err != nil {
		return err
	}
	if v.MinDF, err = df("--min-df", o.minDF); err != nil {
		return err
	}
	if v.MaxDF, err = df("--max-df", o.maxDF); err != nil {
		return err
	}
	if err := v.Validate(); err != nil {
		return usage{err}
	}

	if cfg.Weigher, err = o.weigher(); err != nil {
		return err
	}
	return nil
}

func (o wordOptions) weigher() (ctfidf.Weigher, error) {
	w := ctfidf.Weighting{ReduceFrequentWords: o.reduce, SeedWords: o.seedWords, SeedMultiplier: o.seedMultiplier}
	switch o.weighting {
	case "c-tf-idf", "bm25":
		w.BM25, w.Clamp = o.weighting == "bm25", o.weighting == "bm25"
		if !(o.seedMultiplier > 0) {
			return nil, usage{fmt.Errorf("--seed-multiplier is %v, want a number above 0", o.seedMultiplier)}
		}
		return w, nil
	}
	if o.reduce || len(o.seedWords) > 0 {
		return nil, usage{fmt.Errorf("--reduce-frequent-words and --seed-words go with --weighting c-tf-idf or bm25, not with %s", o.weighting)}
	}
	switch o.weighting {
	case "npmi":
		return ctfidf.NPMI{}, nil
	case "fighting-words":
		return ctfidf.FightingWords{}, nil
	case "soft":
		return ctfidf.Soft{}, nil
	case "centroid":
		return ctfidf.Centroid{}, nil
	}
	return nil, usage{fmt.Errorf("--weighting is %q, want %s", o.weighting, weightings)}
}

// stopWords is the list of a language, or of a file.
func stopWords(name string) ([]string, error) {
	path, isFile := strings.CutPrefix(name, "@")
	if !isFile {
		list, err := ctfidf.StopWords(name)
		if err != nil {
			return nil, usage{fmt.Errorf("--stop-words: %w, or @FILE", err)}
		}
		return list, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--stop-words: %w", err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		if word := strings.TrimSpace(line); word != "" {
			list = append(list, word)
		}
	}
	return list, nil
}

// df reads a number of topics or a share of them.
func df(flag, value string) (ctfidf.DF, error) {
	if value == "" {
		return ctfidf.DF{}, nil
	}
	if n, err := strconv.Atoi(value); err == nil && n >= 1 {
		return ctfidf.DF{Count: n}, nil
	}
	if share, err := strconv.ParseFloat(value, 64); err == nil && share > 0 && share <= 1 {
		return ctfidf.DF{Share: share}, nil
	}
	return ctfidf.DF{}, usage{fmt.Errorf("%s is %q, want a number of topics such as 2 or a share above 0 and up to 1 such as 0.5", flag, value)}
}
