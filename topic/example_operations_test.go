package topic_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// printTopics prints the sizes, the first words and the labels of topics.
func printTopics(m *topic.Model, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Topics() {
		fmt.Println(strings.TrimSpace(fmt.Sprint(t.ID, " ", t.Size, " ", t.Terms[0].Term, " ", t.Label)))
	}
}

func ExampleModel_MergeTopics() {
	printTopics(pets().MergeTopics(context.Background(), []int{1, 2}))
	// Output:
	// -1 1 falls
	// 0 6 cat
	// 1 5 dog
}

// The topics that are most alike become one.
func ExampleModel_ReduceTopics() {
	printTopics(pets().ReduceTopics(context.Background(), topic.NumTopics(2), topic.ReduceOptions{}))
	// Output:
	// -1 1 falls
	// 0 9 dog
	// 1 2 car
}

func ExampleModel_DeleteTopics() {
	printTopics(pets().DeleteTopics(context.Background(), 0))
	// Output:
	// -1 6 dog
	// 0 4 cat
	// 1 2 car
}

func ExampleModel_SplitTopic() {
	ctx := context.Background()
	m, err := pets().MergeTopics(ctx, []int{0, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	printTopics(m.SplitTopic(ctx, 0, topic.SplitOptions{Parts: 2}))
	// Output:
	// -1 1 falls
	// 0 5 dog
	// 1 4 cat
	// 2 2 car
}

func ExampleModel_Relabel() {
	m := pets()
	labels, err := analysis.Labels(m, analysis.LabelOptions{Words: 2, NoPrefix: true, Separator: new(" & ")})
	if err != nil {
		fmt.Println(err)
		return
	}
	delete(labels, topic.Outlier)
	labels[2] = "Workshop"
	printTopics(m.Relabel(labels))
	// Output:
	// -1 1 falls
	// 0 5 dog dog & barks
	// 1 4 cat cat & purrs
	// 2 2 car Workshop
}

// Words are counted in pairs too, and the rain goes to the cars.
func ExampleModel_UpdateTopics() {
	m := pets()
	words := m.Config().Words
	words.Vocabulary.NGramMax = 2
	topics := append([]int{}, notes.classes...)
	topics[11] = 2
	m, err := m.UpdateTopics(context.Background(), topic.UpdateOptions{Words: &words, Topics: topics})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Topics() {
		fmt.Println(t.Size, t.Terms[0].Term, "-", t.Terms[1].Term, "-", t.Terms[2].Term)
	}
	// Output:
	// 5 dog - barks - dog barks
	// 4 cat - cat purrs - purrs
	// 3 car - brakes - brakes fail
}

// An outlier goes to the topic with the nearest mean embedding, and new ones like it will.
func ExampleModel_ReduceOutliers() {
	m, err := pets().ReduceOutliers(context.Background(), topic.OutlierRule{Strategy: topic.ByEmbeddings, Threshold: 0.5})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := m.Assignments()[11]
	fmt.Printf("%q is in topic %d (%.2f)\n", notes.docs[11], a.Topic, a.Probability)
	// Output: "rain falls" is in topic 2 (0.67)
}

// Each step says where the documents of every topic went.
func ExampleModel_History() {
	m, err := pets().MergeTopics(context.Background(), []int{1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range m.History() {
		fmt.Println(s.Operation, s.Moves)
	}
	// Output:
	// fit []
	// merge [{-1 [-1]} {0 [1]} {1 [0]} {2 [0]}]
}
