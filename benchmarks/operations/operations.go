package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// bench is a model and what it was made of.
type bench struct {
	m             *topic.Model
	docs, classes []string
	x, moved      blas32.General
	labels        []int
	times         []time.Time
}

// operation is what both sides do. agree says how much of the results is the same, from what full gives where it is not nil;
// once spares the peer repetitions.
type operation struct {
	name  string
	once  bool
	run   func(ctx context.Context) (any, error)
	full  func(ctx context.Context) (any, error)
	agree func(ours any, theirs json.RawMessage) (string, error)
}

func (b *bench) operations() []operation {
	m := b.m
	list := []operation{
		{name: "hierarchical topics", run: func(ctx context.Context) (any, error) {
			return analysis.HierarchicalTopics(ctx, m, analysis.HierarchyOptions{})
		}, agree: sameMerges},
		{name: "topics over time", run: b.overTime(5), full: b.overTime(every), agree: sameRows},
		{name: "topics per class", run: b.perClass(5), full: b.perClass(every), agree: sameRows},
		{name: "approximate distribution", run: func(ctx context.Context) (any, error) {
			return analysis.ApproximateDistribution(ctx, m, b.docs, analysis.DistributionOptions{})
		}, agree: sameShares},
		{name: "approximate distribution of tokens", run: func(ctx context.Context) (any, error) {
			return analysis.ApproximateDistribution(ctx, m, b.docs, analysis.DistributionOptions{Tokens: true})
		}, agree: sameShares},
		{name: "reduce to 20", run: func(ctx context.Context) (any, error) {
			return m.ReduceTopics(ctx, topic.NumTopics(20), topic.ReduceOptions{})
		}, agree: samePartition},
		{name: "merge", run: func(ctx context.Context) (any, error) {
			return m.MergeTopics(ctx, []int{0, 1}, []int{5, 9, 30})
		}, agree: func(ours any, theirs json.RawMessage) (string, error) {
			var other struct{ Labels json.RawMessage }
			if err := json.Unmarshal(theirs, &other); err != nil {
				return "", err
			}
			return samePartition(ours, other.Labels)
		}},
		{name: "update", run: b.update(10), full: b.update(10_000), agree: sameTopWords},
		{name: "find", run: func(ctx context.Context) (any, error) {
			return analysis.FindTopics(ctx, m, b.docs[0], 5)
		}, agree: sameFound},
	}
	for _, s := range []struct {
		name     string
		strategy topic.OutlierStrategy
	}{{"embeddings", topic.ByEmbeddings}, {"words", topic.ByWords}, {"distributions", topic.ByDistributions}, {"probabilities", topic.ByProbabilities}} {
		o := operation{name: "outliers by " + s.name, run: func(ctx context.Context) (any, error) {
			return m.ReduceOutliers(ctx, topic.OutlierRule{Strategy: s.strategy})
		}, agree: b.samePlaces}
		if s.strategy == topic.ByProbabilities {
			o.once, o.agree = true, b.leftOutside
		}
		list = append(list, o)
	}
	found := func(docs int, x blas32.General) func(context.Context) (any, error) {
		return func(ctx context.Context) (any, error) {
			same, err := b.again(ctx, 0, docs, x)
			return float64(same) / float64(docs), err
		}
	}
	fitted := func(ours any, theirs json.RawMessage) (string, error) {
		return fmt.Sprintf("the fitted topic for %.2f %% and for %s", 100*ours.(float64), percent(theirs)), nil
	}
	return append(list,
		operation{name: "transform 1,000", run: found(b.moved.Rows, b.moved), agree: fitted},
		operation{name: "transform all", run: found(len(b.docs), b.x), agree: fitted},
		operation{name: "transform all, 1,000 at a time", once: true, run: b.inThousands, agree: fitted},
	)
}

// every is more terms than a topic has.
const every = 1 << 20

func (b *bench) overTime(terms int) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) {
		// Evolution tuning has no effect in BERTopic 0.17.4.
		opt := analysis.OverTimeOptions{Bins: 100, Terms: terms, NoEvolutionTuning: true}
		rows, err := analysis.OverTime(ctx, b.m, b.times, opt)
		out := make(map[string]described, len(rows))
		for _, r := range rows {
			out[fmt.Sprintf("%d in %d", r.Topic, r.Time.UnixMicro())] = described{r.Terms, r.Count}
		}
		return out, err
	}
}

