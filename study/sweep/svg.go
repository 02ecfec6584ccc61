package sweep

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// colors of series, told apart by readers who do not see all colors (Okabe and Ito, without the yellow), and how their
// lines are dashed, once the colors are used up.
var (
	colours = []string{"#0072b2", "#d55e00", "#007a5a", "#a8467f", "#3d3d3d", "#b07a00"}
	dashes  = []string{"", "6 3", "2 3", "8 3 2 3"}
)

// Places of the picture, in pixels.
const (
	svgLeft   = 58
	svgRight  = 16
	svgTop    = 12
	panelHigh = 100 // of the area of a figure
	panelStep = 150
	legendRow = 20
	charWide  = 7.2 // about, of a character of the legend
)

// leastSpan is the least difference from the bottom of a panel to its top, so that noise does not look like a difference.
const leastSpan = 0.05

// axis is a dimension of the sweep: its name in the legend, and the value of a setting.
type axis struct {
	name string
	of   func(s *Setting) int
	text func(v int) string
}

// axes are the dimensions, that with the most values first: it goes from left to right, the others make series.
func (r *Result) axes() []axis {
	all := []axis{
		{"min_cluster_size", func(s *Setting) int { return s.MinClusterSize }, func(v int) string { return "min_cluster_size " + strconv.Itoa(v) }},
		{"topics merged to", func(s *Setting) int { return s.Wanted }, func(v int) string {
			if v == 0 {
				return "topics as found"
			}
			return "merged to " + strconv.Itoa(v)
		}},
		{"neighbors", func(s *Setting) int { return s.Neighbors }, func(v int) string { return strconv.Itoa(v) + " neighbors" }},
	}
	most := 0
	for i := range all {
		if len(r.values(all[i])) > len(r.values(all[most])) {
			most = i
		}
	}
	return append([]axis{all[most]}, append(all[:most:most], all[most+1:]...)...)
}

// values are those of an axis, in the order of the settings.
func (r *Result) values(a axis) []int {
	var out []int
	seen := map[int]bool{}
	for i := range r.Settings {
		if v := a.of(&r.Settings[i]); !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// series is the settings that differ in the first axis alone, with what they have in common in words.
type series struct {
	name     string
	settings []int
}

func (r *Result) series(axes []axis) []series {
	var out []series
	at := map[[2]int]int{}
	for i := range r.Settings {
		s := &r.Settings[i]
		key := [2]int{axes[1].of(s), axes[2].of(s)}
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			var names []string
			for j, a := range axes[1:] {
				if len(r.values(a)) > 1 {
					names = append(names, a.text(key[j]))
				}
			}
			out = append(out, series{name: strings.Join(names, ", ")})
		}
		out[k].settings = append(out[k].settings, i)
	}
	return out
}

// WriteSVG draws the sweep: a panel each for coherence, diversity, stability and the share in topics, of which more is better.
// The setting with the most values goes from left to right; there is a line for each combination of the others; the
// recommended setting is ringed. It is one file without fonts or scripts of its own, and narrow enough for a telephone
// where there are few values.
func (r *Result) WriteSVG(w io.Writer) error {
	axes := r.axes()
	columns, lines := r.values(axes[0]), r.series(axes)
	best := r.Settings[r.Best].String()
	width := max(460, svgLeft+svgRight+52*len(columns))
	var b strings.Builder
	top := svgTop + r.legend(&b, lines, width)
	height := top + panelStep*len(figures) + 40
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" style="max-width:100%%;height:auto" `+
		`font-family="system-ui,sans-serif" font-size="13" fill="#1a1a1a" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&out, "<title>Settings beside each other; recommended: %s</title>\n", best)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	step := float64(width-svgLeft-svgRight) / float64(len(columns))
	x := map[int]float64{}
	for i, v := range columns {
		x[v] = svgLeft + float64(step*(float64(i)+0.5))
	}
	for k, f := range figures {
		r.panel(&b, f.name, f.of, lines, func(i int) float64 { return x[axes[0].of(&r.Settings[i])] }, top+panelStep*k, width)
	}
	y := top + panelStep*len(figures)
	for _, v := range columns {
		text := strconv.Itoa(v)
		if v == 0 {
			text = "as found"
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x[v], y, text)
	}
	fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n</svg>\n", float64(svgLeft+width-svgRight)/2, y+24, axes[0].name)
	_, err := io.WriteString(w, out.String()+b.String())
	return err
}

// legend writes a sample of each line with its name, and the ring, in rows of entries of the same width, and returns the
// height of the rows.
func (r *Result) legend(b *strings.Builder, lines []series, width int) int {
	const ringed = "recommended"
	longest, n := len(ringed), 0
	for _, s := range lines {
		longest = max(longest, len(s.name))
	}
	wide := 46 + float64(charWide*float64(longest))
	inRow := max(1, int(float64(width-svgLeft-svgRight)/wide))
	entry := func(name string, sample func(x, y float64)) {
		x, y := svgLeft+float64(wide*float64(n%inRow)), float64(svgTop+legendRow/2+legendRow*(n/inRow))
		sample(x, y)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f">%s</text>`+"\n", x+28, y+5, name)
		n++
	}
	for k, s := range lines {
		if s.name != "" {
			entry(s.name, func(x, y float64) {
				fmt.Fprintf(b, `<path d="M%.1f %.1fh22" %s/>`, x, y, stroke(k))
				mark(b, k, x+11, y)
			})
		}
	}
	entry(ringed, func(x, y float64) { ring(b, x+11, y) })
	return legendRow*((n+inRow-1)/inRow) + 10
}

