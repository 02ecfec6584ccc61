package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"sort"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/gobertopic/gobertopic/report"
)

// rasterFrom is the number of documents from which the points of a map are an image.
const rasterFrom = 3000

func documentMap(d *report.Data, opt Options) (*Figure, error) {
	f := &Figure{columns: []string{"document", "x", "y", "topic", "name"}}
	low, high := report.Point{X: math.Inf(1), Y: math.Inf(1)}, report.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for i, p := range d.Positions {
		if !p.Finite() {
			continue
		}
		low, high = report.Point{X: min(low.X, p.X), Y: min(low.Y, p.Y)}, report.Point{X: max(high.X, p.X), Y: max(high.Y, p.Y)}
		t := d.Topics[d.Topic[i]]
		f.row(i, p.X, p.Y, t.ID, t.Name)
	}
	if len(f.rows) == 0 {
		return nil, errors.New("no document has a place")
	}
	// One unit is as long in x as in y.
	perX, perY := max(high.X-low.X, 1e-9)*1.04/opt.Width, max(high.Y-low.Y, 1e-9)*1.04/opt.Height
	unit := max(perX, perY)
	midX, midY := (low.X+high.X)/2, (low.Y+high.Y)/2
	p := newPlot()
	plain(p)
	if len(f.rows) >= rasterFrom {
		pixels := raster(d, midX-unit*opt.Width/2, midY+unit*opt.Height/2, unit, opt)
		p.Add(plotter.NewImage(pixels, midX-unit*opt.Width/2, midY-unit*opt.Height/2, midX+unit*opt.Width/2, midY+unit*opt.Height/2))
	} else {
		for k, t := range d.Topics {
			var xy plotter.XYs
			for i, q := range d.Positions {
				if d.Topic[i] == k && q.Finite() {
					xy = append(xy, plotter.XY{X: q.X, Y: q.Y})
				}
			}
			if len(xy) > 0 {
				p.Add(&plotter.Scatter{XYs: xy, GlyphStyle: draw.GlyphStyle{Color: paletteColor(t.Color, 200), Radius: vg.Points(1.4), Shape: draw.CircleGlyph{}}})
			}
		}
	}
	var places []labeled
	for _, k := range largest(d, opt.Topics) {
		if t := d.Topics[k]; t.Center.Finite() {
			places = append(places, labeled{short(t.Name, 30), t.Center.X, t.Center.Y})
		}
	}
	p.X.Min, p.X.Max = midX-unit*opt.Width/2, midX+unit*opt.Width/2
	p.Y.Min, p.Y.Max = midY-unit*opt.Height/2, midY+unit*opt.Height/2
	p.Add(names{places})
	f.draw = func(c draw.Canvas) { p.Draw(c) }
	return f, nil
}

// raster draws the points of a map on a transparent image of the size of the figure.
func raster(d *report.Data, left, top, unit float64, opt Options) image.Image {
	perMM := min(float64(opt.DPI)/25.4, 2400/max(opt.Width, opt.Height)) // so that files stay below 2 MB
	out := image.NewNRGBA(image.Rect(0, 0, int(opt.Width*perMM), int(opt.Height*perMM)))
	radius := 1
	if len(d.Positions) < 30_000 {
		radius = 2
	}
	for _, outliers := range []bool{true, false} { // which lie below
		for i, p := range d.Positions {
			t := d.Topics[d.Topic[i]]
			if !p.Finite() || (t.ID < 0) != outliers {
				continue
			}
			x, y := int((p.X-left)/unit*perMM), int((top-p.Y)/unit*perMM)
			c := paletteColor(t.Color, 255)
			for dy := -radius; dy <= radius; dy++ {
				for dx := -radius; dx <= radius; dx++ {
					if dx*dx+dy*dy <= radius*radius && image.Pt(x+dx, y+dy).In(out.Rect) {
						out.SetNRGBA(x+dx, y+dy, c)
					}
				}
			}
		}
	}
	return out
}

// labeled is a name at a place.
type labeled struct {
	name string
	x, y float64
}

// names is a plotter that writes names that do not overlap, the first ones first, on a white halo.
type names struct{ labels []labeled }

