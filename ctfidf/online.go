package ctfidf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/sparse"
)

// Online counts batch after batch, as BERTopic's OnlineCountVectorizer (0.17.4) does. The zero value forgets nothing: the
// counts of the batches are then those of all documents at once. The names in brackets are the original's.
type Online struct {
	// Decay is the share of the past that is forgotten when a batch comes, in [0, 1]: counts, sizes and the number of
	// documents are multiplied by 1 − Decay. Default 0. [decay]
	Decay float64
	// DeleteMinDF leaves out, after each batch, the terms that are counted less often than this in all classes, at least
	// 0. Default 0. It has no effect on a given Config.Vocabulary. [delete_min_df]
	DeleteMinDF float64
}

// Validate reports every field that is out of range, as *[stage.ConfigError]s joined.
func (o Online) Validate() error {
	var f check.Fields
	f.Want(o.Decay >= 0 && o.Decay <= 1, "ctfidf.Online.Decay", o.Decay, "a share in [0, 1]")
	f.Want(o.DeleteMinDF >= 0 && !math.IsInf(o.DeleteMinDF, 0), "ctfidf.Online.DeleteMinDF", o.DeleteMinDF, "a finite number of at least 0")
	return f.Err()
}

// Update is past after one batch more: the past decays, the terms of docs are added, where classes[i] is the class of
// docs[i], and rare terms are left out. The first past is the zero Counts; past is not changed. A batch may be empty and
// may bring new terms and new classes. Columns are always in the order of Count, where the original's depend on the hash
// of the words. All batches must be counted with the same cfg.
//
// It fails with *[stage.ConfigError]s (MinDF, MaxDF and MaxFeatures, which a batch cannot answer, must not be set), where past
// does not hang together, or with the context's error. That there are no terms is no error.
func (o Online) Update(ctx context.Context, past Counts, docs []string, classes []int, cfg Config) (Counts, error) {
	var f check.Fields
	f.Want(cfg.MinDF == DF{}, "ctfidf.Config.MinDF", cfg.MinDF, "no bound when counting online; use ctfidf.Online.DeleteMinDF")
	f.Want(cfg.MaxDF == DF{}, "ctfidf.Config.MaxDF", cfg.MaxDF, "no bound when counting online")
	f.Want(cfg.MaxFeatures == 0, "ctfidf.Config.MaxFeatures", cfg.MaxFeatures, "0 when counting online; use ctfidf.Online.DeleteMinDF")
	if err := errors.Join(o.Validate(), f.Err(), cfg.Validate()); err != nil {
		return Counts{}, err
	}
	if err := sameLength(docs, classes); err != nil {
		return Counts{}, err
	}
	first := len(past.Classes) == 0 && len(past.Vocabulary) == 0
	if err := past.checkPast(cfg); err != nil && !first {
		return Counts{}, err
	}
	counters, err := countDocs(ctx, docs, classes, cfg)
	if err != nil {
		return Counts{}, err
	}
	if cfg.Join {
		if err := countEmpty(counters); err != nil {
			return Counts{}, err
		}
	}
	now := collect(counters, cfg)
	if !first {
		now = past.plus(now, 1-o.Decay)
	}
	if o.DeleteMinDF == 0 || cfg.Vocabulary != nil {
		return now, nil
	}
	var kept []int32
	for j, n := range now.totals() {
		if n >= o.DeleteMinDF {
			kept = append(kept, int32(j))
		}
	}
	if len(kept) == len(now.Vocabulary) {
		return now, nil
	}
	return now.columns(kept), nil
}

// checkPast reports what keeps c from being counted on.
func (c Counts) checkPast(cfg Config) error {
	if err := c.check(); err != nil {
		return fmt.Errorf("past counts: %w", err)
	}
	switch {
	case len(c.Sizes) != len(c.Classes):
		return fmt.Errorf("ctfidf: past counts with %d sizes for %d classes", len(c.Sizes), len(c.Classes))
	case !rises(c.Classes):
		return errors.New("ctfidf: past counts whose classes do not rise")
	case cfg.Vocabulary != nil && !slices.Equal(c.Vocabulary, cfg.Vocabulary):
		return fmt.Errorf("ctfidf: past counts of %d terms that are not those of ctfidf.Config.Vocabulary", len(c.Vocabulary))
	case cfg.Vocabulary == nil && !rises(c.Vocabulary):
		return errors.New("ctfidf: past counts whose terms are not sorted; those of a given vocabulary need it in ctfidf.Config.Vocabulary again")
	}
	return nil
}

