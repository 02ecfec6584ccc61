package topic_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/topic"
)

func ExampleOnline() {
	ctx := context.Background()
	clusters := online.KMeansConfig{}
	clusters.NClusters = 3
	cfg := topic.DefaultConfig()
	cfg.Reducer = topic.PCA{PCAConfig: online.PCAConfig{}}
	cfg.Clusterer = topic.MiniBatchKMeans{KMeansConfig: clusters}
	o, err := topic.NewOnline(cfg, ctfidf.Online{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for batch := range slices.Chunk(questions(), 30) {
		if _, err := o.PartialFit(ctx, batch); err != nil {
			fmt.Println(err)
			return
		}
	}
	m, err := o.Model(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(m.Documents()), "documents")
	for _, t := range m.Topics() {
		words := map[string]bool{}
		for _, term := range t.Terms {
			words[term.Term] = true
		}
		for _, word := range []string{"neural", "bread", "engine"} {
			if words[word] {
				fmt.Println(word, t.Size)
			}
		}
	}
	// Unordered output:
	// 90 documents
	// neural 30
	// bread 30
	// engine 30
}
