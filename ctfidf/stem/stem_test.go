package stem_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/ctfidf/stem"
)

func TestStems(t *testing.T) {
	for language, words := range map[string]string{
		"english":    "readings:read running:run generalization:general flies:fli",
		"german":     "häuser:haus aufgaben:aufgab",
		"french":     "continuellement:continuel chevaux:cheval",
		"spanish":    "corriendo:corr bibliotecas:bibliotec",
		"russian":    "книгами:книг",
		"swedish":    "flickorna:flick",
		"dutch":      "lichamelijk:licham",
		"italian":    "abbandonata:abbandon",
		"portuguese": "boataria:boat",
	} {
		f, err := stem.New(language)
		require.NoError(t, err)
		for _, pair := range strings.Fields(words) {
			word, want, _ := strings.Cut(pair, ":")
			require.Equal(t, want, f(word), language)
		}
	}
	_, err := stem.New("klingon")
	require.ErrorContains(t, err, "klingon")
	require.ErrorContains(t, err, "english")
	require.Len(t, stem.Languages(), 18)
}

// A stemmer is one for all goroutines.
func TestConcurrent(t *testing.T) {
	f, err := stem.New("english")
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 2000 {
				word := fmt.Sprintf("read%dings", i)
				if got := f(word); got != fmt.Sprintf("read%d", i) {
					t.Errorf("%s: %s", word, got)
				}
			}
		})
	}
	wg.Wait()
}

func Example() {
	cfg := ctfidf.Config{}
	cfg.StopWords = ctfidf.English()
	var err error
	if cfg.Stem, err = stem.New("english"); err != nil {
		log.Fatal(err)
	}
	docs := []string{"Reading files", "He reads a file", "Files were being read"}
	counts, err := ctfidf.Count(context.Background(), docs, []int{0, 0, 1}, cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Vocabulary, counts.Rows.Value)
	// Output: [file read] [2 2 1 1]
}