func (n names) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	style := text.Style{Font: p.X.Label.TextStyle.Font, Handler: p.TextHandler, XAlign: draw.XCenter, YAlign: draw.YCenter}
	style.Font.Size = vg.Points(8)
	var taken []vg.Rectangle
	for _, l := range n.labels {
		box := style.Rectangle(l.name)
		size := box.Size()
		at := vg.Point{X: tx(l.x), Y: ty(l.y)}
		at.X = min(max(at.X, c.Min.X+size.X/2+2), c.Max.X-size.X/2-2)
		r := vg.Rectangle{Min: vg.Point{X: at.X - size.X/2 - 2, Y: at.Y - size.Y/2 - 1}, Max: vg.Point{X: at.X + size.X/2 + 2, Y: at.Y + size.Y/2 + 1}}
		if slices.ContainsFunc(taken, func(t vg.Rectangle) bool {
			return r.Min.X < t.Max.X && r.Max.X > t.Min.X && r.Min.Y < t.Max.Y && r.Max.Y > t.Min.Y
		}) {
			continue
		}
		taken = append(taken, r)
		style.Color = color.White
		for _, o := range []vg.Point{{X: -1.2}, {X: 1.2}, {Y: -1.2}, {Y: 1.2}, {X: -0.8, Y: -0.8}, {X: 0.8, Y: 0.8}, {X: -0.8, Y: 0.8}, {X: 0.8, Y: -0.8}} {
			c.FillText(style, vg.Point{X: at.X + o.X, Y: at.Y + o.Y}, l.name)
		}
		style.Color = color.Black
		c.FillText(style, at, l.name)
	}
}

// bars returns a plot of horizontal bars, the first on top.
func bars(labels []string, values []float64, c func(int) color.Color) *plot.Plot {
	p := newPlot()
	n := len(values)
	names := make([]string, n)
	for i, v := range values {
		one := make(plotter.Values, n)
		one[n-1-i] = v
		names[n-1-i] = labels[i]
		p.Add(&plotter.BarChart{Values: one, Width: vg.Points(8), Color: c(i), Horizontal: true})
	}
	p.NominalY(names...)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	p.X.Min = 0
	return p
}

func topicWords(d *report.Data, opt Options) (*Figure, error) {
	f := &Figure{columns: []string{"topic", "name", "term", "weight"}}
	var plots []*plot.Plot
	for _, k := range largest(d, opt.Topics) {
		t := d.Topics[k]
		terms := t.Terms[:min(6, len(t.Terms))]
		for _, term := range t.Terms {
			f.row(t.ID, t.Name, term.Term, term.Weight)
		}
		if len(terms) == 0 {
			continue
		}
		var labels []string
		var values []float64
		for _, term := range terms {
			labels, values = append(labels, short(term.Term, 16)), append(values, term.Weight)
		}
		p := bars(labels, values, func(int) color.Color { return paletteColor(t.Color, 255) })
		p.Title.Text = short(t.Name, 32)
		p.X.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick {
			return []plot.Tick{{Value: 0, Label: "0"}, {Value: values[0], Label: fmt.Sprintf("%.2g", values[0])}}
		})
		plots = append(plots, p)
	}
	if len(plots) == 0 {
		return nil, errors.New("no topic has words")
	}
	const columns = 3
	rows := (len(plots) + columns - 1) / columns
	f.draw = func(c draw.Canvas) {
		tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: vg.Points(14), PadY: vg.Points(12), PadTop: vg.Points(6), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(10)}
		for i, p := range plots {
			p.Draw(tiles.At(c, i%columns, i/columns))
		}
	}
	return f, nil
}

