// Package figure draws the views of a report for papers: as SVG, PDF and PNG, with their data as CSV.
//
//	data, err := report.Collect(ctx, model, report.Options{})
//	f, err := figure.Draw(data, "map", figure.Options{})
//	err = f.WriteSVG(w)
//
// The names of the figures are those of Names. Texts are set in Liberation Sans, which has Latin, Greek
// and Cyrillic letters; SVG leaves other scripts to the fonts of the reader.
package figure

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image/color"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/report"
)

// Options says how a figure is drawn. The zero value is valid.
type Options struct {
	// Width and Height are in millimeters, from 20 to 2,000. 0, the default, means a size that suits the
	// figure.
	Width, Height float64
	// Topics is the largest number of topics that a figure shows, from 1 to 1,000; the largest topics are
	// shown. 0, the default, means a number that suits the figure.
	Topics int
	// DPI is the number of pixels in an inch of a PNG, and of the points of a large map in SVG and PDF,
	// from 30 to 1,200. A larger value makes larger files. 0, the default, means 200.
	DPI int
	// Field is the field that the figure of classes divides the documents by. Default: the first that has
	// few values.
	Field string
	// Document is the document whose shares are shown, by its position. 0, the default, means the first
	// document that the report has shares of, unless it has those of document 0.
	Document int
}

const (
	defaultDPI = 200
	maxSide    = 2000 // millimeters
)

// Validate reports every field that is out of range.
func (o Options) Validate() error {
	const name = "figure.Options."
	var f check.Fields
	f.Want(o.Width == 0 || o.Width >= 20 && o.Width <= maxSide, name+"Width", o.Width, "20 to 2,000 mm, or 0")
	f.Want(o.Height == 0 || o.Height >= 20 && o.Height <= maxSide, name+"Height", o.Height, "20 to 2,000 mm, or 0")
	f.Want(o.Topics >= 0 && o.Topics <= 1000, name+"Topics", o.Topics, "1 to 1,000, or 0")
	f.Want(o.DPI == 0 || o.DPI >= 30 && o.DPI <= 1200, name+"DPI", o.DPI, "30 to 1,200, or 0 for 200")
	f.Want(o.Document >= 0, name+"Document", o.Document, "0 or more")
	return f.Err()
}

// Figure is a figure that is ready to be written. It is immutable.
type Figure struct {
	width, height vg.Length
	dpi           int
	draw          func(draw.Canvas)
	columns       []string
	rows          [][]string
}

// kind describes a figure: its size in millimeters and how it is made.
type kind struct {
	name          string
	what          string
	width, height float64
	topics        int
	make          func(*report.Data, Options) (*Figure, error)
}

func kinds() []kind {
	return []kind{
		{"map", "the documents on a plane", 180, 150, 40, documentMap},
		{"words", "the words of the largest topics", 200, 150, 12, topicWords},
		{"time", "documents of the largest topics over time", 180, 100, 8, overTime},
		{"classes", "shares of the topics in each value of a field", 180, 140, 20, perClass},
		{"hierarchy", "the order in which the topics merge", 180, 0, 0, hierarchy},
		{"similarity", "cosines of the topics", 180, 150, 60, similarity},
		{"distances", "the topics by the principal components of their embeddings", 150, 150, 200, distances},
		{"rank", "weights of terms by rank", 150, 100, 10, termRank},
		{"shares", "shares of the topics in a document", 150, 90, 12, shares},
		{"outliers", "how strongly documents belong to their topics", 150, 90, 0, outliers},
		{"layers", "scores of the granularities", 150, 90, 0, layers},
	}
}

// Names returns the names of the figures and what each shows, in a fixed order.
func Names() (names, what []string) {
	for _, k := range kinds() {
		names, what = append(names, k.name), append(what, k.what)
	}
	return names, what
}

// Draw makes a figure of what a report shows. It fails with *stage.ConfigError, for a name that there is
// not, and for data that the figure needs and d has not.
func Draw(d *report.Data, name string, opt Options) (*Figure, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	for _, k := range kinds() {
		if k.name != name {
			continue
		}
		if opt.Topics == 0 {
			opt.Topics = k.topics
		}
		if opt.DPI == 0 {
			opt.DPI = defaultDPI
		}
		if opt.Width == 0 {
			opt.Width = k.width
		}
		if opt.Height == 0 {
			opt.Height = k.height
		}
		f, err := k.make(d, opt)
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", name, err)
		}
		f.dpi = opt.DPI
		if f.width == 0 {
			f.width, f.height = vg.Length(opt.Width)*vg.Millimeter, vg.Length(opt.Height)*vg.Millimeter
		}
		return f, nil
	}
	names, _ := Names()
	return nil, fmt.Errorf("no figure %q, want one of %s", name, strings.Join(names, ", "))
}

