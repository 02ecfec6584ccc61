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
		{"search", search},
