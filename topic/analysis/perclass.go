package analysis

import (
	"context"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/topic"
)

// PerClassOptions says how PerClass weighs words. The zero value is valid: global tuning and five
// terms, as in BERTopic.
type PerClassOptions struct {
	// NoGlobalTuning leaves the weights of a topic in a class as they are. By default they are averaged
	// with those of the topic in the whole model. [global_tuning]
	NoGlobalTuning bool
	// Terms is the greatest number of terms in a row, 1 or more. 0, the default, means 5.
	Terms int
}

// Validate reports a field that is out of range.
func (o PerClassOptions) Validate() error {
	var f check.Fields
	f.Want(o.Terms >= 0, "analysis.PerClassOptions.Terms", o.Terms, "1 or more, or 0 for 5")
	return f.Err()
}

// ClassRow describes a topic in a class of documents.
type ClassRow struct {
	Topic int
	Class string
	Count int           // number of documents
	Terms []ctfidf.Term // by falling weight
}

// PerClass describes the topics by the documents of each class, such as an author or a source. It
// returns a row for each class and each topic with documents in it, by class in code point order and
// rising topic. classes has one entry for each document of m, in the order of m.Documents.
// BERTopic's topics_per_class.
//
// It fails with *stage.ConfigError, for another number of classes than documents, and with what
// m.Weights returns.
func PerClass(ctx context.Context, m *topic.Model, classes []string, opt PerClassOptions) ([]ClassRow, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if n := m.Len(); len(classes) != n {
		return nil, fmt.Errorf("per class: %d classes for %d documents, want one each", len(classes), n)
	}
	names := slices.Compact(slices.Sorted(slices.Values(classes)))
	slice := make([]int, len(classes))
	for i, c := range classes {
		slice[i], _ = slices.BinarySearch(names, c)
	}
	cells, err := describeCells(ctx, m, slice, tuning{global: !opt.NoGlobalTuning, terms: termsOrDefault(opt.Terms)})
	if err != nil {
		return nil, fmt.Errorf("per class: %w", err)
	}
	out := make([]ClassRow, len(cells))
	for i, c := range cells {
		out[i] = ClassRow{Topic: c.topic, Class: names[c.slice], Count: c.count, Terms: c.terms}
	}
	return out, nil
}
