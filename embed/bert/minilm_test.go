package bert_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/internal/simd"
)

// TestCancelledWithin100ms: a call with texts of 512 tokens comes back within 100 ms of a cancellation at any stage of it,
// in the median of five (three with -short), with a model of the size of all-MiniLM-L6-v2 and for every instruction set.
func TestCancelledWithin100ms(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes plain Go some ten times slower, so times mean nothing")
	}
	texts := slices.Repeat([]string{strings.Repeat("the quick brown fox jumps over the lazy dog ", 80)}, 2000)
	trials := 5
	if testing.Short() {
		trials = 3
	}
	for _, level := range simd.Levels() {
		e, err := minilm.New(bert.Config{Kernels: string(level), MaxTokens: 512})
		require.NoError(t, err)
		ids, cut := e.Tokens(texts[0])
		require.Len(t, ids, 512)
		require.True(t, cut)
		var late []time.Duration
		for i := range trials {
			ctx, cancel := context.WithCancel(t.Context())
			cancelled := make(chan time.Time, 1)
			time.AfterFunc(time.Duration(20+25*i)*time.Millisecond, func() {
				cancelled <- time.Now()
				cancel()
			})
			_, err := e.Embed(ctx, texts)
			back := time.Now()
			require.ErrorIs(t, err, context.Canceled)
			late = append(late, back.Sub(<-cancelled))
		}
		slices.Sort(late)
		t.Log(level, late)
		require.LessOrEqual(t, late[trials/2], 100*time.Millisecond, level)
	}
}

// TestNoAllocationPerText: what a call allocates does not grow with the number of texts, but for the size of the result.
func TestNoAllocationPerText(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops what a sync.Pool holds")
	}
	// A collection empties a pool, and another processor has another part of it: either would be counted.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, precision := range []bert.Precision{bert.FP32, bert.Int8} {
		e, err := minilm.New(bert.Config{Precision: precision, Workers: 1})
		require.NoError(t, err)
		texts := slices.Repeat([]string{"a map", "the file was read", "it cannot be written", "why?"}, 50)
		count := func(n int) float64 {
			return testing.AllocsPerRun(3, func() { _, _ = e.Embed(t.Context(), texts[:n]) })
		}
		count(len(texts))
		require.Less(t, count(len(texts))-count(len(texts)/4), 4.0, precision)
	}
}

func ExampleEncoder_Embed() {
	// bert.Load reads a sentence-transformers directory; this encoder is in the binary.
	e, err := minilm.New(bert.DefaultConfig())
	if err != nil {
		panic(err)
	}
	x, err := e.Embed(context.Background(), []string{
		"Package json reads and writes JSON.",
		"Encode a struct as a JSON document.",
		"Listen for TCP connections.",
	})
	if err != nil {
		panic(err)
	}
	row := func(i int) []float32 { return x.Data[i*x.Stride:][:x.Cols] }
	fmt.Println(x.Rows, "texts,", x.Cols, "dimensions")
	fmt.Println("the second is closer to the first than the third:", dot(row(0), row(1)) > dot(row(0), row(2)))
	fmt.Printf("length %.4f\n", math.Sqrt(dot(row(0), row(0))))
	// Output:
	// 3 texts, 384 dimensions
	// the second is closer to the first than the third: true
	// length 1.0000
}

func ExampleLoad() {
	_, err := bert.Load("no/such/model", bert.DefaultConfig())
	fmt.Println(err)
	// Output:
	// load encoder: open no/such/model/config.json: no such file or directory
}

func dot(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// BenchmarkEmbed encodes Go's doc comments with all-MiniLM-L6-v2 on one worker: short ones of 24 tokens at most, and
// some of the long ones of 128 at least. docs/s is the figure to look at.
func BenchmarkEmbed(b *testing.B) {
	f, err := os.Open(filepath.Join("testdata", "golden.json.gz"))
	require.NoError(b, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(b, err)
	var g struct {
		Natural int
		Texts   []struct {
			Text string
			IDs  []int32
		}
	}
	require.NoError(b, json.NewDecoder(z).Decode(&g))
	texts, tokens := map[string][]string{}, map[string]int{}
	for i, x := range g.Texts[:g.Natural] {
		name := ""
		switch n := len(x.IDs); {
		case n <= 24:
			name = "short"
		case n >= 128 && i%4 == 0:
			name = "long"
		}
		texts[name] = append(texts[name], x.Text)
		tokens[name] += len(x.IDs)
	}
	for _, name := range []string{"short", "long"} {
		for _, level := range simd.Levels() {
			b.Run(name+"/"+string(level), func(b *testing.B) {
				e, err := minilm.New(bert.Config{Kernels: string(level), Workers: 1})
				require.NoError(b, err)
				n := len(texts[name])
				b.ReportAllocs()
				for b.Loop() {
					_, err := e.Embed(b.Context(), texts[name])
					require.NoError(b, err)
				}
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "docs/s")
				b.ReportMetric(float64(tokens[name])/float64(n), "tokens/doc")
			})
		}
	}
}
