package main

import (
	"strings"

	"github.com/gobertopic/gobertopic/examples/internal/findings"
)

// wholeSite is a dump of which every question is about the subject.
const wholeSite = "genai_stackexchange/Posts.xml"

// places are where questions are looked for below $GOBERTOPIC_DATA.
var places = []string{"stackoverflow/stackoverflow.com-Posts.7z", "stackoverflow/Posts.xml", "stackoverflow/questions.jsonl", "stackoverflow/QueryResults.csv", wholeSite}

// noData says how to get questions with the tags, all questions when there are none.
func noData(tags []string) string {
	fetched, selected := "", ""
	if len(tags) > 0 {
		fetched = " --tag " + strings.Join(tags, ",")
		selected = " --tags " + strings.Join(tags, ",")
	}
	if strings.Join(tags, ",") == strings.Join(llmTags, ",") {
		selected = ""
	}
	return `no questions: name a file, or set GOBERTOPIC_DATA to a directory with one of these, of which the first is read,
such as by export GOBERTOPIC_DATA="$HOME/gobertopic-data":
  stackoverflow/stackoverflow.com-Posts.7z  of the data dump, as it is published
  stackoverflow/Posts.xml                   which that holds
  stackoverflow/questions.jsonl             fetched by the API
  stackoverflow/QueryResults.csv            exported by the Data Explorer
  ` + wholeSite + `             of the dump of a site that is all about the subject

The data dump has all questions and answers and is many gigabytes long; it need not be unpacked:
  curl -L -O https://archive.org/download/stackexchange/stackoverflow.com-Posts.7z
  go run ./examples/stackoverflow` + selected + ` stackoverflow.com-Posts.7z

The API gives without a key 300 pages of 100 a day and 25 of a tag; the same command goes on the next day:
  mkdir -p "$GOBERTOPIC_DATA/stackoverflow"
  go run ./cmd/gobertopic fetch stackexchange` + fetched + ` --out "$GOBERTOPIC_DATA/stackoverflow/questions.jsonl"
  go run ./examples/stackoverflow` + selected + `

The Data Explorer gives 50,000 questions at most, and no times of answers. Have it run this query at
https://data.stackexchange.com/stackoverflow/query/new and save the result as $GOBERTOPIC_DATA/stackoverflow/QueryResults.csv:
` + findings.Query(tags, "") + `

A small site that is all about the subject:
  curl -L -O https://archive.org/download/stackexchange/genai.stackexchange.com.7z
  go run ./examples/stackoverflow --tags all genai.stackexchange.com.7z

` + findings.HowToBaselines()
}
