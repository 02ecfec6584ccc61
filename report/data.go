package report

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/study"
	"github.com/gobertopic/gobertopic/topic"
)

// Data is everything that a report shows. Slices over documents are in the order of Model.Documents,
// slices over topics in that of Data.Topics.
type Data struct {
	Title, Language string

	model modelParts // while it is collected

	// Of the documents.
	Positions   []Point     // NaN for documents without text
	Topic       []int       // position in Topics
	Probability []float64   // as in topic.Assignment
	Texts       []string    // nil if they were left out; cut to Options.TextBytes
	IDs         []string    // nil if there are none
	Times       []time.Time // nil if there are none
	Fields      []Field

	Topics  []Topic
	Layers  []Layer  // the granularities that the map shows, the coarsest first
	Choices []Choice // all granularities that the fit found; nil if it has none

	Hierarchy     []Merge   // from the first merge to the last; nil if there is none
	Leaves        []int     // the topics from left to right in the hierarchy
	Similar       [][]Near  // per topic the most similar others, the most similar first; nil if there are none
	Similarity    []int     // the topics of SimilarityOf, in the order of rows and columns
	SimilarityOf  []float64 // cosines, row by row
	Time          *OverTime // nil without times
	Classes       []PerClass
	Distributions []Distribution
	Relevance     Relevance
	Tables        []study.Table

	// Notes says what was left out or cut, and why, for the reader of the report.
	Notes []string
}

// Topic is a topic as the report shows it.
type Topic struct {
	ID    int    // −1 for outliers
	Size  int    // number of documents
	Name  string // the label of the topic, or else its first words
	Label string // what the topic was named, or ""
	Terms []ctfidf.Term
	// Ranked holds up to 30 terms by the weights of the model, before any representer.
	Ranked  []ctfidf.Term
	Aspects []Aspect
	Typical []int // positions of documents, the most typical first
	Center  Point // the median of its documents on the map
	// Between is its place among the topics: the first two principal components of their embeddings,
	// scaled to length 1, which is classical scaling of their cosine distances.
	Between Point
	Color   int // index into Palette, −1 for outliers
}

// Aspect is a description of a topic beside its terms.
type Aspect struct {
	Name  string
	Terms []ctfidf.Term
}

// Layer is a division of the documents at one granularity.
type Layer struct {
	Labels []int // per document: index into Names, or −1
	Names  []string
	Sizes  []int
	// Centers holds the median of the documents of each label.
	Centers []Point
	Chosen  bool // whether its labels are the topics
}

// Choice describes a granularity that the fit found.
type Choice struct {
	Clusters               int
	Outliers, Score, Scale float64 // as in stage.Layer
	Chosen                 bool
}

// Merge is a merge of two nodes of the hierarchy: node t is the topic Leaves are made of, and node
// n + i is the result of merge i, with n the number of topics without the outliers.
type Merge struct {
	Left, Right int
	Distance    float64
	Words       []string
	Size        int // number of documents
}

// Near is a topic, by its position in Topics, and its cosine with another.
type Near struct {
	Topic      int
	Similarity float64
}

// OverTime describes the topics in bins of time.
type OverTime struct {
	Every string      // the period of the calendar
	Start []time.Time // of each bin
	Rows  []Cell      // Cell.Group is the bin
}

// PerClass describes the topics by the values of a field.
type PerClass struct {
	Field string
	Names []string
	Rows  []Cell // Cell.Group is the index in Names
}

// Cell describes the documents of a topic in a bin of time or in a class.
type Cell struct {
	Topic, Group, Count int
	Words               []string
}

// Distribution is the share of every topic in a document.
type Distribution struct {
	Document int
	Shares   []Near // the topics of the largest share, at most 8, by falling share
	Tokens   []string
	// ByToken has for each token the similarities with the topics of Shares.
	ByToken [][]float64
}

// Relevance holds what the relevance of terms is computed from (Sievert and Shirley, "LDAvis", 2014).
type Relevance struct {
	Terms  []string
	Counts []float64 // of each term in all topics, the outliers among them
	Total  float64   // of all terms
	Topics []TermCounts
}

// TermCounts counts the terms that are relevant to a topic.
type TermCounts struct {
	Total  float64 // of all terms of the topic
	Terms  []int   // index into Relevance.Terms
	Counts []float64
}

// modelParts holds what a report reads of a model once.
type modelParts struct {
	docs    []string
	x       blas32.General // no columns in a model of words alone
	counts  ctfidf.Counts
	weights ctfidf.Weights
}

// readParts reads the parts of m. It fails for a model that was saved without texts or embeddings.
func readParts(m *topic.Model) (p modelParts, err error) {
	if p.docs, err = m.Documents(); err != nil {
		return p, err
	}
	if m.Dims() > 0 {
		if p.x, err = m.Embeddings(); err != nil {
			return p, err
		}
	}
	if p.counts, err = m.Counts(); err != nil {
		return p, err
	}
	p.weights, err = m.Weights()
	return p, err
}

