package main

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

// mixture has n points such as UMAP makes: many groups of very different size and density, most of them thin along some
// directions, some of them bent chains, and a tenth of the points between them.
func mixture(seed uint64, n, dims int) blas32.General {
	r := rand.New(rand.NewPCG(seed, 1))
	x := blas32.General{Rows: n, Cols: dims, Stride: dims, Data: make([]float32, n*dims)}
	groups := max(8, int(math.Sqrt(float64(n))/2))
	type group struct {
		mean, along []float64
		width       []float64
		share       float64
		chain       bool
	}
	all := make([]group, groups)
	var total float64
	for i := range all {
		g := &all[i]
		scale := 0.05 * math.Exp(r.NormFloat64()*0.7)
		for range dims {
			g.mean = append(g.mean, r.Float64()*20)
			g.along = append(g.along, r.NormFloat64())
			g.width = append(g.width, scale*math.Exp(-1.5*r.Float64()))
		}
		g.chain = r.IntN(4) == 0
		total += math.Exp(r.NormFloat64())
		g.share = total
	}
	for i := range n {
		row := x.Data[i*dims : (i+1)*dims]
		if r.IntN(10) == 0 {
			a, b := all[r.IntN(groups)], all[r.IntN(groups)]
			at := r.Float64()
			for j := range row {
				row[j] = float32(a.mean[j] + at*(b.mean[j]-a.mean[j]) + 0.5*r.NormFloat64())
			}
			continue
		}
		at := r.Float64() * total
		k := 0
		for all[k].share < at {
			k++
		}
		g := all[k]
		t := r.Float64()
		for j := range row {
			v := g.mean[j] + g.width[j]*r.NormFloat64()
			if g.chain {
				v += g.along[j]*t + 0.3*g.along[(j+1)%dims]*math.Sin(4*t)
			}
			row[j] = float32(v)
		}
	}
	return x
}

// makePoints embeds texts and reduces them to five dimensions.
func makePoints(texts, keep, path string) error {
	b, err := os.ReadFile(texts)
	if err != nil {
		return err
	}
	e, err := minilm.New(bert.DefaultConfig())
	if err != nil {
		return err
	}
	ctx := context.Background()
	x, err := e.Embed(ctx, strings.Split(strings.TrimRight(string(b), "\n"), "\n"))
	if err != nil {
		return err
	}
	if keep != "" {
		if err := embed.WriteNPYFile(keep, x); err != nil {
			return err
		}
	}
	m, err := umap.Fit(ctx, x, umap.Config{NComponents: 5, MinDist: stage.None, Metric: metric.Cosine})
	if err != nil {
		return err
	}
	return embed.WriteNPYFile(path, m.Points())
}
