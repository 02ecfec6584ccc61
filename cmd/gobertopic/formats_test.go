package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/parquet"
)

// lines3 are the texts of n documents.
func lines3(n int) []string { return strings.Split(strings.TrimSpace(texts(n)), "\n") }

// Documents from Parquet have the topics that they have from CSV, and those are written as Parquet too.
func TestParquet(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	docs := lines3(60)
	ids := make([]string, len(docs))
	csv := "key,body\n"
	for i, d := range docs {
		ids[i] = "k" + strconv.Itoa(i)
		csv += fmt.Sprintf("%s,%q\n", ids[i], d)
	}
	f, err := os.Create(at("in.parquet"))
	require.NoError(t, err)
	require.NoError(t, parquet.Write(f, parquet.Column{Name: "key", Values: ids}, parquet.Column{Name: "body", Values: docs}))
	require.NoError(t, f.Close())
	code, _, stderr := call(t.Context(), "", "fit", "--text", "body", "--id", "key", "--docs", at("want.csv"), "--model", at("model"), "--quiet", write(t, "in.csv", csv))
	require.Zero(t, code, stderr)
	code, _, stderr = call(t.Context(), "", "fit", "--text", "body", "--id", "key", "--docs", at("got.csv"), "--quiet", at("in.parquet"))
	require.Zero(t, code, stderr)
	requireSameFile(t, at("want.csv"), at("got.csv"))

	copied, err := os.ReadFile(at("in.parquet"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(at("no.suffix"), copied, 0o600))
	code, _, stderr = call(t.Context(), "", "fit", "--format", "parquet", "--text", "body", "--id", "key", "--docs", at("got.parquet"), "--quiet", at("no.suffix"))
	require.Zero(t, code, stderr)
	records := readCSV(t, at("want.csv"))[1:]
	i := 0
	for d, err := range parquet.Open(at("got.parquet"), corpus.Options{TextField: "id"}) {
		require.NoError(t, err)
		require.Equal(t, records[i][:2], []string{d.Text, d.Fields["topic"]})
		want, err := strconv.ParseFloat(records[i][2], 64)
		require.NoError(t, err)
		got, err := strconv.ParseFloat(d.Fields["probability"], 64)
		require.NoError(t, err)
		require.Equal(t, want, got)
		i++
	}
	require.Equal(t, len(docs), i)
	code, stdout, stderr := call(t.Context(), "", "transform", "--model", at("model"), "--text", "body", "--id", "key", "--docs", at("again.parquet"), "--quiet", at("in.parquet"))
	require.Zero(t, code, stderr)
	require.Empty(t, stdout)
	requireSameFile(t, at("got.parquet"), at("again.parquet"))

	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"no column":      {[]string{"--text", "title", at("in.parquet")}, 1, []string{`field "title": missing, the columns are key, body`}},
		"no Parquet":     {[]string{"--format", "parquet", at("want.csv")}, 1, []string{"it is no Parquet file"}},
		"standard input": {[]string{"--format", "parquet", "-"}, 2, []string{"needs a file"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := call(t.Context(), "", append([]string{"fit", "--docs", at("none.parquet")}, c.args...)...)
			require.Equal(t, c.code, code)
			for _, s := range c.says {
				require.Contains(t, stderr, s)
			}
			require.NoFileExists(t, at("none.parquet"))
		})
	}
}

// fitted is the summary of a fit to the input.
func fitted(t *testing.T, args ...string) (documents int, stderr string) {
	t.Helper()
	code, stdout, stderr := call(t.Context(), "", append([]string{"fit", "--json"}, args...)...)
	require.Zero(t, code, stderr)
	var s struct {
		Documents int
		Warnings  []string
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &s))
	return s.Documents, strings.Join(s.Warnings, "\n")
}

