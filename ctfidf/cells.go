package ctfidf

// cells counts pairs of a class and a term: a hash table with open addressing and linear probing.
type cells struct {
	table []cell
	used  int
	shift uint
}

type cell struct {
	key uint64 // class<<32 | term, plus 1: 0 is a free place
	n   int64
}

func (c *cells) add(class, term int32) {
	if c.used*4 >= len(c.table)*3 {
		c.grow()
	}
	k := (uint64(uint32(class))<<32 | uint64(uint32(term))) + 1
	p := c.find(k)
	if p.key == 0 {
		p.key = k
		c.used++
	}
	p.n++
}

// find is the place of k, or the free place where it belongs. The multiplier is 2^64 divided by the golden ratio.
func (c *cells) find(k uint64) *cell {
	mask := len(c.table) - 1
	for i := int(k * 0x9e3779b97f4a7c15 >> c.shift); ; i++ {
		if p := &c.table[i&mask]; p.key == 0 || p.key == k {
			return p
		}
	}
}

func (c *cells) grow() {
	old := c.table
	if len(old) == 0 {
		c.table, c.shift = make([]cell, 1<<12), 64-12
		return
	}
	c.table, c.shift = make([]cell, 4*len(old)), c.shift-2
	for _, p := range old {
		if p.key != 0 {
			*c.find(p.key) = p
		}
	}
}

// each calls f for each pair, in an order that must not reach a result.
func (c *cells) each(f func(class, term int32, n int64)) {
	for _, p := range c.table {
		if p.key != 0 {
			k := p.key - 1
			f(int32(k>>32), int32(uint32(k)), p.n)
		}
	}
}
