// Command outliers measures how often a document that topic.BERTopicConfig leaves outside is given a topic of its own class,
// by rules that differ in when a document is alike enough, and prints a Markdown table.
//
//	go run ./benchmarks/outliers -cache DIR FILE.tsv...
//
// Each line of a FILE.tsv is a class, a tab and a text. The class of a topic is that of most of the documents that the
// clusterer put in it. Embeddings are kept in DIR between runs, as FILE.npy.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	cache := flag.String("cache", ".", "directory of embeddings")
	seeds := flag.Int("seeds", 3, "fits with the seeds from 1 on")
	flag.Parse()
	if err := run(context.Background(), *cache, *seeds, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "outliers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cache string, seeds int, files []string) error {
	fmt.Println("| corpus | rule | given a topic, of those outside | of its class | still outside, of all | ARI |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, file := range files {
		c, err := read(ctx, cache, file)
		if err != nil {
			return err
		}
		var order []string
		sums := map[string]*result{}
		for seed := 1; seed <= seeds; seed++ {
			cfg := topic.BERTopicConfig()
			cfg.Seed = uint64(seed)
			m, err := topic.FitEmbedded(ctx, c.docs, c.x, cfg)
			if err != nil {
				return err
			}
			f := newFit(m, c)
			for _, r := range rules {
				if sums[r.name] == nil {
					sums[r.name] = &result{}
					order = append(order, r.name)
				}
				if err := f.try(ctx, r, sums[r.name]); err != nil {
					return err
				}
			}
		}
		for _, name := range order {
			s := sums[name]
			fmt.Printf("| %s | %s | %.0f %% | %.0f %% | %.1f %% | %.3f |\n", c.name, name,
				100*s.given/s.outside, 100*s.right/s.given, 100*(s.outside-s.given)/s.all, s.ari/float64(seeds))
		}
	}
	return nil
}

// corpus is documents of known classes.
type corpus struct {
	name    string
	docs    []string
	classes []int
	x       blas32.General
}

func read(ctx context.Context, cache, file string) (c corpus, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	c.name = strings.TrimSuffix(filepath.Base(file), ".tsv")
	number := map[string]int{}
	for line := range strings.Lines(string(text)) {
		label, doc, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return c, fmt.Errorf("%s: line %d has no tab", file, len(c.docs)+1)
		}
		if _, ok := number[label]; !ok {
			number[label] = len(number)
		}
		c.docs, c.classes = append(c.docs, doc), append(c.classes, number[label])
	}
	path := filepath.Join(cache, c.name+".npy")
	c.x, err = embed.ReadNPYFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if c.x, err = topic.DefaultConfig().Embedder.Embed(ctx, c.docs); err == nil {
			err = embed.WriteNPYFile(path, c.x)
		}
	}
	return c, err
}

// rule gives each topic the least similarity that a document must have.
type rule struct {
	name  string
	floor func(own []float64, all []float64) float64 // of the sorted similarities of a topic's documents and of all
	near  bool                                       // of the five nearest topics, that of the most similar document is taken
}

var rules = []rule{
	{name: "all", floor: func(_, _ []float64) float64 { return -1 }},
	{name: "all, nearest document", floor: func(_, _ []float64) float64 { return -1 }, near: true},
	fixed(0.3), fixed(0.4), fixed(0.5),
	own(0), own(0.01), own(0.025), own(0.05), own(0.1), own(0.25), own(0.5),
	pooled(0.01), pooled(0.025), pooled(0.05), pooled(0.1), pooled(0.25),
	spread(2), spread(3),
}

func fixed(t float64) rule {
	return rule{name: fmt.Sprintf("%.1f", t), floor: func(_, _ []float64) float64 { return t }}
}

func own(q float64) rule {
	return rule{name: fmt.Sprintf("quantile %v of the topic's own", q), floor: func(own, _ []float64) float64 { return quantile(own, q) }}
}

func pooled(q float64) rule {
	return rule{name: fmt.Sprintf("quantile %v of all", q), floor: func(_, all []float64) float64 { return quantile(all, q) }}
}