func overTime(d *report.Data, opt Options) (*Figure, error) {
	if d.Time == nil || len(d.Time.Start) == 0 {
		return nil, errors.New("the documents have no times; give report.Options.Times (--time FIELD and INPUT)")
	}
	f := &Figure{columns: []string{"time", "topic", "name", "documents"}}
	counts := make([][]int, len(d.Topics))
	for k := range counts {
		counts[k] = make([]int, len(d.Time.Start))
	}
	for _, r := range d.Time.Rows {
		counts[r.Topic][r.Group] = r.Count
	}
	p := newPlot()
	p.X.Tick.Marker = plot.TimeTicks{Format: "2006-01", Time: func(t float64) time.Time { return time.Unix(int64(t), 0).UTC() }}
	p.Y.Label.Text, p.Y.Min = "documents per "+d.Time.Every, 0
	p.Legend.Top = true
	for _, k := range largest(d, opt.Topics) {
		t := d.Topics[k]
		line := make(plotter.XYs, len(d.Time.Start))
		for b, start := range d.Time.Start {
			line[b] = plotter.XY{X: float64(start.Unix()), Y: float64(counts[k][b])}
			f.row(start.UTC().Format(time.DateOnly), t.ID, t.Name, counts[k][b])
		}
		l := &plotter.Line{XYs: line, LineStyle: draw.LineStyle{Color: paletteColor(t.Color, 255), Width: vg.Points(1.3)}}
		p.Add(l)
		p.Legend.Add(short(t.Name, 36), l)
	}
	f.draw = withLegend(p)
	return f, nil
}

// withLegend draws a plot with its legend at the right.
func withLegend(p *plot.Plot) func(draw.Canvas) {
	legend := p.Legend
	p.Legend = plot.NewLegend()
	legend.Left, legend.Top, legend.YPosition = true, true, draw.PosTop
	return func(c draw.Canvas) {
		r := legend.Rectangle(c)
		width := r.Max.X - r.Min.X
		p.Draw(draw.Crop(c, vg.Points(8), -width-vg.Points(16), vg.Points(8), -vg.Points(8)))
		legend.Draw(draw.Crop(c, c.Max.X-c.Min.X-width-vg.Points(8), 0, 0, -vg.Points(8)))
	}
}

func perClass(d *report.Data, opt Options) (*Figure, error) {
	at := slices.IndexFunc(d.Classes, func(c report.PerClass) bool { return opt.Field == "" || c.Field == opt.Field })
	if at < 0 {
		return nil, errors.New("no such field with 2 to 40 values; give report.Options.Fields (--fields and INPUT)")
	}
	class := d.Classes[at]
	f := &Figure{columns: []string{"topic", "name", class.Field, "documents", "share"}}
	totals, counts := make([]int, len(class.Names)), map[[2]int]int{}
	for _, r := range class.Rows {
		totals[r.Group] += r.Count
		counts[[2]int{r.Topic, r.Group}] = r.Count
	}
	topics := largest(d, opt.Topics)
	g := &grid{cols: len(class.Names), rows: len(topics), values: make([]float64, len(class.Names)*len(topics))}
	rowNames := make([]string, len(topics))
	for i, k := range topics {
		rowNames[len(topics)-1-i] = short(d.Topics[k].Name, 30)
		for c, name := range class.Names {
			n := counts[[2]int{k, c}]
			share := float64(n) / float64(max(1, totals[c]))
			g.values[(len(topics)-1-i)*g.cols+c] = share
			f.row(d.Topics[k].ID, d.Topics[k].Name, name, n, share)
		}
	}
	columns := make([]string, len(class.Names))
	for i, name := range class.Names {
		columns[i] = short(name, 18)
	}
	f.draw = heat(g, columns, rowNames, "share of the documents of each "+class.Field, false)
	return f, nil
}

// grid is a matrix of values for a heat map, the first row at the bottom.
type grid struct {
	cols, rows int
	values     []float64
}

func (g *grid) Dims() (c, r int)   { return g.cols, g.rows }
func (g *grid) Z(c, r int) float64 { return g.values[r*g.cols+c] }
func (g *grid) X(c int) float64    { return float64(c) }
func (g *grid) Y(r int) float64    { return float64(r) }

// ramp is a palette whose lightness falls evenly, after cividis.
type ramp struct{}

