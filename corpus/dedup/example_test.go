package dedup_test

import (
	"fmt"

	"github.com/gobertopic/gobertopic/corpus/dedup"
)

func ExampleSimilarity() {
	cfg := dedup.DefaultConfig()
	cfg.Shingle = 2
	fmt.Println(dedup.Similarity("how do I stream tokens", "How do I stream tokens?", cfg))
	fmt.Println(dedup.Similarity("how do I stream tokens", "which tires for my car", cfg) < 0.1)
	// Output:
	// 1
	// true
}
