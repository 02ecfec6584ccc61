package ctfidf

import "sync"

// Terms gives the function that cuts a text into the terms that Count would count, in the order in which they end and
// as often as they stand there, for whatever else wants the same words: measures of topic coherence, say. MinDF, MaxDF,
// MaxFeatures, Vocabulary, Binary and Join are of no account. It is build_analyzer of CountVectorizer, which puts all
// single words before all pairs. The function may be called from several goroutines at once, as long as those of c may.
//
// The error has the fields that are out of range, as Validate reports them.
func (c Config) Terms() (func(text string) []string, error) {
	c.Vocabulary, c.MinDF, c.MaxDF, c.MaxFeatures, c.Join = nil, DF{}, DF{}, 0, false
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.resolved()
	pool := sync.Pool{New: func() any {
		a := &analyser{tokens: newTokeniser(c), window: window{min: c.NGramMin, max: c.NGramMax}}
		if a.tokens.chars() {
			a.window.min, a.window.max = 1, 1 // the n-grams of characters come as tokens
		}
		return a
	}}
	return func(text string) []string {
		a := pool.Get().(*analyser)
		defer pool.Put(a)
		return a.terms(text)
	}, nil
}

// analyser cuts texts into terms. One belongs to one goroutine.
type analyser struct {
	tokens *tokeniser
	window window
	data   []byte
	end    []int
}

func (a *analyser) terms(text string) []string {
	a.data, a.end = a.data[:0], a.end[:0]
	a.window.reset()
	add := func(term []byte) {
		a.data = append(a.data, term...)
		a.end = append(a.end, len(a.data))
	}
	_ = a.tokens.each(text, func(token []byte) error { // which fails only where this function does
		a.window.push(token, add)
		return nil
	})
	all, out, from := string(a.data), make([]string, len(a.end)), 0
	for i, end := range a.end {
		out[i], from = all[from:end], end
	}
	return out
}
