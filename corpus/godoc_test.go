package corpus_test

import (
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
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

func goDoc(t *testing.T, dir string, o corpus.GoDocOptions) []corpus.Document {
	t.Helper()
	docs, fault := collect(t, corpus.GoDoc(dir, o))
	require.Nil(t, fault)
	return docs
}

func ids(docs []corpus.Document) (out []string) {
	for _, d := range docs {
		out = append(out, d.ID)
	}
	return out
}

const packageA = `// Copyright of no interest.

// Package a is first.
package a

import "io"

// Limits of things.
const (
	// Low is the least.
	Low  = 1
	High = 2 // not read
	// low is hidden.
	low = 3
)

const (
	hiddenFirst = iota
	// Second has a comment where the group has none.
	Second
)

// Mode has values.
type Mode int

// Modes there are.
const (
	Fast Mode = iota
	Slow
)

// ErrA is a variable.
var ErrA = io.EOF

// T is a type.
//
// It has a second paragraph.
type T struct {
	// Field is not a document.
	Field int
	common
}

type common struct{}

// Log comes from an embedded type.
func (common) Log() {}

// Do does.
func (t *T) Do() {}

// quiet is not exported.
func (t *T) quiet() {}

// New makes a T.
func New() *T { return nil }

// hidden is not exported.
func hidden() {}

func Silent() {}

//go:noinline
func Directive() {}

// I is an interface.
type I interface {
	// M is not a document.
	M()
}

type (
	// G1 is in a group.
	G1 int
	G2 int
)
`

func TestGoDocExact(t *testing.T) {
	dir := tree(t, map[string]string{
		"go.mod":              "// A comment.\nmodule \"example.com/m\" // another\n\ngo 1.26\n",
		"m.go":                "// Package m is the root.\npackage m\n",
		"a/a.go":              packageA,
		"a/a_linux.go":        "package a\n\n// Pipe for Linux.\nfunc Pipe() {}\n\nfunc Late() {}\n\n// File for Linux.\ntype File struct{}\n\n// Close for Linux.\nfunc (*File) Close() {}\n",
		"a/a_windows.go":      "package a\n\n// Pipe for Windows.\nfunc Pipe() {}\n\n// Late has its comment in the second file.\nfunc Late() {}\n\ntype File struct{}\n\n// Close for Windows.\nfunc (*File) Close() {}\n\n// Handle is on Windows alone.\ntype Handle int\n",
		"a/a_test.go":         "package a\n\n// Test is not read.\nfunc Test() {}\n",
		"a/0gen.go":           "//go:build ignore\n\n// Command gen is another package.\npackage main\n\n// Gen is not read.\nfunc Gen() {}\n",
		"a/_x.go":             "not Go",
		"a/.x.go":             "not Go",
		"a/x.go/y.txt":        "a directory with the name of a file",
		"b/c/g.go":            "//go:build neverset && !linux\n\npackage c\n\n// Pair has type parameters.\ntype Pair[A, B any] struct{}\n\n// First gives the first.\nfunc (p *Pair[A, B]) First() {}\n\n// One is one.\ntype One[A any] int\n\n// Of is a method.\nfunc (One[A]) Of() {}\n",
		"cmd/tool/main.go":    "// Tool is a command.\npackage main\n\n// Exported is of no use to others.\nfunc Exported() {}\n",
		"internal/i.go":       "// Package internal is for others.\npackage internal\n",
		"nested/go.mod":       "module example.org/other\n",
		"nested/n.go":         "// Package nested is in a module of its own.\npackage nested\n",
		"nested/sub/s.go":     "// Package sub too.\npackage sub\n",
		"testdata/x.go":       "not Go",
		"vendor/v/v.go":       "not Go",
		"_skip/x.go":          "not Go",
		".skip/x.go":          "not Go",
		"empty/x.txt":         "no Go here",
		"onlytests/x_test.go": "// Package x is not read.\npackage x\n",
	})
	var want []corpus.Document
	add := func(pkg, symbol, kind, text string) {
		id := pkg
		if symbol != "" {
			id += "." + symbol
		}
		want = append(want, corpus.Document{
			ID: id, Text: text, Fields: map[string]string{"package": pkg, "symbol": symbol, "kind": kind},
		})
	}
	const m = "example.com/m"
	add(m, "", "package", "Package m is the root.")
	add(m+"/a", "", "package", "Package a is first.")
	add(m+"/a", "Low", "const", "Limits of things.\n\nLow is the least.")
	add(m+"/a", "Second", "const", "Second has a comment where the group has none.")
	add(m+"/a", "ErrA", "var", "ErrA is a variable.")
	add(m+"/a", "Late", "func", "Late has its comment in the second file.")
	add(m+"/a", "Pipe", "func", "Pipe for Linux.")
	add(m+"/a", "File", "type", "File for Linux.")
	add(m+"/a", "File.Close", "method", "Close for Linux.")
	add(m+"/a", "G1", "type", "G1 is in a group.")
	add(m+"/a", "Handle", "type", "Handle is on Windows alone.")
	add(m+"/a", "I", "type", "I is an interface.")
	add(m+"/a", "Mode", "type", "Mode has values.")
	add(m+"/a", "Fast", "const", "Modes there are.")
	add(m+"/a", "T", "type", "T is a type.\n\nIt has a second paragraph.")
	add(m+"/a", "New", "func", "New makes a T.")
	add(m+"/a", "T.Do", "method", "Do does.")
	add(m+"/a", "T.Log", "method", "Log comes from an embedded type.")
	add(m+"/b/c", "One", "type", "One is one.")
	add(m+"/b/c", "One.Of", "method", "Of is a method.")
	add(m+"/b/c", "Pair", "type", "Pair has type parameters.")
	add(m+"/b/c", "Pair.First", "method", "First gives the first.")
	add(m+"/cmd/tool", "", "package", "Tool is a command.")
	add("example.org/other", "", "package", "Package nested is in a module of its own.")
	add("example.org/other/sub", "", "package", "Package sub too.")
	for range 20 { // go/doc walks over maps
		require.Equal(t, want, goDoc(t, dir, corpus.GoDocOptions{}))
	}

	all := ids(goDoc(t, dir, corpus.GoDocOptions{Internal: true}))
	require.Len(t, all, len(want)+2)
	require.Contains(t, all, m+"/internal")
	require.Contains(t, all, m+"/cmd/tool.Exported")

	// The import path is the same wherever the reading begins, and dir itself is read whatever its name.
	require.Equal(t, []string{m + "/internal"}, ids(goDoc(t, filepath.Join(dir, "internal"), corpus.GoDocOptions{})))
	require.Equal(t, m+"/b/c.One", goDoc(t, filepath.Join(dir, "b"), corpus.GoDocOptions{})[0].ID)
	t.Chdir(filepath.Join(dir, "nested", "sub"))
	require.Equal(t, []string{"example.org/other/sub"}, ids(goDoc(t, ".", corpus.GoDocOptions{})))
	require.Equal(t, []string{"example.org/other", "example.org/other/sub"}, ids(goDoc(t, "..", corpus.GoDocOptions{})))

	for stopAt := range len(want) {
		n := 0
		for d, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
			require.NoError(t, err)
			require.Equal(t, want[n], d)
			if n++; n > stopAt {
				break
			}
		}
	}
}

