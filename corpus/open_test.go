package corpus_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

func TestFormatOf(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]corpus.Format{
		"a.jsonl": "jsonl", "a.ndjson": "jsonl", "a.json.gz": "jsonl", "a": "jsonl", "": "jsonl", "csv": "jsonl",
		"a.csv": "csv", "A.CSV": "csv", "a.csv.gz": "csv", "a.CSV.GZ": "csv", "x/a.tsv": "csv",
		"a.txt": "lines", "a.txt.gz": "lines", dir: "godoc", filepath.Join(dir, "nowhere"): "jsonl",
	} {
		require.Equal(t, want, corpus.FormatOf(path), path)
	}
}

func TestOpen(t *testing.T) {
	files := map[string]string{
		"a.csv": "id,text\n1,x\n", "b.tsv": "id\ttext\n1\tx\n", "c.txt": "x\n", "d.jsonl": `{"text":"x"}`, "e.data": `{"text":"x"}`,
		"f.csv.gz": string(pack(t, "id,text\n1,x\n")), "g.tsv.gz": string(pack(t, "id\ttext\n1\tx\n")),
		"h.txt": string(pack(t, "x\n")), // the bytes decide, not the name
		"i.gz":  `{"text":"x"}`,
	}
	dir := tree(t, files)
	for name := range files {
		docs := corpus.Open(filepath.Join(dir, name), "", corpus.Options{})
		for range 2 { // it opens the file again
			got, fault := collect(t, docs)
			require.Nil(t, fault, name)
			require.Len(t, got, 1, name)
			require.Equal(t, [2]string{"1", "x"}, [2]string{got[0].ID, got[0].Text}, name)
		}
	}
	got, fault := collect(t, corpus.Open(filepath.Join(dir, "b.tsv"), "", corpus.Options{Comma: ','}))
	require.Empty(t, got)
	require.ErrorContains(t, fault, `b.tsv:1: field "text": missing, the header has id`)
	got, fault = collect(t, corpus.Open(filepath.Join(dir, "a.csv"), corpus.FormatLines, corpus.Options{}))
	require.Nil(t, fault)
	require.Len(t, got, 2)

	module := tree(t, map[string]string{"go.mod": "module m\n", "a.go": "// Package m.\npackage m\n"})
	got, fault = collect(t, corpus.Open(module, "", corpus.Options{}))
	require.Nil(t, fault)
	require.Equal(t, []string{"m"}, ids(got))
}

func TestOpenErrors(t *testing.T) {
	dir := tree(t, map[string]string{"a.jsonl": "{}"})
	nowhere := filepath.Join(dir, "nowhere.jsonl")
	_, fault := collect(t, corpus.Open(nowhere, "", corpus.Options{}))
	require.ErrorIs(t, fault, fs.ErrNotExist)
	require.True(t, strings.HasPrefix(fault.Error(), nowhere+": cannot be opened: "), fault.Error())
	require.Equal(t, 1, strings.Count(fault.Error(), "nowhere"), "the path stands there once")
	_, fault = collect(t, corpus.Open(filepath.Join(dir, "a.jsonl"), "", corpus.Options{Name: "mine"}))
	require.EqualError(t, fault, `mine:1: field "text": missing, the record is empty`)
	_, fault = collect(t, corpus.Open(filepath.Join(dir, "a.jsonl"), "xml", corpus.Options{}))
	require.ErrorContains(t, fault, `the format is "xml"`)
	_, fault = collect(t, corpus.Open(dir, corpus.FormatJSONL, corpus.Options{}))
	require.ErrorContains(t, fault, dir+": cannot be ")
}

// The file is closed however the iteration ends.
func TestOpenCloses(t *testing.T) {
	const descriptors = "/proc/self/fd"
	if _, err := os.Stat(descriptors); err != nil || runtime.GOOS != "linux" {
		t.Skip("needs " + descriptors)
	}
	path := filepath.Join(tree(t, map[string]string{"a.jsonl": "{\"text\":\"a\"}\n{}\n{\"text\":\"c\"}\n"}), "a.jsonl")
	open := func() (n int) {
		entries, err := os.ReadDir(descriptors)
		require.NoError(t, err)
		for _, e := range entries {
			if to, _ := os.Readlink(filepath.Join(descriptors, e.Name())); to == path {
				n++
			}
		}
		return n
	}
	for stopAt := 1; stopAt <= 4; stopAt++ {
		n := 0
		for range corpus.Open(path, "", corpus.Options{}) {
			require.Equal(t, 1, open())
			if n++; n == stopAt {
				break
			}
		}
		require.Equal(t, min(stopAt, 3), n)
		require.Zero(t, open())
	}
	require.Panics(t, func() {
		for range corpus.Open(path, "", corpus.Options{}) {
			panic("in the loop")
		}
	})
	require.Zero(t, open())
}
