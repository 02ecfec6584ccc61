// Command customstage fits a topic model with a reducer and a clusterer of its own: principal components by gonum and k-means,
// both in stages.go. Any type with the methods of topic.Reducer or topic.Clusterer will do.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: customstage DIR, a directory of Go packages, such as \"$(go env GOROOT)/src/encoding\"")
	}
	if err := run(context.Background(), os.Stdout, os.Args[1], 8); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, dir string, k int) error {
	var docs []string
	for doc, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		if err != nil {
			return err
		}
		docs = append(docs, doc.Text)
	}
	cfg := topic.DefaultConfig()
	cfg.Reducer = pca{components: 10}
	cfg.Clusterer = kMeans{k: k, rounds: 20}
	model, err := topic.Fit(ctx, docs, cfg)
	if err != nil {
		return err
	}
	for _, t := range model.Topics() {
		fmt.Fprintf(w, "%4d  %s\n", t.Size, t.Name)
	}
	return model.Check()
}
