package ctfidf

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/sparse"
)

// distributing is one worker and its memory.
type distributing struct {
	*distributor
	c     *counter
	inner *tokeniser // for n-grams of characters: what cuts a window into them

	// Of the document that is read.
	tokens int      // the number of tokens
	names  []string // the tokens, where they are needed
	joined []byte   // the same, one behind the other
	until  []int    // where each ends
	at     []int    // of the tokens that are no stop words: their places among all
	ids    []int32  // the terms that end with each of these, by their numbers of tokens; −1 is none of the vocabulary
	ends   []int    // where those end in ids

	window []int32 // the terms of a window
	with   comparing
	sum    []float64           // by class: of the document; zeros between documents
	hit    []int32             // the classes in sum that are not 0
	spans  []span              // with Tokens, the windows
	found  sparse.CSR[float64] // with Tokens, their similarities
	own    sparse.CSR[float64] // with Tokens, memory for what the tokens have of the classes
	texts  []string            // with Similarity, the windows
}

// span is a window from the token lo to that before hi.
type span struct{ lo, hi int }

func (d *distributor) worker(ctx context.Context) *distributing {
	s := &distributing{distributor: d, with: newComparing(d.parts), sum: make([]float64, d.classes)}
	cfg := d.cfg
	if cfg.Analyzer != Words {
		s.inner = newTokeniser(cfg)
		cfg.Analyzer, cfg.TokenPattern, cfg.Tokenizer, cfg.Stem, cfg.StopWords = Words, "", nil, nil, nil
	}
	s.c = newCounter(ctx, cfg, d.terms)
	named := d.opt.Tokens || d.opt.Similarity != nil || s.inner != nil
	s.c.tokens.every = func(token []byte) {
		s.tokens++
		if named {
			s.joined = append(s.joined, token...)
			s.until = append(s.until, len(s.joined))
		}
	}
	return s
}

// read cuts a document into tokens and finds their terms.
func (s *distributing) read(text string) error {
	s.tokens, s.names, s.at, s.ids, s.ends = 0, nil, s.at[:0], s.ids[:0], s.ends[:0]
	s.joined, s.until = s.joined[:0], s.until[:0]
	s.c.window.reset()
	add := func(term []byte) { s.ids = append(s.ids, s.terms.find(term)) }
	err := s.c.tokens.each(text, func(token []byte) error {
		s.at = append(s.at, s.tokens-1)
		s.c.window.push(token, add)
		s.ends = append(s.ends, len(s.ids))
		return s.c.breathe()
	})
	if len(s.until) > 0 {
		s.names = make([]string, len(s.until))
		all, begin := string(s.joined), 0
		for i, end := range s.until {
			s.names[i] = all[begin:end]
			begin = end
		}
	}
	return err
}

// slide compares the windows of the document with the classes.
func (s *distributing) slide() error {
	s.spans, s.texts = s.spans[:0], s.texts[:0]
	s.found = sparse.CSR[float64]{Cols: s.classes, RowPtr: append(s.found.RowPtr[:0], 0), Col: s.found.Col[:0], Value: s.found.Value[:0]}
	first := 0 // of the tokens in the window, a place in at
	err := s.opt.each(s.tokens, func(lo, hi int) error {
		if s.opt.Tokens {
			s.spans = append(s.spans, span{lo, hi})
		}
		if s.opt.Similarity != nil {
			s.texts = append(s.texts, strings.Join(s.names[lo:hi], " "))
			return nil
		}
		for first < len(s.at) && s.at[first] < lo {
			first++
		}
		if err := s.collect(lo, hi, first); err != nil {
			return err
		}
		sortFew(s.window)
		s.compare()
		return s.pause(1 + len(s.window))
	})
	if err != nil || len(s.texts) == 0 {
		return err
	}
	given, err := s.opt.Similarity(s.c.ctx, s.texts)
	if err != nil {
		return err
	}
	if given.Rows() != len(s.texts) || given.Cols != s.classes {
		return fmt.Errorf("ctfidf: similarities of %d×%d, want %d×%d: windows and classes", given.Rows(), given.Cols, len(s.texts), s.classes)
	}
	for i := range s.texts {
		cols, values := given.Row(i)
		for k, class := range cols {
			s.take(class, values[k])
		}
		s.found.RowPtr = append(s.found.RowPtr, len(s.found.Col))
	}
	return nil
}

// sortFew is slices.Sort, for what most windows have.
func sortFew(x []int32) {
	if len(x) > 8 {
		slices.Sort(x)
		return
	}
	for i := 1; i < len(x); i++ {
		v, j := x[i], i
		for ; j > 0 && x[j-1] > v; j-- {
			x[j] = x[j-1]
		}
		x[j] = v
	}
}