func spread(k float64) rule {
	return rule{name: fmt.Sprintf("mean − %v deviations of the topic's own", k), floor: func(own, _ []float64) float64 {
		mean, square := 0.0, 0.0
		for _, v := range own {
			mean += v
			square += v * v
		}
		n := float64(len(own))
		mean /= n
		return mean - k*math.Sqrt(max(square/n-mean*mean, 0))
	}}
}

func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	lo := int(at)
	hi := min(lo+1, len(sorted)-1)
	return sorted[lo] + (at-float64(lo))*(sorted[hi]-sorted[lo])
}

// fit is a fitted model and, for each document outside, how similar it is to the topics.
type fit struct {
	c       corpus
	labels  []int
	classes []int       // of the topics
	own     [][]float64 // topics: the similarity of each document with the mean of the others, ascending
	all     []float64
	outside []int
	topics  []int // for each document outside, the topic of the nearest mean
	cosine  []float64
	near    []int // and of the nearest document in the five nearest topics
	nearCos []float64
}

func newFit(m *topic.Model, c corpus) *fit {
	f := &fit{c: c}
	members := map[int][]int{}
	for i, a := range m.Assignments() {
		f.labels = append(f.labels, a.Topic)
		if a.Topic == topic.Outlier {
			f.outside = append(f.outside, i)
		} else {
			members[a.Topic] = append(members[a.Topic], i)
		}
	}
	dim := c.x.Cols
	sums := make([][]float64, len(members))
	for t := range sums {
		sums[t] = make([]float64, dim)
		counts := make([]int, slices.Max(c.classes)+1)
		for _, i := range members[t] {
			counts[c.classes[i]]++
			for j, v := range f.row(i) {
				sums[t][j] += float64(v)
			}
		}
		f.classes = append(f.classes, slices.Index(counts, slices.Max(counts)))
		var own []float64
		for _, i := range members[t] {
			others := slices.Clone(sums[t])
			for j, v := range f.row(i) {
				others[j] -= float64(v)
			}
			own = append(own, cosine(f.row(i), others))
		}
		slices.Sort(own)
		f.own = append(f.own, own)
		f.all = append(f.all, own...)
	}
	slices.Sort(f.all)
	for _, i := range f.outside {
		cosines := make([]float64, len(sums))
		order := make([]int, len(sums))
		for t, sum := range sums {
			cosines[t], order[t] = cosine(f.row(i), sum), t
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(cosines[b], cosines[a]) })
		f.topics, f.cosine = append(f.topics, order[0]), append(f.cosine, cosines[order[0]])
		best, at := -2.0, 0
		for _, t := range order[:min(5, len(order))] {
			for _, k := range members[t] {
				d := 0.0
				for j, v := range f.row(i) {
					d += float64(v) * float64(f.row(k)[j])
				}
				if d > best {
					best, at = d, t
				}
			}
		}
		f.near, f.nearCos = append(f.near, at), append(f.nearCos, cosines[at])
	}
	return f
}

func (f *fit) row(i int) []float32 { return f.c.x.Data[i*f.c.x.Stride:][:f.c.x.Cols] }

func cosine(x []float32, y []float64) float64 {
	var xx, yy, xy float64
	for j, v := range x {
		xx += float64(v) * float64(v)
		yy += y[j] * y[j]
		xy += float64(v) * y[j]
	}
	return xy / math.Sqrt(xx*yy)
}

// result is what a rule did, over all seeds.
type result struct {
	all, outside, given, right, ari float64
}

func (f *fit) try(ctx context.Context, r rule, sum *result) error {
	floors := make([]float64, len(f.own))
	for t, own := range f.own {
		floors[t] = r.floor(own, f.all)
	}
	labels := slices.Clone(f.labels)
	topics, cosines := f.topics, f.cosine
	if r.near {
		topics, cosines = f.near, f.nearCos
	}
	for k, i := range f.outside {
		if t := topics[k]; cosines[k] >= floors[t] {
			labels[i] = t
			sum.given++
			if f.classes[t] == f.c.classes[i] {
				sum.right++
			}
		}
	}
	sum.all += float64(len(labels))
	sum.outside += float64(len(f.outside))
	a, err := eval.Compare(ctx, f.c.classes, labels, eval.OutliersGroup)
	sum.ari += a.ARI
	return err
}
