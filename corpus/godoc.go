package corpus

import (
	"context"
	"errors"
	"go/ast"
	"go/build/constraint"
	"go/doc"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// GoDocOptions says which packages are read. The zero value leaves out what no other module can import.
type GoDocOptions struct {
	// Internal reads internal packages too, and the symbols of commands.
	Internal bool
}

// GoDoc reads the doc comments of the Go packages in dir and below. There is one document for each package and for each
// exported type, function, method and group of constants or variables that has a doc comment. Of a command, package main,
// only the package comment is read, unless GoDocOptions says otherwise.
//
// The ID is the import path, then "." and the symbol: "io", "io.Reader", "bufio.Reader.ReadLine". A group has the name of
// its first exported constant or variable; its text is the comment of the group and those of its members. The import path
// comes from the go.mod in the directory or nearest above it; where there is none it is the path below dir, or the
// package's name in dir itself. The fields are package (the import path), symbol (empty for a package) and kind (package,
// const, var, func, type or method). The text is the comment as go/doc gives it, without the marks of a comment.
//
// The order is that of the paths, and in a package of go/doc: the package, constants, variables, functions, then each
// type with its constants, variables, functions and methods, by name.
//
// What is read:
//
//   - files for all systems and build tags; where several files have a symbol, the first that documents it counts;
//   - of files that name different packages, as generators beside a package do, those of the package that most files
//     without "//go:build ignore" name;
//   - no test files (_test.go), and nothing that begins with "_" or ".";
//   - no directories named testdata or vendor and, unless GoDocOptions says otherwise, internal; dir itself is always
//     read. Below dir no symbolic link to a directory is followed.
//
// A file that is not Go, or not UTF-8, is an *Error that names it; the iteration goes on, without that file, if the caller does.
func GoDoc(dir string, o GoDocOptions) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) { goDoc(context.Background(), dir, o, yield) }
}

func goDoc(ctx context.Context, dir string, o GoDocOptions, yield func(Document, error) bool) {
	w := &goWalk{ctx: ctx, options: o, yield: yield}
	at := ""
	if root, err := filepath.Abs(dir); err == nil {
		if real, err := filepath.EvalSymlinks(root); err == nil {
			root = real
		}
		at = w.importPath(root)
	}
	w.walk(dir, at)
	if cause := context.Cause(ctx); cause != nil {
		w.fail(cancelled(dir, cause))
	}
}

// goWalk is a walk over the directories of Go packages.
type goWalk struct {
	ctx     context.Context
	options GoDocOptions
	yield   func(Document, error) bool
	stopped bool // by the caller
}

func (w *goWalk) fail(err *Error) {
	if !w.stopped {
		w.stopped = !w.yield(Document{}, err)
	}
}

// importPath is that of the root, from the nearest go.mod above it; "" if there is none.
func (w *goWalk) importPath(root string) string {
	for at := filepath.Dir(root); ; at = filepath.Dir(at) {
		module, ok := w.module(filepath.Join(at, "go.mod"))
		if rel, err := filepath.Rel(at, root); ok && err == nil {
			return path.Join(module, filepath.ToSlash(rel))
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// module is the import path that the file go.mod declares; "" for the standard library.
func (w *goWalk) module(file string) (module string, ok bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		if len(words) != 2 || words[0] != "module" {
			continue
		}
		module = words[1]
		if s, err := strconv.Unquote(module); err == nil {
			module = s
		}
		if module == "std" {
			module = ""
		}
		return module, true
	}
	return "", false
}

// walk reads the package in dir, which is imported as at, and those below.
func (w *goWalk) walk(dir, at string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.fail(cannot("be read", dir, 0, err))
		return
	}
	var names []string
	for _, e := range entries {
		switch name := e.Name(); {
		case name == "go.mod":
			if module, ok := w.module(filepath.Join(dir, name)); ok {
				at = module
			}
		case hidden(name) || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
		case isFile(dir, e):
			names = append(names, name)
		}
	}
	w.packageIn(dir, at, names)
	for _, e := range entries {
		if w.stopped || w.ctx.Err() != nil {
			return
		}
		name := e.Name()
		if !e.IsDir() || hidden(name) || name == "testdata" || name == "vendor" || name == "internal" && !w.options.Internal {
			continue
		}
		w.walk(filepath.Join(dir, name), path.Join(at, name))
	}
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// isFile says whether e is a file or leads to one.
func isFile(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err != nil || info.Mode().IsRegular() // a broken link is reported when it is read
}

func (w *goWalk) packageIn(dir, at string, names []string) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if w.ctx.Err() != nil {
			return
		}
		file := filepath.Join(dir, name)
		src, err := os.ReadFile(file)
		if err != nil {
			w.fail(cannot("be read", file, 0, err))
			continue
		}
		f, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			w.fail(notGo(file, err))
			continue
		}
		files = append(files, f)
	}
	files = onePackage(files)
	if len(files) == 0 || w.stopped {
		return
	}
	keepFirst(files)
	if at == "" {
		at = files[0].Name.Name
	}
	p, err := doc.NewFromFiles(fset, files, at)
	if err != nil {
		w.fail(&Error{Source: dir, Why: err.Error(), Err: err})
		return
	}
	w.give(p)
}

