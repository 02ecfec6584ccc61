package analysis_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic/analysis"
)

func ExampleHierarchicalTopics() {
	ctx := context.Background()
	h, err := analysis.HierarchicalTopics(ctx, pets(), analysis.HierarchyOptions{Method: analysis.LinkAverage, UseEmbeddings: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range h.Merges() {
		fmt.Printf("%v %.2f\n", m.Topics, m.Distance)
	}
	// Any level of it is a model.
	coarse, err := h.Cut(ctx, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range coarse.Topics() {
		fmt.Println(t.ID, t.Size, t.Terms[0].Term)
	}
	// Output:
	// [0 1 2] 0.65
	// [0 1] 0.10
	// -1 1 falls
	// 0 9 dog
	// 1 2 car
}

func ExampleHierarchy_Text() {
	h, err := analysis.HierarchicalTopics(context.Background(), pets(), analysis.HierarchyOptions{UseEmbeddings: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(h.Text(analysis.TreeOptions{}))
	// Output:
	// .
	// ├─■──car_brakes_engine_fail_stalls ── Topic: 2
	// └─dog_cat_purrs_barks_eats
	//      ├─■──cat_purrs_fish_eats_loudly ── Topic: 1
	//      └─■──dog_barks_ball_bone_chases ── Topic: 0
}