// Threads are known by what is in the file, and are documents of title and text without markup.
func TestThreads(t *testing.T) {
	for _, name := range []string{"bzip2.7z", "site.7z"} {
		n, _ := fitted(t, filepath.Join("..", "..", "corpus", "sevenzip", "testdata", name))
		require.Equal(t, 200, n)
	}
	var dump strings.Builder
	dump.WriteString("<posts>\n<row Id=\"x\"/>\n<row Id=\"y\"/>\n")
	for i, d := range lines3(30) {
		fmt.Fprintf(&dump, `<row Id="%d" PostTypeId="1" CreationDate="2024-01-01" Title="%s" Body="&lt;p&gt;zebra&lt;/p&gt;&lt;pre&gt;&lt;code&gt;giraffe&lt;/code&gt;&lt;/pre&gt;"/>`+"\n", i+1, strings.ReplaceAll(d, "'", "&#39;"))
	}
	dump.WriteString("</posts>")
	path := write(t, "Posts.xml", dump.String())
	topics := filepath.Join(t.TempDir(), "topics.json")
	n, warnings := fitted(t, "--topics", topics, "--granularity", "3", path)
	require.Equal(t, 30, n)
	require.Contains(t, warnings, path+`:2: field "Id": is "x", want a whole number`)
	text, err := os.ReadFile(topics)
	require.NoError(t, err)
	require.Contains(t, string(text), "zebra")
	require.NotContains(t, string(text), "giraffe", "code is left out")

	model := filepath.Join(t.TempDir(), "model")
	code, _, stderr := call(t.Context(), "", "fit", "--granularity", "3", "--model", model, "--quiet", path)
	require.Zero(t, code, stderr)
	for _, args := range [][]string{{"distribution"}, {"over-time", "--time", "CreationDate"}, {"transform"}} {
		code, _, stderr := call(t.Context(), "", append(args, "--model", model, path)...)
		require.Zero(t, code, stderr)
		require.Contains(t, stderr, path+`:3: field "Id": is "y", want a whole number`, args)
	}

	code, stdout, stderr := call(t.Context(), dump.String(), "fit", "--format", "so-dump", "--quiet", "-")
	require.Zero(t, code, stderr)
	require.NotEmpty(t, stdout)
	code, _, stderr = call(t.Context(), "", "fit", "--format", "so-dump", write(t, "a.jsonl", `{"text":"a"}`))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "a.jsonl")

	// Records that have the text are documents, whatever else they have; a field that is named is looked for.
	n, _ = fitted(t, write(t, "a.jsonl", `{"question_id":1,"title":"a","text":"some words here"}`+"\n"+`{"question_id":2,"title":"b","text":"other words"}`))
	require.Equal(t, 2, n)
	code, _, stderr = call(t.Context(), "", "fit", "--text", "body", write(t, "b.jsonl", `{"question_id":1,"title":"a"}`))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, `field "body": missing`)
}

// What fetch has written is fitted by its name alone.
func TestFetchThenFit(t *testing.T) {
	docs := lines3(30)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var id int
		switch {
		case r.URL.Path == "/questions":
			var items []map[string]any
			for i, d := range docs {
				items = append(items, map[string]any{"question_id": i + 1, "title": d, "body": "<p>How?</p>", "answer_count": 0, "tags": []string{"llm"}, "creation_date": 1704067200 + i, "is_answered": false})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "has_more": false})
		case r.URL.Path == "/latest.json":
			var topics []map[string]any
			for i, d := range docs {
				topics = append(topics, map[string]any{"id": i + 1, "title": d, "created_at": "2024-01-01T00:00:00Z", "posts_count": 1, "views": i})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"users": []int{}, "topic_list": map[string]any{"topics": topics}})
		default:
			if _, err := fmt.Sscanf(r.URL.Path, "/t/%d.json", &id); err != nil {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			post := map[string]any{"id": id, "post_number": 1, "post_type": 1, "username": "a", "created_at": "2024-01-01T00:00:00Z", "cooked": "<p>How?</p>"}
			_ = json.NewEncoder(w).Encode(map[string]any{"id": id, "title": docs[id-1], "post_stream": map[string]any{"posts": []any{post}, "stream": []int{id}}})
		}
	}))
	defer server.Close()
	for _, args := range [][]string{{"stackexchange", "--api", server.URL}, {"discourse", "--site", server.URL}} {
		out := filepath.Join(t.TempDir(), "f.jsonl")
		code, _, stderr := call(t.Context(), "", append([]string{"fetch", args[0], "--rate", "30", "--quiet", "--out", out}, args[1:]...)...)
		require.Zero(t, code, stderr)
		table := filepath.Join(t.TempDir(), "docs.csv")
		n, warnings := fitted(t, "--docs", table, "--granularity", "3", out)
		require.Equal(t, 30, n)
		require.NotContains(t, warnings, "malformed")
		records := readCSV(t, table)[1:]
		require.Len(t, records, 30)
		require.Equal(t, "1", records[0][0])
	}
}
