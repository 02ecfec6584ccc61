package analysis_test

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

// notes holds twelve short texts, what each is about, and embeddings of two dimensions: dogs and cats
// lie close together, cars further away, and the last text is near none of them.
var notes = struct {
	docs       []string
	classes    []int
	embeddings blas32.General
}{
	docs: []string{
		"dog barks, dog fetches", "dog chases ball", "dog barks loudly", "dog eats bone", "dog sleeps",
		"cat purrs, cat sleeps", "cat purrs loudly", "cat eats fish", "cat purrs",
		"car engine stalls", "car brakes fail",
		"rain falls",
	},
	classes: []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, -1},
	embeddings: blas32.General{Rows: 12, Cols: 2, Stride: 2, Data: []float32{
		1, 0, 1, .1, 1, .1, 1, .2, 1, .1,
		1, .6, 1, .5, 1, .7, 1, .6,
		0, 1, .1, 1,
		-1, 1,
	}},
}

// manual returns a configuration for topics of given classes and embeddings.
func manual() topic.Config {
	cfg := topic.DefaultConfig()
	cfg.Embedder, cfg.Clusterer = nil, supervised.Fixed{}
	return cfg
}

// pets returns the model of notes: topic 0 is of dogs, 1 of cats, 2 of cars, and −1 has the rain.
func pets() *topic.Model {
	m, err := topic.FitInput(context.Background(), topic.Input{Docs: notes.docs, Classes: notes.classes, Embeddings: notes.embeddings}, manual())
	if err != nil {
		panic(err)
	}
	return m
}
