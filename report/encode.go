package report

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/topic"
)

// The data of a report are three kinds of blocks, each compressed by gzip and written in base64:
//
//   - meta: a JSON object, which web/types.js describes;
//   - columns: arrays of numbers, little-endian, of which meta.columns has the places;
//   - texts: texts in chunks, of which meta.chunks has the first document. A chunk is the lengths of the
//     texts as uint32 and then the texts in UTF-8, so that a page decodes only those that it shows.
//
// A change here must be repeated in web/data.js.

// number is a float64 that is written with five significant digits, and as null if it is not finite.
type number float64

func (x number) MarshalJSON() ([]byte, error) {
	v := float64(x)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, v, 'g', 5, 64), nil
}

func numbers(values []float64) []number {
	out := make([]number, len(values))
	for i, v := range values {
		out[i] = number(v)
	}
	return out
}

// strings that occur often are stored once: vocabulary gives each the number of its place.
type vocabulary struct {
	words []string
	index map[string]int
}

func (v *vocabulary) of(word string) int {
	i, ok := v.index[word]
	if !ok {
		i = len(v.words)
		v.index[word] = i
		v.words = append(v.words, word)
	}
	return i
}

func (v *vocabulary) all(words []string) []int {
	out := make([]int, len(words))
	for i, w := range words {
		out[i] = v.of(w)
	}
	return out
}

func (v *vocabulary) terms(terms []ctfidf.Term) [2]any {
	words, weights := make([]int, len(terms)), make([]number, len(terms))
	for i, t := range terms {
		words[i], weights[i] = v.of(t.Term), number(t.Weight)
	}
	return [2]any{words, weights}
}

// columns gathers arrays of numbers.
type columns struct {
	data   []byte
	places map[string]place
}

type place struct {
	Type   string `json:"t"` // u8, u16, u32, i32, f32 or f64
	Offset int    `json:"o"` // in bytes, a multiple of 8
	Length int    `json:"n"` // in numbers
}

func (c *columns) add(name, kind string, values any, length int) {
	for len(c.data)%8 != 0 {
		c.data = append(c.data, 0)
	}
	c.places[name] = place{kind, len(c.data), length}
	c.data, _ = binary.Append(c.data, binary.LittleEndian, values) // slices of numbers alone
}

// addIndex adds whole numbers of at least −1 in the fewest bytes; −1 is the largest number of the type.
func (c *columns) addIndex(name string, values []int) {
	most := 0
	for _, v := range values {
		most = max(most, v)
	}
	switch {
	case most < math.MaxUint8:
		c.add(name, "u8", convert[uint8](values), len(values))
	case most < math.MaxUint16:
		c.add(name, "u16", convert[uint16](values), len(values))
	default:
		c.add(name, "u32", convert[uint32](values), len(values))
	}
}

func convert[T uint8 | uint16 | uint32](values []int) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(v) // −1 becomes the largest number
	}
	return out
}

type metaField struct {
	Name   string   `json:"name"`
	Column string   `json:"column"`
	Values []string `json:"values,omitempty"` // of a field of texts; nil for numbers
	Text   bool     `json:"text"`
}

type metaTopic struct {
	ID      int       `json:"id"`
	Size    int       `json:"size"`
	Name    string    `json:"name"`
	Label   string    `json:"label,omitempty"`
	Terms   [2]any    `json:"terms"`
	Ranked  [2]any    `json:"ranked"`
	Aspects []any     `json:"aspects,omitempty"`
	Typical []int     `json:"typical"`
	Center  [2]number `json:"center"`
	Between [2]number `json:"between"`
	Color   int       `json:"color"`
	Similar []any     `json:"similar,omitempty"`
}

type metaLayer struct {
	Names   []string    `json:"names"`
	Sizes   []int       `json:"sizes"`
	Centers [][2]number `json:"centers"`
	Chosen  bool        `json:"chosen"`
	// Of has the label of this layer for each label of the next finer one; nil if the layer is not nested
	// in it or is the finest. Column then has the labels of the documents.
	Of     []int  `json:"of,omitempty"`
	Column string `json:"column,omitempty"`
}

