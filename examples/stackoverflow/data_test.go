package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/examples/internal/exampletest"
	"github.com/gobertopic/gobertopic/examples/internal/findings"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

var titles = []string{"How do I load a Llama model on the GPU", "Fine-tuning fails with an invalid JSONL file"}

// api answers as the Stack Exchange API does that has 50 questions of each tag in tags, every second with an accepted answer.
func api(tags ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		items := []map[string]any{}
		at := slices.Index(tags, r.URL.Query().Get("tagged"))
		asked, answers := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/questions/"), "/answers")
		switch {
		case answers:
			for id := range strings.SplitSeq(asked, ";") {
				question, _ := strconv.Atoi(id)
				items = append(items, map[string]any{"question_id": question, "answer_id": 1000 + question, "creation_date": 1704067200 + 3600, "is_accepted": true})
			}
		case at >= 0:
			for i := range 50 {
				id := 1 + 50*at + i
				q := map[string]any{
					"question_id": id, "title": fmt.Sprintf("%s, part %d", titles[i%2], i), "tags": []string{tags[at]}, "creation_date": 1704067200,
					"link": fmt.Sprintf("https://stackoverflow.com/questions/%d/t", id), "view_count": 10, "score": 1, "answer_count": i % 2, "is_answered": i%2 > 0,
				}
				if i%2 > 0 {
					q["accepted_answer_id"] = 1000 + id
				}
				items = append(items, q)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "has_more": false, "quota_remaining": 99})
	})
}

// What the example says when there is no data leads to data that it reads.
func TestCommandsFetchWhatIsRead(t *testing.T) {
	if testing.Short() {
		t.Skip("gobertopic is built")
	}
	server := httptest.NewServer(api("langchain", "gpt-4", "security"))
	defer server.Close()
	t.Setenv("GOBERTOPIC_DATA", t.TempDir())
	commands := exampletest.Commands(run(t.Context(), &bytes.Buffer{}, nil).Error())
	require.Len(t, commands, 2)
	gobertopic := exampletest.Build(t)
	for _, args := range commands {
		exampletest.Call(t, gobertopic, args, "--api", server.URL, "--rate", "30", "--quiet")
	}
	out := t.TempDir()
	require.NoError(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, "--resamples", "100"}))
	for _, want := range [][3]string{
		{"LLM", "threads", "100"},
		{"LLM", "without accepted answer, %", "50"},
		{"LLM", "hours to accepted answer: median", "1"},
		{"Security", "threads", "50"},
		{"Security", "hours to first reply: n", "25"},
	} {
		require.Equal(t, want[2], cell(t, filepath.Join(out, "corpora.csv"), want[0], want[1]), want)
	}
	methods, err := os.ReadFile(filepath.Join(out, "methods.md"))
	require.NoError(t, err)
	require.Contains(t, string(methods), "150 records read: 100 questions, 50 answers; left out: 0 of other kinds")
	require.Contains(t, string(methods), whichTags)
	require.NotContains(t, string(methods), "there are no hours")
}

// The columns of both queries are those that the reader knows, and their tags those that are wanted.
func TestQueries(t *testing.T) {
	text := noData(llmTags)
	selects := regexp.MustCompile(`(?s)SELECT (p\..*?)FROM Posts p`).FindAllStringSubmatch(text, -1)
	require.Len(t, selects, 2)
	for _, s := range selects {
		var header, row []string
		values := map[string]string{
			"Id": "7", "Title": titles[0], "Body": "<p>b</p>", "Tags": "<gpt-4><android>", "Score": "3", "CreationDate": "2024-01-02 03:04:05", "ViewCount": "9",
			"AnswerCount": "1", "CommentCount": "2", "FavoriteCount": "4", "ClosedDate": "2024-01-03 03:04:05", "AcceptedAnswerId": "8",
		}
		for _, m := range regexp.MustCompile(`p\.(\w+)`).FindAllStringSubmatch(s[1], -1) {
			require.Contains(t, values, m[1])
			header, row = append(header, m[1]), append(row, values[m[1]])
		}
		require.Len(t, header, len(values))
		path := filepath.Join(t.TempDir(), "QueryResults.csv")
		f, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, csv.NewWriter(f).WriteAll([][]string{header, row}))
		require.NoError(t, f.Close())
		c, err := findings.Questions(t.Context(), "LLM", path, llmTags, true)
		require.NoError(t, err)
		require.Len(t, c.Threads, 1)
		got := c.Threads[0]
		require.Equal(t, []any{"7", titles[0], "<p>b</p>", []string{"gpt-4", "android"}, corpus.Yes, corpus.Yes}, []any{got.ID, got.Title, got.Body, got.Tags, got.Accepted, got.Closed})
		for i, c := range []corpus.Count{got.Score, got.Views, got.Answers, got.Comments, got.Favorites} {
			require.Equal(t, corpus.Known([]int{3, 9, 1, 2, 4}[i]), c)
		}
	}
	for _, tag := range append(slices.Clone(llmTags), findings.MobileTags...) {
		require.Contains(t, text, "'"+tag+"'")
	}
	require.Contains(t, noData(nil), "stackexchange --out")
	require.Contains(t, noData([]string{"go"}), "stackoverflow --tags go\n")
}

// Tags are such as Stack Overflow takes, each once; those that the corpora have really occur there, so many times.
func TestTagsExact(t *testing.T) {
	all := append(slices.Clone(llmTags), findings.MobileTags...)
	for i, tag := range all {
		require.Regexp(t, `^[a-z0-9+#.-]{1,35}$`, tag)
		require.Equal(t, i, slices.Index(all, tag))
	}
	found := map[string]int{}
	for _, elem := range [][]string{{"genai_stackexchange", "Posts.xml"}, {"so_24k_meta", "QueryResults.csv"}} {
		for thread, err := range corpus.OpenThreads(t.Context(), testutil.Data(t, elem...), "", corpus.ThreadOptions{Tags: all}) {
			require.NoError(t, err)
			for _, tag := range thread.Tags {
				found[tag]++
			}
		}
	}
	for _, tag := range findings.MobileTags {
		require.Positive(t, found[tag], tag)
	}
	require.Equal(t, 7, found["fine-tuning"], "a site that is all about the subject has other tags, but for this")
}

// A dump is read in the archive that it is published in.
func TestArchiveExact(t *testing.T) {
	out := t.TempDir()
	var said bytes.Buffer
	require.NoError(t, run(t.Context(), &said, []string{"--out", out, "--tags", "all", "--resamples", "100", filepath.Join("..", "..", "corpus", "sevenzip", "testdata", "site.7z")}))
	require.Contains(t, said.String(), "200 threads")
	require.Equal(t, "63", cell(t, filepath.Join(out, "corpora.csv"), "LLM", "without accepted answer, %"), "74 of 200 have one")
}
