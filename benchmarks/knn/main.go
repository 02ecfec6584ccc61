// Command knn finds the neighbors of vectors with package internal/knn and with pynndescent, one after the other, each in a
// process of its own, and prints a Markdown table of time, recall and memory.
//
//	go run ./benchmarks/knn -vectors VECTORS.npy [-rows N] [-metric cosine] [-k 15] [-queries 10000] [-python ~/gobertopic-peers/bin/python] [-repeat 2]
//
// VECTORS.npy is what ./vectors writes. Time is that of building the index and finding the neighbors of all rows, and, apart
// from that, of finding those of the -queries last rows among the others. Without -python only gobertopic runs. Figures are
// the least of the repeats.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/knn"
	"github.com/gobertopic/gobertopic/metric"
)

// figures are what a run prints.
type figures struct {
	Seconds      float64 `json:"seconds"`
	QuerySeconds float64 `json:"query_seconds"`
	OneMS        float64 `json:"one_ms"` // one query
	PeakMB       float64 `json:"peak_mb"`
}

type options struct {
	vectors, python, one, out, metric string
	rows, k, queries, repeat, workers int
}

func main() {
	var o options
	flag.StringVar(&o.vectors, "vectors", "", "matrix in NumPy's format")
	flag.StringVar(&o.python, "python", "", "interpreter of the virtual environment of benchmarks/peers")
	flag.StringVar(&o.metric, "metric", "cosine", "metric, by its name in Python")
	flag.IntVar(&o.rows, "rows", 0, "number of rows, evenly picked; 0 means all")
	flag.IntVar(&o.k, "k", 15, "number of neighbors")
	flag.IntVar(&o.queries, "queries", 0, "number of last rows to search for among the others")
	flag.IntVar(&o.repeat, "repeat", 2, "runs of each system")
	flag.StringVar(&o.one, "one", "", "run one system, exact or approximate, and print JSON")
	flag.StringVar(&o.out, "o", "", "with -one: file for the indices found")
	flag.IntVar(&o.workers, "workers", 0, "with -one: number of workers")
	flag.Parse()
	run := compare
	if o.one != "" {
		run = one
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "knn:", err)
		os.Exit(1)
	}
}

