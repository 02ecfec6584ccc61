package simd

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// Level names an instruction set that the kernels are built for.
type Level string

const (
	// PureGo is plain Go, available everywhere.
	PureGo Level = "purego"
	// AVX2 stands for the AVX2 and FMA extensions of amd64.
	AVX2 Level = "avx2"
	// AVX512 stands for AVX-512 with its extensions for bytes, words and short vectors (AVX512F, BW, DQ and VL), which is
	// what every server processor since 2017 that has AVX-512 has.
	AVX512 Level = "avx512"
	// AVX512VNNI stands for AVX512 with the byte products of AVX512VNNI. It differs from AVX512 in the products of int8
	// alone, and there only in speed.
	AVX512VNNI Level = "avx512vnni"
	// AMX stands for AVX512VNNI with tiles (AMX-TILE, AMX-INT8 and AMX-BF16), on Linux, where a
	// process has to ask for their use. It differs from AVX512VNNI in the products of int8 and in
	// attention alone, and there only in speed.
	AMX Level = "amx"
	// NEON stands for the vectors that every arm64 processor has.
	NEON Level = "neon"
	// DotProd stands for NEON with products of four bytes in a lane (FEAT_DotProd). It differs from
	// NEON in the products of int8 alone, and there only in speed.
	DotProd Level = "dotprod"
	// I8MM stands for DotProd with products of matrices of bytes (FEAT_I8MM). It differs from
	// DotProd in MulInt8 alone, and there only in speed.
	I8MM Level = "i8mm"
)

// Env is the environment variable that forces a level, for tests and for comparing machines.
const Env = "GOBERTOPIC_SIMD"

// Kernels is the set of kernels of one level. It has no state and is safe for concurrent use.
type Kernels struct {
	level      Level
	rows, cols int // size of a full tile of the product
	set        set
	group      int  // k of an int8 product that are side by side in a panel, for vectors
	dot        bool // int8 products of bytes, by VPDPBUSD, SDOT or USMMLA
	signed     bool // with bytes of activations less 128, by SDOT
	tiles      bool // and those of enough rows by TDPBUSD, attention by TDPBF16PS
}

// set says which vectors the kernels use.
type set uint8

const (
	setGo set = iota
	setAVX2
	setAVX512
	setNEON
)

var all = []*Kernels{
	{level: PureGo, rows: goRows, cols: goCols},
	{level: AVX2, rows: 6, cols: 16, set: setAVX2, group: 2},
	{level: AVX512, rows: 12, cols: 32, set: setAVX512, group: 2},
	{level: AVX512VNNI, rows: 12, cols: 32, set: setAVX512, group: 4, dot: true},
	{level: AMX, rows: 12, cols: 32, set: setAVX512, group: 4, dot: true, tiles: true},
	{level: NEON, rows: 6, cols: 16, set: setNEON, group: 1},
	{level: DotProd, rows: 6, cols: 16, set: setNEON, group: 4, dot: true, signed: true},
	{level: I8MM, rows: 6, cols: 16, set: setNEON, group: 8, dot: true},
}

// Level is the level of the kernels.
func (k *Kernels) Level() Level { return k.level }

var levels = sync.OnceValue(func() []Level {
	found := []Level{PureGo}
	for _, k := range all[1:] {
		if supported(k.level) {
			found = append(found, k.level)
		}
	}
	return found
})

// Levels lists the levels that this processor, operating system and build can run, slowest first. It always holds PureGo.
func Levels() []Level { return slices.Clone(levels()) }

// For returns the kernels of a level, or an error that names the level and those that can be had here.
func For(l Level) (*Kernels, error) {
	if slices.Contains(levels(), l) {
		for _, k := range all {
			if k.level == l {
				return k, nil
			}
		}
	}
	return nil, fmt.Errorf("simd level %q is not available here, want one of %s", string(l), names())
}

func names() string {
	s := make([]string, 0, len(all))
	for _, l := range levels() {
		s = append(s, string(l))
	}
	return strings.Join(s, ", ")
}

type choice struct {
	level Level
	err   error
}

// choose is the level for a value of the environment variable.
func choose(forced string) choice {
	best := levels()[len(levels())-1]
	if forced == "" {
		return choice{level: best}
	}
	if _, err := For(Level(forced)); err != nil {
		return choice{level: best, err: fmt.Errorf("%s: %w", Env, err)}
	}
	return choice{level: Level(forced)}
}

var chosen = sync.OnceValue(func() choice { return choose(os.Getenv(Env)) })

// Default is the fastest level that can be had here, or the one that the environment variable GOBERTOPIC_SIMD names. A
// value that cannot be met is ignored here and reported by Forced.
func Default() Level { return chosen().level }

// Best returns the kernels of the Default level, which can always be had.
func Best() *Kernels { return best() }

var best = sync.OnceValue(func() *Kernels {
	for _, k := range all {
		if k.level == Default() {
			return k
		}
	}
	panic("simd: no kernels of the default level") // choose takes a level of all
})

// Forced reports a value of GOBERTOPIC_SIMD that names no level or one that cannot be had here. It is nil when the
// variable is empty or was followed.
func Forced() error { return chosen().err }
