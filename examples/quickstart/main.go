// Command quickstart finds the topics of the doc comments of Go packages with the default stages.
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
		log.Fatal("usage: quickstart DIR, a directory of Go packages, such as \"$(go env GOROOT)/src/encoding\"")
	}
	if err := run(context.Background(), os.Stdout, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, dir string) error {
	// Any source of texts will do; package corpus has readers.
	var docs []string
	for doc, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		if err != nil {
			return err
		}
		docs = append(docs, doc.Text)
	}
	// Embed, reduce, cluster, name: nothing is downloaded, and the same texts give the same topics on every machine of a kind.
	model, err := topic.Fit(ctx, docs, topic.DefaultConfig())
	if err != nil {
		return err
	}
	// Topics stand by falling size, the documents of no topic (ID -1) first.
	for _, t := range model.Topics() {
		fmt.Fprintf(w, "%4d  %s\n", t.Size, t.Name)
		for _, d := range t.Representative {
			fmt.Fprintf(w, "      %.80q\n", docs[d])
		}
	}
	return nil
}
