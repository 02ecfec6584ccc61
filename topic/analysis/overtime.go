package analysis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/topic"
)

const (
	defaultTerms = 5
	maxBins      = 1_000_000
)

// OverTimeOptions says how OverTime divides the time and weighs words. The zero value is valid: one
// bin for each distinct time, both kinds of tuning, five terms, as in BERTopic.
type OverTimeOptions struct {
	// Bins is the number of bins of equal length between the first and the last document, from 1 to
	// 1,000,000. A bin contains its right edge, as in pandas.cut, and the first bin begins 0.1 % of the
	// whole range before the first document. More bins resolve more, with fewer documents each.
	// 0, the default: Every decides. [nr_bins]
	Bins int
	// Every is the period of the calendar to divide by, if Bins is 0. Default "": each distinct time is
	// a bin of its own.
	Every Period
	// NoEvolutionTuning leaves the weights of a topic as they are. By default they are averaged with
	// those of the same topic in the bin before, if it has documents in both. [evolution_tuning, which
	// has no effect in BERTopic 0.17.4]
	NoEvolutionTuning bool
	// NoGlobalTuning leaves the weights of a topic as they are. By default they are averaged with those
	// of the topic in the whole model. [global_tuning]
	NoGlobalTuning bool
	// Terms is the greatest number of terms in a row, 1 or more. 0, the default, means 5.
	Terms int
}

// Validate reports every field that is out of range.
func (o OverTimeOptions) Validate() error {
	const name = "analysis.OverTimeOptions."
	var f check.Fields
	f.Want(o.Bins >= 0 && o.Bins <= maxBins, name+"Bins", o.Bins, "0 (none) to 1,000,000")
	f.Want(o.Terms >= 0, name+"Terms", o.Terms, "1 or more, or 0 for 5")
	periods := []Period{"", Day, Week, Month, Quarter, Year}
	f.Want(slices.Contains(periods, o.Every), name+"Every", o.Every, `"", "day", "week", "month", "quarter" or "year"`)
	f.Want(o.Bins == 0 || o.Every == "", name+"Every", o.Every, `"" beside `+name+"Bins")
	return f.Err()
}

// TimeRow describes a topic in a bin of time.
type TimeRow struct {
	Topic int
	Time  time.Time     // where the bin begins, in UTC
	Count int           // number of documents
	Terms []ctfidf.Term // by falling weight
}

// OverTime describes the topics by the documents of each bin of time. It returns a row for each bin
// and each topic with documents in it, by rising time and topic. times has one entry for each
// document of m, in the order of m.Documents; documents with a zero time are left out.
//
// The words of a row are weighed with the factors of the model (the IDF). With tuning, rows are
// scaled to a sum of 1 before they are averaged. BERTopic's topics_over_time; arXiv:2203.05794,
// section 3.4.
//
// It fails with *stage.ConfigError, for another number of times than documents, and with what
// m.Weights returns.
func OverTime(ctx context.Context, m *topic.Model, times []time.Time, opt OverTimeOptions) ([]TimeRow, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if n := m.Len(); len(times) != n {
		return nil, fmt.Errorf("over time: %d times for %d documents, want one each", len(times), n)
	}
	bins, starts := binTimes(times, opt)
	cells, err := describeCells(ctx, m, bins, tuning{
		evolution: !opt.NoEvolutionTuning, global: !opt.NoGlobalTuning, terms: termsOrDefault(opt.Terms),
	})
	if err != nil {
		return nil, fmt.Errorf("over time: %w", err)
	}
	out := make([]TimeRow, len(cells))
	for i, c := range cells {
		out[i] = TimeRow{Topic: c.topic, Time: starts[c.slice], Count: c.count, Terms: c.terms}
	}
	return out, nil
}

func termsOrDefault(n int) int {
	if n == 0 {
		return defaultTerms
	}
	return n
}
