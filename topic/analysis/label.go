package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// LabelOptions says how Labels makes labels of terms. The zero value is valid and makes labels such as
// "3_excel_vba_cell", as BERTopic does.
type LabelOptions struct {
	// Words is the number of terms in a label, 1 or more. 0, the default, means 3. [nr_words]
	Words int
	// NoPrefix leaves out the topic's ID, which by default stands before the terms. [topic_prefix]
	NoPrefix bool
	// WordLength is the number of characters (code points) that a term is cut to, 0 or more. 0, the
	// default, leaves terms whole. [word_length]
	WordLength int
	// Separator stands between the parts of a label. nil, the default, means "_". [separator]
	Separator *string
	// Aspect is the name of the aspect whose terms are used. Default "": the terms of the topic itself.
	// [aspect]
	Aspect string
}

const defaultLabelWords = 3

// Validate reports every field that is out of range.
func (o LabelOptions) Validate() error {
	const name = "analysis.LabelOptions."
	var f check.Fields
	f.Want(o.Words >= 0, name+"Words", o.Words, "1 or more, or 0 for 3")
	f.Want(o.WordLength >= 0, name+"WordLength", o.WordLength, "0 (whole terms) or more")
	return f.Err()
}

// Labels makes a label of the terms of each topic, by ID, for Model.Relabel. BERTopic's
// generate_topic_labels.
//
// It fails with *stage.ConfigError and for an aspect that the model does not have.
func Labels(m *topic.Model, opt LabelOptions) (map[int]string, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	separator, words := "_", stage.Setting(opt.Words, defaultLabelWords)
	if opt.Separator != nil {
		separator = *opt.Separator
	}
	out := map[int]string{}
	for _, t := range m.Topics() {
		terms := t.Terms
		if opt.Aspect != "" {
			var ok bool
			if terms, ok = t.Aspects[opt.Aspect]; !ok {
				return nil, fmt.Errorf("labels: there is no aspect %q, want one of %q", opt.Aspect, slices.Sorted(maps.Keys(t.Aspects)))
			}
		}
		var parts []string
		if !opt.NoPrefix {
			parts = append(parts, strconv.Itoa(t.ID))
		}
		for _, term := range terms[:min(words, len(terms))] {
			parts = append(parts, cut(term.Term, opt.WordLength))
		}
		out[t.ID] = strings.Join(parts, separator)
	}
	return out, nil
}
