package corpus_test

import (
	"go/build"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// tree writes files below a new directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func TestGoDocExact(t *testing.T) {
	dir := tree(t, map[string]string{
		"a/a.go": `// Package a is first.
package a

// Limits of things.
const (
	Low  = 1
	High = 2
)

// T is a type.
type T struct{}

// Do does.
func (t *T) Do() {}

// New makes a T.
func New() *T { return nil }

// hidden is not exported.
func hidden() {}

func Silent() {}
`,
		"a/a_linux.go":   "package a\n\n// Pipe for Linux.\nfunc Pipe() {}\n\nfunc Late() {}\n",
		"a/a_windows.go": "package a\n\n// Pipe for Windows.\nfunc Pipe() {}\n\n// Late has its comment in the second file.\nfunc Late() {}\n",
		"a/a_test.go":    "package a\n\n// Test is not read.\nfunc Test() {}\n",
		"a/gen.go":       "//go:build ignore\n\n// Command gen is another package.\npackage main\n",
		"b/c/g.go":       "package c\n\n// Pair has type parameters.\ntype Pair[A, B any] struct{}\n\n// First gives the first.\nfunc (p *Pair[A, B]) First() {}\n",
		"internal/i.go":  "// Package internal is for others.\npackage internal\n",
		"testdata/x.go":  "not Go",
		"_skip/x.go":     "not Go",
		"empty/x.txt":    "no Go here",
	})
	fields := func(pkg, symbol, kind string) map[string]string {
		return map[string]string{"package": pkg, "symbol": symbol, "kind": kind}
	}
	want := []corpus.Document{
		{ID: "a", Text: "Package a is first.", Fields: fields("a", "", "package")},
		{ID: "a.Low", Text: "Limits of things.", Fields: fields("a", "Low", "const")},
		{ID: "a.Late", Text: "Late has its comment in the second file.", Fields: fields("a", "Late", "func")},
		{ID: "a.Pipe", Text: "Pipe for Linux.", Fields: fields("a", "Pipe", "func")},
		{ID: "a.T", Text: "T is a type.", Fields: fields("a", "T", "type")},
		{ID: "a.New", Text: "New makes a T.", Fields: fields("a", "New", "func")},
		{ID: "a.T.Do", Text: "Do does.", Fields: fields("a", "T.Do", "method")},
		{ID: "b/c.Pair", Text: "Pair has type parameters.", Fields: fields("b/c", "Pair", "type")},
		{ID: "b/c.Pair.First", Text: "First gives the first.", Fields: fields("b/c", "Pair.First", "method")},
	}
	for range 20 { // go/doc walks over maps
		docs, err := collect(corpus.GoDoc(dir, corpus.GoDocOptions{}))
		require.NoError(t, err)
		require.Equal(t, want, docs)
	}
	docs, err := collect(corpus.GoDoc(dir, corpus.GoDocOptions{Internal: true}))
	require.NoError(t, err)
	require.Equal(t, "internal", docs[len(docs)-1].ID)

	for d, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		require.NoError(t, err)
		require.Equal(t, "a", d.ID)
		break
	}
}

func TestGoDocErrors(t *testing.T) {
	dir := tree(t, map[string]string{"a/a.go": "package a\n\nfunc {\n", "f": ""})
	_, err := collect(corpus.GoDoc(dir, corpus.GoDocOptions{}))
	require.ErrorContains(t, err, filepath.Join("a", "a.go")+":3:")
	_, err = collect(corpus.GoDoc(filepath.Join(dir, "f"), corpus.GoDocOptions{}))
	require.ErrorContains(t, err, "is a file, want a directory")
	_, err = collect(corpus.GoDoc(filepath.Join(dir, "nowhere"), corpus.GoDocOptions{}))
	require.ErrorIs(t, err, os.ErrNotExist)
	docs, err := collect(corpus.GoDoc(tree(t, nil), corpus.GoDocOptions{}))
	require.NoError(t, err)
	require.Empty(t, docs)
}

func TestGoDocOfTheStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("parses Go's standard library")
	}
	began := time.Now()
	docs, err := collect(corpus.GoDoc(filepath.Join(build.Default.GOROOT, "src"), corpus.GoDocOptions{}))
	require.NoError(t, err)
	require.Greater(t, len(docs), 7000)
	t.Logf("%d documents in %v", len(docs), time.Since(began))
	byID := map[string]string{}
	for _, d := range docs {
		require.NotEmpty(t, d.Text, d.ID)
		require.NotContains(t, byID, d.ID)
		byID[d.ID] = d.Text
	}
	require.Contains(t, byID["encoding/json.Marshal"], "Marshal returns the JSON encoding of v.")
	require.Contains(t, byID["io"], "Package io provides basic interfaces to I/O primitives.")
}
