package online_test

import (
	"bufio"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/testutil"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/topic"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
)

// bagOfWords is an embedder in which each word adds a direction of its own, made from its hash.
type bagOfWords struct{}

const bagDim = 24

func (bagOfWords) Embed(_ context.Context, texts []string) (blas32.General, error) {
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

// themeEmbedder places texts by their themes, "w0…" to "w8…", in the first word.
type themeEmbedder struct{}

func (themeEmbedder) Embed(_ context.Context, texts []string) (blas32.General, error) {
	x := blas32.General{Rows: len(texts), Cols: 9, Stride: 9, Data: make([]float32, 9*len(texts))}
	for i, text := range texts {
		for j := range 9 {
			x.Data[i*9+j] = float32(math.Sin(float64(len(text)+j*i))) / 100
		}
		if len(text) > 1 && text[0] == 'w' {
			x.Data[i*9+int(text[1]-'0')]++
		}
	}
	return x, nil
}

// manyThemes returns n documents of each of some themes, one of each in turn. The words of theme i
// are w<i>a, w<i>b, ….
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

// streamed returns documents of many themes, no two alike.
func streamed() []string {
	docs := manyThemes(9, 24)
	for i := range docs {
		docs[i] += fmt.Sprintf(" u%d", i)
	}
	return append(docs, "", "zebra quagga unlike anything else", "\t")
}

// config has stages that learn batch by batch.
func config(workers int) topic.Config {
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary, cfg.Embedder, cfg.Workers = ctfidf.Config{}, bagOfWords{}, workers
	cfg.Reducer = online.PCAConfig{NComponents: 8}
	cfg.Clusterer = online.KMeansConfig{NClusters: 12}
	return cfg
}

func newLearner(t *testing.T, cfg topic.Config) *topiconline.Learner {
	t.Helper()
	l, err := topiconline.New(cfg, ctfidf.Online{})
	require.NoError(t, err)
	return l
}

func modelOf(t *testing.T, l *topiconline.Learner) *topic.Model {
	t.Helper()
	m, err := l.Model(t.Context())
	require.NoError(t, err)
	require.NoError(t, m.Check())
	return m
}

// topicCount returns the number of topics without the outliers.
func topicCount(m *topic.Model) int {
	topics := m.Topics()
	return topics[len(topics)-1].ID + 1
}

// requireSame fails the test unless two models are the same.
func requireSame(t *testing.T, a, b *topic.Model, what string) {
	t.Helper()
	require.Equal(t, testutil.Got(t, a.Documents), testutil.Got(t, b.Documents), what)
	require.Equal(t, a.Assignments(), b.Assignments(), what)
	require.Equal(t, a.Topics(), b.Topics(), what)
	require.Equal(t, a.History(), b.History(), what)
	require.Equal(t, testutil.Got(t, a.Weights), testutil.Got(t, b.Weights), what)
	require.Equal(t, testutil.Got(t, a.Counts), testutil.Got(t, b.Counts), what)
	require.Equal(t, pointsOf(t, a).Data, pointsOf(t, b).Data, what)
	require.Equal(t, texts(a.Warnings()), texts(b.Warnings()), what)
}

func texts(errs []error) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var out []string
	s := bufio.NewScanner(f)
	for s.Scan() {
		out = append(out, s.Text())
	}
	require.NoError(t, s.Err())
	return out
}

// slice returns the rows lo … hi−1 of x.
func slice(x blas32.General, lo, hi int) blas32.General {
	return blas32.General{Rows: hi - lo, Cols: x.Cols, Stride: x.Stride, Data: x.Data[lo*x.Stride:]}
}

// pointsOf returns what the clusterer saw.
func pointsOf(t testing.TB, m *topic.Model) blas32.General {
	points, _, err := m.Points()
	require.NoError(t, err)
	return points
}