// meta returns the JSON object and the columns.
func (d *Data) meta() (map[string]any, columns) {
	cols := columns{places: map[string]place{}}
	words := &vocabulary{index: map[string]int{}}
	corner, side := spread(d.Positions)
	fit := func(p Point) [2]number {
		return [2]number{number((p.X - corner.X) / side), number((p.Y - corner.Y) / side)}
	}
	n := len(d.Topic)
	x, y := make([]uint16, n), make([]uint16, n)
	for i, p := range d.Positions {
		x[i], y[i] = math.MaxUint16, math.MaxUint16 // nowhere
		if p.Finite() {
			x[i] = uint16(math.Round((p.X - corner.X) / side * (math.MaxUint16 - 1)))
			y[i] = uint16(math.Round((p.Y - corner.Y) / side * (math.MaxUint16 - 1)))
		}
	}
	cols.add("x", "u16", x, n)
	cols.add("y", "u16", y, n)
	cols.addIndex("topic", d.Topic)
	probability := make([]uint8, n)
	for i, p := range d.Probability {
		probability[i] = uint8(math.Round(255 * min(1, max(0, p))))
	}
	cols.add("probability", "u8", probability, n)
	if d.Times != nil {
		times := make([]float64, n)
		for i, t := range d.Times {
			times[i] = math.NaN()
			if !t.IsZero() {
				times[i] = float64(t.Unix())
			}
		}
		cols.add("time", "f64", times, n)
	}
	out := map[string]any{
		"format": 1, "title": valid(d.Title), "language": d.Language, "documents": n, "notes": d.Notes, "outlier": topic.Outlier,
		"ids": d.IDs != nil, "texts": d.Texts != nil, "palette": paletteJSON(),
	}
	fields := make([]metaField, 0, len(d.Fields))
	for k, f := range d.Fields {
		m := metaField{Name: valid(f.Name), Column: "field" + strconv.Itoa(k), Text: f.Text != nil}
		if f.Numbers != nil {
			values := make([]float32, n)
			for i, v := range f.Numbers {
				values[i] = float32(v)
			}
			cols.add(m.Column, "f32", values, n)
		} else {
			m.Values = slices.Sorted(slices.Values(f.Text))
			m.Values = slices.Compact(m.Values)
			index := make([]int, n)
			for i, v := range f.Text {
				index[i], _ = slices.BinarySearch(m.Values, v)
			}
			for i, v := range m.Values {
				m.Values[i] = valid(cutText(v, 500))
			}
			cols.addIndex(m.Column, index)
		}
		fields = append(fields, m)
	}
	out["fields"] = fields
	topics := make([]metaTopic, len(d.Topics))
	for k, t := range d.Topics {
		topics[k] = metaTopic{
			ID: t.ID, Size: t.Size, Name: t.Name, Label: t.Label, Terms: words.terms(t.Terms), Ranked: words.terms(t.Ranked),
			Typical: t.Typical, Center: fit(t.Center), Between: [2]number{number(t.Between.X), number(t.Between.Y)}, Color: t.Color,
		}
		for _, a := range t.Aspects {
			terms := words.terms(a.Terms)
			topics[k].Aspects = append(topics[k].Aspects, []any{a.Name, terms[0], terms[1]})
		}
		if d.Similar != nil {
			for _, near := range d.Similar[k] {
				topics[k].Similar = append(topics[k].Similar, []any{near.Topic, number(near.Similarity)})
			}
		}
	}
	out["topics"] = topics
	out["layers"] = d.metaLayers(&cols, fit)
	choices := make([][]any, 0, len(d.Choices))
	for _, c := range d.Choices {
		choices = append(choices, []any{c.Clusters, number(c.Outliers), number(c.Score), number(c.Scale), c.Chosen})
	}
	out["choices"] = choices
	merges := make([][]any, 0, len(d.Hierarchy))
	for _, m := range d.Hierarchy {
		merges = append(merges, []any{m.Left, m.Right, number(m.Distance), words.all(m.Words), m.Size})
	}
	out["merges"], out["leaves"] = merges, d.Leaves
	out["similarity"] = map[string]any{"topics": d.Similarity, "cosines": numbers(d.SimilarityOf)}
	if d.Time != nil {
		starts := make([]int64, len(d.Time.Start))
		for i, t := range d.Time.Start {
			starts[i] = t.Unix()
		}
		out["time"] = map[string]any{"every": d.Time.Every, "start": starts, "rows": cells(d.Time.Rows, words)}
	}
	classes := make([]any, 0, len(d.Classes))
	for _, c := range d.Classes {
		classes = append(classes, map[string]any{"field": valid(c.Field), "rows": cells(c.Rows, words), "names": validAll(c.Names)})
	}
	out["classes"] = classes
	distributions := make([]any, 0, len(d.Distributions))
	for _, s := range d.Distributions {
		shares := make([][]any, len(s.Shares))
		for i, share := range s.Shares {
			shares[i] = []any{share.Topic, number(share.Similarity)}
		}
		tokens := make([][]number, len(s.ByToken))
		for i, by := range s.ByToken {
			for _, v := range by {
				tokens[i] = append(tokens[i], number(math.Round(v*100)/100))
			}
		}
		distributions = append(distributions, []any{s.Document, shares, words.all(s.Tokens), tokens})
	}
	out["distributions"] = distributions
	out["relevance"] = d.metaRelevance(words)
	tables := make([]any, 0, len(d.Tables))
	for _, t := range d.Tables {
		tables = append(tables, tableJSON(t))
	}
	out["tables"] = tables
	out["words"] = validAll(words.words)
	out["columns"] = cols.places
	return out, cols
}

