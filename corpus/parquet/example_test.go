package parquet_test

import (
	"bytes"
	"fmt"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/parquet"
)

func ExampleOpen() {
	n := 0
	for doc, err := range parquet.Open("testdata/zstd.parquet", corpus.Options{TimeField: "created"}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		if n++; n == 2 {
			fmt.Printf("%s %s %s %q", doc.ID, doc.Time.Format("2006-01-02"), doc.Fields["author.name"], doc.Text)
		}
	}
	// Output: 101 2024-01-01 token "How does the token of error work — №1?\n"
}

func ExampleRead() {
	file := bytes.NewReader([]byte("id,text\n1,a table\n"))
	for _, err := range parquet.Read(file, file.Size(), corpus.Options{Name: "posts.parquet"}) {
		fmt.Println(err)
	}
	// Output: posts.parquet: cannot be read: it is no Parquet file, which begins with PAR1
}

func ExampleWrite() {
	var file bytes.Buffer
	err := parquet.Write(&file,
		parquet.Column{Name: "id", Values: []string{"a", "b"}},
		parquet.Column{Name: "topic", Values: []int{3, -1}},
		parquet.Column{Name: "probability", Values: []float64{0.75, 0}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for doc, err := range parquet.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), corpus.Options{TextField: "id"}) {
		fmt.Println(doc.Text, doc.Fields["topic"], doc.Fields["probability"], err)
	}
	// Output:
	// a 3 0.75 <nil>
	// b -1 0 <nil>
}