func (b *bench) perClass(terms int) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) {
		rows, err := analysis.PerClass(ctx, b.m, b.classes, analysis.PerClassOptions{Terms: terms})
		out := make(map[string]described, len(rows))
		for _, r := range rows {
			out[fmt.Sprintf("%d in %s", r.Topic, r.Class)] = described{r.Terms, r.Count}
		}
		return out, err
	}
}

func (b *bench) update(terms int) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) {
		words := b.m.Config().Words
		words.TopWords, words.Vocabulary.NGramMax, words.Vocabulary.StopWords = terms, 2, ctfidf.English()
		return b.m.UpdateTopics(ctx, topic.UpdateOptions{Words: &words})
	}
}

// again is how many of the documents from lo on, with embeddings x, get the topics of the fit.
func (b *bench) again(ctx context.Context, lo, hi int, x blas32.General) (same int, err error) {
	out, err := b.m.TransformEmbedded(ctx, b.docs[lo:hi], x)
	for i, a := range out {
		if a.Topic == b.labels[lo+i] {
			same++
		}
	}
	return same, err
}

func (b *bench) inThousands(ctx context.Context) (any, error) {
	all := 0
	for lo := 0; lo < len(b.docs); lo += 1000 {
		hi := min(lo+1000, len(b.docs))
		part := blas32.General{Rows: hi - lo, Cols: b.x.Cols, Stride: b.x.Stride, Data: b.x.Data[lo*b.x.Stride:]}
		same, err := b.again(ctx, lo, hi, part)
		if err != nil {
			return nil, err
		}
		all += same
	}
	return float64(all) / float64(len(b.docs)), nil
}

func percent(share json.RawMessage) string {
	var v float64
	if json.Unmarshal(share, &v) != nil {
		return "?"
	}
	return fmt.Sprintf("%.2f %%", 100*v)
}

// sameMerges compares the merges by what they unite.
func sameMerges(ours any, theirs json.RawMessage) (string, error) {
	var rows []struct {
		Topics   []int
		Distance float64
		Name     string
	}
	if err := json.Unmarshal(theirs, &rows); err != nil {
		return "", err
	}
	merges := map[string]analysis.HierarchyMerge{}
	for _, m := range ours.(*analysis.Hierarchy).Merges() {
		merges[fmt.Sprint(m.Topics)] = m
	}
	same, named, apart := 0, 0, 0.0
	for _, r := range rows {
		m, ok := merges[fmt.Sprint(r.Topics)]
		if !ok {
			continue
		}
		same++
		apart = max(apart, math.Abs(m.Distance-r.Distance))
		if m.ParentName == r.Name {
			named++
		}
	}
	return fmt.Sprintf("%d of %d merges the same, distances within %.0e, %d names the same", same, len(rows), apart, named), nil
}

// described is a topic in a slice.
type described struct {
	terms []ctfidf.Term
	count int
}

// alike compares the first words of a topic, whose terms are all given, with those that the peer has: are they the same, or
// at least of the same weight, place by place?
func alike(terms []ctfidf.Term, words []string) (same, tied bool) {
	weight := make(map[string]float64, len(terms))
	for _, t := range terms {
		weight[t.Term] = t.Weight
	}
	same, tied = true, true
	for i, w := range words {
		var t ctfidf.Term
		if i < len(terms) {
			t = terms[i]
		}
		same = same && t.Term == w
		tied = tied && math.Abs(t.Weight-weight[w]) <= 1e-9
	}
	return same, tied
}

// sameRows compares topics in slices.
func sameRows(ours any, theirs json.RawMessage) (string, error) {
	var rows []struct {
		Key   string
		Words []string
		Count int
	}
	if err := json.Unmarshal(theirs, &rows); err != nil {
		return "", err
	}
	have := ours.(map[string]described)
	exact, equal := 0, 0
	for _, r := range rows {
		d, ok := have[r.Key]
		same, tied := alike(d.terms, r.Words)
		switch {
		case !ok || d.count != r.Count:
		case same:
			exact++
		case tied:
			equal++
		}
	}
	return fmt.Sprintf("%d rows here, %d there: counts and words the same in %d, in %d more but for words of equal weight", len(have), len(rows), exact, equal), nil
}

