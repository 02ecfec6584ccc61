package report

import (
	"cmp"
	"math"
	"slices"
)

// Palette holds the colors of topics on a light and on a dark ground, as 0xRRGGBB. They differ in
// lightness as well as in hue, so that every two of them differ under normal vision, protanopia and
// deuteranopia; assignColors gives neighboring topics pairs that differ the most.
var Palette = [...]struct{ Light, Dark uint32 }{
	{0x8c0015, 0xce5755}, // crimson
	{0xb53a03, 0xe7734d}, // rust
	{0xaf911d, 0xceb355}, // ocher
	{0xd8ba01, 0xe9cd49}, // yellow
	{0x2dda9c, 0x5eecb1}, // mint
	{0x02ae94, 0x55ceb5}, // teal
	{0x0bcdef, 0x53e0ff}, // cyan
	{0x109fe1, 0x56c1ff}, // sky
	{0x236fd5, 0x5b9fff}, // blue
	{0x362daa, 0x6b73e8}, // indigo
	{0x9c4e87, 0xcb7fb5}, // mauve
	{0x7e0065, 0xbf55a2}, // plum
}

// differences holds 1000 times the distance in Oklab of each two colors of Palette on a light ground: the
// least of those under normal vision, protanopia and deuteranopia (Machado, Oliveira and Fernandes 2009).
// They are whole numbers, so that choices by them are the same on every machine;
// TestPaletteDifferences computes them.
var differences = [len(Palette)][len(Palette)]int{
	{0, 125, 261, 392, 375, 265, 393, 315, 283, 250, 169, 127},
	{125, 0, 137, 268, 263, 174, 308, 267, 287, 262, 149, 208},
	{261, 137, 0, 129, 147, 130, 238, 247, 297, 371, 213, 322},
	{392, 268, 129, 0, 114, 151, 229, 274, 369, 473, 327, 448},
	{375, 263, 147, 114, 0, 127, 128, 216, 334, 441, 261, 395},
	{265, 174, 130, 151, 127, 0, 135, 130, 224, 318, 134, 269},
	{393, 308, 238, 229, 128, 135, 0, 126, 255, 377, 238, 371},
	{315, 267, 247, 274, 216, 130, 126, 0, 129, 252, 147, 263},
	{283, 287, 297, 369, 334, 224, 255, 129, 0, 131, 129, 189},
	{250, 262, 371, 473, 441, 318, 377, 252, 131, 0, 127, 125},
	{169, 149, 213, 327, 261, 134, 238, 147, 129, 127, 0, 137},
	{127, 208, 322, 448, 395, 269, 371, 263, 189, 125, 137, 0},
}

// neighborsToDiffer is the number of nearest topics that a color is chosen to differ from.
const neighborsToDiffer = 8

// assignColors gives each topic, from the largest to the smallest, the color that differs most from
// those of its nearest topics on the map. Between colors that do so alike, the least used one is taken.
func (d *Data) assignColors() {
	used := make([]int, len(Palette))
	order := make([]int, 0, len(d.Topics))
	for k, t := range d.Topics {
		d.Topics[k].Color = -1
		if t.ID >= 0 {
			order = append(order, k)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(d.Topics[b].Size, d.Topics[a].Size), cmp.Compare(a, b)) })
	for n, k := range order {
		type neighbor struct {
			distance float64
			color    int
		}
		var near []neighbor
		for _, other := range order[:n] {
			a, b := d.Topics[k].Center, d.Topics[other].Center
			dx, dy := a.X-b.X, a.Y-b.Y
			distance := float64(dx*dx) + float64(dy*dy)
			if math.IsNaN(distance) {
				continue
			}
			at, _ := slices.BinarySearchFunc(near, distance, func(e neighbor, d float64) int { return cmp.Compare(e.distance, d) })
			if at < neighborsToDiffer {
				near = slices.Insert(near, at, neighbor{distance, d.Topics[other].Color})
				near = near[:min(len(near), neighborsToDiffer)]
			}
		}
		best, bestScore := 0, math.MinInt
		for color := range Palette {
			// The nearer of two neighbors counts more: its difference is divided by a smaller rank.
			score := 1000
			for rank, e := range near {
				score = min(score, differences[color][e.color]*(rank+4)/4)
			}
			score = score*1000 - used[color]
			if score > bestScore {
				best, bestScore = color, score
			}
		}
		d.Topics[k].Color = best
		used[best]++
	}
}
