package represent

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
// Terms are looked for in the documents, and phrases in the vocabulary, without regard to case when the vocabulary has
// none. (BERTopic 0.17.4 compares them as they are, and so misses nouns at the beginning of sentences and all of German's.)
type PartOfSpeech struct {
	// Tagger finds the parts of speech. Required. Default: English.
	Tagger Tagger
	// Patterns are what is looked for: each is the tags of tokens that follow each other, at least one. Default: an adjective
	// and a noun, a noun, an adjective; pos_patterns.
	Patterns [][]string
	// TopTerms is the number of terms kept, 0 or more; 0, the default, means as many as the model keeps. top_n_words.
	TopTerms int
}

// DefaultPartOfSpeech looks for nouns and adjectives in English.
func DefaultPartOfSpeech() PartOfSpeech {
	return PartOfSpeech{Tagger: English(), Patterns: [][]string{{"ADJ", "NOUN"}, {"NOUN"}, {"ADJ"}}}
}

// Validate reports every field outside its range at once.
func (p PartOfSpeech) Validate() error {
	var f check.Fields
	f.Want(p.Tagger != nil, "represent.PartOfSpeech.Tagger", nil, "a tagger; English is one")
	f.Want(len(p.Patterns) > 0, "represent.PartOfSpeech.Patterns", "empty", "at least one pattern")
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
func (p PartOfSpeech) Represent(ctx context.Context, v topic.View, topics [][]topic.Term) ([][]topic.Term, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	out := make([][]topic.Term, len(topics))
	if v.Weights.Rows.Rows() == 0 {
		copy(out, topics)
		return out, nil
	}
	column := make(map[string]int32, len(v.Weights.Vocabulary))
	for i, term := range v.Weights.Vocabulary {
		column[term] = int32(i)
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
	err := loop.Run(ctx, len(topics), func(_, t, _ int) error {
		docs, err := p.documents(ctx, v, members[t], topics[t])
		if err != nil {
			return err
		}
		found := map[int32]bool{}
		for _, d := range docs {
			if err := p.match(ctx, v, d, column, found); err != nil {
				return fmt.Errorf("document %d: %w", d, err)
			}
		}
		cols, values := v.Weights.Rows.Row(t)
		for i, c := range cols {
			if found[c] && values[i] > 0 {
				out[t] = append(out[t], topic.Term{Term: v.Weights.Vocabulary[c], Weight: values[i]})
			}
		}
		byWeight(out[t])
		out[t] = out[t][:min(len(out[t]), kept(p.TopTerms, v))]
		if len(out[t]) == 0 {
			out[t] = topics[t]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// documents are the first two documents that contain each term, in their order.
func (p PartOfSpeech) documents(ctx context.Context, v topic.View, members []int, terms []topic.Term) ([]int, error) {
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

// match adds the columns of the terms in document d that match a pattern to found.
func (p PartOfSpeech) match(ctx context.Context, v topic.View, d int, column map[string]int32, found map[int32]bool) error {
	text := v.Docs[d]
	tokens, err := p.Tagger.Tag(ctx, text)
	if err != nil {
		return err
	}
	end := 0
	for i, t := range tokens {
		if t.Start < end || t.End < t.Start || t.End > len(text) {
			return fmt.Errorf("the tagger gave a token at [%d, %d) after one that ends at %d, in a text of %d bytes", t.Start, t.End, end, len(text))
		}
		end = t.End
		for _, pattern := range p.Patterns {
			if i+len(pattern) > len(tokens) || !slices.EqualFunc(pattern, tokens[i:i+len(pattern)], func(tag string, t Token) bool { return t.Tag == tag }) {
				continue
			}
			phrase := text[t.Start:tokens[i+len(pattern)-1].End]
			if len(pattern) > 1 {
				phrase = strings.Join(strings.Fields(phrase), " ")
			}
			if c, ok := column[fold(v, phrase)]; ok {
				found[c] = true
			}
		}
	}
	return nil
}

// fold is text as the vocabulary has it.
func fold(v topic.View, text string) string {
	if v.Vocabulary.Lowercase {
		return strings.ToLower(text)
	}
	return text
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