// plus is keep times c, plus d. Both have sorted classes and columns that are sorted or the same.
func (c Counts) plus(d Counts, keep float64) Counts {
	out := Counts{Docs: float64(c.Docs*keep) + d.Docs}
	var cCol, dCol, cRow, dRow []int32 // where each column and row of c and d goes
	if slices.Equal(c.Vocabulary, d.Vocabulary) {
		out.Vocabulary = d.Vocabulary
		cCol = make([]int32, len(c.Vocabulary))
		for j := range cCol {
			cCol[j] = int32(j)
		}
		dCol = cCol
	} else {
		out.Vocabulary, cCol, dCol = union(c.Vocabulary, d.Vocabulary, strings.Compare)
	}
	out.Classes, cRow, dRow = union(c.Classes, d.Classes, cmp.Compare[int])
	out.Sizes = make([]float64, len(out.Classes))
	from := make([][2]int, len(out.Classes)) // the rows that are summed, plus 1
	for i, to := range cRow {
		out.Sizes[to] = c.Sizes[i] * keep
		from[to][0] = i + 1
	}
	for i, to := range dRow {
		out.Sizes[to] += d.Sizes[i]
		from[to][1] = i + 1
	}

	out.Rows = sparse.CSR[float64]{Cols: len(out.Vocabulary), RowPtr: []int{0}}
	for _, f := range from {
		a, b := entries(c.Rows, f[0], cCol), entries(d.Rows, f[1], dCol)
		for a.left() || b.left() {
			col, v := int32(math.MaxInt32), 0.0
			if a.left() {
				col = a.col()
			}
			if b.left() {
				col = min(col, b.col())
			}
			if a.left() && a.col() == col {
				v = float64(a.take() * keep)
			}
			if b.left() && b.col() == col {
				v += b.take()
			}
			if v > 0 {
				out.Rows.Col = append(out.Rows.Col, col)
				out.Rows.Value = append(out.Rows.Value, v)
			}
		}
		out.Rows.RowPtr = append(out.Rows.RowPtr, len(out.Rows.Col))
	}
	return out
}

// entries walks row i−1, with its columns moved to to; there is no row −1.
func entries(m sparse.CSR[float64], i int, to []int32) *walk {
	if i == 0 {
		return &walk{}
	}
	cols, values := m.Row(i - 1)
	return &walk{cols, to, values}
}

type walk struct {
	cols, to []int32
	values   []float64
}

func (w *walk) left() bool { return len(w.cols) > 0 }
func (w *walk) col() int32 { return w.to[w.cols[0]] }

func (w *walk) take() float64 {
	v := w.values[0]
	w.cols, w.values = w.cols[1:], w.values[1:]
	return v
}

// union is what a and b have, both rising, and where the elements of each are in it.
func union[T any](a, b []T, compare func(x, y T) int) (all []T, inA, inB []int32) {
	all = make([]T, 0, max(len(a), len(b)))
	inA, inB = make([]int32, 0, len(a)), make([]int32, 0, len(b))
	for len(a) > 0 || len(b) > 0 {
		at, order := int32(len(all)), -1
		switch {
		case len(a) == 0:
			order = 1
		case len(b) > 0:
			order = compare(a[0], b[0])
		}
		if order <= 0 {
			all, inA = append(all, a[0]), append(inA, at)
			a = a[1:]
		} else {
			all = append(all, b[0])
		}
		if order >= 0 {
			inB = append(inB, at)
			b = b[1:]
		}
	}
	return all, inA, inB
}

func rises[T int | string](x []T) bool {
	for i := 1; i < len(x); i++ {
		if x[i] <= x[i-1] {
			return false
		}
	}
	return true
}
