package corpus_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

const (
	explorer = "Id,Title,Tags,Score,CreationDate,ViewCount,AnswerCount,A/N,Id\n5,\"a\nb\",<go><c++>,3,11/17/2009 13:43,7,2,A,9\n5,a,<go>,3,11/17/2009 13:43,7,2,A,8\nx\n6,c,,-1,2010-01-01 10:00:00,1,0,N,9\n7,c,,many,,,,,\n"
	issues   = `[{"html_url":"https://github.com/o/r/issues/3","number":3,"title":"t","body":null,"labels":[{"name":"bug"}],"state":"closed","created_at":"2024-01-01T10:00:00Z","closed_at":"2024-01-02T10:00:00Z","comments":2,"reactions":{"total_count":4}},
{"html_url":"https://github.com/o/r/pull/4","number":4,"title":"p","pull_request":{}},
{"title":"u"},
{"html_url":"https://github.com/o/r/issues/3","number":3,"title":"t"}]`
)

func TestThreadReadersExact(t *testing.T) {
	var counts corpus.Counts
	o := corpus.ThreadOptions{Counts: &counts, Report: new(corpus.Report)}
	all, faults := threads(t, corpus.StackExchangeCSV(t.Context(), corpus.Stream("q.csv", strings.NewReader(explorer)), o))
	require.Equal(t, []string{"q.csv:5: the header has 9 fields, the record 1"}, faults)
	require.EqualError(t, o.Report.FirstDropped, `q.csv:7: field "Score": is "many", want a whole number`)
	require.Equal(t, 1, o.Report.Dropped)
	require.Len(t, all, 3)
	require.Equal(t, corpus.Thread{
		ID: "5", Title: "a b", Tags: []string{"go", "c++"}, Created: time.Date(2009, 11, 17, 13, 43, 0, 0, time.UTC),
		Score: corpus.Known(3), Views: corpus.Known(7), Answers: corpus.Known(2), Accepted: corpus.Yes,
	}, all[0])
	require.Equal(t, corpus.No, all[1].Accepted)
	require.Equal(t, [4]int{5, 3, 1, 1}, [4]int{counts.Records, counts.Threads, counts.Duplicates, counts.Malformed})

	all, faults = threads(t, corpus.GitHubIssues(t.Context(), corpus.Stream("i", strings.NewReader(issues)), o))
	require.Equal(t, []string{`i:3: field "number": missing, want that of an issue`}, faults)
	require.Equal(t, []corpus.Thread{{
		ID: "o/r#3", Site: "github.com", URL: "https://github.com/o/r/issues/3", Title: "t", Markup: corpus.Markdown, Tags: []string{"bug"}, Category: "o/r",
		Created: time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC), ClosedAt: time.Date(2024, 1, 2, 10, 0, 0, 0, time.UTC), Closed: corpus.Yes,
		Likes: corpus.Known(4), Answers: corpus.Known(2),
	}}, all)
	require.Equal(t, [2]int{1, 1}, [2]int{counts.Other, counts.Duplicates})
}

func TestOpenThreads(t *testing.T) {
	dir := tree(t, map[string]string{"a": explorer, "b": issues, "c": sePages, "d": discoursePages, "e": "nothing\n", "f": "topic_id,title,post_count\n4,x,3\n"})
	for name, n := range map[string]int{"a": 3, "b": 1, "c": 2, "d": 2, "f": 1} {
		all, _ := threads(t, corpus.OpenThreads(t.Context(), filepath.Join(dir, name), "", corpus.ThreadOptions{Site: "stackoverflow.com"}))
		require.Equal(t, n, len(all), name)
	}
	for _, name := range []string{"e", "nowhere"} {
		_, faults := threads(t, corpus.OpenThreads(t.Context(), filepath.Join(dir, name), "", corpus.ThreadOptions{Site: "stackoverflow.com"}))
		require.Len(t, faults, 1)
	}
	_, faults := threads(t, corpus.OpenThreads(t.Context(), filepath.Join(dir, "a"), "x", corpus.ThreadOptions{}))
	require.Contains(t, faults[0], `the format is "x", want so-dump`)
}

func TestOpenThreadsOfStudiesExact(t *testing.T) {
	for _, c := range []struct {
		folder, file       string
		format             corpus.ThreadFormat
		threads, duplicate int
	}{
		{"openai_forum", "topics.csv", corpus.FormatDiscourseCSV, 29576, 0},
		{"openai_forum", "topics_full_metadata.jsonl", corpus.FormatDiscourse, 349, 0},
		{"openai_forum_163", "topics.jsonl", corpus.FormatDiscourse, 163, 0},
		{"genai_stackexchange", "Posts.xml", corpus.FormatDump, 181, 0},
		{"security_secrets_se", "questions.jsonl", corpus.FormatStackExchangeAPI, 779, 0},
		{"so_24k_meta", "QueryResults.csv", corpus.FormatStackExchangeCSV, 22739, 24403 - 22739},
		{"llm_app_issues", "issues_en.jsonl.gz", corpus.FormatGitHub, 10759, 0},
	} {
		path := testutil.Data(t, c.folder, c.file)
		format, err := corpus.ThreadFormatOf(path)
		require.NoError(t, err)
		require.Equal(t, c.format, format, path)
		var counts corpus.Counts
		all, faults := threads(t, corpus.OpenThreads(t.Context(), path, "", corpus.ThreadOptions{Counts: &counts}))
		require.Empty(t, faults, path)
		require.Equal(t, c.threads, len(all), path)
		require.Equal(t, c.duplicate, counts.Duplicates, path)
	}
}

func FuzzStackExchangeCSV(f *testing.F) { fuzzThreads(f, corpus.FormatStackExchangeCSV, explorer) }

func FuzzDiscourseCSV(f *testing.F) {
	fuzzThreads(f, corpus.FormatDiscourseCSV, "topic_id,title,post_count,url\n4,x,3,https://a/b\n")
}

func FuzzGitHubIssues(f *testing.F) { fuzzThreads(f, corpus.FormatGitHub, issues) }

// An archive that no imported package reads says so.
func TestUnknownArchiveExact(t *testing.T) {
	path := filepath.Join(tree(t, map[string]string{"a.7z": "7z\xbc\xaf\x27\x1c\x00\x04 and more"}), "a.7z")
	for _, format := range []corpus.ThreadFormat{"", corpus.FormatDump} {
		all, faults := threads(t, corpus.OpenThreads(t.Context(), path, format, corpus.ThreadOptions{}))
		require.Empty(t, all)
		require.Equal(t, []string{path + ": cannot be opened: it is a 7z archive, which programs can read that import corpus/sevenzip; or unpack it first"}, faults)
	}
	require.Panics(t, func() { corpus.RegisterArchive("7", corpus.FormatDump, corpus.File) })
}
