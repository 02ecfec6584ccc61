package topic_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// questions is 90 short texts about three things.
func questions() []string {
	var docs []string
	for i := range 30 {
		docs = append(docs,
			fmt.Sprintf("How do I train a neural network for image number %d in Python?", i),
			fmt.Sprintf("The best recipe for bread with flour, butter and cheese, part %d", i),
			fmt.Sprintf("My car's engine makes a noise when I brake on road %d", i))
	}
	return docs
}

func ExampleFit() {
	model, err := topic.Fit(context.Background(), questions(), topic.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range model.Topics() {
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
	// neural 30
	// bread 30
	// engine 30
}

func ExampleModel_Transform() {
	ctx := context.Background()
	docs := questions()
	model, err := topic.Fit(ctx, docs, topic.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := model.Transform(ctx, []string{"A recipe for bread with butter", docs[0]})
	if err != nil {
		fmt.Println(err)
		return
	}
	fitted := model.Assignments()
	fmt.Println("with the other recipes:", found[0].Topic == fitted[1].Topic)
	fmt.Println("where it was before:", found[1] == fitted[0])
	// Output:
	// with the other recipes: true
	// where it was before: true
}

// Every setting of every stage can be changed; Validate says what is wrong with the result before anything is computed.
func ExampleConfig_Validate() {
	cfg := topic.BERTopicConfig()
	reducer := cfg.Reducer.(umap.Config)
	reducer.Neighbors = 1
	cfg.Reducer = reducer
	cfg.TopWords = -1
	fmt.Println(cfg.Validate())
	// Output:
	// topic.Config.TopWords is -1, want 1 to 10,000, or 0 for 10
	// umap.Config.Neighbors is 1, want from 2 to 65536, or 0 for 15
}

// Models of two months become one: what both have is one topic, what is new is added.
func ExampleMergeModels() {
	ctx := context.Background()
	var january, february []string
	for i, doc := range questions() {
		if i%3 != 2 { // networks and bread
			january = append(january, doc)
		}
		if i%3 != 0 { // bread and cars
			february = append(february, doc+" once more")
		}
	}
	var models []*topic.Model
	for _, docs := range [][]string{january, february} {
		m, err := topic.Fit(ctx, docs, topic.DefaultConfig())
		if err != nil {
			fmt.Println(err)
			return
		}
		models = append(models, m)
	}
	model, err := topic.MergeModels(ctx, models, 0.7)
	if err != nil {
		fmt.Println(err)
		return
	}
	history := model.History()
	for _, s := range history[len(history)-1].Sources {
		fmt.Println(model.Topics()[s.Topic].Size, "documents of", len(s.From), "models")
	}
	// Unordered output:
	// 30 documents of 1 models
	// 60 documents of 2 models
	// 30 documents of 1 models
}