func sameShares(ours any, theirs json.RawMessage) (string, error) {
	var entries [][3]float64
	if err := json.Unmarshal(theirs, &entries); err != nil {
		return "", err
	}
	rows := ours.(ctfidf.Distribution).Rows
	most, missing := 0.0, 0
	for _, e := range entries {
		cols, values := rows.Row(int(e[0]))
		at, ok := slices.BinarySearch(cols, int32(e[1]))
		if !ok {
			missing++
			continue
		}
		most = max(most, math.Abs(values[at]-e[2]))
	}
	return fmt.Sprintf("%d shares here, %d there, %d not in both, the rest within %.0e", len(rows.Value), len(entries), missing, most), nil
}

func topicsOf(m *topic.Model) (labels []int) {
	for _, a := range m.Assignments() {
		labels = append(labels, a.Topic)
	}
	return labels
}

// samePartition compares topics whose numbers may differ.
func samePartition(ours any, theirs json.RawMessage) (string, error) {
	var labels []int
	if err := json.Unmarshal(theirs, &labels); err != nil {
		return "", err
	}
	ari, err := eval.ARI(topicsOf(ours.(*topic.Model)), labels)
	return fmt.Sprintf("ARI %.3f", ari), err
}

func sameTopWords(ours any, theirs json.RawMessage) (string, error) {
	var words map[string][]string
	if err := json.Unmarshal(theirs, &words); err != nil {
		return "", err
	}
	exact, equal, topics := 0, 0, ours.(*topic.Model).Topics()
	for _, t := range topics {
		same, tied := alike(t.Terms, words[strconv.Itoa(t.ID)])
		switch {
		case same:
			exact++
		case tied:
			equal++
		}
	}
	return fmt.Sprintf("the ten terms the same for %d of %d, for %d more but for terms of equal weight", exact, len(topics), equal), nil
}

func sameFound(ours any, theirs json.RawMessage) (string, error) {
	var ids, here []int
	if err := json.Unmarshal(theirs, &ids); err != nil {
		return "", err
	}
	for _, s := range ours.([]analysis.Similar) {
		here = append(here, s.Topic)
	}
	return fmt.Sprintf("%v and %v", here, ids), nil
}

// rescued is what became of the outliers there, and the seconds that the list of topics took without the words.
type rescued struct {
	Labels []int
	Alone  float64
}

func readRescued(theirs json.RawMessage) (r rescued, list string, err error) {
	err = json.Unmarshal(theirs, &r)
	return r, fmt.Sprintf("; BERTopic's list of topics, without words, took %.3f s", r.Alone), err
}

// samePlaces compares what became of the outliers. The numbers of the topics here are new: they are traced to those before.
func (b *bench) samePlaces(ours any, theirs json.RawMessage) (string, error) {
	there, list, err := readRescued(theirs)
	after := topicsOf(ours.(*topic.Model))
	before := map[int]int{topic.Outlier: topic.Outlier}
	for i, t := range b.labels {
		if t != topic.Outlier {
			before[after[i]] = t
		}
	}
	outside, same := 0, 0
	for i, t := range b.labels {
		if t == topic.Outlier {
			outside++
			if err == nil && before[after[i]] == there.Labels[i] {
				same++
			}
		}
	}
	return fmt.Sprintf("%d of %d outliers to the same topic%s", same, outside, list), err
}

// leftOutside is for models that each side fitted by itself.
func (b *bench) leftOutside(ours any, theirs json.RawMessage) (string, error) {
	there, list, err := readRescued(theirs)
	return fmt.Sprintf("each from a fit of its own: %d and %d left outside%s", outliers(topicsOf(ours.(*topic.Model))), outliers(there.Labels), list), err
}

func outliers(labels []int) (n int) {
	for _, t := range labels {
		if t == topic.Outlier {
			n++
		}
	}
	return n
}
