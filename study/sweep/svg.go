package sweep

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// WriteSVG draws the sweep: a panel each for coherence, diversity, outliers and stability, with the settings in their
// order from left to right and the recommended one marked. It is one file without fonts or scripts of its own.
func (r *Result) WriteSVG(w io.Writer) error {
	const width, panel, left, top = 720, 110, 130, 30
	var b strings.Builder
	panels := []struct {
		name   string
		colour string
		of     func(s *Setting) float64
	}{
		{"coherence", "#1b6ca8", func(s *Setting) float64 { return s.Coherence }},
		{"diversity", "#2e8b57", func(s *Setting) float64 { return s.Diversity }},
		{"outliers", "#b5651d", func(s *Setting) float64 { return s.Outliers }},
		{"stability", "#7a4fa3", func(s *Setting) float64 { return s.Stability }},
	}
	height := top + panel*len(panels) + 40
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	step := float64(width-left-20) / float64(len(r.Settings))
	x := func(i int) float64 { return left + float64(step*(float64(i)+0.5)) }
	fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="#fff3c4"/>`+"\n", x(r.Best)-step/2, top-12, step, panel*len(panels)+12)
	for k, p := range panels {
		y0 := float64(top + panel*k)
		low, high := math.Inf(1), math.Inf(-1)
		for i := range r.Settings {
			if v := p.of(&r.Settings[i]); !math.IsNaN(v) {
				low, high = min(low, v), max(high, v)
			}
		}
		fmt.Fprintf(&b, `<text x="8" y="%.1f">%s</text>`+"\n", y0+45, p.name)
		if low > high {
			continue
		}
		fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">%.3f</text><text x="%d" y="%.1f" text-anchor="end">%.3f</text>`+"\n", left-8, y0+4, high, left-8, y0+84, low)
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d M%d %.1fH%d" stroke="#ccc"/>`+"\n", left, y0, width-20, left, y0+80, width-20)
		var line strings.Builder
		move := "M"
		for i := range r.Settings {
			v := p.of(&r.Settings[i])
			if math.IsNaN(v) {
				move = "M"
				continue
			}
			y := y0 + 40
			if high > low {
				y = y0 + 80*(high-v)/(high-low)
			}
			fmt.Fprintf(&line, "%s%.1f %.1f", move, x(i), y)
			move = "L"
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"><title>%.4f</title></circle>`+"\n", x(i), y, p.colour, v)
		}
		fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s"/>`+"\n", line.String(), p.colour)
	}
	for i, s := range r.Settings {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d / %d</text>`+"\n", x(i), height-22, s.MinClusterSize, s.Neighbors)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d">min_cluster_size / neighbors; the recommended setting is shaded</text>`+"\n</svg>\n", left, height-6)
	_, err := io.WriteString(w, b.String())
	return err
}
