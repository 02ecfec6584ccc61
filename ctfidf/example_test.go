package ctfidf_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gobertopic/gobertopic/ctfidf"
)

var (
	docs = []string{
		"Reading a file line by line", "Close the file after reading", "File not found error",
		"Start a goroutine for each request", "Wait for every goroutine to end",
	}
	classes = []int{0, 0, 0, 1, 1}
)

func Example() {
	cfg := ctfidf.DefaultConfig()
	cfg.StopWords = ctfidf.English()
	counts, err := ctfidf.Count(context.Background(), docs, classes, cfg)
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.DefaultWeighting().Weigh(counts)
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
	cfg := ctfidf.DefaultConfig()
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
	ctx, cfg := context.Background(), ctfidf.DefaultConfig()
	counts, err := ctfidf.Count(ctx, docs, classes, cfg)
	if err != nil {
		log.Fatal(err)
	}
	weights, err := ctfidf.DefaultWeighting().Weigh(counts)
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