func (ramp) Colors() []color.Color {
	stops := []color.NRGBA{{0xfe, 0xf6, 0xd8, 255}, {0xfe, 0xe8, 0x38, 255}, {0xc8, 0xb8, 0x66, 255}, {0x94, 0x8e, 0x77, 255}, {0x66, 0x69, 0x70, 255}, {0x35, 0x45, 0x6c, 255}, {0x00, 0x22, 0x4e, 255}}
	out := make([]color.Color, 120)
	for i := range out {
		at := float64(i) / float64(len(out)-1) * float64(len(stops)-1)
		k := min(int(at), len(stops)-2)
		mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*(at-float64(k)))) }
		out[i] = color.NRGBA{mix(stops[k].R, stops[k+1].R), mix(stops[k].G, stops[k+1].G), mix(stops[k].B, stops[k+1].B), 255}
	}
	return out
}

var _ palette.Palette = ramp{}

// heat draws a heat map with a bar of its colors. Where turned, the names of the columns are upright.
func heat(g *grid, columns, rows []string, title string, turned bool) func(draw.Canvas) {
	p := newPlot()
	low, high := slices.Min(g.values), slices.Max(g.values)
	if high <= low {
		high = low + 1
	}
	m := plotter.NewHeatMap(g, ramp{})
	m.Min, m.Max = low, high
	p.Add(m)
	p.NominalX(columns...)
	p.NominalY(rows...)
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Tick.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(g.cols)-0.5, -0.5, float64(g.rows)-0.5
	if turned || len(columns) > 8 {
		p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, draw.XRight, draw.YCenter
	}
	if n := max(g.cols, g.rows); n > 30 {
		p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = vg.Points(max(2.5, 240/float64(n))), vg.Points(max(2.5, 240/float64(n)))
	}
	p.Title.Text = title
	key := newPlot()
	key.HideY()
	key.X.Padding = 0
	key.Add(&plotter.ColorBar{ColorMap: colorMap{low, high}})
	return func(c draw.Canvas) {
		p.Draw(draw.Crop(c, vg.Points(8), -vg.Points(8), vg.Points(36), -vg.Points(8)))
		key.Draw(draw.Crop(c, vg.Points(16), -(c.Max.X-c.Min.X)+vg.Points(150), vg.Points(8), -(c.Max.Y-c.Min.Y)+vg.Points(34)))
	}
}

// colorMap is ramp over a range.
type colorMap struct{ low, high float64 }

func (m colorMap) At(v float64) (color.Color, error) {
	colors := ramp{}.Colors()
	at := (v - m.low) / (m.high - m.low) * float64(len(colors)-1)
	return colors[min(max(int(at), 0), len(colors)-1)], nil
}
func (m colorMap) Max() float64              { return m.high }
func (m colorMap) Min() float64              { return m.low }
func (colorMap) SetMax(float64)              {}
func (colorMap) SetMin(float64)              {}
func (colorMap) Alpha() float64              { return 1 }
func (colorMap) SetAlpha(float64)            {}
func (colorMap) Palette(int) palette.Palette { return ramp{} }

func hierarchy(d *report.Data, opt Options) (*Figure, error) {
	n := len(d.Leaves)
	if len(d.Hierarchy) == 0 {
		return nil, errors.New("there is no hierarchy: the model has fewer than 2 or too many topics, or no words")
	}
	f := &Figure{columns: []string{"merge", "left", "right", "distance", "documents", "words"}}
	if opt.Height == 0 {
		opt.Height = min(maxSide, max(60, float64(n)*4.2+18))
	}
	f.width, f.height = vg.Length(opt.Width)*vg.Millimeter, vg.Length(opt.Height)*vg.Millimeter
	type node struct {
		x, y  float64
		color color.NRGBA
	}
	nodes := make([]node, n+len(d.Hierarchy))
	names := make([]string, n)
	for i, k := range d.Leaves {
		names[n-1-i] = short(d.Topics[k].Name, 34)
		nodes[d.Topics[k].ID] = node{0, float64(n - 1 - i), paletteColor(d.Topics[k].Color, 255)}
	}
	far := d.Hierarchy[len(d.Hierarchy)-1].Distance
	p := newPlot()
	for i, m := range d.Hierarchy {
		a, b := nodes[m.Left], nodes[m.Right]
		c := muted
		if m.Distance < 0.45*far {
			c = a.color
		}
		nodes[n+i] = node{m.Distance, (a.y + b.y) / 2, c}
		p.Add(&plotter.Line{XYs: plotter.XYs{{X: a.x, Y: a.y}, {X: m.Distance, Y: a.y}, {X: m.Distance, Y: b.y}, {X: b.x, Y: b.y}}, LineStyle: draw.LineStyle{Color: c, Width: vg.Points(0.9)}})
		f.row(i+1, m.Left, m.Right, m.Distance, m.Size, fmt.Sprint(m.Words))
	}
	p.NominalY(names...)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	p.X.Min, p.X.Label.Text = 0, "distance"
	f.draw = onCanvas(p)
	return f, nil
}

