package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/internal/resident"
)

// measure runs the tasks in this process and prints a measured as JSON.
func measure(o options) error {
	x, err := embed.ReadNPYFile(o.points)
	if err != nil {
		return err
	}
	debug.FreeOSMemory()
	out := measured{Seconds: map[string][]float64{}, BaseMB: resident.NowMB()}
	cfg := hdbscan.DefaultConfig()
	cfg.MinClusterSize = o.size
	ctx := context.Background()
	var m *hdbscan.Model
	tasks := map[string]func() error{
		"fit": func() (err error) {
			m, err = hdbscan.Fit(ctx, x, cfg)
			return err
		},
		"predict": func() error {
			_, _, err := m.Predict(ctx, near(x, 10_000))
			return err
		},
		"membership": func() error {
			_, err := m.Memberships(ctx, 0)
			return err
		},
		"membership of 5": func() error {
			_, err := m.Memberships(ctx, 5)
			return err
		},
		"layers": func() error {
			_, _, err := m.Layers(ctx, hdbscan.DefaultLayerConfig())
			return err
		},
	}
	tasks["data"] = tasks["fit"] // prediction needs nothing more
	for _, task := range strings.Split(o.tasks, ",") {
		if m == nil && task != "fit" {
			if err := tasks["fit"](); err != nil {
				return err
			}
		}
		for run := range o.runs + 1 {
			began := time.Now()
			if err := tasks[task](); err != nil {
				return err
			}
			if run > 0 || o.runs == 1 {
				out.Seconds[task] = append(out.Seconds[task], time.Since(began).Seconds())
			}
			if o.runs == 1 {
				break
			}
		}
	}
	out.PeakMB = resident.PeakMB()
	labels := m.Labels()
	back, strength, err := m.Predict(ctx, x)
	if err != nil {
		return err
	}
	if !slices.Equal(back, labels) || !slices.Equal(strength, m.Strengths()) {
		return errors.New("rows that were fitted do not get their labels and probabilities back")
	}
	outliers := 0
	for _, l := range labels {
		if l < 0 {
			outliers++
		}
	}
	out.Note = fmt.Sprintf("%d clusters, %d outliers", slices.Max(labels)+1, outliers)
	return json.NewEncoder(os.Stdout).Encode(out)
}

// near has n points beside rows of x, the same as benchmarks/peers/hdbscan_fit.py makes.
func near(x blas32.General, n int) blas32.General {
	y := blas32.General{Rows: n, Cols: x.Cols, Stride: x.Cols, Data: make([]float32, n*x.Cols)}
	for i := range n {
		a, b := i*7919%x.Rows, (i*7919+1)%x.Rows
		for j := range x.Cols {
			y.Data[i*x.Cols+j] = x.Data[a*x.Stride+j]*0.98 + x.Data[b*x.Stride+j]*0.02
		}
	}
	return y
}