// Which package a directory holds where its files differ.
func TestGoDocChoosesThePackage(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"most files": {map[string]string{
			"a.go": "package other\n\n// A is here.\nfunc A() {}\n",
			"b.go": "// Package p is p.\npackage p\n", "c.go": "package p\n\n// C is c.\nfunc C() {}\n",
		}, []string{"p", "p.C"}},
		"not the ignored": {map[string]string{
			"a.go": "//go:build ignore\n\npackage main\n", "b.go": "// +build ignore\n\npackage main\n", "c.go": "//go:build ignore && linux\n\npackage main\n",
			"d.go": "// Package p is p.\npackage p\n",
		}, []string{"p"}},
		"ignored for other reasons": {map[string]string{
			"a.go": "//go:build !ignore\n\n// Package p is p.\npackage p\n", "b.go": "//go:build linux || ignore\n\npackage p\n",
			"c.go": "package q\n",
		}, []string{"p"}},
		"nothing but ignored": {map[string]string{"a.go": "//go:build ignore\n\n// A is a command.\npackage main\n"}, []string{"main"}},
		"the first of equals": {map[string]string{"a.go": "// A.\npackage a\n", "b.go": "// B.\npackage b\n"}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, ids(goDoc(t, tree(t, c.files), corpus.GoDocOptions{})))
		})
	}
}

