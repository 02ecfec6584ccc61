package minilm

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// BenchmarkEmbed takes 2,000 titles and 500 issues with their bodies.
func BenchmarkEmbed(b *testing.B) {
	for name, texts := range map[string][]string{"short": titles(b, 2000), "long": issues(b, 500)} {
		for _, precision := range []bert.Precision{bert.Int8, bert.FP32} {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/%d", name, precision, workers), func(b *testing.B) {
					e, err := New(bert.Config{Precision: precision})
					require.NoError(b, err)
					for b.Loop() {
						_, err := e.EmbedWith(b.Context(), texts, embed.Options{Workers: workers})
						require.NoError(b, err)
					}
					b.ReportMetric(float64(len(texts))*float64(b.N)/b.Elapsed().Seconds(), "docs/s")
				})
			}
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		_, err := New(bert.DefaultConfig())
		require.NoError(b, err)
	}
}

func titles(tb testing.TB, n int) []string {
	data, err := os.ReadFile(testutil.Data(tb, "so20k", "title_StackOverflow.txt"))
	require.NoError(tb, err)
	lines := strings.Split(string(data), "\n")
	texts := make([]string, n)
	for i := range texts {
		texts[i] = lines[i*len(lines)/n]
	}
	return texts
}

func issues(tb testing.TB, n int) []string {
	f, err := os.Open(testutil.Data(tb, "llm_app_issues", "issues_en.jsonl.gz"))
	require.NoError(tb, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(tb, err)
	d := json.NewDecoder(z)
	texts := make([]string, n)
	for i := range texts {
		var v struct{ Title, Body string }
		require.NoError(tb, d.Decode(&v))
		texts[i] = v.Title + "\n" + v.Body
	}
	return texts
}