func similarity(d *report.Data, opt Options) (*Figure, error) {
	if len(d.Similarity) < 2 {
		return nil, errors.New("there are no similarities: the model has fewer than 2 topics, or no embeddings")
	}
	f := &Figure{columns: []string{"topic", "name", "other", "other name", "cosine"}}
	all := len(d.Similarity)
	var shown []int // rows of the matrix of the largest topics, in its order
	want := map[int]bool{}
	for _, k := range largest(d, opt.Topics) {
		want[k] = true
	}
	for i, k := range d.Similarity {
		if want[k] {
			shown = append(shown, i)
		}
	}
	n := len(shown)
	g := &grid{cols: n, rows: n, values: make([]float64, n*n)}
	names := make([]string, n)
	turned := make([]string, n)
	for i, a := range shown {
		names[i] = short(d.Topics[d.Similarity[a]].Name, 28)
		turned[n-1-i] = names[i]
		for j, b := range shown {
			v := d.SimilarityOf[a*all+b]
			g.values[(n-1-i)*n+j] = v
			s, t := d.Topics[d.Similarity[a]], d.Topics[d.Similarity[b]]
			f.row(s.ID, s.Name, t.ID, t.Name, v)
		}
	}
	f.draw = heat(g, names, turned, "", true)
	return f, nil
}

func distances(d *report.Data, opt Options) (*Figure, error) {
	if len(d.Similarity) < 3 {
		return nil, errors.New("there are no distances: the model has fewer than 3 topics, or no embeddings")
	}
	f := &Figure{columns: []string{"topic", "name", "x", "y", "documents"}}
	topics := largest(d, opt.Topics)
	p := newPlot()
	plain(p)
	var xy plotter.XYs
	var places []labeled
	most := float64(d.Topics[topics[0]].Size)
	low, high := math.Inf(1), math.Inf(-1)
	for _, k := range topics {
		t := d.Topics[k]
		xy = append(xy, plotter.XY{X: t.Between.X, Y: t.Between.Y})
		places = append(places, labeled{short(t.Name, 26), t.Between.X, t.Between.Y})
		low, high = min(low, t.Between.X, t.Between.Y), max(high, t.Between.X, t.Between.Y)
		f.row(t.ID, t.Name, t.Between.X, t.Between.Y, t.Size)
	}
	p.Add(&plotter.Scatter{XYs: xy, GlyphStyleFunc: func(i int) draw.GlyphStyle {
		t := d.Topics[topics[i]]
		return draw.GlyphStyle{Color: paletteColor(t.Color, 120), Radius: vg.Points(2.5 + 16*math.Sqrt(float64(t.Size)/most)), Shape: draw.CircleGlyph{}}
	}}, names{places})
	margin := 0.12 * (high - low)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low-margin, high+margin, low-margin, high+margin
	f.draw = onCanvas(p)
	return f, nil
}

func termRank(d *report.Data, opt Options) (*Figure, error) {
	f := &Figure{columns: []string{"topic", "name", "rank", "term", "weight"}}
	p := newPlot()
	for _, k := range largest(d, opt.Topics) {
		t := d.Topics[k]
		var xy plotter.XYs
		for r, term := range t.Ranked {
			xy = append(xy, plotter.XY{X: float64(r + 1), Y: term.Weight})
			f.row(t.ID, t.Name, r+1, term.Term, term.Weight)
		}
		if len(xy) == 0 {
			continue
		}
		l := &plotter.Line{XYs: xy, LineStyle: draw.LineStyle{Color: paletteColor(t.Color, 255), Width: vg.Points(1.3)}}
		p.Add(l)
		p.Legend.Add(short(t.Name, 36), l)
	}
	if len(f.rows) == 0 {
		return nil, errors.New("no topic has words")
	}
	p.X.Label.Text, p.Y.Label.Text, p.Y.Min = "rank of the term", "weight", 0
	f.draw = withLegend(p)
	return f, nil
}

