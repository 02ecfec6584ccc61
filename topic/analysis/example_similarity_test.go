package analysis_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic/analysis"
)

// Without an embedder the words decide.
func ExampleFindTopics() {
	found, err := analysis.FindTopics(context.Background(), pets(), "a cat that sleeps", 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range found {
		fmt.Printf("%d %.2f\n", s.Topic, s.Similarity)
	}
	// Output:
	// 1 0.54
	// 0 0.17
}

func ExampleSimilarTopics() {
	similar, err := analysis.SimilarTopics(pets(), 0, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range similar {
		fmt.Printf("%d %.2f\n", s.Topic, s.Similarity)
	}
	// Output:
	// 1 0.90
	// 2 0.15
}

func ExampleSimilarityMatrix() {
	all, err := analysis.SimilarityMatrix(pets())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range all {
		fmt.Printf("%.2f\n", row)
	}
	// Output:
	// [1.00 0.90 0.15]
	// [0.90 1.00 0.56]
	// [0.15 0.56 1.00]
}
