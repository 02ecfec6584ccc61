// Command umap runs package umap and umap-learn on the same vectors, with the settings of BERTopic (15 neighbors, 5
// components, min_dist 0, cosine), and prints Markdown tables: seconds of a fit and of its stages with one worker and with
// two, seconds of a transform, peak memory, and, with classes, how well the positions keep neighborhoods and classes.
//
//	go run ./benchmarks/umap -vectors VECTORS.npy [-labels LABELS] [-python ~/gobertopic-peers/bin/python] [-seeds 5] [-unseeded 2]
//
// LABELS has one class per line. The vectors of a file of lines are made by
//
//	go run ./benchmarks/umap -embed LINES -vectors VECTORS.npy
//
// Numba has compiled everything before umap-learn's times are taken. Both sides run in processes of their own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/resident"
	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

type options struct {
	vectors, labels, python, embed string
	seeds, unseeded, transform     int
	quality                        bool
	child                          int
}

func main() {
	var o options
	flag.StringVar(&o.vectors, "vectors", "", "npy file of vectors")
	flag.StringVar(&o.labels, "labels", "", "file with one class per line")
	flag.StringVar(&o.python, "python", "", "interpreter of the virtual environment of benchmarks/peers")
	flag.StringVar(&o.embed, "embed", "", "file of lines to embed into -vectors")
	flag.IntVar(&o.seeds, "seeds", 1, "number of seeds, from 1")
	flag.IntVar(&o.unseeded, "unseeded", 0, "umap-learn fits without a seed, on all threads")
	flag.IntVar(&o.transform, "transform", 0, "rows to transform")
	flag.BoolVar(&o.quality, "quality", false, "measure trustworthiness and, with -labels, agreement")
	flag.IntVar(&o.child, "child", 0, "fit once with that many workers and print what it took")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "umap:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	switch {
	case o.vectors == "":
		return errors.New("-vectors is missing")
	case o.embed != "":
		return embedLines(ctx, o.embed, o.vectors)
	case o.child > 0:
		return child(ctx, o)
	}
	tmp, err := os.MkdirTemp("", "gobertopic-umap-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	x, err := embed.ReadNPYFile(o.vectors)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d×%d, %s/%s, %d processors, %s\n\n", time.Now().UTC().Format(time.DateOnly), x.Rows, x.Cols, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Println("| system | fit s | neighbors | scale | graph | start | layout | peak MB |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, workers := range []string{"1", "2"} {
		cmd := exec.Command(os.Args[0], "-vectors", o.vectors, "-child", workers, "-transform", strconv.Itoa(o.transform))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return err
		}
		fmt.Print(string(out))
	}
	if o.python != "" {
		if err := peer(o, x, tmp); err != nil {
			return err
		}
	}
	if o.quality {
		return quality(ctx, o, x, tmp)
	}
	return nil
}

func config(seed uint64, workers int) umap.Config {
	return umap.Config{NComponents: 5, MinDist: stage.None, Metric: metric.Cosine, Seed: seed, Workers: workers}
}

// noisy is the first rows of x, a little off, so that none is a training row.
func noisy(x blas32.General, rows int) blas32.General {
	q := blas32.General{Rows: rows, Cols: x.Cols, Stride: x.Cols, Data: make([]float32, rows*x.Cols)}
	for i := range q.Data {
		q.Data[i] = x.Data[i%len(x.Data)] + 0.001
	}
	return q
}

// child fits in this process and prints a row of the table.
func child(ctx context.Context, o options) error {
	x, err := embed.ReadNPYFile(o.vectors)
	if err != nil {
		return err
	}
	cfg := config(1, o.child)
	began := time.Now()
	m, err := umap.FitData(ctx, umap.Data{X: x, Borrow: true}, cfg)
	if err != nil {
		return err
	}
	whole := time.Since(began).Seconds()
	peak := resident.PeakMB()

	began = time.Now()
	var laps []string
	lap := func() {
		laps = append(laps, fmt.Sprintf("%.3f", time.Since(began).Seconds()))
		began = time.Now()
	}
	nb := m.Neighbors()
	began = time.Now()
	rho, sigma, err := umap.SmoothKNN(ctx, nb, 1, o.child)
	if err != nil {
		return err
	}
	lap()
	g, err := umap.FuzzySimplicialSet(ctx, nb, rho, sigma, 1)
	if err != nil {
		return err
	}
	lap()
	y, err := umap.SpectralLayout(ctx, x, g, cfg)
	if err != nil {
		return err
	}
	lap()
	if _, err = umap.OptimizeLayout(ctx, y, g, cfg); err != nil {
		return err
	}
	lap()
	rest := whole
	for _, l := range laps {
		v, _ := strconv.ParseFloat(l, 64)
		rest -= v
	}
	fmt.Printf("| gobertopic, %d workers | %.3f | %.3f | %s | %.0f |\n", o.child, whole, rest, strings.Join(laps, " | "), peak)
	if o.transform == 0 {
		return nil
	}
	q := noisy(x, o.transform)
	if _, err := m.Transform(ctx, noisy(x, 1)); err != nil { // makes the index
		return err
	}
	began = time.Now()
	if _, err := m.Transform(ctx, q); err != nil {
		return err
	}
	all := time.Since(began).Seconds()
	began = time.Now()
	for i := range 20 {
		one := q
		one.Rows, one.Data = 1, q.Data[i*q.Stride:]
		if _, err := m.Transform(ctx, one); err != nil {
			return err
		}
	}
	fmt.Printf("| transform, %d workers | %d rows in %.3f s | one row in %.2f ms | | | | | |\n", o.child, q.Rows, all, time.Since(began).Seconds()/20*1000)
	return nil
}

// peer runs umap-learn.
func peer(o options, x blas32.General, tmp string) error {
	args := []string{filepath.Join("benchmarks", "peers", "umap_fit.py"), o.vectors, tmp}
	for seed := 1; seed <= o.seeds; seed++ {
		args = append(args, strconv.Itoa(seed))
	}
	args = append(args, "--unseeded", strconv.Itoa(o.unseeded))
	if o.transform > 0 {
		path := filepath.Join(tmp, "q.npy")
		if err := embed.WriteNPYFile(path, noisy(x, o.transform)); err != nil {
			return err
		}
		args = append(args, "--transform", path)
	}
	cmd := exec.Command(o.python, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	var r struct {
		Seeded, Unseeded, Rows []float64
		Transform              float64
		PeakMB                 float64 `json:"peak_mb"`
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return fmt.Errorf("umap-learn printed %q: %w", out, err)
	}
	for _, v := range r.Seeded {
		fmt.Printf("| umap-learn, seeded | %.3f | | | | | | %.0f |\n", v, r.PeakMB)
	}
	for _, v := range r.Unseeded {
		fmt.Printf("| umap-learn, unseeded | %.3f | | | | | | %.0f |\n", v, r.PeakMB)
	}
	if o.transform > 0 {
		sum := 0.0
		for _, v := range r.Rows {
			sum += v
		}
		fmt.Printf("| transform, umap-learn | %d rows in %.3f s | one row in %.2f ms | | | | | |\n", o.transform, r.Transform, sum/float64(len(r.Rows))*1000)
	}
	return nil
}