func notGo(file string, err error) *Error {
	e := &Error{Source: file, Why: err.Error(), Err: err}
	if list := scanner.ErrorList(nil); errors.As(err, &list) && len(list) > 0 {
		e.Line, e.Why = list[0].Pos.Line, list[0].Msg
	}
	return e
}

// onePackage is the files of the package that most files name, not counting those that are never built.
func onePackage(files []*ast.File) []*ast.File {
	count := map[string]int{}
	for _, f := range files {
		if !ignored(f) {
			count[f.Name.Name]++
		}
	}
	best := ""
	for _, f := range files { // in the order of the files: the first of equals
		if name := f.Name.Name; best == "" || count[name] > count[best] {
			best = name
		}
	}
	return slices.DeleteFunc(files, func(f *ast.File) bool { return f.Name.Name != best })
}

// ignored says whether a build constraint holds for the tag "ignore" alone, by which files are kept out of every build.
func ignored(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() > f.Package {
				return false
			}
			if !constraint.IsGoBuild(c.Text) && !constraint.IsPlusBuild(c.Text) {
				continue
			}
			if x, err := constraint.Parse(c.Text); err == nil && needsIgnore(x) {
				return true
			}
		}
	}
	return false
}

func needsIgnore(x constraint.Expr) bool {
	switch x := x.(type) {
	case *constraint.TagExpr:
		return x.Tag == "ignore"
	case *constraint.AndExpr:
		return needsIgnore(x.X) || needsIgnore(x.Y)
	case *constraint.OrExpr:
		return needsIgnore(x.X) && needsIgnore(x.Y)
	}
	return false
}

// keepFirst leaves one declaration of each function, method and type in the files: the first that is documented, or the
// first where none is. Files for several systems may each have one; go/doc expects those of one build and takes the last type and any
// function.
func keepFirst(files []*ast.File) {
	chosen := map[string]symbol{}
	consider := func(name string, s symbol) {
		if old, ok := chosen[name]; !ok || !old.documented() && s.documented() {
			chosen[name] = s
		}
	}
	for _, f := range files {
		eachSymbol(f, consider)
	}
	for _, f := range files {
		dropped := map[ast.Node]bool{}
		eachSymbol(f, func(name string, s symbol) {
			if chosen[name].node != s.node {
				dropped[s.node] = true
			}
		})
		if len(dropped) == 0 {
			continue
		}
		f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				return dropped[d]
			}
			g.Specs = slices.DeleteFunc(g.Specs, func(s ast.Spec) bool { return dropped[s] })
			return len(g.Specs) == 0
		})
	}
}

// symbol is a declaration and its comments.
type symbol struct {
	node     ast.Node // *ast.FuncDecl or *ast.TypeSpec
	doc, all *ast.CommentGroup
}

func (s symbol) documented() bool { return s.doc.Text() != "" || s.doc == nil && s.all.Text() != "" }

// eachSymbol calls f with every function, method and type of a file.
func eachSymbol(file *ast.File, f func(name string, s symbol)) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			f(name, symbol{node: d, doc: d.Doc})
		case *ast.GenDecl:
			if d.Tok != token.TYPE {
				continue
			}
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					f("type "+t.Name.Name, symbol{node: t, doc: t.Doc, all: d.Doc})
				}
			}
		}
	}
}

// receiver is the name of a method's type.
func receiver(x ast.Expr) string {
	for {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.ParenExpr:
			x = t.X
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// give yields the documents of a package.
func (w *goWalk) give(p *doc.Package) {
	seen := map[string]bool{}
	give := func(kind, symbol, text string) {
		if text = strings.TrimSpace(text); text == "" || seen[symbol] || w.stopped {
			return
		}
		seen[symbol] = true
		id := p.ImportPath
		if symbol != "" {
			id += "." + symbol
		}
		d := Document{ID: id, Text: text, Fields: map[string]string{"package": p.ImportPath, "symbol": symbol, "kind": kind}}
		w.stopped = !w.yield(d, nil)
	}
	values := func(kind string, list []*doc.Value) {
		for _, v := range list {
			give(kind, v.Names[0], groupText(v))
		}
	}
	funcs := func(kind, prefix string, list []*doc.Func) {
		for _, f := range list {
			give(kind, prefix+f.Name, f.Doc)
		}
	}
	give("package", "", p.Doc)
	if p.Name == "main" && !w.options.Internal {
		return
	}
	values("const", p.Consts)
	values("var", p.Vars)
	funcs("func", "", p.Funcs)
	for _, t := range p.Types {
		give("type", t.Name, t.Doc)
		values("const", t.Consts)
		values("var", t.Vars)
		funcs("func", "", t.Funcs)
		funcs("method", t.Name+".", t.Methods)
	}
}

// groupText is the comment of a group of constants or variables and those of its members, with an empty line between.
func groupText(v *doc.Value) string {
	var parts []string
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" {
			parts = append(parts, text)
		}
	}
	add(v.Doc)
	for _, s := range v.Decl.Specs {
		if s, ok := s.(*ast.ValueSpec); ok {
			add(s.Doc.Text())
		}
	}
	return strings.Join(parts, "\n\n")
}