// Write writes the figure in a format: "svg", "pdf", "png" or "csv".
func (f *Figure) Write(w io.Writer, format string) error {
	switch format {
	case "svg":
		return f.WriteSVG(w)
	case "pdf":
		return f.WritePDF(w)
	case "png":
		return f.WritePNG(w)
	case "csv":
		return f.WriteCSV(w)
	}
	return fmt.Errorf("no format %q for figures, want svg, pdf, png or csv", format)
}

// WriteSVG writes the figure as SVG.
func (f *Figure) WriteSVG(w io.Writer) error {
	c := vgsvg.New(f.width, f.height)
	f.draw(draw.New(c))
	_, err := c.WriteTo(w)
	return err
}

var pdfDate = regexp.MustCompile(`(/(?:CreationDate|ModDate) \(D:)\d{14}\)`)

// WritePDF writes the figure as PDF, with its fonts. The dates in it are those of the year 2000, so that
// the same figure has the same bytes.
func (f *Figure) WritePDF(w io.Writer) error {
	c := vgpdf.New(f.width, f.height)
	f.draw(draw.New(c))
	var out bytes.Buffer
	if _, err := c.WriteTo(&out); err != nil {
		return err
	}
	_, err := w.Write(pdfDate.ReplaceAll(out.Bytes(), []byte("${1}20000101000000)")))
	return err
}

// WritePNG writes the figure as PNG on white.
func (f *Figure) WritePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(f.dpi), vgimg.UseBackgroundColor(color.White))
	f.draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// WriteCSV writes the data of the figure.
func (f *Figure) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(f.columns); err != nil {
		return err
	}
	return out.WriteAll(f.rows)
}

func (f *Figure) row(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch v := c.(type) {
		case float64:
			row[i] = strconv.FormatFloat(v, 'g', 6, 64)
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	f.rows = append(f.rows, row)
}

// newPlot returns a plot in the style of all figures.
func newPlot() *plot.Plot {
	p := plot.New()
	sans := func(size vg.Length) font.Font { return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size} }
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle.Width, a.LineStyle.Color = vg.Points(0.6), muted
		a.Tick.LineStyle.Width, a.Tick.LineStyle.Color, a.Tick.Length = vg.Points(0.6), muted, vg.Points(3)
		a.Tick.Label.Font, a.Label.TextStyle.Font = sans(8), sans(9)
		a.Padding = vg.Points(4)
	}
	p.Title.TextStyle.Font = sans(9)
	p.Legend.TextStyle.Font = sans(8)
	return p
}

// plain takes the axes away.
func plain(p *plot.Plot) {
	p.HideAxes()
	p.X.Padding, p.Y.Padding = 0, 0
}

// onCanvas draws a plot with a margin.
func onCanvas(p *plot.Plot) func(draw.Canvas) {
	return func(c draw.Canvas) { p.Draw(draw.Crop(c, vg.Points(8), -vg.Points(10), vg.Points(8), -vg.Points(8))) }
}

var (
	muted = color.NRGBA{0x5b, 0x65, 0x70, 0xff}
	gray  = color.NRGBA{0xb3, 0xba, 0xc1, 0xff}
)

// paletteColor returns a color of report.Palette, gray for outliers.
func paletteColor(index int, alpha uint8) color.NRGBA {
	if index < 0 {
		return color.NRGBA{gray.R, gray.G, gray.B, alpha}
	}
	v := report.Palette[index%len(report.Palette)].Light
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), alpha}
}

// largest returns the positions of at most n topics, the largest first, without the outliers.
func largest(d *report.Data, n int) []int {
	var out []int
	for k, t := range d.Topics {
		if t.ID >= 0 {
			out = append(out, k)
		}
	}
	// Topics come by falling size, but for those of models that grew.
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && d.Topics[out[j]].Size > d.Topics[out[j-1]].Size; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out[:min(n, len(out))]
}

// short returns a text of at most n characters on one line, without control characters.
func short(text string, n int) string {
	r := []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r < ' ' || r == 0x7f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}), " "))
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return string(r)
}