func TestGoDocErrors(t *testing.T) {
	dir := tree(t, map[string]string{
		"a/a.go": "// Package a is good.\npackage a\n", "a/b.go": "package a\n\nfunc {\n", "a/c.go": "package a\n\n// C is good.\nfunc C() {}\n",
		"b/b.go": "", "c/c.go": "// Package c is good.\npackage c\n", "f": "",
	})
	_, fault := collect(t, corpus.GoDoc(dir, corpus.GoDocOptions{}))
	require.EqualError(t, fault, filepath.Join(dir, "a", "b.go")+":3: expected 'IDENT', found '{'")
	require.Error(t, fault.Err)

	// Who goes on reads all but the files that are not Go.
	var got []string
	for d, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		if fault := (*corpus.Error)(nil); err != nil {
			require.ErrorAs(t, err, &fault)
			d.ID = "!" + filepath.Base(fault.Source)
		}
		got = append(got, d.ID)
	}
	require.Equal(t, []string{"!b.go", "a", "a.C", "!b.go", "c"}, got)
	n := 0
	for range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
		n++
		break
	}
	require.Equal(t, 1, n)

	_, fault = collect(t, corpus.GoDoc(filepath.Join(dir, "f"), corpus.GoDocOptions{}))
	require.ErrorContains(t, fault, filepath.Join(dir, "f")+": cannot be read: ")
	_, fault = collect(t, corpus.GoDoc(filepath.Join(dir, "nowhere"), corpus.GoDocOptions{}))
	require.ErrorIs(t, fault, os.ErrNotExist)
	require.ErrorContains(t, fault, filepath.Join(dir, "nowhere")+": cannot be read: ")
	require.Empty(t, goDoc(t, t.TempDir(), corpus.GoDocOptions{}))
}

func TestGoDocLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	dir := tree(t, map[string]string{"go.mod": "module m\n", "a/a.go": "// Package a.\npackage a\n", "z/z.go": "// Package z.\npackage z\n"})
	other := t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(dir, "a"), filepath.Join(other, "link")))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "z", "loop")))
	require.NoError(t, os.Symlink(filepath.Join(dir, "a", "a.go"), filepath.Join(dir, "z", "more.go")))
	require.Equal(t, []string{"m/a"}, ids(goDoc(t, filepath.Join(other, "link"), corpus.GoDocOptions{})), "the directory itself may be a link")
	require.Equal(t, []string{"m/a", "m/z"}, ids(goDoc(t, dir, corpus.GoDocOptions{})), "links to directories are not followed")
	require.NoError(t, os.Symlink("nowhere.go", filepath.Join(dir, "z", "broken.go")))
	_, fault := collect(t, corpus.GoDoc(dir, corpus.GoDocOptions{}))
	require.ErrorIs(t, fault, os.ErrNotExist)
	require.ErrorContains(t, fault, "broken.go: cannot be read: ")
}

func TestGoDocOfTheStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("parses Go's standard library")
	}
	src := filepath.Join(build.Default.GOROOT, "src")
	var docs []corpus.Document
	best := time.Hour
	for try := 0; try < 3 && best > 5*time.Second; try++ { // the machine may be busy
		began := time.Now()
		docs = goDoc(t, src, corpus.GoDocOptions{})
		best = min(best, time.Since(began))
	}
	t.Logf("%d documents in %v", len(docs), best)
	require.Less(t, best, 5*time.Second)
	require.Greater(t, len(docs), 7000)
	leftOut := regexp.MustCompile(`(^|/)(internal|vendor|testdata)(/|$)`)
	byID := map[string]corpus.Document{}
	for _, d := range docs {
		require.NotEmpty(t, d.Text, d.ID)
		require.NotContains(t, byID, d.ID)
		byID[d.ID] = d
		require.False(t, leftOut.MatchString(d.Fields["package"]), d.ID)
	}
	for id, want := range map[string]string{
		"io":                    "Package io provides basic interfaces to I/O primitives.",
		"encoding/json.Marshal": "Marshal returns the JSON encoding of v",
		"os.File":               "File represents an open file descriptor.",
		"os.File.Close":         "Close closes the ",
		"testing.T.Fatalf":      "Fatalf is equivalent to Logf followed by FailNow.",
		"io.EOF":                "EOF is the error returned by Read",
		"syscall.Handle":        "", // Windows alone, without a comment
		"syscall/js.Value":      "Value represents a JavaScript value.",
		"cmd/go":                "Go is a tool for managing Go source code.",
		"net/http.StatusOK":     "",
	} {
		if d, ok := byID[id]; want != "" || ok {
			require.True(t, ok && strings.HasPrefix(d.Text, want), "%s: %q", id, d.Text)
		}
	}
	require.Contains(t, byID["net/http.StatusContinue"].Text, "HTTP status codes as registered with IANA.")

	// The same documents where the reading begins lower.
	sub := goDoc(t, filepath.Join(src, "encoding"), corpus.GoDocOptions{})
	require.Equal(t, slices.DeleteFunc(slices.Clone(docs), func(d corpus.Document) bool {
		return !strings.HasPrefix(d.Fields["package"]+"/", "encoding/")
	}), sub)
}