func (d *Data) metaLayers(cols *columns, fit func(Point) [2]number) []metaLayer {
	out := make([]metaLayer, len(d.Layers))
	for k, l := range d.Layers {
		m := metaLayer{Names: validAll(l.Names), Sizes: l.Sizes, Chosen: l.Chosen}
		for _, p := range l.Centers {
			m.Centers = append(m.Centers, fit(p))
		}
		if k+1 < len(d.Layers) {
			m.Of = nesting(d.Layers[k+1], l)
		}
		if m.Of == nil {
			m.Column = "layer" + strconv.Itoa(k)
			cols.addIndex(m.Column, l.Labels)
		}
		out[k] = m
	}
	return out
}

// nesting returns the label in coarse of each label of fine, or nil if coarse is not made of fine.
func nesting(fine, coarse Layer) []int {
	of := make([]int, len(fine.Names))
	for i := range of {
		of[i] = -1
	}
	for i, label := range fine.Labels {
		switch up := coarse.Labels[i]; {
		case label < 0 && up < 0:
		case label < 0 || up < 0 || of[label] >= 0 && of[label] != up:
			return nil
		default:
			of[label] = up
		}
	}
	return of
}

func (d *Data) metaRelevance(words *vocabulary) map[string]any {
	topics := make([]any, len(d.Relevance.Topics))
	for k, t := range d.Relevance.Topics {
		topics[k] = []any{number(t.Total), t.Terms, numbers(t.Counts)}
	}
	return map[string]any{
		"terms": words.all(d.Relevance.Terms), "counts": numbers(d.Relevance.Counts), "total": number(d.Relevance.Total), "topics": topics,
	}
}

func cells(rows []Cell, words *vocabulary) [][]any {
	out := make([][]any, len(rows))
	for i, r := range rows {
		out[i] = []any{r.Topic, r.Group, r.Count, words.all(r.Words)}
	}
	return out
}

func paletteJSON() [][2]string {
	out := make([][2]string, len(Palette))
	for i, c := range Palette {
		out[i] = [2]string{fmt.Sprintf("#%06x", c.Light), fmt.Sprintf("#%06x", c.Dark)}
	}
	return out
}

// Chunks end when they have this many bytes or texts.
const (
	chunkBytes = 128 << 10
	chunkTexts = 4096
)

// chunk packs the texts, and the ids if there are any, of the documents from first to the last that fits.
func (d *Data) chunk(first int) (packed []byte, next int) {
	size := 0
	for next = first; next < len(d.Topic) && next-first < chunkTexts && size < chunkBytes; next++ {
		if d.Texts != nil {
			size += len(d.Texts[next])
		}
		size++
	}
	column := func(of func(int) string) {
		for i := first; i < next; i++ {
			packed = binary.LittleEndian.AppendUint32(packed, uint32(len(of(i))))
		}
		for i := first; i < next; i++ {
			packed = append(packed, of(i)...)
		}
	}
	if d.Texts != nil {
		column(func(i int) string { return d.Texts[i] })
	}
	if d.IDs != nil {
		column(func(i int) string { return valid(d.IDs[i]) })
	}
	return packed, next
}

// chunks returns the chunks of the documents, compressed, and the first document of each.
func (d *Data) chunks(ctx context.Context) (blocks [][]byte, first []int, err error) {
	if d.Texts == nil && d.IDs == nil {
		return nil, nil, nil
	}
	for next := 0; next < len(d.Topic); {
		first = append(first, next)
		packed, after := d.chunk(next)
		blocks, next = append(blocks, packed), after
	}
	err = parallel.Loop{Block: 1}.Run(ctx, len(blocks), func(_, lo, hi int) error {
		for i := lo; i < hi; i++ {
			block, err := compress(blocks[i])
			if err != nil {
				return err
			}
			blocks[i] = block
		}
		return nil
	})
	return blocks, first, err
}

func compress(data []byte) ([]byte, error) {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return buf.Bytes(), err
}

// writeBlock writes a block of data as an element that no browser runs.
func writeBlock(w io.Writer, id string, compressed []byte) error {
	if _, err := fmt.Fprintf(w, "<script type=\"application/octet-stream\" id=\"%s\">", id); err != nil {
		return err
	}
	enc := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := enc.Write(compressed); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</script>\n")
	return err
}

func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}
