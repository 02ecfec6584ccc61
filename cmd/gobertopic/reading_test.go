package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/xlsx"
	"github.com/gobertopic/gobertopic/internal/testpostgres"
)

// One bad record is one bad record in every format, told of with its line; --strict fails at it.
func TestBadRecordsAreLeftOut(t *testing.T) {
	jsonl, csv := new(strings.Builder), new(strings.Builder)
	csv.WriteString("id;text\n")
	for i, d := range lines3(30) {
		fmt.Fprintf(jsonl, "{\"id\":%d,\"text\":%q}\n", i, d)
		fmt.Fprintf(csv, "%d;%s\n", i, d)
		if i == 3 {
			jsonl.WriteString("{\"text\":null}\n{\"text\":\"cut\n")
			csv.WriteString("x\n")
		}
	}
	for name, c := range map[string]struct{ text, warning string }{
		"a.jsonl": {jsonl.String(), `a.jsonl:5: field "text": is null, want a string`}, "a.csv": {csv.String(), "a.csv:6: the header has 2 fields, the record 1"},
	} {
		path := write(t, name, c.text)
		n, warnings := fitted(t, "--granularity", "3", path)
		require.Equal(t, 30, n, name)
		require.Contains(t, warnings, c.warning)
		code, _, stderr := call(t.Context(), "", "fit", "--strict", "--granularity", "3", path)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, c.warning)
	}
}

// Where nothing can be read, or what follows fails, the reasons are told.
func TestBadRecordsAreToldOnEveryExit(t *testing.T) {
	pages := write(t, "pages.jsonl", `{"id":-1,"title":"a","posts_count":1}`+"\n"+`{"id":2,"title":null,"posts_count":1}`+"\n")
	code, _, stderr := call(t.Context(), "", "fit", "--format", "discourse", pages)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `no documents, all 2 records cannot be read; the first: `+pages+`:1: field "id": missing, want the number of a topic`)
	require.Contains(t, stderr, `pages.jsonl:2: field "title": missing`)
	us := write(t, "us.jsonl", `{"text":"a kettle","t":"5/18/2021"}`+"\n")
	code, _, stderr = call(t.Context(), "", "over-time", "--model", t.TempDir(), "--time", "t", us)
	require.NotZero(t, code)
	require.NotContains(t, stderr, "panic")

	few := write(t, "few.csv", "text,label\na caf\xe9 with \"tea\"\nb,x\n")
	code, _, stderr = call(t.Context(), "", "fit", "--embeddings", few, few)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "warning: "+few+": it is not UTF-8 and was read as windows-1252")
	require.Contains(t, stderr, "few.csv:2: the header has 2 fields, the record 1")
}

// What was read to find the format is not told of.
func TestNoWarningsOfAnotherFormat(t *testing.T) {
	code, _, stderr := call(t.Context(), "", "fit", filepath.Join("..", "..", "corpus", "sevenzip", "testdata", "ppmd_py7zr.7z"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "method not supported")
	require.NotContains(t, stderr, "warning")
}

func TestReadingFlags(t *testing.T) {
	for _, args := range [][]string{
		{"--delimiter", "ab"}, {"--max-record", "0"}, {"--time-format", "%q"}, {"--sheet", "a"}, {"--query", "SELECT 1", "-"}, {"--format", "sqlite"}, {"--format", "xlsx", "-"},
	} {
		path := write(t, "a.jsonl", `{"text":"a"}`)
		args = append([]string{"fit"}, args...)
		if args[len(args)-1] != "-" {
			args = append(args, path)
		}
		code, _, stderr := call(t.Context(), "", args...)
		require.Equal(t, exitUsage, code, "%v: %s", args, stderr)
	}
	long := write(t, "long.txt", strings.Repeat("a", 3<<20))
	code, _, stderr := call(t.Context(), "", "fit", "--max-record", "2", long)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "the record goes on for more than 2 MB")
}

// What is read is never written over, whatever the name that it is given by.
func TestInputIsNotOutput(t *testing.T) {
	path := write(t, "docs.csv", "text\na\nb\n")
	other := filepath.Join(filepath.Dir(path), "..", filepath.Base(filepath.Dir(path)), "docs.csv")
	for _, args := range [][]string{{"fit", "--docs", path, path}, {"fit", "--topics", other, path}, {"fit", "--save-embeddings", path, other}, {"transform", "--docs", other, path}} {
		code, _, stderr := call(t.Context(), "", args...)
		require.Equal(t, exitUsage, code, "%v", args)
		require.Contains(t, stderr, "docs.csv is the input, want another file to write to")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "text\na\nb\n", string(text))
	}
}

// Workbooks and databases are inputs, and a workbook is an output.
func TestWorkbooksAndDatabases(t *testing.T) {
	dir := t.TempDir()
	docs := lines3(30)
	table := filepath.Join(dir, "in.xlsx")
	out, err := os.Create(table)
	require.NoError(t, err)
	require.NoError(t, xlsx.Write(out, xlsx.Column{Name: "text", Values: docs}))
	require.NoError(t, out.Close())
	result := filepath.Join(dir, "out.xlsx")
	n, warnings := fitted(t, "--granularity", "3", "--docs", result, table)
	require.Equal(t, 30, n)
	require.NotContains(t, warnings, "record")
	rows := 0
	for d, err := range xlsx.Open(t.Context(), result, xlsx.Options{}) {
		require.ErrorContains(t, err, `field "text": missing, the header has id, topic, probability`)
		require.Empty(t, d.ID)
		rows++
	}
	require.Equal(t, 1, rows)

	fill := func(t *testing.T, driver, address string) {
		db, err := sql.Open(driver, address)
		require.NoError(t, err)
		defer func() { _ = db.Close() }()
		_, err = db.Exec("CREATE TABLE posts (id INTEGER, body TEXT)")
		require.NoError(t, err)
		for i, d := range docs {
			_, err = db.Exec("INSERT INTO posts VALUES ($1, $2)", i, d)
			require.NoError(t, err)
		}
	}
	query := []string{"--granularity", "3", "--query", "SELECT id, body AS text FROM posts ORDER BY id"}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(dir, "posts 100%.db")
		fill(t, "sqlite", path)
		n, _ := fitted(t, append(query, path)...)
		require.Equal(t, 30, n)
		n, _ = fitted(t, append(query, "sqlite:"+path)...)
		require.Equal(t, 30, n)
		code, _, stderr := call(t.Context(), "", append([]string{"fit"}, append(query, path+"x")...)...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "posts 100%.dbx: ")
		require.NoFileExists(t, path+"x")
	})
	t.Run("postgres", func(t *testing.T) {
		address := testpostgres.Start(t)
		fill(t, "pgx", address)
		n, _ := fitted(t, append(query, address)...)
		require.Equal(t, 30, n)
	})
}
