package corpus_test

import (
	"fmt"
	"go/build"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobertopic/gobertopic/corpus"
)

func BenchmarkRead(b *testing.B) {
	words := strings.Repeat("a question of some words, ", 20)
	for _, format := range formats {
		var text strings.Builder
		if format == corpus.FormatCSV {
			text.WriteString("id,at,text\n")
		}
		for i := range 5000 {
			switch format {
			case corpus.FormatJSONL:
				fmt.Fprintf(&text, `{"id":%d,"at":"2024-05-01T12:30:00Z","text":%q}`+"\n", i, words)
			case corpus.FormatCSV:
				fmt.Fprintf(&text, "%d,2024-05-01T12:30:00Z,%q\n", i, words)
			default:
				text.WriteString(words + "\n")
			}
		}
		b.Run(string(format), func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range corpus.Read(strings.NewReader(text.String()), format, corpus.Options{TimeField: "at"}) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkGoDoc(b *testing.B) {
	for b.Loop() {
		for _, err := range corpus.GoDoc(filepath.Join(build.Default.GOROOT, "src", "net"), corpus.GoDocOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
