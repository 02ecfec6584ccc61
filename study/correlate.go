package study

import (
	"math"

	"github.com/gobertopic/gobertopic/study/stats"
)

// Correlation is how a measure of popularity and one of difficulty go together over the topics of a corpus.
type Correlation struct {
	Popularity, Difficulty Quantity
	Topics                 int     // those that have both figures
	Tau                    float64 // Kendall's τ-b in [−1, 1]; NaN when one side has a single value
	P, Holm                float64 // two-sided, and corrected for all correlations of the result
	Exact                  bool    // P was counted, not approximated
}

// Correlate ranks the topics of r, the outliers left out, by mean views, score, favorites and likes and by the shares
// without an accepted answer and without an answer and the median hours (of what has ended), and gives Kendall's
// correlation of each pair of which at least three topics have both figures.
func Correlate(r *Result) ([]Correlation, error) {
	var out []Correlation
	var p []float64
	for _, popular := range []struct {
		name Quantity
		of   func(*Group) float64
	}{
		{Views, func(g *Group) float64 { return g.Views.Mean }},
		{Score, func(g *Group) float64 { return g.Score.Mean }},
		{Favorites, func(g *Group) float64 { return g.Favorites.Mean }},
		{Likes, func(g *Group) float64 { return g.Likes.Mean }},
	} {
		for _, difficult := range []struct {
			name Quantity
			of   func(*Group) float64
		}{
			{NoAccepted, func(g *Group) float64 { return g.NoAccepted.Share }},
			{NoAnswer, func(g *Group) float64 { return g.NoAnswer.Share }},
			{HoursToAccepted, func(g *Group) float64 { return g.HoursToAccepted.Median }},
			{HoursToAnswer, func(g *Group) float64 { return g.HoursToAnswer.Median }},
		} {
			var x, y []float64
			for i := range r.Topics {
				g := &r.Topics[i]
				if v, w := popular.of(g), difficult.of(g); g.Topic != Outlier && !math.IsNaN(v) && !math.IsNaN(w) {
					x, y = append(x, v), append(y, w)
				}
			}
			if len(x) < 3 {
				continue
			}
			c, err := stats.Kendall(x, y)
			if err != nil {
				return nil, err
			}
			out = append(out, Correlation{
				Popularity: popular.name, Difficulty: difficult.name, Topics: len(x), Tau: c.Tau, P: c.P, Exact: c.Exact,
			})
			p = append(p, c.P)
		}
	}
	for i, adjusted := range stats.Holm(p) {
		out[i].Holm = adjusted
	}
	return out, nil
}
