package represent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/postag"
	"github.com/gobertopic/gobertopic/topic"
)

// Token is a word or a sign of a text.
type Token struct {
	Start, End int    // its bytes are text[Start:End]
	Tag        string // its part of speech, by the names of Universal Dependencies: "NOUN", "ADJ", "VERB", …
}

// Tagger finds the tokens of a text in their order, and their parts of speech. It is called from several goroutines at a
// time.
type Tagger interface {
	Tag(ctx context.Context, text string) ([]Token, error)
}

// PartOfSpeech describes a topic by words and phrases that are nouns, adjectives and nouns with an adjective, or whatever
// Patterns ask for, as BERTopic's PartOfSpeech does: the first two documents of the topic that contain each of its terms
// are tagged, and what matches a pattern there and is a term of the vocabulary is sorted by its weight in the topic. Ties
// go by the order of the vocabulary. A phrase can only be a term where the vocabulary has n-grams.
//
// Terms are looked for in the documents without regard to case when the vocabulary has none, and phrases become terms as
// documents do. (BERTopic 0.17.4 compares both as they are, and so misses nouns at the beginning of sentences and all of
// German's.)
type PartOfSpeech struct {
	// Tagger finds the parts of speech. nil, the default, means English.
	Tagger Tagger `json:"-"`
	// Patterns are what is looked for: each is the tags of tokens that follow each other, at least one.
	// None, the default, means an adjective and a noun, a noun, an adjective; pos_patterns.
	Patterns [][]string `json:"patterns,omitempty"`
	// TopTerms is the number of terms kept, 0 or more; 0, the default, means as many as the model keeps. top_n_words.
	TopTerms int `json:"top_terms,omitempty"`
}

// tagger returns the tagger that is used.
func (p PartOfSpeech) tagger() Tagger {
	if p.Tagger == nil {
		return English()
	}
	return p.Tagger
}

// patterns returns the patterns that are used.
func (p PartOfSpeech) patterns() [][]string {
	if len(p.Patterns) == 0 {
		return [][]string{{"ADJ", "NOUN"}, {"NOUN"}, {"ADJ"}}
	}
	return p.Patterns
}

// Validate reports every field outside its range at once.
func (p PartOfSpeech) Validate() error {
	var f check.Fields
	for i, pattern := range p.Patterns {
		f.Want(len(pattern) > 0 && !slices.Contains(pattern, ""), fmt.Sprintf("represent.PartOfSpeech.Patterns[%d]", i), fmt.Sprintf("%q", pattern), "one tag or more")
	}
	f.Want(p.TopTerms >= 0, "represent.PartOfSpeech.TopTerms", p.TopTerms, "0 (as many as the model keeps) or more")
	return f.Err()
}

// docsPerTerm is the number of documents that are tagged for each term of a topic.
const docsPerTerm = 2

