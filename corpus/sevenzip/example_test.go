package sevenzip_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/sevenzip"
)

func ExampleFile() {
	dump := sevenzip.File("testdata/site.7z") // corpus.OpenThreads takes the path itself, where this package is imported
	views, questions := 0, 0
	for q, err := range corpus.StackExchangeDump(context.Background(), dump, corpus.ThreadOptions{Tags: []string{"agent"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n, _ := q.Views.Value()
		views += n
		questions++
	}
	fmt.Println(questions > 0, views > 0, dump.Size, "bytes of", dump.Name)
	// Output: true true 156380 bytes of testdata/site.7z/Posts.xml
}
