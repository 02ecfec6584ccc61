package analysis_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// The topics of one fit are found again in another.
func ExampleMatch() {
	ctx := context.Background()
	first := pets()
	second, err := topic.FitInput(ctx, topic.Input{
		Docs: notes.docs, Classes: []int{1, 1, 1, 1, 1, 0, 0, 0, 0, -1, -1, 2}, Embeddings: notes.embeddings,
	}, manual())
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := analysis.Match(ctx, first, second, 0.8)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(found)
	// Output:
	// 0 is 0 (1.000)
	// 1 is 1 (1.000)
	// 2 died
	// 2 was born
}
