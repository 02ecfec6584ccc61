package ctfidf_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/sparse"
)

var (
	docs = []string{
		"Reading a file line by line", "Close the file after reading", "File not found error",
		"Start a goroutine for each request", "Wait for every goroutine to end",
	}
	classes = []int{0, 0, 0, 1, 1}
)

func Example() {
	cfg := ctfidf.Config{}
	cfg.StopWords = ctfidf.English()
	counts, err := ctfidf.Count(context.Background(), docs, classes, cfg)
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	for row, class := range weights.Classes {
		for _, t := range weights.TopTerms(row, 3) {
			fmt.Printf("%d %s %.3f\n", class, t.Term, t.Weight)
		}
	}
	// Output:
	// 0 file 0.401
	// 0 line 0.334
	// 0 reading 0.334
	// 1 goroutine 0.501
	// 1 end 0.347
	// 1 request 0.347
}

func ExampleCountSeq() {
	stream := func(yield func(int, string) bool) {
		for i, d := range docs {
			if !yield(classes[i], d) {
				return
			}
		}
	}
	cfg := ctfidf.Config{}
	cfg.NGramMax = 2
	cfg.MaxFeatures = 4
	counts, err := ctfidf.CountSeq(context.Background(), stream, cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Classes, counts.Vocabulary)
	// Output: [0 1] [file for goroutine line]
}

func ExampleCounts_Documents() {
	ctx, cfg := context.Background(), ctfidf.Config{}
	counts, err := ctfidf.Count(ctx, docs, classes, cfg)
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	// Which document is most like class 0?
	rows, err := counts.Documents(ctx, docs, cfg)
	if err != nil {
		log.Fatal(err)
	}
	weighed, err := weights.Transform(rows)
	if err != nil {
		log.Fatal(err)
	}
	row, _ := weights.Row(0)
	for i, d := range docs {
		fmt.Printf("%.3f %s\n", weighed.Cosine(i, weights.Rows, row), d)
	}
	// Output:
	// 0.700 Reading a file line by line
	// 0.688 Close the file after reading
	// 0.583 File not found error
	// 0.000 Start a goroutine for each request
	// 0.000 Wait for every goroutine to end
}

func ExampleEnglish() {
	words := ctfidf.English()
	fmt.Println(len(words), words[:5])
	// Output: 318 [a about above across after]
}

func ExampleStopWords() {
	cfg := ctfidf.Config{}
	var err error
	if cfg.StopWords, err = ctfidf.StopWords("german"); err != nil {
		log.Fatal(err)
	}
	counts, err := ctfidf.Count(context.Background(), []string{"Wie liest man eine Datei?"}, []int{0}, cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Vocabulary)
	// Output: [datei liest]
}

func ExampleCodeTokens() {
	cfg := ctfidf.Config{}
	cfg.Tokenizer = ctfidf.CodeTokens
	counts, err := ctfidf.Count(context.Background(), []string{"json.loads fails with gpt-4-turbo in C++, see std::vector"}, []int{0}, cfg)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Vocabulary)
	// Output: [c++ fails gpt-4-turbo in json.loads see std::vector with]
}

func ExampleNPMI() {
	counts, err := ctfidf.Count(context.Background(), docs, classes, ctfidf.Config{})
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.NPMI{Smoothing: 1}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range weights.TopTerms(1, 3) {
		fmt.Printf("%s %.3f\n", t.Term, t.Weight)
	}
	// Output:
	// for 0.122
	// goroutine 0.122
	// each 0.108
}

func ExampleFightingWords() {
	counts, err := ctfidf.Count(context.Background(), docs, classes, ctfidf.Config{})
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.FightingWords{}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range weights.TopTerms(0, 3) {
		fmt.Printf("%s %.3f\n", t.Term, t.Weight)
	}
	// Output:
	// file 0.980
	// line 0.767
	// reading 0.767
}

func ExampleCountSoft() {
	// The last document belongs to both classes.
	memberships := sparse.CSR[float64]{
		Cols: 2, RowPtr: []int{0, 1, 2, 3, 4, 6}, Col: []int32{0, 0, 0, 1, 0, 1}, Value: []float64{1, 1, 1, 1, 0.25, 0.75},
	}
	counts, err := ctfidf.CountSoft(context.Background(), docs, memberships, ctfidf.Config{})
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.Soft{}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Sizes)
	for _, t := range weights.TopTerms(1, 2) {
		fmt.Printf("%s %.3f\n", t.Term, t.Weight)
	}
	// Output:
	// [3.25 1.75]
	// each 0.169
	// request 0.169
}

func ExampleCentroid() {
	counts, err := ctfidf.Count(context.Background(), []string{"red apple", "green tree"}, []int{0, 1}, ctfidf.Config{})
	if err != nil {
		log.Fatal(err)
	}
	// Embeddings of two dimensions: colors point to the right, plants up.
	fmt.Println(counts.Vocabulary)
	terms := blas32.General{Rows: 4, Cols: 2, Stride: 2, Data: []float32{0, 1, 1, 0.1, 1, 0, 0.1, 1}}
	means := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 0.2, 0.2, 1}}
	weights, err := ctfidf.Centroid{Centroids: means, Terms: terms}.Weigh(counts)
	if err != nil {
		log.Fatal(err)
	}
	for row := range weights.Classes {
		fmt.Println(weights.TopTerms(row, 1)[0].Term)
	}
	// Output:
	// [apple green red tree]
	// red
	// tree
}

func ExampleOnline() {
	ctx, cfg := context.Background(), ctfidf.Config{}
	online := ctfidf.Online{Decay: 0.5, DeleteMinDF: 0.6}
	var counts ctfidf.Counts
	for _, batch := range []string{"old news", "old and new", "new again"} {
		var err error
		if counts, err = online.Update(ctx, counts, []string{batch}, []int{0}, cfg); err != nil {
			log.Fatal(err)
		}
		fmt.Println(counts.Vocabulary, counts.Rows.Value)
	}
	// Output:
	// [news old] [1 1]
	// [and new old] [1 1 1.5]
	// [again new old] [1 1.5 0.75]
}

func ExampleConfig_Terms() {
	cfg := ctfidf.Config{}
	cfg.StopWords = ctfidf.English()
	cfg.NGramMax = 2
	terms, err := cfg.Terms()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", terms("Reading a file, line by line"))
	// Output: ["reading" "file" "reading file" "line" "file line" "line" "line line"]
}
