package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/clean"
)

// dirty is documents of which two in three are to be left out or changed.
func dirty(n int) string {
	var b strings.Builder
	for i := range n {
		texts := []string{
			fmt.Sprintf("Training of the neural network number %d of https://example.com/%d fails with\n> a quote\nTraceback (most recent call last):\n  File \"a.py\", line %d, in f\nValueError: %d", i, i, i, i*i*7919),
			"Ich weiß nicht, wie ich das Modell trainieren soll, und es gibt keine Antwort.",
			fmt.Sprintf("The bread number %d wants flour, butter, %d eggs and cheese, says my grandmother.", i*i*104729, i*i*7919),
			fmt.Sprintf("the BREAD number %d wants flour, butter, %d eggs AND cheese; says my grandmother!", i*i*104729, i*i*7919),
		}
		for k, text := range texts {
			line, _ := json.Marshal(map[string]string{"id": fmt.Sprintf("%d-%d", i, k), "text": text})
			b.Write(append(line, '\n'))
		}
	}
	return b.String()
}

func TestFitCleans(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	input := write(t, "d.jsonl", dirty(20))
	args := []string{"fit", "--drop-tracebacks", "--drop-urls", "--drop-quotes", "--lang", "english", "--dedup=1", "--docs", at("docs.csv"), input}
	code, _, stderr := call(t.Context(), "", args...)
	require.Zero(t, code, stderr)
	for _, line := range []string{"read: 80 in", "step        documents  changed", "language           80        0                   0       20  german 20", "duplicates         60        0                   0       20  the same 20", "kept               40"} {
		require.Contains(t, stderr, line)
	}
	records := readCSV(t, at("docs.csv"))
	require.Len(t, records, 41)
	require.Equal(t, "0-0", records[1][0])
	require.Equal(t, "0-2", records[2][0], "the ids are those of the documents that were kept")

	code, stdout, stderr := call(t.Context(), "", append(args, "--json", "--quiet", "--save-embeddings", at("kept.npy"))...)
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	var s struct {
		Documents int
		Cleaning  clean.Summary
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &s))
	require.Equal(t, 40, s.Documents)
	require.Equal(t, 80, s.Cleaning.Documents)
	require.Equal(t, 40, s.Cleaning.Kept)
	require.Len(t, s.Cleaning.Steps, 5)
	require.Equal(t, 20, s.Cleaning.Steps[1].Changed)

	// Embeddings may have a row for each document that was read, or for each that is kept.
	code, _, stderr = call(t.Context(), "", "fit", "--quiet", "--drop-tracebacks", "--drop-urls", "--drop-quotes", "--save-embeddings", at("all.npy"), "--docs", at("all.csv"), input)
	require.Zero(t, code, stderr)
	for _, name := range []string{"kept.npy", "all.npy"} {
		code, _, stderr = call(t.Context(), "", append(args, "--quiet", "--embeddings", at(name), "--docs", at("again.csv"))...)
		require.Zero(t, code, stderr)
		requireSameFile(t, at("docs.csv"), at("again.csv"))
	}
	code, _, stderr = call(t.Context(), "", "fit", "--quiet", "--lang", "english", "--embeddings", at("kept.npy"), input)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "40 rows, want one for each of the 80 documents, or of the 60 that cleaning keeps")
}

func TestCleanMisuse(t *testing.T) {
	input := write(t, "texts.txt", texts(30))
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"language":   {[]string{"--lang", "klingon"}, []string{"--lang", "klingon", "english"}},
		"similarity": {[]string{"--dedup=1.5"}, []string{"--dedup", "1.5", "at most 1"}},
		"tracebacks": {[]string{"--drop-tracebacks=some"}, []string{"--drop-tracebacks", "frames or all"}},
		"markup":     {[]string{"--clean", "rtf"}, []string{"rtf", "html or markdown"}},
		"code":       {[]string{"--keep-code"}, []string{"--clean"}},
	} {
		code, stdout, stderr := call(t.Context(), "", append([]string{"fit", input}, c.args...)...)
		require.Equal(t, 2, code, name)
		require.Empty(t, stdout)
		for _, s := range c.says {
			require.Contains(t, stderr, s)
		}
	}
}
