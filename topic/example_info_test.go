package topic_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic"
)

// Without an embedder the words decide.
func ExampleModel_FindTopics() {
	found, err := pets().FindTopics(context.Background(), "a cat that sleeps", 2)
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

func ExampleModel_SimilarTopics() {
	similar, err := pets().SimilarTopics(0, 0)
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

func ExampleModel_SimilarityMatrix() {
	all, err := pets().SimilarityMatrix()
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

func ExampleModel_DocumentInfo() {
	for _, d := range pets().DocumentInfo()[8:] {
		fmt.Println(d.Document, d.Name, d.Probability, d.Representative)
	}
	// Output:
	// 8 1_cat_purrs_fish_eats 1 true
	// 9 2_car_brakes_engine_fail 1 true
	// 10 2_car_brakes_engine_fail 1 true
	// 11 -1_falls_rain 0 true
}

// A text may have several topics.
func ExampleModel_ApproximateDistribution() {
	found, err := pets().ApproximateDistribution(context.Background(), []string{"the dog barks while the car stalls"}, topic.DefaultDistributionOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	topics, shares := found.Rows.Row(0)
	for k, t := range topics {
		fmt.Printf("%d %.2f\n", t, shares[k])
	}
	// Output:
	// 0 0.59
	// 2 0.41
}

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
	found, err := model.TransformProbabilities(ctx, []string{"A recipe for bread with butter"}, 1)
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
	weights, err := pets().Weights(context.Background())
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
