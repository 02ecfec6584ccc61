// Command _gen writes the assembly of package simd, and the Go declarations that go with it, into a directory.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	dir := flag.String("dir", "..", "directory to write to")
	flag.Parse()
	for _, f := range []struct {
		name    string
		kernels func(*build.Context)
	}{
		{"gemm", gemm},
		{"int8", int8s},
		{"elements", elements},
		{"unfused", unfused},
		{"walk", walks},
		{"search", search},
		{"rows", rows},
		{"attention", attention},
		{"amx", amx},
	} {
		exit(write(*dir, f.name, f.kernels))
	}
	for _, f := range []struct {
		name    string
		kernels func(*neon)
	}{
		{"int8", neonInt8},
		{"gemm", neonGemm},
		{"elements", neonElements},
		{"search", neonSearch},
		{"rows", neonRows64},
	} {
		exit(writeNEON(*dir, f.name, f.kernels))
	}
	exit(writeGates(*dir))
	exit(os.WriteFile(filepath.Join(*dir, "neon_encodings.txt"), []byte(listNEON()), 0o644))
	exit(os.WriteFile(filepath.Join(*dir, "amx_encodings.txt"), []byte(tileCode{known: encodings}.list()), 0o644))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write builds one file of kernels and prints it as name_amd64.s and name_amd64.go.
func write(dir, name string, kernels func(*build.Context)) error {
	ctx := build.NewContext()
	ctx.ConstraintExpr("amd64,!purego")
	kernels(ctx)
	name += "_amd64"
	f, err := ctx.Result()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := pass.Compile.Execute(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	cfg := printer.Config{Name: "internal/simd/_gen", Pkg: "simd"}
	for ext, p := range map[string]printer.Printer{".s": printer.NewGoAsm(cfg), ".go": printer.NewStubs(cfg)} {
		text, err := p.Print(f)
		if err != nil {
			return fmt.Errorf("%s%s: %w", name, ext, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+ext), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