func shares(d *report.Data, opt Options) (*Figure, error) {
	if len(d.Distributions) == 0 {
		return nil, errors.New("there are no shares of topics: the texts were left out, or report.Options.Distributions is none")
	}
	at := slices.IndexFunc(d.Distributions, func(s report.Distribution) bool { return s.Document == opt.Document })
	if at < 0 {
		if opt.Document != 0 {
			return nil, fmt.Errorf("document %d is not among the %d documents that shares were computed for", opt.Document, len(d.Distributions))
		}
		at = 0
	}
	one := d.Distributions[at]
	f := &Figure{columns: []string{"document", "topic", "name", "share"}}
	var labels []string
	var values []float64
	top := one.Shares[:min(opt.Topics, len(one.Shares))]
	for _, s := range top {
		t := d.Topics[s.Topic]
		labels, values = append(labels, short(t.Name, 34)), append(values, s.Similarity)
		f.row(one.Document, t.ID, t.Name, s.Similarity)
	}
	p := bars(labels, values, func(i int) color.Color { return paletteColor(d.Topics[top[i].Topic].Color, 255) })
	p.X.Label.Text = "share"
	f.draw = onCanvas(p)
	return f, nil
}

func outliers(d *report.Data, _ Options) (*Figure, error) {
	f := &Figure{columns: []string{"from", "to", "documents"}}
	counts := make([]float64, 20)
	out := 0
	for i, k := range d.Topic {
		if d.Topics[k].ID < 0 {
			out++
			continue
		}
		counts[min(19, max(0, int(d.Probability[i]*20)))]++
	}
	h := &plotter.Histogram{FillColor: paletteColor(8, 220), Width: 0.05}
	for b, n := range counts {
		f.row(float64(b)/20, float64(b+1)/20, n)
		h.Bins = append(h.Bins, plotter.HistogramBin{Min: float64(b) / 20, Max: float64(b+1) / 20, Weight: n})
	}
	h.LineStyle.Width, h.LineStyle.Color = vg.Points(0.5), color.White
	p := newPlot()
	p.Add(h)
	p.X.Label.Text, p.Y.Label.Text = "probability of a document in its topic", "documents"
	p.Title.Text = fmt.Sprintf("%d of %d documents are outliers", out, len(d.Topic))
	f.draw = onCanvas(p)
	return f, nil
}

func layers(d *report.Data, _ Options) (*Figure, error) {
	if len(d.Choices) == 0 {
		return nil, errors.New("the model has no layers; fit with a clusterer that has some")
	}
	f := &Figure{columns: []string{"topics", "outliers", "scale", "score", "chosen"}}
	var line, chosen plotter.XYs
	for _, c := range d.Choices {
		xy := plotter.XY{X: float64(max(1, c.Clusters)), Y: c.Score}
		line = append(line, xy)
		if c.Chosen {
			chosen = append(chosen, xy)
		}
		f.row(c.Clusters, c.Outliers, c.Scale, c.Score, c.Chosen)
	}
	sort.SliceStable(line, func(i, j int) bool { return cmp.Less(line[i].X, line[j].X) })
	p := newPlot()
	blue := paletteColor(8, 255)
	p.Add(&plotter.Line{XYs: line, LineStyle: draw.LineStyle{Color: blue, Width: vg.Points(1.3)}})
	p.Add(&plotter.Scatter{XYs: line, GlyphStyle: draw.GlyphStyle{Color: blue, Radius: vg.Points(2), Shape: draw.CircleGlyph{}}})
	p.Add(&plotter.Scatter{XYs: chosen, GlyphStyle: draw.GlyphStyle{Color: paletteColor(1, 255), Radius: vg.Points(4), Shape: draw.CircleGlyph{}}})
	if line[len(line)-1].X > line[0].X {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	p.X.Label.Text, p.Y.Label.Text = "number of topics", "score"
	f.draw = onCanvas(p)
	return f, nil
}