// Write writes the report of m to w. It is Collect and Data.WriteHTML.
func Write(ctx context.Context, w io.Writer, m *topic.Model, opt Options) error {
	d, err := Collect(ctx, m, opt)
	if err != nil {
		return err
	}
	return d.WriteHTML(ctx, w)
}

// Collect computes what a report of m shows. It fails with *stage.ConfigError, for values that do not
// fit the documents of m, with the error of a stage, and with the cause of a canceled ctx.
func Collect(ctx context.Context, m *topic.Model, opt Options) (*Data, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	if err := opt.fits(m); err != nil {
		return nil, err
	}
	d := &Data{
		Title: cmp.Or(opt.Title, "Topics"), Language: opt.Language,
		IDs: opt.IDs, Fields: opt.Fields, Tables: opt.Tables,
	}
	var err error
	if d.model, err = readParts(m); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	defer func() { d.model = modelParts{} }()
	d.collectDocuments(m, opt)
	var sampled int
	if d.Positions, sampled, err = layOut(ctx, m, d.model, opt); err != nil {
		return nil, err
	}
	if n := d.placed(); sampled < n {
		d.note("The map was laid out for %d of %d documents; the others were placed among them.", sampled, n)
	}
	d.collectTopics(m)
	for _, step := range []func(context.Context, *topic.Model, Options) error{
		d.collectHierarchy, d.collectLayers, d.collectSimilarity, d.collectTime, d.collectClasses, d.collectDistributions, d.collectRelevance,
	} {
		if err := step(ctx, m, opt); err != nil {
			return nil, err
		}
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
	}
	d.assignColors()
	return d, nil
}

func (d *Data) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// placed returns the number of documents that have a place.
func (d *Data) placed() int {
	n := 0
	for _, p := range d.Positions {
		if p.Finite() {
			n++
		}
	}
	return n
}

func (d *Data) collectDocuments(m *topic.Model, opt Options) {
	at := map[int]int{}
	for k, t := range m.Topics() {
		at[t.ID] = k
	}
	for _, a := range m.Assignments() {
		d.Topic = append(d.Topic, at[a.Topic])
		d.Probability = append(d.Probability, a.Probability)
	}
	if slices.ContainsFunc(opt.Times, func(t time.Time) bool { return !t.IsZero() }) {
		d.Times = opt.Times
	}
	if opt.NoTexts {
		d.note("The texts of the documents were left out.")
		return
	}
	limit, cut := orDefault(opt.TextBytes, defaultTextBytes, math.MaxInt), 0
	d.Texts = make([]string, len(d.Topic))
	for i, text := range d.model.docs {
		short := cutText(text, limit)
		if len(short) != len(text) {
			cut++
		}
		d.Texts[i] = strings.ToValidUTF8(short, "\ufffd")
	}
	if cut > 0 {
		d.note("%d of %d texts were cut to %d bytes.", cut, len(d.Texts), limit)
	}
}

// cutText returns the first limit bytes of text, less what is left of a character.
func cutText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

func (d *Data) collectTopics(m *topic.Model) {
	weights := d.model.weights
	for _, t := range m.Topics() {
		out := Topic{ID: t.ID, Size: t.Size, Label: t.Label, Name: t.Label, Terms: t.Terms, Typical: t.Representative}
		if out.Name == "" {
			out.Name = nameOf(t.Terms, 3)
		}
		if t.ID == topic.Outlier && t.Label == "" {
			out.Name = "Outliers"
		}
		if row, ok := weights.Row(t.ID); ok {
			out.Ranked = weights.TopTerms(row, 30)
		}
		for _, name := range slices.Sorted(maps.Keys(t.Aspects)) {
			out.Aspects = append(out.Aspects, Aspect{name, t.Aspects[name]})
		}
		d.Topics = append(d.Topics, out)
	}
	for k, p := range medians(d.Positions, d.Topic, len(d.Topics)) {
		d.Topics[k].Center = p
	}
}

// nameOf returns the first n terms, joined.
func nameOf(terms []ctfidf.Term, n int) string {
	words := make([]string, 0, n)
	for _, t := range terms[:min(n, len(terms))] {
		words = append(words, t.Term)
	}
	if len(words) == 0 {
		return "(no words)"
	}
	return strings.Join(words, " · ")
}

// medians returns the medians, coordinate by coordinate, of the points of each of n groups, NaN for a
// group without a point. Points of a negative group do not count.
func medians(points []Point, group []int, n int) []Point {
	xs, ys := make([][]float64, n), make([][]float64, n)
	for i, g := range group {
		if p := points[i]; g >= 0 && p.Finite() {
			xs[g], ys[g] = append(xs[g], p.X), append(ys[g], p.Y)
		}
	}
	out := make([]Point, n)
	for g := range out {
		out[g] = Point{median(xs[g]), median(ys[g])}
	}
	return out
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return values[len(values)/2]
}
