package ctfidf

import "strings"

// merge is the terms of all workers, sorted, each once, and the counts with their rows and columns.
//
// What a worker has counted is a tree for each class, in which an n-gram hangs below the n-gram without its last token.
// Here they become one tree for all classes, level by level: level n−1 has the n-grams. Within a level they are numbered
// in the order of the n-grams above and then of their last tokens, and the columns are numbered as one walks the tree,
// each n-gram before those below. That is the order of their texts, since all characters of a token are greater than the
// space that may follow it.
func merge(counters []*counter, rows [][]int32) (vocabulary []string, entries counted) {
	tokens, ranks := mergeTerms(counters)
	t := newTree(counters)
	base := int32(0)
	for w, c := range counters {
		t.take(c, base, rows[w], ranks[w])
		base += int32(c.cells.used)
	}
	least, levels := counters[0].min, counters[0].max
	level := make([]grams, levels)
	for n := range level {
		level[n] = t.number(n, len(tokens))
	}
	total := columns(level, least)

	vocabulary = make([]string, total)
	texts := tokens
	for n, g := range level {
		if n > 0 {
			texts = g.texts(texts, tokens)
		}
		if n+1 >= least {
			for i, s := range texts {
				vocabulary[g.column[i]] = s
			}
		}
	}
	for i, gram := range t.gram {
		t.gram[i] = -1
		if n := t.level[i]; int(n)+1 >= least {
			t.gram[i] = level[n].column[gram]
		}
	}
	lendInt32.back(t.parent)
	lendInt32.back(t.token)
	return vocabulary, counted{t.row, t.gram, t.n}
}

// mergeTerms is the tokens of all workers, sorted, each once, and the place of each worker's tokens in them. The first
// worker's table takes in the tokens of the others.
func mergeTerms(counters []*counter) (tokens []string, ranks [][]int32) {
	ranks = make([][]int32, len(counters))
	all := counters[0].terms
	for w, c := range counters[1:] {
		ranks[w+1] = make([]int32, c.terms.len())
		for id := range ranks[w+1] {
			ranks[w+1][id] = all.add(c.terms.at(int32(id)))
		}
		c.terms.free()
	}
	all.free()
	tokens, ranks[0] = all.sorted()
	for _, of := range ranks[1:] {
		for id, n := range of {
			of[id] = ranks[0][n]
		}
	}
	return tokens, ranks
}

// tree is the cells of all workers, one behind the other; a cell stands behind the one that it hangs below.
type tree struct {
	parent []int32 // the cell above, −1 for a single token
	token  []int32 // the rank of the last token
	level  []uint8
	row    []int32
	n      []int64
	gram   []int32 // the number of the n-gram within its level
}

func newTree(counters []*counter) *tree {
	n := 0
	for _, c := range counters {
		n += c.cells.used
	}
	return &tree{
		parent: lendInt32.lend(n), token: lendInt32.lend(n), level: make([]uint8, n),
		row: lendInt32.lend(n), n: lendInt64.lend(n), gram: lendInt32.lend(n),
	}
}

// take takes in the cells of a worker, from base on.
func (t *tree) take(c *counter, base int32, rows, rank []int32) {
	c.cells.each(func(id int32, key uint64, n int64) {
		i := base + id
		t.n[i], t.token[i] = n, rank[uint32(key)]
		if key>>63 != 0 {
			t.parent[i], t.row[i] = -1, rows[key<<1>>33]
		} else {
			t.parent[i] = base + int32(key>>32)
		}
	})
	c.cells.free()
	for i := base; i < base+int32(c.cells.used); i++ {
		if p := t.parent[i]; p >= 0 {
			t.level[i], t.row[i] = t.level[p]+1, t.row[p]
		}
	}
}

// grams is the n-grams of a level.
type grams struct {
	n      int
	parent []int32 // the number of the n-gram above, within its level; nil for single tokens
	token  []int32 // the last token
	column []int32 // the first column at or below the n-gram
}

// number numbers the n-grams of a level; those of the level above have their numbers. Every token stands alone in some
// class, so that single tokens have theirs already.
func (t *tree) number(level, tokens int) grams {
	if level == 0 {
		for i, l := range t.level {
			if l == 0 {
				t.gram[i] = t.token[i]
			}
		}
		return grams{n: tokens}
	}
	size := 0
	for _, l := range t.level {
		if int(l) == level {
			size++
		}
	}
	keys := lendKeyed.lend(size)[:0]
	for i, l := range t.level {
		if int(l) == level {
			keys = append(keys, keyed{uint64(t.gram[t.parent[i]])<<32 | uint64(t.token[i]), int32(i)})
		}
	}
	keys = sortKeyed(keys)
	defer lendKeyed.back(keys)
	g := grams{}
	for i, k := range keys {
		if i == 0 || k.key != keys[i-1].key {
			g.n++
		}
		t.gram[k.id] = int32(g.n - 1)
	}
	g.parent, g.token = make([]int32, g.n), make([]int32, g.n)
	for _, k := range keys {
		i := t.gram[k.id]
		g.parent[i], g.token[i] = int32(k.key>>32), int32(uint32(k.key))
	}
	return g
}

// columns gives the n-grams of at least least tokens their columns, which are total.
func columns(level []grams, least int) (total int32) {
	// How many columns there are at and below each n-gram, from the leaves.
	for n := len(level) - 1; n >= 0; n-- {
		level[n].column = make([]int32, level[n].n)
		if n+1 >= least {
			for g := range level[n].column {
				level[n].column[g] = 1
			}
		}
		if n+1 < len(level) {
			for g, p := range level[n+1].parent {
				level[n].column[p] += level[n+1].column[g]
			}
		}
	}
	for _, size := range level[0].column {
		total += size
	}
	// From the roots, each begins where the one before it ends, the first of them behind the n-gram above.
	for n := range level {
		next, last := int32(0), int32(-1)
		for g, size := range level[n].column {
			if n > 0 && level[n].parent[g] != last {
				last = level[n].parent[g]
				next = level[n-1].column[last]
				if n >= least {
					next++
				}
			}
			level[n].column[g] = next
			next += size
		}
	}
	return total
}

// texts is the n-grams as text, where above has those of the level above.
func (g grams) texts(above, tokens []string) []string {
	size := 0
	for i, p := range g.parent {
		size += len(above[p]) + 1 + len(tokens[g.token[i]])
	}
	var all strings.Builder
	all.Grow(size)
	texts := make([]string, len(g.parent))
	for i, p := range g.parent {
		from := all.Len()
		all.WriteString(above[p])
		all.WriteByte(' ')
		all.WriteString(tokens[g.token[i]])
		texts[i] = all.String()[from:]
	}
	return texts
}
