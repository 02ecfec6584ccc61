package online_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/topic"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
)

// Documents come thirty at a time.
func ExampleLearner() {
	var docs []string
	for i := range 30 {
		docs = append(docs,
			fmt.Sprintf("How do I train a neural network for image number %d in Python?", i),
			fmt.Sprintf("The best recipe for bread with flour, butter and cheese, part %d", i),
			fmt.Sprintf("My car's engine makes a noise when I brake on road %d", i))
	}
	ctx := context.Background()
	cfg := topic.DefaultConfig()
	cfg.Reducer = online.PCAConfig{}
	cfg.Clusterer = online.KMeansConfig{NClusters: 3}
	learner, err := topiconline.New(cfg, ctfidf.Online{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for batch := range slices.Chunk(docs, 30) {
		if _, err := learner.PartialFit(ctx, batch); err != nil {
			fmt.Println(err)
			return
		}
	}
	m, err := learner.Model(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Len(), "documents")
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
