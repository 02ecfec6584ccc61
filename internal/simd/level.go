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
)

// Env is the environment variable that forces a level, for tests and for comparing machines.
const Env = "GOBERTOPIC_SIMD"

// Kernels is the set of kernels of one level. It has no state and is safe for concurrent use.
type Kernels struct {
	level      Level
	rows, cols int // size of a full tile of the product
	set        set
	dot        bool // int8 products by VPDPBUSD
}

// set says which vectors the kernels use.
type set uint8

const (
	setGo set = iota
	setAVX2
	setAVX512
)

var all = []*Kernels{
	{level: PureGo, rows: goRows, cols: goCols},
	{level: AVX2, rows: 6, cols: 16, set: setAVX2},
	{level: AVX512, rows: 12, cols: 32, set: setAVX512},
	{level: AVX512VNNI, rows: 12, cols: 32, set: setAVX512, dot: true},
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
