// Command hdbscan runs package hdbscan beside hdbscan, fast_hdbscan and hdbscan-rs on the same points and prints a
// Markdown table of seconds, memory and what came out.
//
//	go run ./benchmarks/hdbscan -python ~/gobertopic-peers/bin/python -points FILE.npy [-systems ours,fast_hdbscan] [-rounds 3]
//	go run ./benchmarks/hdbscan -python ~/gobertopic-peers/bin/python -mixture 1000000
//	go run ./benchmarks/hdbscan -texts FILE -reduce FILE.npy
//
// The points are a .npy file or a mixture made here from a seed. Every system runs in a process of its own, in turn, as
// many rounds as are asked for; within a process one fit warms it up (numba compiles) and the next ones are measured. The
// third form makes points as the default pipeline does: texts, one a line, to sentence embeddings (-embed keeps those), to
// five dimensions.
package main

import (
	"bytes"
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
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/embed"
)

// measured is what one process prints as JSON.
type measured struct {
	Seconds map[string][]float64 `json:"seconds"` // by what was done, one for each run
	PeakMB  float64              `json:"peak_mb"`
	BaseMB  float64              `json:"base_mb"` // when the points were read
	Note    string               `json:"note"`    // what came out
}

type options struct {
	python, points, systems, tasks string
	mixture, rounds, runs, size    int
}

func main() {
	var o options
	flag.StringVar(&o.python, "python", "", "interpreter of the virtual environment of benchmarks/peers")
	flag.StringVar(&o.points, "points", "", ".npy file of points")
	flag.IntVar(&o.mixture, "mixture", 0, "points to make, in five dimensions; with -points the file is kept there")
	flag.StringVar(&o.systems, "systems", "ours,fast_hdbscan,hdbscan-rs,hdbscan", "what runs, in this order")
	flag.StringVar(&o.tasks, "tasks", "fit", "of fit, data (fit with prediction data), predict (10,000 points), membership (of all rows in all clusters), membership of 5, layers")
	flag.IntVar(&o.rounds, "rounds", 2, "processes of each system")
	flag.IntVar(&o.runs, "runs", 3, "measured runs in each process")
	flag.IntVar(&o.size, "size", 10, "min_cluster_size")
	texts := flag.String("texts", "", "file with one text per line, for -reduce")
	reduce := flag.String("reduce", "", ".npy file to make of -texts")
	keep := flag.String("embed", "", ".npy file for the embeddings of -texts")
	child := flag.Bool("child", false, "measure in this process")
	flag.Parse()
	var err error
	switch {
	case *child:
		err = measure(o)
	case *reduce != "":
		err = makePoints(*texts, *keep, *reduce)
	default:
		err = run(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hdbscan:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	tmp, err := os.MkdirTemp("", "gobertopic-hdbscan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	name := filepath.Base(o.points)
	if o.mixture > 0 {
		name = fmt.Sprintf("mixture of %d", o.mixture)
		if o.points == "" {
			o.points = filepath.Join(tmp, "mixture.npy")
		}
		if err := embed.WriteNPYFile(o.points, mixture(7, o.mixture, 5)); err != nil {
			return err
		}
	}
	if o.points == "" {
		return errors.New("-points or -mixture is missing")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	systems := strings.Split(o.systems, ",")
	all := map[string]*measured{}
	for range o.rounds {
		for _, s := range systems {
			arg := []string{"-points", o.points, "-runs", strconv.Itoa(o.runs), "-size", strconv.Itoa(o.size), "-tasks", o.tasks}
			cmd := exec.Command(self, append([]string{"-child"}, arg...)...)
			if s != "ours" {
				cmd = exec.Command(o.python, append([]string{"benchmarks/peers/hdbscan_fit.py", s}, arg...)...)
			}
			var complaint bytes.Buffer
			cmd.Stderr = &complaint
			out, err := cmd.Output()
			if err != nil {
				return fmt.Errorf("%s: %w: %s", s, err, complaint.String())
			}
			var m measured
			if err := json.Unmarshal(out, &m); err != nil {
				return fmt.Errorf("%s printed %q: %w", s, out, err)
			}
			if all[s] == nil {
				all[s] = &m
				continue
			}
			for task, seconds := range m.Seconds {
				all[s].Seconds[task] = append(all[s].Seconds[task], seconds...)
			}
			all[s].PeakMB = max(all[s].PeakMB, m.PeakMB)
		}
	}
	fmt.Printf("%s, %s, min_cluster_size %d, %s/%s, %d processors, %s\n\n", time.Now().UTC().Format(time.DateOnly), name, o.size,
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Println("| task | system | median s | least s | × ours (medians) | peak MB | MB above the points | result |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, task := range strings.Split(o.tasks, ",") {
		for _, s := range systems {
			m := all[s]
			if len(m.Seconds[task]) == 0 {
				continue
			}
			ratio := "–"
			if ours := all["ours"]; ours != nil {
				ratio = fmt.Sprintf("%.2f", median(m.Seconds[task])/median(ours.Seconds[task]))
			}
			fmt.Printf("| %s | %s | %.4f | %.4f | %s | %.0f | %.0f | %s |\n", task, s, median(m.Seconds[task]),
				slices.Min(m.Seconds[task]), ratio, m.PeakMB, m.PeakMB-m.BaseMB, m.Note)
		}
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}
