package ctfidf

import "context"

// counter counts the terms of documents, for one goroutine.
type counter struct {
	ctx    context.Context
	tokens *tokeniser
	since  int // tokens since the context was last looked at

	terms *terms // the tokens that were seen; or, when fixed, the given vocabulary, which all counters share
	fixed bool   // the vocabulary is given: no term is added
	cells cells  // each n-gram of each class: see key

	min, max int // of the n-grams in cells; 1 where the terms are n-grams already
	binary   bool
	doc      uint64   // the number of the document that is read, from 1
	seen     []uint64 // with binary, the last document with each cell

	slots   map[int]int32 // the slots of the classes, numbered in the order of their first documents
	near    [256]int32    // the slots of the classes from −1 on, plus 1; 0 where the map has to be asked
	classes []int         // the class of each slot
	sizes   []int         // the number of documents of each slot

	slot   int32   // of the document that is read
	active []int32 // the cells of the open n-grams: of the last token, of the last two, …
	window window  // or, where the terms are n-grams already, the tokens of the open ones
	push   func(token []byte) error

	join  bool
	joins []joined
}

// joined is where the text of a class, which is all of its documents, has been read to.
type joined struct {
	active []int32
	window window
	empty  bool // the last document was empty
}

func newCounter(ctx context.Context, cfg Config, given *terms) *counter {
	c := &counter{
		ctx: ctx, tokens: newTokeniser(cfg), terms: given, fixed: given != nil, min: 1, max: 1,
		binary: cfg.Binary && !cfg.Join, join: cfg.Join, slots: map[int]int32{}, window: window{min: cfg.NGramMin, max: cfg.NGramMax},
	}
	if c.tokens.chars() {
		c.window.min, c.window.max = 1, 1 // the n-grams of characters come as tokens
	}
	switch {
	case c.fixed:
		c.push = c.text
	case c.tokens.scans() && c.window.max < maxLevels:
		c.min, c.max, c.push = c.window.min, c.window.max, c.learn
	default:
		// Tokens with spaces in them, of which different ones may make the same n-gram.
		c.push = c.text
	}
	if !c.fixed {
		c.terms = newTerms()
	}
	return c
}

// maxLevels keeps the length of an n-gram within a byte.
const maxLevels = 256

func (c *counter) countBatch(b batch) error {
	for i, text := range b.text {
		if err := c.countDocument(c.slotOf(b.class[i]), text); err != nil {
			return err
		}
	}
	return nil
}

// slotOf is the slot of a class, for one document more.
func (c *counter) slotOf(class int) int32 {
	near := uint(class+1) < uint(len(c.near))
	if near && c.near[class+1] > 0 {
		slot := c.near[class+1] - 1
		c.sizes[slot]++
		return slot
	}
	slot, ok := c.slots[class]
	if !ok {
		slot = int32(len(c.classes))
		c.slots[class] = slot
		c.classes = append(c.classes, class)
		c.sizes = append(c.sizes, 0)
		if c.join {
			c.joins = append(c.joins, joined{window: window{min: c.window.min, max: c.window.max}})
		}
		if near {
			c.near[class+1] = slot + 1
		}
	}
	c.sizes[slot]++
	return slot
}

func (c *counter) countDocument(slot int32, text string) error {
	c.slot = slot
	c.doc++
	if !c.join {
		c.active = c.active[:0]
		c.window.reset()
		return c.tokens.each(text, c.push)
	}
	j := &c.joins[slot]
	j.empty = c.tokens.isEmpty(text)
	if c.window.max == 1 {
		return c.tokens.each(text, c.push)
	}
	c.active, c.window = j.active, j.window
	err := c.tokens.each(text, c.push)
	c.window.trim()
	j.active, j.window = c.active, c.window
	return err
}

// countEmpty counts "emptydoc" for each class whose joined text is empty: one document without a character. (Two such
// documents are joined by a space, and a space is not empty.)
func countEmpty(counters []*counter) error {
	sizes := map[int]int{}
	for _, c := range counters {
		for slot, n := range c.sizes {
			sizes[c.classes[slot]] += n
		}
	}
	for _, c := range counters {
		for slot, class := range c.classes {
			if sizes[class] == 1 && c.joins[slot].empty {
				if err := c.countDocument(int32(slot), "emptydoc"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// keyOf is the key of the first token of an n-gram of a class; the key of each further token is its number with the cell
// of the n-gram before it.
func keyOf(slot, term int32) uint64 { return 1<<63 | uint64(slot)<<32 | uint64(term) }

// learn counts the n-grams that end with a token, as cells that hang below each other.
func (c *counter) learn(token []byte) error {
	if err := c.breathe(); err != nil {
		return err
	}
	id := c.terms.add(token)
	if c.max == 1 {
		c.count(keyOf(c.slot, id))
		return nil
	}
	if len(c.active) < c.max-1 {
		c.active = append(c.active, 0)
		for n := len(c.active) - 1; n > 0; n-- {
			c.active[n] = c.count(uint64(c.active[n-1])<<32 | uint64(id))
		}
	} else {
		for n := len(c.active); n > 0; n-- {
			cell := c.count(uint64(c.active[n-1])<<32 | uint64(id))
			if n < len(c.active) {
				c.active[n] = cell
			}
		}
	}
	c.active[0] = c.count(keyOf(c.slot, id))
	return nil
}

// text counts the n-grams that end with a token as texts, those of the given vocabulary or all.
func (c *counter) text(token []byte) error {
	if err := c.breathe(); err != nil {
		return err
	}
	c.window.push(token, func(term []byte) {
		if !c.fixed {
			c.count(keyOf(c.slot, c.terms.add(term)))
		} else if id := c.terms.find(term); id >= 0 {
			c.count(keyOf(c.slot, id))
		}
	})
	return nil
}

// breathe is called for every token; that the context is looked at here keeps a very long document from holding it up.
func (c *counter) breathe() error {
	if c.since++; c.since >= 1<<14 {
		c.since = 0
		return context.Cause(c.ctx)
	}
	return nil
}

// count counts a cell once more, with binary once for each document, and gives its number.
func (c *counter) count(key uint64) int32 {
	p := c.cells.at(key)
	if c.binary {
		id := int(p.id - 1)
		if id == len(c.seen) {
			c.seen = append(c.seen, 0)
		}
		if c.seen[id] == c.doc {
			return int32(id)
		}
		c.seen[id] = c.doc
	}
	return c.cells.add(p)
}
