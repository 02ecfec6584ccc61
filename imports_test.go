package gobertopic

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/gobertopic/gobertopic"

// layer returns the height of a package and the group that it belongs to. A package imports packages of lower layers and
// of its own group. The interfaces between stages (stage) and their data (sparse) lie below everything, so that internal
// packages can report the errors of package stage.
func layer(t *testing.T, pkg string) (height int, group string) {
	t.Helper()
	rel := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	if rel == "stage" || rel == "sparse" {
		return 0, "ground"
	}
	top, _, _ := strings.Cut(rel, "/")
	switch top {
	case "internal", "metric":
		return 1, "internal"
	case "stage": // state and stagetest
		return 2, "state"
	case "umap", "hdbscan", "community", "supervised", "ctfidf", "embed", "online":
		return 3, top
	case "topic":
		return 4, top
	case "corpus", "eval", "represent":
		return 5, top
	case "study":
		return 6, top
	case "convert", "serve", "report":
		return 7, top
	case "examples", "benchmarks":
		return 8, "program"
	case "", "cmd":
		return 8, rel
	}
	t.Fatalf("package %s has no layer: give it one here and in doc.go", pkg)
	return 0, ""
}

func TestImportDirections(t *testing.T) {
	for pkg, imports := range packages(t) {
		height, group := layer(t, pkg)
		for _, imported := range imports {
			if !strings.HasPrefix(imported, module+"/") {
				if strings.HasPrefix(imported, "github.com/nlpodyssey/") {
					require.Equal(t, "embed/cybertron", strings.TrimPrefix(pkg, module+"/"), "only embed/cybertron imports %s", imported)
				}
				continue
			}
			below, other := layer(t, imported)
			require.True(t, below < height || group == other, "%s imports %s", pkg, imported)
		}
	}
}

// Modules that serve the command line must not reach those who import the library.
func TestLibraryDependsOnLittle(t *testing.T) {
	out := goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./topic", "./corpus", "./eval", "./represent/...", "./study/...", "./report")
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
