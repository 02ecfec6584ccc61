package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/examples/internal/findings"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

// cell is the value of a column in the row of a table whose first field is first.
func cell(t *testing.T, path, first, column string) string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for i, name := range records[0] {
		for _, r := range records[1:] {
			if name == column && r[0] == first {
				return r[i]
			}
		}
	}
	t.Fatalf("%s has no %q in the row of %q", path, column, first)
	return ""
}

// The figures of the corpora, to the digits that others counted.
func TestFiguresOfTheCorporaExact(t *testing.T) {
	data := filepath.Dir(filepath.Dir(testutil.Data(t, "genai_stackexchange", "Posts.xml")))
	testutil.Data(t, "security_secrets_se", "questions.jsonl")
	testutil.Data(t, "so_24k_meta", "QueryResults.csv")
	t.Setenv("GOBERTOPIC_DATA", data)
	dirs := [2]string{filepath.Join(t.TempDir(), "a", "b"), t.TempDir()}
	for _, dir := range dirs {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out, []string{"--out", dir, "--resamples", "200"}))
		require.Contains(t, out.String(), "181 threads")
		require.Contains(t, out.String(), "74.0 % of 181 without accepted answer; median 7.27 h to it; mean views 824.8")
	}
	corpora := filepath.Join(dirs[0], "corpora.csv")
	for _, want := range [][3]string{
		{"LLM", "threads", "181"},
		{"LLM", "hours to accepted answer: n", "47"},
		{"Security", "threads", "694"},
		{"Security", "hours to accepted answer: n", "0"},
		{"Security", "hours to accepted answer: median", ""},
		{"Mobile", "threads", "1151"},
	} {
		require.Equal(t, want[2], cell(t, corpora, want[0], want[1]), want)
	}
	require.Regexp(t, `^74\.0331491712707`, cell(t, corpora, "LLM", "without accepted answer, %"))
	require.Regexp(t, `^43\.8040345821325`, cell(t, corpora, "Security", "without accepted answer, %"))
	require.Regexp(t, `^7\.27`, cell(t, corpora, "LLM", "hours to accepted answer: median"))
	require.Regexp(t, `^5014\.08`, cell(t, corpora, "Security", "views: mean"))
	require.Regexp(t, `^824\.[78]`, cell(t, corpora, "LLM", "views: mean"))

	entries, err := os.ReadDir(dirs[0])
	require.NoError(t, err)
	require.Len(t, entries, 18, "eight tables twice, the threads and the methods, and nothing half-written")
	for _, e := range entries {
		a, err := os.ReadFile(filepath.Join(dirs[0], e.Name()))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(dirs[1], e.Name()))
		require.NoError(t, err)
		require.Equal(t, string(a), string(b), "%s is the same again", e.Name())
	}
}

// A language model's names stand in a column of their own.
func TestLanguageModelNamesTopics(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"choices":[{"message":{"role":"assistant","content":"topic: Loading Models"}}]}`)
	}))
	defer server.Close()
	t.Setenv("GOBERTOPIC_DATA", t.TempDir())
	t.Setenv("OPENAI_API_KEY", "")
	var questions strings.Builder
	questions.WriteString("<posts>\n")
	for i := range 60 {
		fmt.Fprintf(&questions, `<row Id="%d" PostTypeId="1" CreationDate="2024-01-01T00:00:00.000" Title="%s, part %d" Tags="|llama|" />`+"\n", i+1, titles[i%2], i)
	}
	questions.WriteString("</posts>\n")
	path, out := filepath.Join(t.TempDir(), "Posts.xml"), t.TempDir()
	require.NoError(t, os.WriteFile(path, []byte(questions.String()), 0o600))
	require.NoError(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, "--llm-url", server.URL, path}))
	require.Positive(t, asked)
	require.Equal(t, "Loading Models", cell(t, filepath.Join(out, "topics.csv"), "0", "language model"))
	methods, err := os.ReadFile(filepath.Join(out, "methods.md"))
	require.NoError(t, err)
	require.Contains(t, string(methods), "language model: gpt-4o-mini")
}

const dump = `<?xml version="1.0" encoding="utf-8"?>
<posts>
<row Id="1" PostTypeId="1" CreationDate="2024-01-01T00:00:00.000" Score="1" ViewCount="5" Body="b" Title="t" Tags="&lt;gpt-4&gt;" AnswerCount="0" />
<row Id="2" PostTypeId="1" CreationDate="yesterday" Title="t" Tags="&lt;gpt-4&gt;" />
</posts>
`

func TestWithoutDataAndWithBadData(t *testing.T) {
	t.Setenv("GOBERTOPIC_DATA", t.TempDir())
	err := run(t.Context(), &bytes.Buffer{}, nil)
	var usage findings.Usage
	require.ErrorAs(t, err, &usage)
	require.ErrorContains(t, err, "./examples/stackoverflow stackoverflow.com-Posts.7z")
	require.ErrorAs(t, run(t.Context(), &bytes.Buffer{}, []string{"--no-such-flag"}), &usage)
	require.ErrorAs(t, run(t.Context(), &bytes.Buffer{}, []string{"a", "b"}), &usage)

	path := filepath.Join(t.TempDir(), "Posts.xml")
	require.NoError(t, os.WriteFile(path, []byte(dump), 0o600))
	out := filepath.Join(t.TempDir(), "out")
	require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, "--strict", path}), ":4")
	require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, "--tags", "php", path}), "no question with one of the tags php")
	require.NoDirExists(t, out)
	require.NoError(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, path}))
	methods, err := os.ReadFile(filepath.Join(out, "methods.md"))
	require.NoError(t, err)
	require.Contains(t, string(methods), "0 that were there before, 1 malformed")

	packed := filepath.Join("..", "..", "corpus", "sevenzip", "testdata")
	require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, "--tags", "php", filepath.Join(packed, "bzip2.7z")}), "no question with one of the tags php")
	require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, []string{"--out", out, filepath.Join(packed, "without.7z")}), "it has no Posts.xml")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, &bytes.Buffer{}, []string{path}), context.Canceled)
}
