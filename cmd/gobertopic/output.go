package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/corpus/parquet"
	"github.com/gobertopic/gobertopic/corpus/xlsx"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/topic"
)

// outputs are the files of a command, begun together and named together.
type outputs struct {
	files []*atomicfile.File
	paths []string
}

// create begins the file path, or nothing (nil) when path is empty.
func (o *outputs) create(path string) (*atomicfile.File, error) {
	if path == "" {
		return nil, nil
	}
	path = filepath.Clean(path)
	if info, err := os.Stat(path); slices.Contains(o.paths, path) && (err != nil || info.Mode().IsRegular()) {
		return nil, usage{fmt.Errorf("%s is named twice, want a file of its own for each table", path)}
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, err
	}
	o.files, o.paths = append(o.files, f), append(o.paths, path)
	return f, nil
}

func (o *outputs) commit() error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, f.Commit())
	}
	return errors.Join(errs...)
}

func (o *outputs) discard() {
	for _, f := range o.files {
		f.Discard()
	}
}

// writeAssignments writes id, topic and probability, one record per document: a table of Parquet or a workbook where the path
// is named so, else CSV.
func writeAssignments(w io.Writer, path string, ids []string, assignments []topic.Assignment) error {
	workbook := strings.EqualFold(filepath.Ext(path), ".xlsx")
	if !isParquet(path) && !workbook {
		return writeCSV(w, ids, assignments)
	}
	topics, probabilities := make([]int, len(assignments)), make([]float64, len(assignments))
	for i, a := range assignments {
		topics[i], probabilities[i] = a.Topic, a.Probability
	}
	if workbook {
		return xlsx.Write(w, xlsx.Column{Name: "id", Values: ids}, xlsx.Column{Name: "topic", Values: topics}, xlsx.Column{Name: "probability", Values: probabilities})
	}
	return parquet.Write(w, parquet.Column{Name: "id", Values: ids}, parquet.Column{Name: "topic", Values: topics}, parquet.Column{Name: "probability", Values: probabilities})
}

func writeCSV(w io.Writer, ids []string, assignments []topic.Assignment) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "topic", "probability"}); err != nil {
		return err
	}
	for i, a := range assignments {
		record := []string{ids[i], strconv.Itoa(a.Topic), strconv.FormatFloat(a.Probability, 'g', -1, 64)}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// topicJSON and termJSON are the shape of the --topics file.
type topicJSON struct {
	ID    int        `json:"id"`
	Size  int        `json:"size"`
	Name  string     `json:"name"`
	Terms []termJSON `json:"terms"`

	Aspects map[string][]termJSON `json:"aspects,omitempty"`
}

type termJSON struct {
	Term   string  `json:"term"`
	Weight float64 `json:"weight"`
}

func termsJSON(terms []ctfidf.Term) []termJSON {
	out := make([]termJSON, len(terms))
	for i, t := range terms {
		out[i] = termJSON{Term: t.Term, Weight: t.Weight}
	}
	return out
}

func writeTopics(w io.Writer, topics []topic.Topic) error {
	out := make([]topicJSON, len(topics))
	for i, t := range topics {
		out[i] = topicJSON{ID: t.ID, Size: t.Size, Name: t.Name, Terms: termsJSON(t.Terms)}
		for name, terms := range t.Aspects {
			if out[i].Aspects == nil {
				out[i].Aspects = map[string][]termJSON{}
			}
			out[i].Aspects[name] = termsJSON(terms)
		}
	}
	buffered := bufio.NewWriter(w)
	enc := json.NewEncoder(buffered)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return err
	}
	return buffered.Flush()
}

// summary is the --json object. Stages are in seconds.
type summary struct {
	Documents int                `json:"documents"`
	Topics    int                `json:"topics"`
	Outliers  int                `json:"outliers"`
	Stages    map[string]float64 `json:"stages"`
	Seconds   float64            `json:"seconds"`
	PeakMB    float64            `json:"peak_mb"`
	Warnings  []string           `json:"warnings"`
	Cleaning  *clean.Summary     `json:"cleaning,omitempty"`
}

func writeSummary(w io.Writer, m *topic.Model, cleaning *clean.Summary, warnings []error, read, total time.Duration) error {
	seconds := func(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e6 }
	t := m.Timings()
	s := summary{
		Documents: m.Len(),
		Stages: map[string]float64{
			stepRead:    seconds(read),
			stepEmbed:   seconds(t.Embed),
			stepReduce:  seconds(t.Reduce),
			stepCluster: seconds(t.Cluster),
			stepWords:   seconds(t.Words),
		},
		Seconds:  seconds(total),
		PeakMB:   math.Round(float64(peakBytes())/1e5) / 10,
		Warnings: []string{},
		Cleaning: cleaning,
	}
	for _, t := range m.Topics() {
		if t.ID == topic.Outlier {
			s.Outliers = t.Size
		} else {
			s.Topics++
		}
	}
	for _, w := range warnings {
		s.Warnings = append(s.Warnings, w.Error())
	}
	return json.NewEncoder(w).Encode(s)
}

// writeTable prints the topics for a person to read.
func writeTable(w io.Writer, topics []topic.Topic) error {
	right := lipgloss.NewStyle().Align(lipgloss.Right).PaddingRight(2)
	left := lipgloss.NewStyle().PaddingRight(2)
	headers := []string{"topic", "size", "name", "terms"}
	var aspects []string
	if len(topics) > 0 {
		aspects = slices.Sorted(maps.Keys(topics[0].Aspects))
	}
	t := table.New().
		Border(lipgloss.HiddenBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderColumn(false).BorderHeader(false).
		Headers(append(headers, aspects...)...).
		StyleFunc(func(_, col int) lipgloss.Style {
			if col < 2 {
				return right
			}
			return left
		}).
		Wrap(false)
	for _, topic := range topics {
		row := []string{strconv.Itoa(topic.ID), strconv.Itoa(topic.Size), topic.Name, termsText(topic.Terms)}
		for _, name := range aspects {
			row = append(row, termsText(topic.Aspects[name]))
		}
		t.Row(row...)
	}
	for line := range strings.Lines(t.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func termsText(terms []ctfidf.Term) string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = fmt.Sprintf("%s %.4f", t.Term, t.Weight)
	}
	return strings.Join(out, ", ")
}
