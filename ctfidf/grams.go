package ctfidf

import (
	"strings"
	"sync"
)

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
	base := make([]int32, len(counters)+1)
	for w, c := range counters {
		base[w+1] = base[w] + int32(c.cells.used)
	}
	forEach(counters, func(w int, c *counter) { t.take(c, base[w], rows[w], ranks[w]) })
	least, levels := counters[0].min, counters[0].max
	level := make([]grams, levels)
	above := 0
	for n := range level {
		level[n] = t.number(n, above, len(tokens))
		above = level[n].n
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

// mergeTerms is the tokens of all workers, sorted, each once, and the place of each worker's tokens in them.
func mergeTerms(counters []*counter) (tokens []string, ranks [][]int32) {
	ranks = make([][]int32, len(counters))
	sorted := make([][]string, len(counters))
	forEach(counters, func(w int, c *counter) {
		sorted[w], ranks[w] = c.terms.sorted()
		c.terms.free()
	})
	place := make([][]int32, len(counters)) // of each worker's sorted tokens
	for w, more := range sorted {
		var moved []int32
		tokens, moved, place[w] = union(tokens, more, strings.Compare)
		for _, of := range place[:w] {
			for i, j := range of {
				of[i] = moved[j]
			}
		}
	}
	for w, rank := range ranks {
		for id, i := range rank {
			rank[id] = place[w][i]
		}
	}
	return tokens, ranks
}

// forEach does something for each worker's counter, all at once.
func forEach(counters []*counter, f func(w int, c *counter)) {
	var wg sync.WaitGroup
	for w, c := range counters[1:] {
		wg.Go(func() { f(w+1, c) })
	}
	f(0, counters[0])
	wg.Wait()
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

// number numbers the n-grams of a level; those of the level above, above many, have their numbers. Every token stands alone in some
// class, so that single tokens have theirs already.
func (t *tree) number(level, above, tokens int) grams {
	if level == 0 {
		for i, l := range t.level {
			if l == 0 {
				t.gram[i] = t.token[i]
			}
		}
		return grams{n: tokens}
	}
	var of []int32 // the cells of the level
	for i, l := range t.level {
		if int(l) == level {
			of = append(of, int32(i))
		}
	}
	// By the last token, and then by the n-gram above, which leaves the order of the tokens.
	of = countingSort(of, tokens, func(i int32) int32 { return t.token[i] })
	of = countingSort(of, above, func(i int32) int32 { return t.gram[t.parent[i]] })
	var g grams
	parent, token := int32(-1), int32(-1)
	for _, i := range of {
		if p := t.gram[t.parent[i]]; p != parent || t.token[i] != token {
			parent, token = p, t.token[i]
			g.parent, g.token = append(g.parent, parent), append(g.token, token)
			g.n++
		}
		t.gram[i] = int32(g.n - 1)
	}
	return g
}

// countingSort sorts by a key below keys, equal keys in the order in which they stand.
func countingSort(x []int32, keys int, key func(int32) int32) []int32 {
	next := make([]int32, keys+1)
	for _, i := range x {
		next[key(i)+1]++
	}
	for k := range keys {
		next[k+1] += next[k]
	}
	y := make([]int32, len(x))
	for _, i := range x {
		k := key(i)
		y[next[k]] = i
		next[k]++
	}
	return y
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
