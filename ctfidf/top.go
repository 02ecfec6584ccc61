package ctfidf

import "slices"

// Term is a term with its weight in a class.
type Term struct {
	Term   string
	Weight float64
}

// TopTerms is the k terms of the highest weight in a row, highest first; ties go by column, which is code point order
// unless the vocabulary was given. Terms with a weight of 0 or less are left out, so there may be fewer than k. (BERTopic
// fills up with empty words, and leaves the order of ties open.) row must be one of the rows.
func (w Weights) TopTerms(row, k int) []Term {
	cols, values := w.Rows.Row(row)
	k = min(k, len(cols))
	if k <= 0 {
		return nil
	}
	top := make([]int, 0, k+1) // places in cols, best first
	for i, v := range values {
		if !(v > 0) || len(top) == k && v <= values[top[k-1]] {
			continue
		}
		// Behind all that are as good: they have lower columns.
		at, _ := slices.BinarySearchFunc(top, v, func(p int, v float64) int {
			if values[p] >= v {
				return -1
			}
			return 1
		})
		top = slices.Insert(top, at, i)
		if len(top) > k {
			top = top[:k]
		}
	}
	terms := make([]Term, len(top))
	for i, p := range top {
		terms[i] = Term{w.Vocabulary[cols[p]], values[p]}
	}
	return terms
}

// Row is the row of a class.
func (w Weights) Row(class int) (row int, ok bool) { return slices.BinarySearch(w.Classes, class) }