// one runs one of our indexes.
func one(o options) error {
	x, err := embed.ReadNPYFile(o.vectors)
	if err != nil {
		return err
	}
	kind, err := metric.Parse(o.metric)
	if err != nil {
		return err
	}
	ctx, m := context.Background(), knn.Metric{Kind: kind}
	build := func(x blas32.General) (knn.Searcher, error) {
		if o.one == "approximate" {
			return knn.NewApproximate(ctx, x, m, knn.Options{Workers: o.workers})
		}
		return knn.New(ctx, x, m, knn.Options{Workers: o.workers})
	}
	var f figures
	q := x
	x.Rows -= o.queries
	q.Rows, q.Data = o.queries, x.Data[x.Rows*x.Stride:]
	began := time.Now()
	ix, err := build(x)
	if err != nil {
		return err
	}
	found, err := ix.Self(ctx, o.k)
	if err != nil {
		return err
	}
	f.Seconds = time.Since(began).Seconds()
	if o.queries > 0 {
		single := q
		single.Rows = 1
		if _, err := ix.Query(ctx, single, o.k); err != nil { // what is built at the first query is paid for
			return err
		}
		began = time.Now()
		if found, err = ix.Query(ctx, q, o.k); err != nil {
			return err
		}
		f.QuerySeconds = time.Since(began).Seconds()
		began = time.Now()
		for range 20 {
			if _, err := ix.Query(ctx, single, o.k); err != nil {
				return err
			}
		}
		f.OneMS = time.Since(began).Seconds() * 1000 / 20
	}
	index := blas32.General{Rows: len(found.Index) / o.k, Cols: o.k, Stride: o.k}
	for _, j := range found.Index {
		index.Data = append(index.Data, float32(j))
	}
	f.PeakMB = peakMB()
	if err := embed.WriteNPYFile(o.out, index); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// system is a command that prints figures.
type system struct {
	name string
	cmd  func(vectors, out string) *exec.Cmd
}

func compare(o options) error {
	if o.vectors == "" {
		return errors.New("-vectors is missing")
	}
	x, err := embed.ReadNPYFile(o.vectors)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "gobertopic-knn-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.rows == 0 || o.rows > x.Rows {
		o.rows = x.Rows
	}
	some := blas32.General{Rows: o.rows, Cols: x.Cols, Stride: x.Cols}
	for i := range o.rows {
		some.Data = append(some.Data, x.Data[i*x.Rows/o.rows*x.Stride:][:x.Cols]...)
	}
	vectors := filepath.Join(dir, "vectors.npy")
	if err := embed.WriteNPYFile(vectors, some); err != nil {
		return err
	}

	var systems []system
	for _, name := range []string{"exact", "approximate"} {
		for _, workers := range []int{1, 2} {
			systems = append(systems, system{fmt.Sprintf("%s, %d workers", name, workers), func(vectors, out string) *exec.Cmd {
				return exec.Command(os.Args[0], "-one", name, "-vectors", vectors, "-o", out, "-k", strconv.Itoa(o.k),
					"-workers", strconv.Itoa(workers), "-queries", strconv.Itoa(o.queries), "-metric", o.metric)
			}})
		}
	}
	if o.python != "" {
		for _, threads := range []string{"1", "2"} {
			systems = append(systems, system{"pynndescent, " + threads + " threads", func(vectors, out string) *exec.Cmd {
				return exec.Command(o.python, filepath.Join("benchmarks", "peers", "knn.py"), vectors, o.metric, strconv.Itoa(o.k), threads, out, strconv.Itoa(o.queries))
			}})
		}
	}
	best := make([]figures, len(systems))
	recall := make([]float64, len(systems))
	var truth []float32
	for r := range o.repeat {
		for i, s := range systems {
			out := filepath.Join(dir, "out.npy")
			f, err := measure(s.cmd(vectors, out))
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			found, err := embed.ReadNPYFile(out)
			if err != nil {
				return err
			}
			if i == 0 {
				truth = found.Data
			}
			recall[i] = hits(truth, found.Data, o.k)
			if r == 0 {
				best[i] = f
				continue
			}
			b := &best[i]
			*b = figures{min(b.Seconds, f.Seconds), min(b.QuerySeconds, f.QuerySeconds), min(b.OneMS, f.OneMS), min(b.PeakMB, f.PeakMB)}
		}
	}
	fmt.Printf("%s, %d × %d, %d queries, %s, k = %d, %s/%s, %d processors, %s\n\n", time.Now().UTC().Format(time.DateOnly), o.rows-o.queries, x.Cols, o.queries, o.metric, o.k, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	what := "all rows"
	if o.queries > 0 {
		what = "queries"
	}
	fmt.Printf("| system | seconds, all rows | seconds, queries | ms, one query | recall of %s | peak MB |\n|---|---|---|---|---|---|\n", what)
	for i, s := range systems {
		f := best[i]
		fmt.Printf("| %s | %.2f | %.2f | %.2f | %.4f | %.0f |\n", s.name, f.Seconds, f.QuerySeconds, f.OneMS, recall[i], f.PeakMB)
	}
	return nil
}

// measure runs a command and reads the figures that it prints last.
func measure(cmd *exec.Cmd) (figures, error) {
	var f figures
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("%w: %s", err, stderr.String())
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return f, json.Unmarshal(lines[len(lines)-1], &f)
}

// hits is the share of the true neighbors that were found.
func hits(truth, found []float32, k int) float64 {
	n := 0
	for i := 0; i < len(truth); i += k {
		for _, j := range found[i:][:k] {
			if slices.Contains(truth[i:][:k], j) {
				n++
			}
		}
	}
	return float64(n) / float64(len(truth))
}
