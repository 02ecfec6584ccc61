package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// termsOf fits the documents with the flags, and returns the terms of all topics and the warnings.
func termsOf(t *testing.T, docs string, flags ...string) (terms []string, warnings string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "topics.json")
	_, warnings = fitted(t, append(flags, "--granularity", "2", "--topics", file, write(t, "docs.txt", docs))...)
	var topics []struct{ Terms []struct{ Term string } }
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &topics))
	for _, topic := range topics {
		for _, term := range topic.Terms {
			terms = append(terms, term.Term)
		}
	}
	return terms, warnings
}

func german(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Die Größe und die Länge der Straße ist uns nicht bekannt, aber das ist auch nicht wichtig %d\n", i)
		fmt.Fprintf(&b, "Wie backe ich ein Brot mit Käse, und was muss ich mit dem Teig noch machen %d?\n", i)
	}
	return b.String()
}

// The stop words are those of the language of the documents, which is told and can be set.
func TestStopWordsOfTheLanguage(t *testing.T) {
	terms, warnings := termsOf(t, german(15))
	require.Contains(t, warnings, "the documents are in german 100 %: the stop words of --stop-words german are left out")
	require.Contains(t, terms, "größe")
	require.NotContains(t, terms, "die")
	terms, warnings = termsOf(t, german(15), "--stop-words", "none")
	require.NotContains(t, warnings, "documents are in")
	require.Contains(t, terms, "die")
	terms, warnings = termsOf(t, texts(30))
	require.NotContains(t, warnings, "documents are in")
	require.NotContains(t, terms, "the")

	_, warnings = termsOf(t, strings.Repeat("แมวกินปลาในบ้านของฉันทุกวัน\nหมาเห่าเสียงดังมากในตอนกลางคืน\n", 10))
	require.Contains(t, warnings, "the documents are in thai 100 %, of which there is no list of stop words: no words are left out")

	// A saved model knows them.
	dir := filepath.Join(t.TempDir(), "model")
	fitted(t, "--granularity", "2", "--model", dir, write(t, "docs.txt", german(15)))
	code, stdout, stderr := call(t.Context(), "", "reduce", "--model", dir, "--to", "1", "--out", dir+"2")
	require.Zero(t, code, "%s%s", stdout, stderr)
	code, stdout, _ = call(t.Context(), "", "topics", "--model", dir+"2")
	require.Zero(t, code)
	require.NotContains(t, stdout, "die,")
}

// A pattern means what it means to Python.
func TestTokenPatternOfPython(t *testing.T) {
	for _, pattern := range []string{`(?u)\b\w\w+\b`, `\b\w\w+\b`, `(?i)\b[^\W\d_]{2,}\b`} {
		terms, _ := termsOf(t, german(15), "--token-pattern", pattern)
		for _, want := range []string{"größe", "länge", "straße"} {
			require.Contains(t, terms, want, pattern)
		}
		require.NotContains(t, terms, "gr")
	}
	code, _, stderr := call(t.Context(), "", "fit", "--token-pattern", "x", "--tokens", "code", write(t, "docs.txt", german(15)))
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--token-pattern goes with --tokens word")
}
