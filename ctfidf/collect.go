package ctfidf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// collect makes one matrix of what the workers counted: rows by rising class, columns by code point.
func collect(counters []*counter, classes []int, cfg Config) (Counts, error) {
	c := Counts{Vocabulary: slices.Clone(cfg.Vocabulary)}
	columns := make([][]int32, len(counters)) // for each worker, the column of each of its terms
	if cfg.Vocabulary == nil {
		c.Vocabulary, columns = mergeTerms(counters)
	}
	if len(c.Vocabulary) == 0 {
		return Counts{}, fmt.Errorf("%w: none of the documents has a term; they are empty or hold only stop words and single characters",
			ErrEmptyVocabulary)
	}

	order := make([]int, len(classes)) // order[row] is a slot
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(classes[a], classes[b]) })
	rows := make([]int32, len(classes)) // rows[slot] is a row
	for row, slot := range order {
		c.Classes = append(c.Classes, classes[slot])
		rows[slot] = int32(row)
	}
	c.Rows = mergeCells(counters, columns, rows, len(c.Vocabulary))
	if cfg.Vocabulary != nil {
		return c, nil
	}
	return c.prune(cfg)
}

// mergeTerms is the terms of all workers, sorted, each once, and the place of each worker's terms in them. The first
// worker's table takes in the terms of the others.
func mergeTerms(counters []*counter) (vocabulary []string, columns [][]int32) {
	columns = make([][]int32, len(counters))
	all := counters[0].terms
	for w, c := range counters[1:] {
		columns[w+1] = make([]int32, c.terms.len())
		for id := range columns[w+1] {
			columns[w+1][id] = all.add(c.terms.at(int32(id)))
		}
	}
	vocabulary, columns[0] = all.sorted()
	for _, of := range columns[1:] {
		for id, n := range of {
			of[id] = columns[0][n]
		}
	}
	return vocabulary, columns
}

// mergeCells sums the workers' counts. The cells are first put in the order of their columns and then dealt out to the
// rows, which leaves each row with rising columns; the order of the cells of one column does not matter to the sums.
func mergeCells(counters []*counter, columns [][]int32, rows []int32, cols int) Matrix {
	type entry struct {
		row, col int32
		n        int64
	}
	column := func(w int, term int32) int32 {
		if columns[w] == nil {
			return term // a given vocabulary
		}
		return columns[w][term]
	}
	colPtr := make([]int, cols+1)
	for w, c := range counters {
		c.cells.each(func(_, term int32, _ int64) { colPtr[column(w, term)+1]++ })
	}
	for j := range cols {
		colPtr[j+1] += colPtr[j]
	}
	byColumn := make([]entry, colPtr[cols])
	rowLen := make([]int, len(rows))
	next := slices.Clone(colPtr[:cols])
	for w, c := range counters {
		c.cells.each(func(slot, term int32, n int64) {
			j := column(w, term)
			byColumn[next[j]] = entry{rows[slot], j, n}
			next[j]++
			rowLen[rows[slot]]++
		})
	}

	// A cell that several workers counted stands several times in its row so far.
	start := make([]int, len(rows)+1)
	for i, n := range rowLen {
		start[i+1] = start[i] + n
	}
	byRow := make([]entry, len(byColumn))
	end := slices.Clone(start[:len(rows)])
	for _, x := range byColumn {
		if e := end[x.row]; e > start[x.row] && byRow[e-1].col == x.col {
			byRow[e-1].n += x.n
			continue
		}
		byRow[end[x.row]] = x
		end[x.row]++
	}
	m := Matrix{Cols: cols, RowPtr: make([]int, len(rows)+1)}
	for i := range rows {
		m.RowPtr[i+1] = m.RowPtr[i] + end[i] - start[i]
	}
	m.Col, m.Value = make([]int32, m.RowPtr[len(rows)]), make([]float64, m.RowPtr[len(rows)])
	for i := range rows {
		for k, x := range byRow[start[i]:end[i]] {
			m.Col[m.RowPtr[i]+k], m.Value[m.RowPtr[i]+k] = x.col, float64(x.n)
		}
	}
	return m
}

// prune leaves out the terms that MinDF, MaxDF and MaxFeatures do not allow.
func (c Counts) prune(cfg Config) (Counts, error) {
	low, high := cfg.MinDF.classes(len(c.Classes), 0), cfg.MaxDF.classes(len(c.Classes), math.Inf(1))
	// The default bounds are 1 and all, so that a bound alone can contradict too: at most 0.1 of 5 classes is none.
	if high < max(low, 1) {
		return Counts{}, &ConfigError{Field: "ctfidf.Config.MaxDF", Value: cfg.MaxDF, Want: fmt.Sprintf(
			"at least ctfidf.Config.MinDF (%v): with %d classes these are at most %v and at least %v classes",
			cfg.MinDF, len(c.Classes), high, max(low, 1))}
	}
	df := make([]int, len(c.Vocabulary))
	total := make([]float64, len(c.Vocabulary))
	for k, col := range c.Rows.Col {
		df[col]++
		total[col] += c.Rows.Value[k]
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
		slices.SortStableFunc(kept, func(a, b int32) int { return cmp.Compare(total[b], total[a]) })
		kept = kept[:cfg.MaxFeatures]
		slices.Sort(kept)
	}
	if len(kept) == len(c.Vocabulary) {
		return c, nil
	}
	return c.columns(kept), nil
}

// columns is c with only the given columns, which rise.
func (c Counts) columns(kept []int32) Counts {
	place := make([]int32, len(c.Vocabulary))
	for j := range place {
		place[j] = -1
	}
	out := Counts{Classes: c.Classes, Vocabulary: make([]string, len(kept)), Rows: Matrix{Cols: len(kept), RowPtr: []int{0}}}
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
