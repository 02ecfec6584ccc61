package ctfidf_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// The terms of a text are those that Count counts for it, under every kind of configuration.
func TestTermsExactAgainstCount(t *testing.T) {
	base := ctfidf.Config{}
	with := func(change func(c *ctfidf.Config)) ctfidf.Config {
		c := base
		change(&c)
		return c
	}
	text := "Größe of the_file: don't READ İstanbul twice, read it a b c++ json.loads " + strings.Repeat("word after word ", 30)
	for _, cfg := range []ctfidf.Config{
		base,
		with(func(c *ctfidf.Config) { c.KeepCase = true }),
		with(func(c *ctfidf.Config) { c.NGramMax, c.StopWords = 3, ctfidf.English() }),
		with(func(c *ctfidf.Config) { c.NGramMin, c.NGramMax = 2, 2 }),
		with(func(c *ctfidf.Config) { c.TokenPattern = `\w+` }),
		with(func(c *ctfidf.Config) { c.Tokenizer = ctfidf.CodeTokens }),
		with(func(c *ctfidf.Config) { c.CleanASCII = true }),
		with(func(c *ctfidf.Config) { c.Analyzer, c.NGramMin, c.NGramMax = ctfidf.CharsWithin, 2, 4 }),
		with(func(c *ctfidf.Config) { c.Stem = func(s string) string { return strings.TrimSuffix(s, "e") } }),
		with(func(c *ctfidf.Config) { c.StripAccents, c.MinDF = ctfidf.AccentsASCII, ctfidf.DF{Count: 3} }),
	} {
		terms, err := cfg.Terms()
		require.NoError(t, err)
		got := terms(text)
		cfg.MinDF = ctfidf.DF{}
		counts, err := ctfidf.Count(t.Context(), []string{text}, []int{0}, cfg)
		require.NoError(t, err)
		want := map[string]int{}
		cols, values := counts.Rows.Row(0)
		for i, c := range cols {
			want[counts.Vocabulary[c]] = int(values[i])
		}
		have := map[string]int{}
		for _, term := range got {
			have[term]++
		}
		require.Equal(t, want, have)

		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					if !slices.Equal(got, terms(text)) {
						t.Error("other terms for the same text")
					}
				}
			})
		}
		wg.Wait()
		require.Empty(t, terms(""))
	}
	bad := base
	bad.NGramMin = -1
	_, err := bad.Terms()
	require.ErrorContains(t, err, "NGramMin")
}
