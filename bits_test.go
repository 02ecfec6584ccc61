package gobertopic

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exact are the functions of package math whose results the standard library promises to the last bit: they round, compare,
// take numbers apart, or are IEEE 754 operations. All others have code of their own on some architectures, and internal/bitmath
// stands for those that results need.
var exact = []string{
	"Abs", "Ceil", "Copysign", "Float32bits", "Float32frombits", "Float64bits", "Float64frombits", "Floor", "Frexp", "Inf", "IsInf",
	"IsNaN", "Ldexp", "Max", "Min", "Mod", "Modf", "NaN", "Nextafter", "Nextafter32", "Round", "RoundToEven", "Signbit", "Sqrt", "Trunc",
	"FMA", "Remainder",
}

// inexact are files that may use the other functions, and why no result depends on the last bit there.
var inexact = map[string]string{
	"embed/cybertron/model.go":   "the engine of another module, which computes with package math as well",
	"study/stats/describe.go":    "the tail of the normal distribution, for p-values alone: nothing is chosen by them",
	"study/stats/mannwhitney.go": "the same",
	"study/sweep/svg.go":         "the steps of the axes of a picture",
}

// TestInexactMathIsForbidden: libraries compute results without the functions of package math that differ between
// architectures. Programs, their benchmarks and generators may use them.
func TestInexactMathIsForbidden(t *testing.T) {
	programs := []string{"cmd", "examples", "benchmarks", "scripts", "internal/bitmath", "internal/simd/_gen"}
	used, files := map[string]bool{}, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(path)
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || strings.HasPrefix(name, "zz_") || slices.Contains(programs, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			if i.Path.Value == `"math"` && i.Name != nil {
				t.Errorf("%s imports math under another name", name)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := s.X.(*ast.Ident)
			if !ok || pkg.Name != "math" || pkg.Obj != nil || slices.Contains(exact, s.Sel.Name) || !isFunction(s.Sel.Name) {
				return true
			}
			if _, ok := inexact[name]; ok {
				used[name] = true
				return true
			}
			t.Errorf("%s: math.%s differs between architectures: use internal/bitmath", set.Position(s.Pos()), s.Sel.Name)
			return true
		})
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 300)
	for name := range inexact {
		require.True(t, used[name], "%s does not need its exception", name)
	}
}

// isFunction reports whether a name of package math is no constant.
func isFunction(name string) bool {
	for _, constant := range []string{"Max", "Min", "SmallestNonzero"} {
		if strings.HasPrefix(name, constant) && name != constant {
			return false
		}
	}
	return !slices.Contains([]string{"E", "Pi", "Phi", "Sqrt2", "SqrtE", "SqrtPi", "SqrtPhi", "Ln2", "Log2E", "Ln10", "Log10E"}, name)
}
