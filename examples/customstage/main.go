// Command customstage fits a topic model with stages of its own: principal components by gonum (pca.go) and
// k-means in layers (kmeans.go). Package topic treats them as it treats those of the module: the model is
// saved and loaded, takes another layer, and grows. Any type with the methods of stage.Reducer or
// stage.Clusterer will do; stagetest in main_test.go checks that it keeps the contract.
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
	if len(os.Args) != 3 {
		log.Fatal("usage: customstage DIR MODEL\nDIR is a directory of Go packages, such as \"$(go env GOROOT)/src/encoding\"; the model is written to MODEL")
	}
	if err := run(context.Background(), os.Stdout, os.Args[1], os.Args[2], 8); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, dir, model string, k int) error {
	var docs []string
	for doc, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		if err != nil {
			return err
		}
		docs = append(docs, doc.Text)
	}
	cfg := topic.DefaultConfig()
	cfg.Reducer = pca{Components: 10}
	cfg.Clusterer = kMeans{K: k}
	if err := cfg.CanSave(""); err != nil { // before the work is done
		return err
	}
	known := len(docs) * 9 / 10
	fitted, err := topic.Fit(ctx, docs[:known], cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d documents\n", known)
	printTopics(w, fitted)

	if err := fitted.Save(ctx, model, topic.SaveOptions{}); err != nil {
		return err
	}
	// A program that has the stages linked in loads the model; the embedder is given again.
	m, err := topic.Load(ctx, model, topic.LoadOptions{Embedder: cfg.Embedder})
	if err != nil {
		return err
	}

	layers, _, err := m.Layers()
	if err != nil {
		return err
	}
	coarse, err := m.AtLayer(ctx, 0)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "the coarsest of %d layers\n", len(layers))
	printTopics(w, coarse)

	grown, err := m.Grow(ctx, docs[known:])
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "grown to %d documents\n", grown.Len())
	printTopics(w, grown)
	return nil
}

func printTopics(w io.Writer, m *topic.Model) {
	for _, t := range m.Topics() {
		fmt.Fprintf(w, "%6d  %s\n", t.Size, t.Name)
	}
}
