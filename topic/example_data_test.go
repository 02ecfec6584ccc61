package topic_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// Topics can be given, and words suffice: nothing is embedded.
func ExampleFitData() {
	ctx := context.Background()
	cfg := topic.DefaultConfig()
	cfg.Clusterer = supervised.Fixed{}
	m, err := topic.FitInput(ctx, topic.Input{Docs: notes.docs, Classes: notes.classes, WordsAlone: true}, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Topics() {
		fmt.Println(t.Name, t.Size)
	}
	found, err := m.Transform(ctx, []string{"the engine of my car", "nothing known"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found[0].Topic, found[1].Topic)
	// Output:
	// -1_falls_rain 1
	// 0_dog_barks_ball_bone 5
	// 1_cat_purrs_fish_eats 4
	// 2_car_brakes_engine_fail 2
	// 2 -1
}

// A model whose documents came with embeddings places others by theirs.
func ExampleFitEmbedded() {
	ctx := context.Background()
	cfg := topic.DefaultConfig()
	cfg.Embedder = nil
	clusterer := community.Config{}
	clusterer.MinSize, clusterer.Neighbors = 2, 3
	cfg.Clusterer = clusterer
	m, err := topic.FitEmbedded(ctx, notes.docs[:11], rows(notes.embeddings, 0, 11), cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := m.TransformEmbedded(ctx, []string{"a new car"}, rows(notes.embeddings, 9, 10))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Topics()[found[0].Topic].Terms[0].Term)
	// Output: car
}

func ExampleModel_Save() {
	ctx := context.Background()
	parent, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "model")
	if err := pets().Save(context.Background(), dir, topic.SaveOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	m, err := topic.Load(ctx, dir, topic.LoadOptions{}) // a model with an embedder is given it again here
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Topics()[1].Name)
	// Output: 0_dog_barks_ball_bone
}

// What a file cannot hold, such as representers or a tokenizer, is given to Load again; notes can say what it was.
func ExampleReadNotes() {
	ctx := context.Background()
	parent, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "model")
	cfg := manual()
	cfg.Vocabulary.Stem = func(word string) string { return strings.TrimSuffix(word, "s") }
	cfg.Notes = map[string]string{"stem": "without a final s"}
	m, err := topic.FitInput(ctx, topic.Input{Docs: notes.docs, Classes: notes.classes, Embeddings: notes.embeddings}, cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.Save(context.Background(), dir, topic.SaveOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	said, err := topic.ReadNotes(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	with := topic.LoadOptions{}
	if said["stem"] == "without a final s" {
		with.Words.Vocabulary.Stem = cfg.Vocabulary.Stem
	}
	m, err = topic.Load(ctx, dir, with)
	if err != nil {
		fmt.Println(err)
		return
	}
	printTopics(m.MergeTopics(ctx, []int{0, 1})) // counts words again
	// Output:
	// -1 1 fall
	// 0 9 dog
	// 1 2 car
}

// Layers are the granularities that one fit with Communities finds; a model of any of them costs no clustering.
func ExampleModel_AtLayer() {
	ctx := context.Background()
	model, err := topic.Fit(ctx, questions(), topic.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	layers, chosen, err := model.Layers()
	if err != nil {
		fmt.Println(err)
		return
	}
	coarse, err := model.AtLayer(ctx, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(model.Topics()) == layers[chosen].Clusters, len(coarse.Topics()) == layers[0].Clusters)
	// Output: true true
}
