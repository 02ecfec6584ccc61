package analysis_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/topic"
)

// readGolden reads a gzipped JSON file into v.
func readGolden(t *testing.T, name string, v any) {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(v))
}

// bagOfWords is an embedder in which each word adds a direction of its own, made from its hash.
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

// themes returns documents of three kinds, n of each, in turn, no two of them alike.
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

// manyThemes returns n documents of each of some themes, one of each in turn. The words of theme i are
// w<i>a, w<i>b, ….
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

// config returns every stage of BERTopic, with the words counted as by default.
func config() topic.Config {
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = ctfidf.Config{}
	cfg.Embedder = bagOfWords{}
	return cfg
}

func matrixOf(rows [][]float32) blas32.General {
	x := blas32.General{Rows: len(rows), Cols: len(rows[0]), Stride: len(rows[0])}
	for _, r := range rows {
		x.Data = append(x.Data, r...)
	}
	return x
}

// topicCount returns the number of topics without the outliers.
func topicCount(m *topic.Model) int {
	topics := m.Topics()
	return topics[len(topics)-1].ID + 1
}
