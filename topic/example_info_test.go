package topic_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic"
)

// How strongly each document belongs to each topic is known after a fit with Communities, the default, or with HDBSCAN.
func ExampleModel_Probabilities() {
	ctx := context.Background()
	docs := questions()
	model, err := topic.Fit(ctx, docs, topic.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := model.Probabilities(ctx, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	topics, p := all.Row(0)
	fmt.Println(len(topics) == 1, int(topics[0]) == model.Assignments()[0].Topic, p[0])
	// Output: true true 1
}

// New documents have probabilities too; one that was fitted has those that it had.
func ExampleModel_TransformProbabilities() {
	ctx := context.Background()
	model, err := topic.Fit(ctx, questions(), topic.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := model.TransformProbabilities(ctx, topic.Input{Docs: []string{"A recipe for bread with butter"}}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	topics, p := found.Row(0)
	fmt.Printf("%t %.2f\n", int(topics[0]) == model.Assignments()[1].Topic, p[0])
	// Output: true 1.00
}

// The weights of all words, not of the best ten alone.
func ExampleModel_Weights() {
	weights, err := pets().Weights()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(weights.Classes, len(weights.Vocabulary))
	for _, term := range weights.TopTerms(2, 2) { // the third row: topic 1
		fmt.Printf("%s %.3f\n", term.Term, term.Weight)
	}
	// Output:
	// [-1 0 1 2] 19
	// cat 0.398
	// purrs 0.325
}