// Represent gives each topic the terms that match. A topic in which none does keeps those that it has. It fails with what
// the tagger returned, or with the context's cause.
func (p PartOfSpeech) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	out := make([][]ctfidf.Term, len(topics))
	if v.Weights.Rows.Rows() == 0 {
		copy(out, topics)
		return out, nil
	}
	members := make([][]int, len(topics))
	place := make(map[int]int, len(v.IDs))
	for i, id := range v.IDs {
		place[id] = i
	}
	for d, id := range v.Topics {
		members[place[id]] = append(members[place[id]], d)
	}
	loop := parallel.Loop{Workers: v.Run.Workers, Block: 1}
	if v.Done != nil {
		loop.Progress = func(done, _ int) { v.Done(done) }
	}
	found := make([]map[phrase]bool, len(topics))
	err := loop.Run(ctx, len(topics), func(_, t, _ int) error {
		docs, err := p.documents(ctx, v, members[t], topics[t])
		if err != nil {
			return err
		}
		found[t] = map[phrase]bool{}
		for _, d := range docs {
			if err := p.match(ctx, v.Docs[d], found[t]); err != nil {
				return fmt.Errorf("document %d: %w", d, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	column, err := columns(ctx, v, found)
	if err != nil {
		return nil, err
	}
	for t := range out {
		matched := map[int32]bool{}
		for f := range found[t] {
			if c, ok := column[f]; ok {
				matched[c] = true
			}
		}
		cols, values := v.Weights.Rows.Row(t)
		for i, c := range cols {
			if matched[c] && values[i] > 0 {
				out[t] = append(out[t], ctfidf.Term{Term: v.Weights.Vocabulary[c], Weight: values[i]})
			}
		}
		byWeight(out[t])
		out[t] = out[t][:min(len(out[t]), kept(p.TopTerms, v))]
		if len(out[t]) == 0 {
			out[t] = topics[t]
		}
	}
	return out, nil
}

// phrase is a text that matches a pattern of so many tokens.
type phrase struct {
	tokens int
	text   string
}

// columns are the terms of the vocabulary that phrases are, made of them as of documents, so with the same stems and the
// like. A phrase of several tokens is a term where it is a run of as many words.
func columns(ctx context.Context, v topic.View, found []map[phrase]bool) (map[phrase]int32, error) {
	lists := map[int][]string{} // by the number of tokens
	seen := map[phrase]bool{}
	for _, phrases := range found {
		for f := range phrases {
			if !seen[f] {
				seen[f] = true
				lists[f.tokens] = append(lists[f.tokens], f.text)
			}
		}
	}
	out := map[phrase]int32{}
	for tokens, list := range lists {
		cfg := v.Vocabulary
		cfg.NGramMin, cfg.NGramMax, cfg.Workers = tokens, tokens, v.Run.Workers
		rows, err := ctfidf.Counts{Vocabulary: v.Weights.Vocabulary}.Documents(ctx, list, cfg)
		if err != nil {
			return nil, err
		}
		for i, text := range list {
			cols, counts := rows.Row(i)
			if len(cols) != 1 || counts[0] != 1 {
				continue
			}
			// A part of "x-ray" is not the word that was tagged.
			if !strings.ContainsFunc(text, isSign) || v.Weights.Vocabulary[cols[0]] == fold(v, text) {
				out[phrase{tokens, text}] = cols[0]
			}
		}
	}
	return out, nil
}

func isSign(r rune) bool {
	return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !unicode.IsSpace(r)
}

// documents are the first two documents that contain each term, in their order.
func (p PartOfSpeech) documents(ctx context.Context, v topic.View, members []int, terms []ctfidf.Term) ([]int, error) {
	missing := make([]int, len(terms))
	left := len(terms)
	for i := range missing {
		missing[i] = docsPerTerm
	}
	var out []int
	for _, d := range members {
		if left == 0 {
			break
		}
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		text, take := fold(v, v.Docs[d]), false
		for i, term := range terms {
			if missing[i] > 0 && strings.Contains(text, term.Term) {
				take = true
				if missing[i]--; missing[i] == 0 {
					left--
				}
			}
		}
		if take {
			out = append(out, d)
		}
	}
	return out, nil
}

// match adds what matches a pattern in a text to found.
func (p PartOfSpeech) match(ctx context.Context, text string, found map[phrase]bool) error {
	tokens, err := p.tagger().Tag(ctx, text)
	if err != nil {
		return err
	}
	end, patterns := 0, p.patterns()
	for _, t := range tokens {
		if t.Start < end || t.End < t.Start || t.End > len(text) {
			return fmt.Errorf("the tagger gave a token at [%d, %d) after one that ends at %d, in a text of %d bytes", t.Start, t.End, end, len(text))
		}
		end = t.End
	}
	for i, t := range tokens {
		for _, pattern := range patterns {
			n := len(pattern)
			if i+n <= len(tokens) && slices.EqualFunc(pattern, tokens[i:i+n], func(tag string, t Token) bool { return t.Tag == tag }) {
				found[phrase{n, text[t.Start:tokens[i+n-1].End]}] = true
			}
		}
	}
	return nil
}

// fold is text as the vocabulary has it.
func fold(v topic.View, text string) string {
	if v.Vocabulary.KeepCase {
		return text
	}
	return strings.ToLower(text)
}

// English is a small averaged perceptron whose weights, half a megabyte, are in the binary of a program that uses it. On
// texts of the kinds that it was trained on it gives a word the tag of spaCy's en_core_web_sm 91 times in 100 in comments
// about programs and 96 times in a dictionary's definitions and examples.
func English() Tagger { return english{} }

type english struct{}

func (english) Tag(ctx context.Context, text string) ([]Token, error) {
	t, err := postag.English()
	if err != nil {
		return nil, err
	}
	spans, tags := t.Tag(text)
	out := make([]Token, len(spans))
	for i, s := range spans {
		out[i] = Token{s.Start, s.End, tags[i]}
	}
	return out, context.Cause(ctx)
}
