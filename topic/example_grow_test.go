package topic_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/topic"
)

// New documents join the topics that they are like; what is like none makes topics of its own.
func ExampleModel_Grow() {
	ctx := context.Background()
	model, err := topic.Fit(ctx, questions(), topic.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	var later []string
	for i := range 20 {
		later = append(later,
			fmt.Sprintf("The best recipe for bread with flour, butter and cheese, part %d", 30+i),
			fmt.Sprintf("Which telescope shows the moons of Jupiter on night %d?", i))
	}
	grown, err := model.Grow(ctx, later)
	if err != nil {
		fmt.Println(err)
		return
	}
	recipes := model.Assignments()[1].Topic
	fmt.Println("more recipes:", grown.Topics()[recipes].Size > model.Topics()[recipes].Size+10)
	for _, id := range grown.History()[1].Born {
		fmt.Println("new:", grown.Topics()[id].Terms[0].Term)
	}
	// Output:
	// more recipes: true
	// new: jupiter
}