// panel draws a figure of all settings; its top is at y0, its name above the area.
func (r *Result) panel(b *strings.Builder, name string, of func(*Setting) float64, lines []series, x func(setting int) float64, y0, width int) {
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="600">%s</text>`+"\n", svgLeft, y0+16, name)
	area := float64(y0 + 28)
	low, high := r.bounds(of)
	if low > high {
		fmt.Fprintf(b, `<text x="%d" y="%.1f">no setting has it</text>`+"\n", svgLeft+8, area+panelHigh/2)
		return
	}
	ticks, digits := ticksOf(low, high)
	low, high = ticks[0], ticks[len(ticks)-1]
	at := func(v float64) float64 { return area + float64(panelHigh*(high-v)/(high-low)) }
	for _, t := range ticks {
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="#d0d0d0"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			svgLeft, at(t), width-svgRight, svgLeft-8, at(t)+4.5, strings.Replace(strconv.FormatFloat(t, 'f', digits, 64), "-", "−", 1))
	}
	for k, s := range lines {
		var line strings.Builder
		move := "M"
		for _, i := range s.settings {
			v := of(&r.Settings[i])
			if math.IsNaN(v) {
				move = "M"
				continue
			}
			fmt.Fprintf(&line, "%s%.1f %.1f", move, x(i), at(v))
			move = "L"
		}
		if line.Len() > 0 {
			fmt.Fprintf(b, `<path d="%s" fill="none" %s/>`+"\n", line.String(), stroke(k))
		}
		for _, i := range s.settings {
			v := of(&r.Settings[i])
			if math.IsNaN(v) {
				continue
			}
			fmt.Fprintf(b, "<g><title>%s: %s %.4f</title>", r.Settings[i], name, v)
			mark(b, k, x(i), at(v))
			b.WriteString("</g>\n")
		}
	}
	if v := of(&r.Settings[r.Best]); !math.IsNaN(v) {
		ring(b, x(r.Best), at(v))
	}
}

// ring marks the recommended setting.
func ring(b *strings.Builder, x, y float64) {
	fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="8" fill="none" stroke="#1a1a1a" stroke-width="2"/>`+"\n", x, y)
}

// stroke is how the line of a series looks.
func stroke(k int) string {
	text := fmt.Sprintf(`stroke="%s" stroke-width="2"`, colours[k%len(colours)])
	if d := dashes[k/len(colours)%len(dashes)]; d != "" {
		text += fmt.Sprintf(` stroke-dasharray="%s"`, d)
	}
	return text
}

// mark draws a point of a series, whose shape tells it too.
func mark(b *strings.Builder, k int, x, y float64) {
	shape := [...]string{
		"m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
		"m-4 -4h8v8h-8z",
		"m0 -5l5 9h-10z",
		"m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
		"m0 5l5 -9h-10z",
		"m-5 -2h3v-3h4v3h3v4h-3v3h-4v-3h-3z",
	}
	fmt.Fprintf(b, `<path class="point" d="M%.1f %.1f%s" fill="%s"/>`, x, y, shape[k%len(shape)], colours[k%len(colours)])
}

// ticksOf are round values, three to six, from one at or below low to one at or above high, and the decimals they need.
func ticksOf(low, high float64) (ticks []float64, digits int) {
	if wide := leastSpan - (high - low); wide > 0 {
		low, high = low-wide/2, high+wide/2
	}
	exponent := math.Floor(math.Log10((high - low) / 2))
	for _, factor := range []float64{1, 2, 5, 10} {
		step := factor * math.Pow(10, exponent)
		first, last := int(math.Floor(low/step+1e-9)), int(math.Ceil(high/step-1e-9))
		if last-first > 5 {
			continue
		}
		ticks = nil
		for i := first; i <= last; i++ {
			ticks = append(ticks, float64(i)*step)
		}
		digits = max(0, -int(exponent))
		if factor == 10 {
			digits = max(0, digits-1)
		}
		break
	}
	return ticks, digits
}
