package topic_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// bagOfWords is an embedder for tests: each word adds a direction of its own, made from its hash.
type bagOfWords struct{ calls *int }

const bagDim = 24

func (b bagOfWords) Embed(_ context.Context, texts []string) (blas32.General, error) {
	if b.calls != nil {
		*b.calls++
	}
	x := blas32.General{Rows: len(texts), Cols: bagDim, Stride: bagDim, Data: make([]float32, len(texts)*bagDim)}
	for i, text := range texts {
		v := x.Data[i*bagDim : (i+1)*bagDim]
		v[0] = 0.1
		for _, word := range strings.Fields(strings.ToLower(text)) {
			h := fnv.New64a()
			h.Write([]byte(word))
			s := h.Sum64()
			for j := range v {
				s = s*6364136223846793005 + 1442695040888963407
				v[j] += float32(int32(s>>32)) / (1 << 31)
			}
		}
	}
	return x, nil
}

// labeled is a clusterer that knows the topics.
type labelled []int

func (l labelled) Cluster(context.Context, stage.Run, stage.Data) (stage.Clustering, error) {
	return l, nil
}

func (l labelled) Labels() []int { return l }

func (l labelled) Predict(_ context.Context, x blas32.General) ([]int, []float64, error) {
	return make([]int, x.Rows), make([]float64, x.Rows), nil
}

// themes are documents of three kinds, n of each, in turn, no two of them alike.
func themes(n int) []string {
	words := [][]string{
		{"cat", "dog", "pet", "fur", "paw", "tail", "animal"},
		{"car", "wheel", "engine", "road", "driver", "brake", "motor"},
		{"bread", "cheese", "kitchen", "oven", "recipe", "flour", "butter"},
	}
	var docs []string
	for i := range n {
		for _, w := range words {
			docs = append(docs, fmt.Sprintf("%s %s %s %s and %s of n%d", w[0], w[1], w[i%7], w[i/7%7], w[i/49%7], i))
		}
	}
	return docs
}

// manyThemes is n documents of each of some themes, one of each in turn. The words of theme i are w<i>a, w<i>b, ….
func manyThemes(themes, n int) []string {
	var docs []string
	for i := range n {
		for t := range themes {
			word := func(k int) string { return fmt.Sprintf("w%d%c", t, 'a'+rune(k%7)) }
			docs = append(docs, fmt.Sprintf("%s %s %s %s and %s of n%d", word(0), word(1), word(i), word(i/7), word(i/3), i))
		}
	}
	return docs
}

// config has every stage of BERTopic, with the words counted as the default counts them.
func config() topic.Config {
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = ctfidf.Config{}
	cfg.Embedder = bagOfWords{}
	return cfg
}
