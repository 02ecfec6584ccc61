package eval_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/eval"
)

func ExampleARI() {
	v, err := eval.ARI([]int{0, 0, 1, 1, 1}, []int{7, 7, 3, 3, 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", v)
	// Output: 0.167
}

func ExampleNMI() {
	v, err := eval.NMI([]int{0, 0, 1, 1}, []int{1, 1, 0, 0}) // the same groups under other names
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", v)
	// Output: 1.000
}

func ExampleTrustworthiness() {
	x := blas32.General{Rows: 6, Cols: 2, Stride: 2, Data: []float32{0, 0, 1, 0, 0, 2, 9, 9, 8, 9, 9, 7}}
	y := blas32.General{Rows: 6, Cols: 1, Stride: 1, Data: []float32{0, 1, 2, 9, 8, 3}}
	v, err := eval.Trustworthiness(context.Background(), x, y, 2, eval.Euclidean)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", v)
	// Output: 0.867
}

func ExampleDBCV() {
	x := blas32.General{Rows: 7, Cols: 1, Stride: 1, Data: []float32{0, 0.1, 0.2, 9, 9.1, 9.2, 50}}
	index, perCluster, err := eval.DBCV(context.Background(), x, []int{0, 0, 0, 1, 1, 1, -1}, eval.Euclidean)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f of %.3f\n", index, perCluster)
	// Output:
	// 0.844 of [0.985 0.985]
}

func ExampleCoherence() {
	ctx := context.Background()
	texts, err := eval.NewTextsOf(ctx, []string{
		"read a file line by line", "close the file after the last line", "start a goroutine", "wait for every goroutine", "a line of a file",
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	topics := [][]string{{"file", "line"}, {"goroutine", "file", "channel"}}
	r, err := eval.Coherence(ctx, topics, texts, eval.DefaultCoherenceConfig())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f, mean %.2f, %d word missing\n", r.Topics, r.Mean, r.Missing)
	// Output: [1.00 -0.95], mean 0.03, 1 word missing
}

func ExampleDiversity() {
	topics := [][]string{{"file", "line", "read"}, {"goroutine", "channel", "read"}}
	r, err := eval.Diversity(context.Background(), topics, eval.DefaultDiversityConfig())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f of the words are unique, inverted RBO %.3f, overlap %.3f\n", r.Unique, r.InvertedRBO, r.Overlap)
	// Output: 0.833 of the words are unique, inverted RBO 0.730, overlap 0.200
}
