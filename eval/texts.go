package eval

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/parallel"
)

// Texts is a reference corpus in which the words of topics are looked up: for each word, where it stands. It is made once
// for any number of calls of Coherence, with any measure and window, and is safe for concurrent use. It takes 4 bytes
// for each token, and each different word once.
type Texts struct {
	words map[string]int32
	first []int    // per word and one more: its places are at[first[w]:first[w+1]]
	at    []uint32 // places of tokens, counted through all texts, rising for each word
	start []uint32 // per text and one more: the place of its first token
}

// Docs is the number of texts.
func (t *Texts) Docs() int { return len(t.start) - 1 }

// Tokens is the number of tokens of all texts.
func (t *Texts) Tokens() int { return len(t.at) }

// Count is how often a word stands in the texts.
func (t *Texts) Count(word string) int {
	w, ok := t.words[word]
	if !ok {
		return 0
	}
	return t.first[w+1] - t.first[w]
}

// NewTexts makes texts that are cut into tokens already a reference corpus. A text may be empty.
//
// Errors: 2³² tokens and texts or more; the context's cause.
func NewTexts(ctx context.Context, tokens [][]string) (*Texts, error) {
	return newTexts(ctx, len(tokens), func(i int) []string { return tokens[i] })
}

// NewTextsOf makes documents a reference corpus. terms cuts a document into the words that topics are made of, such as
// the function that ctfidf.Config.Terms gives for the configuration that the topics were counted with; it is called
// from several goroutines at once. nil is that of ctfidf.DefaultConfig: lower case, the pattern \b\w\w+\b.
//
// Errors: 2³² tokens and texts or more; the context's cause.
func NewTextsOf(ctx context.Context, docs []string, terms func(doc string) []string) (*Texts, error) {
	if terms == nil {
		var err error
		if terms, err = (ctfidf.Config{}).Terms(); err != nil {
			return nil, fmt.Errorf("eval: texts: %w", err)
		}
	}
	return newTexts(ctx, len(docs), func(i int) []string { return terms(docs[i]) })
}

const (
	textsBlock = 64      // texts that a worker reads at a time
	breath     = 1 << 14 // tokens between two looks at the context
)

func newTexts(ctx context.Context, n int, tokens func(i int) []string) (*Texts, error) {
	if uint64(n) >= math.MaxUint32 {
		return nil, fmt.Errorf("eval: texts: %d texts, want fewer than 2³²", n)
	}
	// Each worker numbers words by itself, and each block of texts keeps the numbers of its tokens.
	type part struct {
		worker int
		words  []int32
		sizes  []int
	}
	vocabularies := make([]vocabulary, parallel.Workers(0))
	parts := make([]part, (n+textsBlock-1)/textsBlock)
	err := parallel.Loop{Workers: len(vocabularies), Block: textsBlock}.Run(ctx, n, func(worker, lo, hi int) error {
		v, p := &vocabularies[worker], &parts[lo/textsBlock]
		p.worker = worker
		for i := lo; i < hi; i++ {
			doc := tokens(i)
			p.sizes = append(p.sizes, len(doc))
			for j, word := range doc {
				if j%breath == breath-1 && ctx.Err() != nil {
					return context.Cause(ctx)
				}
				p.words = append(p.words, v.number(word))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("eval: texts: %w", err)
	}
	var all vocabulary
	same := make([][]int32, len(vocabularies)) // the number in all of each worker's word
	for w, v := range vocabularies {
		same[w] = make([]int32, len(v.list))
		for i, word := range v.list {
			same[w][i] = all.number(word)
		}
	}
	t := &Texts{words: all.of, first: make([]int, len(all.list)+1), start: make([]uint32, 1, n+1)}
	total := uint64(0)
	for _, p := range parts {
		for _, size := range p.sizes {
			if total += uint64(size); total > math.MaxUint32-uint64(n) { // there is at most one window for each token and each text
				return nil, fmt.Errorf("eval: texts: %d texts have more than %d tokens", n, uint32(math.MaxUint32)-uint32(n))
			}
			t.start = append(t.start, uint32(total))
		}
		for _, w := range p.words {
			t.first[same[p.worker][w]+1]++
		}
	}
	for w := range all.list {
		t.first[w+1] += t.first[w]
	}
	t.at = make([]uint32, total)
	next, place := make([]int, len(all.list)), uint32(0)
	copy(next, t.first)
	for _, p := range parts {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("eval: texts: %w", context.Cause(ctx))
		}
		for _, w := range p.words {
			id := same[p.worker][w]
			t.at[next[id]] = place
			next[id]++
			place++
		}
	}
	return t, nil
}

// vocabulary numbers words from 0 in the order in which they are first seen.
type vocabulary struct {
	of   map[string]int32
	list []string
}

func (v *vocabulary) number(word string) int32 {
	if id, ok := v.of[word]; ok {
		return id
	}
	if v.of == nil {
		v.of = map[string]int32{}
	}
	// The word may be a piece of a long text, which it must not keep alive.
	word = strings.Clone(word)
	id := int32(len(v.list))
	v.of[word] = id
	v.list = append(v.list, word)
	return id
}
