package topic

import (
	"context"
	"fmt"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/dense"
)

// drawn is how much of a document's embedding is replaced by that of its seed; BERTopic 0.17.4's weights are 3 and 1.
const drawn = 0.25

// guide is the seeds of a guided model: a row for each seed and, as the last one, the mean embedding of the documents.
// A document whose embedding is closest to a seed, by cosine, is drawn towards it; one that is closest to the mean is left
// as it is.
type guide struct {
	seeds blas32.General
}

// newGuide embeds the seeds, each as one text of its words.
func (m *Model) newGuide(ctx context.Context) (*guide, error) {
	texts := make([]string, len(m.cfg.Seeds))
	for i, words := range m.cfg.Seeds {
		texts[i] = strings.Join(words, " ")
	}
	seeds, err := m.embedBeside(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("seeds: %w", err)
	}
	x := dense.Pick(m.embeddings, m.active)
	g := &guide{dense.New(seeds.Rows+1, x.Cols)}
	for i := range seeds.Rows {
		copy(dense.Row(g.seeds, i), dense.Row(seeds, i))
	}
	sum := make([]float64, x.Cols)
	for i := range x.Rows {
		dense.AddTo(sum, dense.Row(x, i))
	}
	dense.SetMean(dense.Row(g.seeds, seeds.Rows), sum, x.Rows)
	return g, nil
}

// draw is a copy of x with the rows drawn to their seeds, and the seed of each row, −1 for none.
func (g *guide) draw(x blas32.General) (blas32.General, []int) {
	out := dense.New(x.Rows, x.Cols)
	y := make([]int, x.Rows)
	all := dense.NewCentroids(g.seeds, nil)
	for i := range x.Rows {
		from, to := dense.Row(x, i), dense.Row(out, i)
		best, _ := all.Nearest(from)
		copy(to, from)
		if y[i] = best; best == g.seeds.Rows-1 {
			y[i] = Outlier
			continue
		}
		for j, v := range dense.Row(g.seeds, best) {
			to[j] = float32(float64((1-drawn)*float64(from[j])) + float64(drawn*float64(v)))
		}
	}
	return out, y
}

// guided is a reduction of drawn rows: new rows are drawn as the fitted ones were.
type guided struct {
	Reduction
	guide *guide
}

func (g guided) Transform(ctx context.Context, x blas32.General) (blas32.General, error) {
	drawn, _ := g.guide.draw(x)
	return g.Reduction.Transform(ctx, drawn)
}

func (g guided) Warnings() []error {
	if w, ok := g.Reduction.(Warner); ok {
		return w.Warnings()
	}
	return nil
}

// seedWords are the words of the seeds as the vocabulary has them.
func (c Config) seedWords() []string {
	var out []string
	for _, words := range c.Seeds {
		for _, w := range words {
			if c.Vocabulary.Lowercase {
				w = strings.ToLower(w)
			}
			out = append(out, w)
		}
	}
	return out
}

// weigher is the weigher of the words; with seeds, plain weighting raises their words.
func (c Config) weigher() Weigher {
	if w, ok := c.Weigher.(ctfidf.Weighting); ok && len(c.Seeds) > 0 && len(w.GuidedWords) == 0 {
		w.GuidedWords = c.seedWords()
		return w
	}
	return c.Weigher
}
