package ctfidf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
)

// counted is how often a worker counted a term in a class. An entry of the column −1 is none.
type counted struct {
	row, col []int32
	n        []int64
}

// collect makes one matrix of what the workers counted: rows by rising class, columns by code point.
func collect(counters []*counter, cfg Config) Counts {
	var c Counts
	for _, counter := range counters {
		c.Classes = append(c.Classes, counter.classes...)
	}
	slices.Sort(c.Classes)
	c.Classes = slices.Compact(c.Classes)
	c.Sizes = make([]float64, len(c.Classes))
	rows := make([][]int32, len(counters)) // for each worker, the row of each of its slots
	for w, counter := range counters {
		rows[w] = make([]int32, len(counter.classes))
		for slot, class := range counter.classes {
			row, _ := slices.BinarySearch(c.Classes, class)
			rows[w][slot] = int32(row)
			c.Sizes[row] += float64(counter.sizes[slot])
			c.Docs += float64(counter.sizes[slot])
		}
	}

	var entries counted
	if cfg.Vocabulary != nil {
		c.Vocabulary = slices.Clone(cfg.Vocabulary)
		n := 0
		for _, counter := range counters {
			n += counter.cells.used
		}
		entries = counted{lendInt32.lend(n)[:0], lendInt32.lend(n)[:0], lendInt64.lend(n)[:0]}
		for w, counter := range counters {
			counter.cells.each(func(_ int32, key uint64, n int64) {
				entries.row = append(entries.row, rows[w][key<<1>>33])
				entries.col = append(entries.col, int32(uint32(key)))
				entries.n = append(entries.n, n)
			})
			counter.cells.free()
		}
	} else {
		c.Vocabulary, entries = merge(counters, rows)
	}
	c.Rows = entries.matrix(len(c.Classes), len(c.Vocabulary))
	entries.free()
	if cfg.Binary && cfg.Join {
		for k := range c.Rows.Value {
			c.Rows.Value[k] = 1
		}
	}
	return c
}

type entry struct {
	row, col int32
	n        int64
}

// free gives back the memory.
func (e counted) free() {
	lendInt32.back(e.row)
	lendInt32.back(e.col)
	lendInt64.back(e.n)
}

// matrix sums the entries of each cell. They are first put in the order of their columns and then dealt out to the rows,
// which leaves each row with rising columns; the order of the entries of one cell does not matter to the sums.
func (e counted) matrix(rows, cols int) sparse.CSR[float64] {
	next := make([]int, cols+1)
	start := make([]int, rows+1)
	for i, col := range e.col {
		if col >= 0 {
			next[col+1]++
			start[e.row[i]+1]++
		}
	}
	for j := range cols {
		next[j+1] += next[j]
	}
	for i := range rows {
		start[i+1] += start[i]
	}
	byColumn := lendEntries.lend(start[rows])
	defer lendEntries.back(byColumn)
	for i, col := range e.col {
		if col >= 0 {
			byColumn[next[col]] = entry{e.row[i], col, e.n[i]}
			next[col]++
		}
	}

	// A cell that several workers counted stands several times in its row so far.
	m := sparse.CSR[float64]{Cols: cols, RowPtr: make([]int, rows+1), Col: make([]int32, len(byColumn)), Value: make([]float64, len(byColumn))}
	end := slices.Clone(start[:rows])
	for _, x := range byColumn {
		k := end[x.row]
		if k > start[x.row] && m.Col[k-1] == x.col {
			m.Value[k-1] += float64(x.n)
			continue
		}
		m.Col[k], m.Value[k] = x.col, float64(x.n)
		end[x.row]++
	}
	for i := range rows {
		at := m.RowPtr[i]
		m.RowPtr[i+1] = at + copy(m.Col[at:], m.Col[start[i]:end[i]])
		copy(m.Value[at:], m.Value[start[i]:end[i]])
	}
	m.Col, m.Value = m.Col[:m.RowPtr[rows]], m.Value[:m.RowPtr[rows]]
	return m
}

// prune leaves out the terms that MinDF, MaxDF and MaxFeatures do not allow.
func (c Counts) prune(cfg Config) (Counts, error) {
	low, high := cfg.MinDF.classes(len(c.Classes), 0), cfg.MaxDF.classes(len(c.Classes), math.Inf(1))
	// The default bounds are 1 and all, so that a bound alone can contradict too: at most 0.1 of 5 classes is none.
	if high < max(low, 1) {
		return Counts{}, &stage.ConfigError{Field: "ctfidf.Config.MaxDF", Value: cfg.MaxDF, Want: fmt.Sprintf(
			"at least ctfidf.Config.MinDF (%v): with %d classes these are at most %v and at least %v classes",
			cfg.MinDF, len(c.Classes), high, max(low, 1))}
	}
	df := make([]int, len(c.Vocabulary))
	for _, col := range c.Rows.Col {
		df[col]++
	}
	var kept []int32
	for j, n := range df {
		if float64(n) >= low && float64(n) <= high {
			kept = append(kept, int32(j))
		}
	}
	if len(kept) == 0 {
		return Counts{}, fmt.Errorf("%w: none of %d terms is in at least ctfidf.Config.MinDF (%v) and at most ctfidf.Config.MaxDF (%v) of %d classes",
			ErrEmptyVocabulary, len(c.Vocabulary), cfg.MinDF, cfg.MaxDF, len(c.Classes))
	}
	if cfg.MaxFeatures > 0 && len(kept) > cfg.MaxFeatures {
		total := c.totals()
		slices.SortStableFunc(kept, func(a, b int32) int { return cmp.Compare(total[b], total[a]) })
		kept = kept[:cfg.MaxFeatures]
		slices.Sort(kept)
	}
	if len(kept) == len(c.Vocabulary) {
		return c, nil
	}
	return c.columns(kept), nil
}

// totals is the count of each term in all classes, summed from the first row to the last.
func (c Counts) totals() []float64 {
	f := make([]float64, len(c.Vocabulary))
	for k, col := range c.Rows.Col {
		f[col] += c.Rows.Value[k]
	}
	return f
}

// columns is c with only the given columns, which rise.
func (c Counts) columns(kept []int32) Counts {
	place := make([]int32, len(c.Vocabulary))
	for j := range place {
		place[j] = -1
	}
	out := c
	out.Vocabulary = make([]string, len(kept))
	out.Rows = sparse.CSR[float64]{Cols: len(kept), RowPtr: []int{0}}
	for j, col := range kept {
		place[col] = int32(j)
		out.Vocabulary[j] = strings.Clone(c.Vocabulary[col]) // lets go of the others
	}
	for i := range c.Rows.Rows() {
		cols, values := c.Rows.Row(i)
		for k, col := range cols {
			if place[col] >= 0 {
				out.Rows.Col = append(out.Rows.Col, place[col])
				out.Rows.Value = append(out.Rows.Value, values[k])
			}
		}
		out.Rows.RowPtr = append(out.Rows.RowPtr, len(out.Rows.Col))
	}
	return out
}
