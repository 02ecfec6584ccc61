package eval_test

import (
	"context"
	"fmt"
	"log"
	"os"

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
	r, err := eval.DBCV(context.Background(), x, []int{0, 0, 0, 1, 1, 1, -1}, eval.Euclidean)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f of %.3f\n", r.Index, r.Clusters)
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

func ExampleCompare() {
	truth := []int{0, 0, 0, 1, 1, 1, 2, 2}
	found := []int{5, 5, -1, 7, 7, 7, 7, -1}
	for _, o := range []eval.Outliers{eval.OutliersGroup, eval.OutliersLeftOut, eval.OutliersApart} {
		r, err := eval.Compare(context.Background(), truth, found, o)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-8q %d items, ARI %.2f, AMI %.2f, V %.2f, purity %.2f\n", o, r.Items, r.ARI, r.AMI, r.VMeasure, r.Purity)
	}
	fmt.Printf("coverage %.2f\n", eval.Coverage(found))
	// Output:
	// ""       8 items, ARI 0.36, AMI 0.37, V 0.59, purity 0.75
	// "left out" 6 items, ARI 0.59, AMI 0.67, V 0.77, purity 0.83
	// "apart"  8 items, ARI 0.43, AMI 0.46, V 0.70, purity 0.88
	// coverage 0.75
}

func ExampleStability() {
	seeds := []eval.Solution{
		{Labels: []int{0, 0, 1, 1, -1}, Words: [][]string{{"file", "line"}, {"goroutine", "channel"}}},
		{Labels: []int{1, 1, 0, 0, 0}, Words: [][]string{{"goroutine", "mutex"}, {"file", "line"}}}, // other numbers, nearly the same topics
	}
	r, err := eval.Stability(context.Background(), seeds, eval.DefaultStabilityConfig())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ARI %.2f, words %.2f\n", r.ARI, r.Words)
	// Output: ARI 0.55, words 0.67
}

func ExampleTable() {
	t := eval.Table{
		Columns: []eval.Column{{Key: "system"}, {Key: "seed"}, {Key: "ari", Name: "ARI", Digits: 2}, {Key: "outliers", Percent: true}},
		Rows: [][]any{
			{"ours", 1, 0.61, 0.08}, {"ours", 2, 0.63, 0.1}, {"other", 1, 0.19, 0.31}, {"other", 2, 0.21, 0.33},
		},
	}
	means, err := t.Means("seed")
	if err != nil {
		log.Fatal(err)
	}
	if err := means.WriteMarkdown(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// | system | runs |         ARI | outliers |
	// |--------|-----:|------------:|---------:|
	// | ours   |    2 | 0.62 ± 0.01 |  9 ± 1 % |
	// | other  |    2 | 0.20 ± 0.01 | 32 ± 1 % |
}

func ExampleCoverage() {
	fmt.Println(eval.Coverage([]int{0, 0, 1, -1}))
	// Output: 0.75
}

// Topics that were counted from tokens are looked up in those.
func ExampleNewTexts() {
	texts, err := eval.NewTexts(context.Background(), [][]string{{"read", "the", "file"}, {"close", "the", "file"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(texts.Docs(), "texts,", texts.Tokens(), "tokens,", texts.Count("file"), "times file")
	// Output: 2 texts, 6 tokens, 2 times file
}

func ExampleTable_WriteCSV() {
	t := eval.Table{Columns: []eval.Column{{Key: "system"}, {Key: "ari", Digits: 2}}, Rows: [][]any{{"ours", 0.6149}, {"other", nil}}}
	if err := t.WriteCSV(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// system,ari
	// ours,0.6149
	// other,
}

func ExampleTable_WriteJSON() {
	t := eval.Table{Columns: []eval.Column{{Key: "system"}, {Key: "ari", Digits: 2}}, Rows: [][]any{{"ours", 0.6149}, {"other", nil}}}
	if err := t.WriteJSON(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// [
	//   {"system": "ours", "ari": 0.6149},
	//   {"system": "other", "ari": null}
	// ]
}
