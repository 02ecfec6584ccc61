package corpus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/corpus"
)

const exampleDump = `<?xml version="1.0" encoding="utf-8"?>
<posts>
  <row Id="1" PostTypeId="1" AcceptedAnswerId="3" CreationDate="2024-01-01T10:00:00" ViewCount="90" Title="How do I stream tokens?" Tags="|llm|" />
  <row Id="2" PostTypeId="1" CreationDate="2024-01-01T11:00:00" ViewCount="7" Title="Which tires?" Tags="|cars|" />
  <row Id="3" PostTypeId="2" ParentId="1" CreationDate="2024-01-01T12:30:00" />
</posts>`

// show prints threads in the words of an example.
func show(threads iter.Seq2[corpus.Thread, error]) {
	for t, err := range threads {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s: %s (views %v, answers %v, accepted %v)\n", t.ID, t.Title, t.Views, t.Answers, t.Accepted)
	}
}

func ExampleStackExchangeDump() {
	in := corpus.Stream("Posts.xml", strings.NewReader(exampleDump))
	for q, err := range corpus.StackExchangeDump(context.Background(), in, corpus.ThreadOptions{Tags: []string{"llm"}}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(q.Title, q.Views, "views; accepted after", q.AcceptedAt.Sub(q.Created))
	}
	// Output: How do I stream tokens? 90 views; accepted after 2h30m0s
}

func ExampleStackExchangeAPI() {
	in := corpus.Stream("page.json", strings.NewReader(`{"items":[
{"question_id":7,"title":"Streams &amp; tokens","view_count":5,"answer_count":0,"is_answered":false}],"has_more":false}`))
	show(corpus.StackExchangeAPI(context.Background(), in, corpus.ThreadOptions{}))
	// Output: 7: Streams & tokens (views 5, answers 0, accepted no)
}

func ExampleStackExchangeCSV() {
	in := corpus.Stream("QueryResults.csv", strings.NewReader("Id,Title,ViewCount,A/N\n7,Streams,5,A\n8,Tokens,many,N\n"))
	var report corpus.Report
	show(corpus.StackExchangeCSV(context.Background(), in, corpus.ThreadOptions{Report: &report}))
	fmt.Println(report.Warnings()[0])
	// Output:
	// 7: Streams (views 5, answers unknown, accepted yes)
	// 8: Tokens (views unknown, answers unknown, accepted no)
	// QueryResults.csv: 1 optional field left out, the first: QueryResults.csv:3: field "ViewCount": is "many", want a whole number
}

func ExampleDiscourse() {
	in := corpus.Stream("latest.json", strings.NewReader(`{"topic_list":{"topics":[{"id":7,"title":"Streams","posts_count":3,"views":5,"has_accepted_answer":true}]}}`))
	show(corpus.Discourse(context.Background(), in, corpus.ThreadOptions{}))
	// Output: 7: Streams (views 5, answers 2, accepted yes)
}

func ExampleDiscourseCSV() {
	in := corpus.Stream("topics.csv", strings.NewReader("topic_id,title,post_count\n7,Streams,3\n"))
	show(corpus.DiscourseCSV(context.Background(), in, corpus.ThreadOptions{}))
	// Output: 7: Streams (views unknown, answers 2, accepted unknown)
}

func ExampleGitHubIssues() {
	in := corpus.Stream("issues.json", strings.NewReader(`[{"html_url":"https://github.com/o/r/issues/7","number":7,"title":"Streams","state":"open","comments":2}]`))
	show(corpus.GitHubIssues(context.Background(), in, corpus.ThreadOptions{}))
	// Output: o/r#7: Streams (views unknown, answers 2, accepted unknown)
}

func ExampleReadThreads() {
	in := corpus.Stream("standard input", strings.NewReader("Id,Title\n7,Streams\n"))
	show(corpus.ReadThreads(context.Background(), in, corpus.FormatStackExchangeCSV, corpus.ThreadOptions{}))
	show(corpus.ReadThreads(context.Background(), in, "xml", corpus.ThreadOptions{}))
	// Output:
	// 7: Streams (views unknown, answers unknown, accepted unknown)
	// standard input: the format is "xml", want so-dump, so-api, so-csv, discourse, discourse-csv or github
}

// A file is known by what is in it. Progress and counts are told on the way.
func ExampleOpenThreads() {
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "Posts.xml")
	if err := os.WriteFile(path, []byte(exampleDump), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	format, err := corpus.ThreadFormatOf(path)
	fmt.Println(format, err)
	var counts corpus.Counts
	var part float64
	show(corpus.OpenThreads(context.Background(), path, "", corpus.ThreadOptions{
		Tags: []string{"cars"}, Counts: &counts, Progress: func(done, total int64) { part = float64(done) / float64(total) },
	}))
	fmt.Printf("%d of %d questions, %.0f %% read\n", counts.Selected, counts.Threads, 100*part)
	// Output:
	// so-dump <nil>
	// 2: Which tires? (views 7, answers 0, accepted no)
	// 1 of 2 questions, 100 % read
}

func ExampleThread_Document() {
	t := corpus.Thread{ID: "7", Title: "Streams", Body: "How?", Tags: []string{"llm", "api"}}
	d := t.Document()
	fmt.Printf("%s %q %s\n", d.ID, d.Text, d.Fields["tags"])
	// Output: 7 "Streams\n\nHow?" llm api
}

// What a source leaves out is not a zero.
func ExampleKnown() {
	var views corpus.Count
	fmt.Println(views, corpus.Known(0), views == corpus.Known(0))
	// Output: unknown 0 false
}

func ExampleTriOf() {
	var accepted corpus.Tri
	fmt.Println(accepted, corpus.TriOf(false), corpus.TriOf(true))
	// Output: unknown no yes
}

func ExampleRead() {
	for doc, err := range corpus.Read(strings.NewReader("first\nsecond\n"), corpus.FormatLines, corpus.Options{}) {
		fmt.Println(doc.ID, doc.Text, err)
	}
	// Output:
	// 1 first <nil>
	// 2 second <nil>
}

func ExampleFormatOf() {
	fmt.Println(corpus.FormatOf("posts.csv.gz"), corpus.FormatOf("posts.json"), corpus.FormatOf("posts.txt"))
	// Output: csv jsonl lines
}

// A kind of archive is made known by its first bytes; corpus/sevenzip does so for .7z.
func ExampleRegisterArchive() {
	corpus.RegisterArchive("box:", corpus.FormatStackExchangeCSV, func(path string) corpus.Source {
		return corpus.Source{Name: filepath.Base(path) + "/posts.csv", Open: func() (io.ReadCloser, error) {
			text, err := os.ReadFile(path)
			return io.NopCloser(bytes.NewReader(bytes.TrimPrefix(text, []byte("box:")))), err
		}}
	})
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "dump.box")
	if err := os.WriteFile(path, []byte("box:Id,Title\n7,Streams\n,\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	show(corpus.OpenThreads(context.Background(), path, "", corpus.ThreadOptions{}))
	// Output:
	// 7: Streams (views unknown, answers unknown, accepted unknown)
	// dump.box/posts.csv:3: field "Id": empty, want an ID
}
