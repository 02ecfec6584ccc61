// Command quickstart finds the topics of the doc comments of Go packages with the default stages.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: quickstart DIR, a directory of Go packages, such as \"$(go env GOROOT)/src/encoding\"")
	}
	if err := run(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, dir string) error {
	var docs []string
	for doc, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		if err != nil {
			return err
		}
		docs = append(docs, doc.Text)
	}
	model, err := topic.Fit(ctx, docs, topic.DefaultConfig())
	if err != nil {
		return err
	}
	for _, t := range model.Topics() {
		fmt.Printf("%4d  %s\n", t.Size, t.Name)
		for _, d := range t.Representative {
			fmt.Printf("      %.80q\n", docs[d])
		}
	}
	return nil
}
