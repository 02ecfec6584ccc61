package ctfidf

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDistributeIsWhatItsDefinitionSaysWithin1e12 writes each window out as a text of its own.
func TestDistributeIsWhatItsDefinitionSaysWithin1e12(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("Server client the request of response header café body and Timeout cache buffer stream socket packet")
	var docs []string
	var classes []int
	for i := range 90 {
		n := r.IntN(13)
		var doc []string
		for range n {
			doc = append(doc, words[(i%5*3+r.IntN(8))%len(words)])
		}
		docs, classes = append(docs, strings.Join(doc, " ")), append(classes, i%5)
	}
	for _, cfg := range []Config{
		DefaultConfig(),
		{Lowercase: true, NGramMin: 1, NGramMax: 3, StopWords: []string{"the", "of", "and"}},
		{Lowercase: true, NGramMin: 2, NGramMax: 2, Binary: true},
		{Lowercase: true, NGramMin: 2, NGramMax: 3, Analyzer: CharsWithin},
		{Lowercase: true, NGramMin: 1, NGramMax: 1, Stem: func(s string) string { return s[:2] }},
	} {
		counts, err := Count(t.Context(), docs, classes, cfg)
		require.NoError(t, err)
		w, err := DefaultWeighting().Weigh(counts)
		require.NoError(t, err)
		for _, opt := range []Windows{DefaultWindows(), {Size: 3, Stride: 2, Padding: true}, {Size: 5, Stride: 1, MinSimilarity: 0.3, Padding: true}, {Size: 1, Stride: 3}} {
			got, err := w.Distribute(t.Context(), docs, cfg, opt)
			require.NoError(t, err)
			for i, doc := range docs {
				want := make([]float64, len(w.Classes))
				total := 0.0
				var windows []string
				tokens := strings.Fields(doc)
				require.NoError(t, opt.each(len(tokens), func(lo, hi int) error {
					windows = append(windows, strings.Join(tokens[lo:hi], " "))
					return nil
				}))
				rows, err := counts.Documents(t.Context(), windows, cfg)
				require.NoError(t, err)
				weighed, err := w.Transform(rows)
				require.NoError(t, err)
				for k := range windows {
					for c := range want {
						if s := weighed.Cosine(k, w.Rows, c); s > 0 && s >= opt.MinSimilarity {
							want[c] += s
							total += s
						}
					}
				}
				have := make([]float64, len(want))
				cols, values := got.Rows.Row(i)
				for k, c := range cols {
					have[c] = values[k]
				}
				for c := range want {
					if total > 0 {
						want[c] /= total
					}
					require.InDelta(t, want[c], have[c], 1e-12, fmt.Sprintf("%+v: %q", opt, doc))
				}
			}
		}
	}
}
