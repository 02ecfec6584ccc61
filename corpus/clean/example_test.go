package clean_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/corpus/clean"
	"github.com/gobertopic/gobertopic/corpus/dedup"
)

func ExampleHTML() {
	source := "<p>Why does <code>fit</code> fail?</p><pre><code>x = fit(1)</code></pre><p>See <a href='https://a.example'>the docs</a>.</p>"
	fmt.Println(clean.HTML(source, clean.Options{}))
	// Output:
	// Why does fit fail?
	// See the docs.
}

func ExampleLanguages() {
	names := clean.Languages()
	fmt.Println(len(names) > 10, clean.Language("Wie kann ich das Modell auf meinem Rechner laufen lassen?"))
	// Output: true german
}

// Steps drop texts and say why.
func ExampleKeepLanguages() {
	english, err := clean.KeepLanguages("english")
	if err != nil {
		fmt.Println(err)
		return
	}
	near, err := clean.DropDuplicates(dedup.DefaultConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	pipeline := clean.Pipeline{Steps: []clean.Step{clean.FromHTML(clean.Options{}), clean.DropURLs(), clean.DropQuotes(), clean.DropTracebacks(true), clean.DropEmpty(), english, near}}
	result, err := pipeline.Apply(context.Background(), []string{
		"<p>How can I run the model on my own machine?</p>",
		"<p>https://a.example</p>",
		"<p>Wie kann ich das Modell auf meinem Rechner laufen lassen?</p>",
		"<div>How can I run the model on my own machine?</div>",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Texts, result.Index)
	for _, d := range result.Dropped {
		fmt.Println(d.Index, d.Step)
	}
	_, err = clean.KeepLanguages("klingon")
	fmt.Println(err != nil)
	// Output:
	// [How can I run the model on my own machine?] [0]
	// 1 empty
	// 2 language
	// 3 duplicates
	// true
}
