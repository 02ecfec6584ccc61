package corpus_test

import (
	"errors"
	"fmt"
	"go/build"
	"os"
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
	// questions.jsonl:2: field "created": is "soon", want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds
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

// Errors are about one record or about all that follows; who goes on gets what can be read.
func ExampleError() {
	in := strings.NewReader("id,body\n1,first\n2\n3,\"third,\nand last\"\n1,again\n")
	for doc, err := range corpus.CSV(in, corpus.Options{Name: "posts.csv", TextField: "body"}) {
		var fault *corpus.Error
		if errors.As(err, &fault) {
			fmt.Printf("line %d, field %q: %v\n", fault.Line, fault.Field, err)
			continue
		}
		fmt.Printf("%s: %q\n", doc.ID, doc.Text)
	}
	// Output:
	// 1: "first"
	// line 3, field "": posts.csv:3: the header has 2 fields, the record 1
	// 3: "third,\nand last"
	// line 6, field "id": posts.csv:6: field "id": "1" is the ID of line 2 already
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "posts.tsv")
	if err := os.WriteFile(path, []byte("id\ttext\n7\ttabs, not commas\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	for doc, err := range corpus.Open(path, "", corpus.Options{}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(doc.ID, doc.Text)
	}
	// Output: 7 tabs, not commas
}

func ExampleParseTime() {
	for _, s := range []string{"2024-05-01T12:30:00+02:00", "2024-05-01", "1714566600", "20240501"} {
		t, err := corpus.ParseTime(s)
		fmt.Println(t.Format("2006-01-02 15:04"), err != nil)
	}
	// Output:
	// 2024-05-01 10:30 false
	// 2024-05-01 00:00 false
	// 2024-05-01 12:30 false
	// 0001-01-01 00:00 true
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
