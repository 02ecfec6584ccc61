// Command vectors makes the input of the benchmarks of neighbors: all-MiniLM-L6-v2 vectors of up to -n distinct short texts
// in a .npy file. The texts are the titles of the corpora in -data, then the first sentences of the doc comments of the Go
// packages in the directories that follow.
//
//	go run ./benchmarks/knn/vectors -data DATA -cache DIR -o VECTORS.npy [-n 100000] [-for 2m] "$(go env GOROOT)/src" "$(go env GOMODCACHE)"
//
// -for stops early, with exit code 3; what was embedded until then is in the cache and is not done again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
)

func main() {
	data := flag.String("data", "", "directory of corpora")
	cache := flag.String("cache", "", "directory that keeps vectors")
	out := flag.String("o", "", "file to write")
	n := flag.Int("n", 100000, "number of texts")
	limit := flag.Duration("for", time.Hour, "time after which to stop")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	err := run(ctx, *data, *cache, *out, *n, flag.Args())
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Fprintln(os.Stderr, "vectors: stopped, not complete")
		os.Exit(3)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, cache, out string, n int, dirs []string) error {
	texts, err := read(data, n, dirs)
	if err != nil {
		return err
	}
	encoder, err := minilm.New(bert.DefaultConfig())
	if err != nil {
		return err
	}
	cached, err := embed.Cached(encoder, embed.CacheConfig{Dir: cache, Identity: "minilm"})
	if err != nil {
		return err
	}
	const step = 2000
	for lo := 0; lo < len(texts); lo += step {
		hi := min(lo+step, len(texts))
		if _, err := cached.Embed(ctx, texts[lo:hi]); err != nil {
			return fmt.Errorf("after %d of %d texts: %w", lo, len(texts), err)
		}
	}
	x, err := cached.Embed(ctx, texts)
	if err != nil {
		return err
	}
	fmt.Printf("%d × %d\n", x.Rows, x.Cols)
	return embed.WriteNPYFile(out, x)
}

// read collects the distinct texts.
func read(data string, n int, dirs []string) ([]string, error) {
	var texts []string
	seen := map[string]bool{}
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" && !seen[text] && len(texts) < n {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	for _, file := range []struct {
		path   string
		format corpus.Format
		text   string
	}{
		{"so20k/title_StackOverflow.txt", corpus.FormatLines, ""},
		{"openai_forum/topics.csv", corpus.FormatCSV, "title_from_slug"},
		{"so_24k_meta/QueryResults.csv", corpus.FormatCSV, "Title"},
		{"llm_app_issues/issues_en.jsonl.gz", corpus.FormatJSONL, "title"},
	} {
		for d, err := range corpus.Open(filepath.Join(data, file.path), file.format, corpus.Options{TextField: file.text}) {
			if err != nil {
				return nil, err
			}
			add(d.Text)
		}
	}
	for _, dir := range dirs {
		for d, err := range corpus.GoDoc(dir, corpus.GoDocOptions{Internal: true}) {
			if err == nil { // what cannot be read is not needed
				add(sentence(d.Text))
			}
		}
	}
	return texts, nil
}

// sentence is the first sentence of a comment, at most 200 bytes of it.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i+1]
	}
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
