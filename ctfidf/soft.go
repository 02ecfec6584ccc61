package ctfidf

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/sparse"
)

// softBlock is the number of documents whose terms CountSoft holds at a time.
const softBlock = 1 << 12

// CountSoft counts each term of docs[i] in every class j as often as the membership of the document in the class says:
// memberships has a row for each document and a column for each class, finite numbers of at least 0, such as the
// probabilities of HDBSCAN. The classes are the columns, 0, 1, …; a class whose column is empty has a row without terms.
// Weigh the counts with [Soft], or with any other weighing. The documents are read twice, unless cfg has a Vocabulary, and
// memory grows with the terms times the classes.
//
// It fails with *[stage.ConfigError]s, Config.Join among them, with a *[stage.ValueError] for a membership that is no finite number of
// at least 0, with an error that wraps [ErrEmptyVocabulary], or with the context's error.
func CountSoft(ctx context.Context, docs []string, memberships sparse.CSR[float64], cfg Config) (Counts, error) {
	var f check.Fields
	f.Want(!cfg.Join, "ctfidf.Config.Join", cfg.Join, "false for memberships, which are the documents' own")
	if err := f.Err(); err != nil {
		return Counts{}, err
	}
	if err := cfg.Validate(); err != nil {
		return Counts{}, err
	}
	if err := checkCounts(memberships); err != nil {
		return Counts{}, fmt.Errorf("memberships: %w", err)
	}
	if memberships.Rows() != len(docs) {
		return Counts{}, fmt.Errorf("ctfidf: %d documents and memberships of %d, want a row for each document", len(docs), memberships.Rows())
	}

	c := Counts{
		Vocabulary: cfg.Vocabulary, Docs: float64(len(docs)),
		Classes: make([]int, memberships.Cols), Sizes: make([]float64, memberships.Cols),
	}
	quiet := cfg
	quiet.Progress = nil
	if c.Vocabulary == nil {
		all := quiet
		all.MinDF, all.MaxDF, all.MaxFeatures = DF{}, DF{}, 0
		whole, err := Count(ctx, docs, make([]int, len(docs)), all)
		if err != nil {
			return Counts{}, err
		}
		c.Vocabulary = whole.Vocabulary
	}
	for k, j := range memberships.Col {
		c.Sizes[j] += memberships.Value[k]
	}
	for j := range c.Classes {
		c.Classes[j] = j
	}

	rows := make([][]float64, len(c.Classes)) // those that have terms
	vocabulary := termsOf(c.Vocabulary)
	for lo := 0; lo < len(docs); lo += softBlock {
		hi := min(lo+softBlock, len(docs))
		terms, err := vocabulary.documents(ctx, docs[lo:hi], quiet)
		if err != nil {
			return Counts{}, err
		}
		if err := addSoft(ctx, rows, terms, memberships, lo, cfg.Workers); err != nil {
			return Counts{}, err
		}
		if cfg.Progress != nil {
			cfg.Progress(hi, len(docs))
		}
	}
	c.Rows = sparse.CSR[float64]{Cols: len(c.Vocabulary), RowPtr: []int{0}}
	for _, row := range rows {
		for j, v := range row {
			if v > 0 {
				c.Rows.Col = append(c.Rows.Col, int32(j))
				c.Rows.Value = append(c.Rows.Value, v)
			}
		}
		c.Rows.RowPtr = append(c.Rows.RowPtr, len(c.Rows.Col))
	}
	if cfg.Vocabulary != nil {
		return c, nil
	}
	return c.prune(cfg)
}

// addSoft adds the terms of the documents from lo on to the rows of their classes. Each class is summed by one goroutine,
// in the order of the documents.
func addSoft(ctx context.Context, rows [][]float64, terms, memberships sparse.CSR[float64], lo, workers int) error {
	type share struct {
		doc int
		p   float64
	}
	of := make([][]share, len(rows))
	for doc := range terms.Rows() {
		classes, p := memberships.Row(lo + doc)
		for k, j := range classes {
			if p[k] > 0 {
				of[j] = append(of[j], share{doc, p[k]})
			}
		}
	}
	return parallel.Loop{Workers: workers, Block: 1}.Run(ctx, len(rows), func(_, j, _ int) error {
		if len(of[j]) > 0 && rows[j] == nil {
			rows[j] = make([]float64, terms.Cols)
		}
		for _, s := range of[j] {
			cols, n := terms.Row(s.doc)
			for k, col := range cols {
				rows[j][col] += float64(s.p * n[k])
			}
		}
		return nil
	})
}
