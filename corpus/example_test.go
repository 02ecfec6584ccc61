package corpus_test

import (
	"fmt"
	"go/build"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/corpus"
)

func ExampleJSONL() {
	in := strings.NewReader(`{"id": 7, "title": "How do I stream tokens?", "created": "2024-11-16", "score": 3}
{"id": 8, "title": "Embeddings are slow", "created": "soon"}
`)
	for doc, err := range corpus.JSONL(in, corpus.Options{Name: "questions.jsonl", TextField: "title", TimeField: "created"}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(doc.ID, doc.Text, doc.Time.Year(), doc.Fields["score"])
	}
	// Output:
	// 7 How do I stream tokens? 2024 3
	// questions.jsonl: line 2: field "created": is "soon", want a time such as 2024-11-16T09:30:00Z, 2024-11-16 or seconds since 1970
}

func ExampleCSV() {
	in := strings.NewReader("id,text\nx,\"one, with a comma\"\ny,two\n")
	for doc, err := range corpus.CSV(in, corpus.Options{}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%s: %s\n", doc.ID, doc.Text)
	}
	// Output:
	// x: one, with a comma
	// y: two
}

func ExampleLines() {
	for doc, err := range corpus.Lines(strings.NewReader("first\nsecond\n"), corpus.Options{}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(doc.ID, doc.Text)
	}
	// Output:
	// 1 first
	// 2 second
}

func ExampleGoDoc() {
	for doc, err := range corpus.GoDoc(filepath.Join(build.Default.GOROOT, "src", "errors"), corpus.GoDocOptions{}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		if doc.Fields["kind"] == "func" && doc.Fields["symbol"] == "Join" {
			first, _, _ := strings.Cut(doc.Text, "\n")
			fmt.Println(doc.ID, "—", first)
		}
	}
	// Output: errors.Join — Join returns an error that wraps the given errors.
}
