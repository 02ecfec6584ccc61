package report

import (
	"fmt"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
	"github.com/gobertopic/gobertopic/umap"
)

// Options says what a report shows beside the model. The zero value is valid.
type Options struct {
	// Title is the heading and the title of the page. Default "Topics".
	Title string
	// Language is the language of the documents as a BCP 47 tag, such as "ar". Default "": not said.
	Language string
	// IDs, Times and the values of Fields have one entry for each document of the model, in the order of
	// Model.Documents, or are empty. A zero time is one that is not known.
	IDs    []string
	Times  []time.Time
	Fields []Field
	// Every is the period of the calendar by which time is divided. Default "": the longest period that
	// makes at least 24 bins, or days.
	Every analysis.Period
	// NoTexts leaves the texts of the documents out: the file then holds positions, topics and fields.
	NoTexts bool
	// TextBytes is the length in bytes from which the text of a document is cut. A larger value makes the
	// file larger. 0, the default, means 4,000; stage.None means that no text is cut.
	TextBytes int
	// LayoutSample is the number of documents that UMAP lays out; the others are placed among them. A
	// larger value takes more time. 0, the default, means 50,000; stage.None means all.
	LayoutSample int
	// Layout holds the settings of the two-dimensional layout, whose NComponents must be 0 or 2. The zero
	// value of Metric means cosine here (for Euclidean, give Positions). Default: 15 neighbors, MinDist
	// 0.15, as BERTopic has for its data map.
	Layout umap.Config
	// Positions, if it has rows, places the documents in place of a layout: one row per document, two
	// columns, finite. Default none.
	Positions blas32.General
	// Distributions is the number of documents of each topic for which the share of every topic is
	// computed by analysis.ApproximateDistribution. The typical documents come first. 0, the default,
	// means 5; stage.None computes none.
	Distributions int
	// Tables are shown as they are, such as those of package study. Default none.
	Tables []study.Table
}

// Field is a property of the documents, by which the report colors, filters and compares. One of Text
// and Numbers has a value for each document.
type Field struct {
	Name    string
	Text    []string  // "" is a value that is not known
	Numbers []float64 // NaN is a value that is not known
}

const (
	defaultTextBytes     = 4000
	defaultLayoutSample  = 50_000
	defaultDistributions = 5
	maxFields            = 1000
)

// Validate reports every field that is out of range.
func (o Options) Validate() error {
	const name = "report.Options."
	var f check.Fields
	f.Want(strings.Trim(o.Language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == "", name+"Language", o.Language, `a BCP 47 tag such as "en" or "pt-BR"`)
	f.Want(o.Every == "" || o.Every == analysis.Day || o.Every == analysis.Week || o.Every == analysis.Month || o.Every == analysis.Quarter || o.Every == analysis.Year,
		name+"Every", o.Every, `"", "day", "week", "month", "quarter" or "year"`)
	f.Want(o.Layout.NComponents == 0 || o.Layout.NComponents == 2, name+"Layout.NComponents", o.Layout.NComponents, "2, or 0 for 2")
	f.Want(o.Positions.Rows == 0 || o.Positions.Cols == 2, name+"Positions.Cols", o.Positions.Cols, "2")
	f.Want(len(o.Fields) <= maxFields, name+"Fields", len(o.Fields), "up to 1,000 fields")
	names := map[string]bool{}
	for i, field := range o.Fields {
		at := fmt.Sprintf("%sFields[%d]", name, i)
		f.Want(field.Name != "" && !names[field.Name], at+".Name", field.Name, "a name that no other field has")
		f.Want((field.Text == nil) != (field.Numbers == nil), at, field.Name, "either Text or Numbers")
		names[field.Name] = true
	}
	if err := f.Err(); err != nil {
		return err
	}
	return o.Layout.Validate()
}

// fits reports what has another number of entries than the model has documents.
func (o Options) fits(m *topic.Model) error {
	n := m.Len()
	for _, part := range []struct {
		name   string
		length int
	}{{"IDs", len(o.IDs)}, {"Times", len(o.Times)}, {"Positions", o.Positions.Rows}} {
		if part.length != 0 && part.length != n {
			return fmt.Errorf("report: Options.%s has %d entries, want one for each of the %d documents", part.name, part.length, n)
		}
	}
	for _, field := range o.Fields {
		if got := max(len(field.Text), len(field.Numbers)); got != n {
			return fmt.Errorf("report: the field %q has %d values, want one for each of the %d documents", field.Name, got, n)
		}
	}
	if o.Positions.Rows == 0 {
		return nil
	}
	if err := check.Matrix(o.Positions); err != nil {
		return fmt.Errorf("report: Options.Positions: %w", err)
	}
	return nil
}

func orDefault(value, fallback, none int) int {
	switch {
	case value == 0:
		return fallback
	case value < 0:
		return none
	}
	return value
}
