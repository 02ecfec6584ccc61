package corpus

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// GoDocOptions says which packages are read. The zero value leaves out what no other module can import.
type GoDocOptions struct {
	// Internal reads internal packages and those below cmd too.
	Internal bool
}

// GoDoc reads the doc comments of the Go packages below dir: one document for each package and each exported symbol that
// has one, in the order of the paths and of go/doc. The ID is the path relative to dir, or the package's name for dir
// itself, with "." and the symbol; the fields are package, symbol and kind (package, const, var, func, type or method).
//
// Test files, and directories named testdata or vendor or with a name that begins with . or _, are left out. Files for all
// systems are read, and of several functions with the same name the first that has a comment is taken. A group of
// constants or variables is one document, with the name of its first. A file that does not parse is an error that names
// it, and so is a dir that is no directory.
func GoDoc(dir string, o GoDocOptions) documents {
	return func(yield func(Document, error) bool) {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			if err == nil {
				err = fmt.Errorf("%s is a file, want a directory of Go packages", dir)
			}
			yield(Document{}, err)
			return
		}
		err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if at != dir && skipped(d.Name(), o) {
				return filepath.SkipDir
			}
			rel, err := filepath.Rel(dir, at)
			if err != nil {
				return err
			}
			return packageDocs(at, path.Clean(filepath.ToSlash(rel)), yield)
		})
		if err != nil && err != fs.SkipAll {
			yield(Document{}, err)
		}
	}
}

func skipped(name string, o GoDocOptions) bool {
	switch name {
	case "testdata", "vendor":
		return true
	case "internal", "cmd":
		return !o.Internal
	}
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func packageDocs(dir, rel string, yield func(Document, error) bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		// One package to a directory: files of package main and the like, left aside by build tags, are not read.
		if len(files) > 0 && f.Name.Name != files[0].Name.Name {
			continue
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil
	}
	if rel == "." {
		rel = files[0].Name.Name
	}
	keepFirst(files)
	p, err := doc.NewFromFiles(fset, files, rel)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	seen := map[string]bool{}
	stopped := false
	give := func(kind, symbol, text string) {
		id := rel
		if symbol != "" {
			id += "." + symbol
		}
		if text = strings.TrimSpace(text); text == "" || seen[id] || stopped {
			return
		}
		seen[id] = true
		d := Document{ID: id, Text: text, Fields: map[string]string{"package": rel, "symbol": symbol, "kind": kind}}
		stopped = !yield(d, nil)
	}
	values := func(kind string, list []*doc.Value) {
		for _, v := range list {
			give(kind, v.Names[0], v.Doc)
		}
	}
	give("package", "", p.Doc)
	values("const", p.Consts)
	values("var", p.Vars)
	for _, f := range p.Funcs {
		give("func", f.Name, f.Doc)
	}
	for _, t := range p.Types {
		give("type", t.Name, t.Doc)
		values("const", t.Consts)
		values("var", t.Vars)
		for _, f := range t.Funcs {
			give("func", f.Name, f.Doc)
		}
		for _, f := range t.Methods {
			give("method", t.Name+"."+f.Name, f.Doc)
		}
	}
	if stopped {
		return fs.SkipAll
	}
	return nil
}

// keepFirst takes all but one of the functions with the same name out of the files: the first that has a comment stays, or
// the first. Files for all systems are read together, and go/doc would choose one in the order of a map.
func keepFirst(files []*ast.File) {
	kept := map[string]*ast.FuncDecl{}
	eachFunc := func(f func(key string, fn *ast.FuncDecl) bool) {
		for _, file := range files {
			file.Decls = slices.DeleteFunc(file.Decls, func(d ast.Decl) bool {
				fn, ok := d.(*ast.FuncDecl)
				return ok && !f(receiver(fn)+"."+fn.Name.Name, fn)
			})
		}
	}
	eachFunc(func(key string, fn *ast.FuncDecl) bool {
		if old := kept[key]; old == nil || old.Doc.Text() == "" && fn.Doc.Text() != "" {
			kept[key] = fn
		}
		return true
	})
	eachFunc(func(key string, fn *ast.FuncDecl) bool { return kept[key] == fn })
}

// receiver is the name of the type that a method belongs to, or "".
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	t := fn.Recv.List[0].Type
	for {
		switch u := t.(type) {
		case *ast.StarExpr:
			t = u.X
		case *ast.ParenExpr:
			t = u.X
		case *ast.IndexExpr:
			t = u.X
		case *ast.IndexListExpr:
			t = u.X
		case *ast.Ident:
			return u.Name
		default:
			return ""
		}
	}
}