// pause looks at the context once in a while.
func (s *distributing) pause(work int) error {
	if s.c.since += work; s.c.since < 1<<14 {
		return nil
	}
	s.c.since = 0
	return context.Cause(s.c.ctx)
}

// collect lists the terms of a window.
func (s *distributing) collect(lo, hi, first int) error {
	s.window = s.window[:0]
	add := func(id int32) {
		if id >= 0 {
			s.window = append(s.window, id)
		}
	}
	if s.inner != nil {
		return s.inner.each(strings.Join(s.names[lo:hi], " "), func(token []byte) error {
			add(s.terms.find(token))
			return s.c.breathe()
		})
	}
	begin := 0
	if first > 0 {
		begin = s.ends[first-1]
	}
	for i := first; i < len(s.at) && s.at[i] < hi; i++ {
		end := s.ends[i]
		// The shortest n-grams come first; those that begin before the window are left out.
		for n := 0; begin+n < end && s.cfg.NGramMin+n <= i-first+1; n++ {
			add(s.ids[begin+n])
		}
		begin = end
	}
	return nil
}

// compare takes the cosines of the window with the classes. Those of a window that all share the same factor do not depend
// on it, so that counts need not be divided by the number of terms.
func (s *distributing) compare() {
	square, terms := 0.0, s.with.terms[:0]
	for i := 0; i < len(s.window); {
		id, n := s.window[i], 0
		for ; i < len(s.window) && s.window[i] == id; i++ {
			n++
		}
		x := float64(n)
		if s.cfg.Binary {
			x = 1
		}
		if s.root {
			x = math.Sqrt(x)
		}
		c := &s.parts.columns[id]
		terms = append(terms, weighed{column: c, n: x})
		x *= c.factor
		square += float64(x * x)
	}
	s.with.terms = terms
	length := math.Sqrt(square)
	if length == 0 {
		length = 1
	}
	least := length * s.opt.MinSimilarity * (1 - 1e-9) // take decides, this is fast
	s.with.compare(least)
	for k, class := range s.with.found {
		s.take(class, s.with.products[k]/length)
	}
	s.found.RowPtr = append(s.found.RowPtr, len(s.found.Col))
}

// take notes the similarity of the window with a class, unless it is too small.
func (s *distributing) take(class int32, similarity float64) {
	if !(similarity > 0 && similarity >= s.opt.MinSimilarity) {
		return
	}
	if s.opt.Tokens {
		s.found.Col = append(s.found.Col, class)
		s.found.Value = append(s.found.Value, similarity)
		return
	}
	s.add(class, similarity)
}

// add adds to what the document has of a class.
func (s *distributing) add(class int32, v float64) {
	if s.sum[class] == 0 {
		s.hit = append(s.hit, class)
	}
	s.sum[class] += v
}

// flush calls f with what the document has of each class, and forgets it.
func (s *distributing) flush(f func(class int32, v float64)) {
	if 8*len(s.hit) > s.classes {
		for class, v := range s.sum {
			if v != 0 {
				f(int32(class), v)
			}
		}
		clear(s.sum)
	} else {
		sortFew(s.hit)
		for _, class := range s.hit {
			f(class, s.sum[class])
			s.sum[class] = 0
		}
	}
	s.hit = s.hit[:0]
}

// tokenRows is what the tokens of the document have of each class.
func (s *distributing) tokenRows() TokenDistribution {
	m := sparse.CSR[float64]{Cols: s.classes, RowPtr: make([]int, 1, s.tokens+1), Col: s.own.Col[:0], Value: s.own.Value[:0]}
	first := 0 // the windows before it end before the token
	for token := range s.tokens {
		for first < len(s.spans) && s.spans[first].hi <= token {
			first++
		}
		for i := first; i < len(s.spans) && s.spans[i].lo <= token; i++ {
			classes, values := s.found.Row(i)
			for k, class := range classes {
				s.add(class, values[k])
			}
		}
		s.flush(func(class int32, v float64) { m.Col, m.Value = append(m.Col, class), append(m.Value, v) })
		m.RowPtr = append(m.RowPtr, len(m.Col))
	}
	for k, class := range m.Col {
		s.add(class, m.Value[k])
	}
	s.own = m
	m.Col, m.Value = slices.Clone(m.Col), slices.Clone(m.Value)
	return TokenDistribution{Tokens: s.names, Rows: m}
}

// finish appends the shares of the document to part.
func (s *distributing) finish(part *sparse.CSR[float64]) {
	total := 0.0
	s.flush(func(class int32, v float64) {
		part.Col, part.Value = append(part.Col, class), append(part.Value, v)
		total += v
	})
	lo := 0
	if n := len(part.RowPtr); n > 0 {
		lo = part.RowPtr[n-1]
	}
	for k := range part.Value[lo:] {
		part.Value[lo+k] /= total
	}
	part.RowPtr = append(part.RowPtr, len(part.Col))
}
