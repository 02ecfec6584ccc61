// Command precomputed fits a topic model to embeddings that were made elsewhere: one text a line in one file, one row each
// of a .npy file, as numpy.save writes it, in the other. The binary carries no encoder.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: precomputed TEXTS.txt EMBEDDINGS.npy")
	}
	if err := run(context.Background(), os.Stdout, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, texts, embeddings string) error {
	var docs []string
	for doc, err := range corpus.Open(texts, corpus.FormatLines, corpus.Options{}) {
		if err != nil {
			return err
		}
		docs = append(docs, doc.Text)
	}
	x, err := embed.ReadNPYFile(embeddings)
	if err != nil {
		return err
	}

	// topic.DefaultConfig would bring the default encoder and its weights, so the stages are put together here.
	reducer := umap.Config{NComponents: 5, MinDist: stage.None, Metric: metric.Cosine}
	clusterer := hdbscan.Config{MinClusterSize: 10}
	cfg := topic.Config{Reducer: reducer, Clusterer: clusterer}
	model, err := topic.FitEmbedded(ctx, docs, x, cfg)
	if err != nil {
		return err
	}
	for _, t := range model.Topics() {
		fmt.Fprintf(w, "%4d  %s\n", t.Size, t.Name)
	}

	// New documents need embeddings of the same kind.
	again, err := model.TransformEmbedded(ctx, docs[:1], blas32.General{Rows: 1, Cols: x.Cols, Stride: x.Stride, Data: x.Data})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%q belongs to topic %d\n", docs[0], again[0].Topic)
	return nil
}
