package ctfidf

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/testutil"
)

func titles(b *testing.B) (docs []string, labels []int) {
	read := func(name string) []string {
		data, err := os.ReadFile(testutil.Data(b, "so20k", name))
		require.NoError(b, err)
		return strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	}
	docs = read("title_StackOverflow.txt")
	for _, s := range read("label_StackOverflow.txt") {
		label, err := strconv.Atoi(strings.TrimSpace(s))
		require.NoError(b, err)
		labels = append(labels, label)
	}
	require.Len(b, labels, len(docs))
	return docs, labels
}

// 20,000 titles in 20 classes: counted and weighed.
func BenchmarkTitles(b *testing.B) {
	docs, labels := titles(b)
	bytes := 0
	for _, d := range docs {
		bytes += len(d)
	}
	for _, n := range []int{1, 2, 3} {
		for _, workers := range []int{1, 2} {
			b.Run("ngrams=1-"+strconv.Itoa(n)+"/workers="+strconv.Itoa(workers), func(b *testing.B) {
				cfg := Config{}
				cfg.NGramMax, cfg.Workers = n, workers
				b.SetBytes(int64(bytes))
				b.ReportAllocs()
				for b.Loop() {
					c, err := Count(context.Background(), docs, labels, cfg)
					require.NoError(b, err)
					_, err = Weighting{}.Weigh(c)
					require.NoError(b, err)
				}
			})
		}
	}
}

func BenchmarkDocuments(b *testing.B) {
	docs, labels := titles(b)
	cfg := Config{}
	c, err := Count(context.Background(), docs, labels, cfg)
	require.NoError(b, err)
	for b.Loop() {
		_, err := c.Documents(context.Background(), docs, cfg)
		require.NoError(b, err)
	}
}
