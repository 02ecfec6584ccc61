package gobertopic

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/gobertopic/gobertopic"

// layer is how high a package of the module stands: it may import packages of lower layers alone, except that parts of
// one stage (embed and what is below it), the examples, and the benchmarks may import each other.
func layer(t *testing.T, pkg string) (height int, stage string) {
	t.Helper()
	rel := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	top, _, _ := strings.Cut(rel, "/")
	switch top {
	case "internal":
		return 0, rel
	case "umap", "hdbscan", "community", "ctfidf", "embed", "online":
		return 1, top
	case "topic":
		return 2, top
	case "corpus", "eval", "represent", "study", "report":
		return 3, top
	case "examples", "benchmarks":
		return 4, top
	case "", "cmd":
		return 4, rel
	}
	t.Fatalf("package %s has no layer: give it one here and in doc.go", pkg)
	return 0, ""
}

// higher packages that may import others of the same height.
var allowed = map[string][]string{
	"report": {"study", "represent", "corpus", "eval"},
	"study":  {"represent", "corpus", "eval"},
}

func TestImportDirections(t *testing.T) {
	for pkg, imports := range packages(t) {
		height, stage := layer(t, pkg)
		for _, imported := range imports {
			if !strings.HasPrefix(imported, module+"/") {
				if strings.HasPrefix(imported, "github.com/nlpodyssey/") {
					require.Equal(t, "embed/cybertron", strings.TrimPrefix(pkg, module+"/"), "only embed/cybertron imports %s", imported)
				}
				continue
			}
			below, other := layer(t, imported)
			switch {
			case height == 0:
				require.Zero(t, below, "%s imports %s", pkg, imported)
			case below < height, stage == other:
			default:
				require.Contains(t, allowed[stage], other, "%s imports %s", pkg, imported)
			}
		}
	}
}

// Modules that serve the command line must not reach those who import the library.
func TestLibraryDependsOnLittle(t *testing.T) {
	out := goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./topic", "./corpus", "./eval", "./represent/...", "./study/...")
	for _, pkg := range strings.Fields(out) {
		ok := false
		for _, prefix := range []string{module, "gonum.org/v1/gonum", "golang.org/x/", "github.com/klauspost/compress"} {
			ok = ok || strings.HasPrefix(pkg, prefix)
		}
		require.True(t, ok, "the library depends on %s", pkg)
	}
}

func packages(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for line := range strings.Lines(goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")) {
		fields := strings.Fields(line)
		found[fields[0]] = fields[1:]
	}
	require.Greater(t, len(found), 10, "go list found too few packages")
	return found
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}
