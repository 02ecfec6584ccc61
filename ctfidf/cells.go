package ctfidf

// cells counts keys and numbers them from 0 in the order in which they are first seen: a hash table with open addressing
// and linear probing.
type cells struct {
	table []cell
	used  int
	shift uint
	carry map[int32]int64 // what has overflowed from the count of a cell
}

type cell struct {
	key uint64
	id  uint32 // its number plus 1; 0 is a free place
	n   uint32
}

// at is the cell of a key, a new one with a count of 0 if need be. It is good until the next call.
func (c *cells) at(key uint64) *cell {
	if c.used*4 >= len(c.table)*3 {
		c.grow()
	}
	p := c.find(key)
	if p.id == 0 {
		c.used++
		p.key, p.id = key, uint32(c.used)
	}
	return p
}

// add counts a cell once more and gives its number.
func (c *cells) add(p *cell) int32 {
	if p.n++; p.n == 0 {
		if c.carry == nil {
			c.carry = map[int32]int64{}
		}
		c.carry[int32(p.id-1)] += 1 << 32
	}
	return int32(p.id - 1)
}

// find is the place of a key, or the free place where it belongs. The multiplier is 2^64 divided by the golden ratio.
func (c *cells) find(key uint64) *cell {
	mask := len(c.table) - 1
	for i := int(key * 0x9e3779b97f4a7c15 >> c.shift); ; i++ {
		if p := &c.table[i&mask]; p.id == 0 || p.key == key {
			return p
		}
	}
}

func (c *cells) grow() {
	old := c.table
	if len(old) == 0 {
		c.table, c.shift = lendCells.lend(1<<13), 64-13
		return
	}
	c.table, c.shift = lendCells.lend(2*len(old)), c.shift-1
	defer lendCells.back(old)
	for _, p := range old {
		if p.id != 0 {
			*c.find(p.key) = p
		}
	}
}

// free gives back the table.
func (c *cells) free() {
	lendCells.back(c.table)
	c.table = nil
}

// each calls f for each cell, in an order that must not reach a result.
func (c *cells) each(f func(id int32, key uint64, n int64)) {
	for i := range c.table {
		p := &c.table[i]
		if p.id == 0 {
			continue
		}
		n := int64(p.n)
		if c.carry != nil {
			n += c.carry[int32(p.id-1)]
		}
		f(int32(p.id-1), p.key, n)
	}
}
