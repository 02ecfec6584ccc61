package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/cybertron"
	"github.com/gobertopic/gobertopic/embed/minilm"
	"github.com/gobertopic/gobertopic/embed/static"
	"github.com/gobertopic/gobertopic/embed/static/distilled"
	"github.com/gobertopic/gobertopic/internal/resident"
)

// The systems of this module. What stands between the name and the end of a name of package bert's is its configuration:
// the number format, and a set of kernels to force: minilm-fp32-avx2.
//
//	minilm-…    package minilm
//	bert-…      package bert with MODEL_DIR
//	second-…    package bert with WORK/second
//	cybertron   package cybertron
//	static      package static with WORK/static
//	distilled   package static/distilled
func open(name, model, work string, threads int) (embedder, error) {
	kind, rest, _ := strings.Cut(name, "-")
	c := bert.Config{Workers: threads}
	if kind == "minilm" || kind == "bert" || kind == "second" {
		precision, kernels, _ := strings.Cut(rest, "-")
		c.Precision, c.Kernels = bert.Precision(precision), kernels
	}
	switch kind {
	case "minilm":
		return minilm.New(c)
	case "bert":
		return bert.Load(model, c)
	case "second":
		return bert.Load(filepath.Join(work, "second"), c)
	case "cybertron":
		return cybertron.Load(filepath.Join(work, "cybertron"), cybertron.Config{Workers: threads})
	case "static":
		return static.Load(filepath.Join(work, "static"), static.Config{Workers: threads})
	case "distilled":
		return distilled.New(static.Config{Workers: threads})
	}
	return nil, fmt.Errorf("no system %q", name)
}

type embedder interface {
	Embed(ctx context.Context, texts []string) (blas32.General, error)
}

// answer is what a worker says to a command.
type answer struct {
	Ready   bool    `json:"ready,omitempty"`
	Seconds float64 `json:"seconds"`
	PeakMB  float64 `json:"peak_mb"`

	CPUSeconds float64 `json:"cpu_seconds"` // of the process, for one pass
}

// serve is the process of one system. It speaks as peers/embed.py does.
func serve(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("%d arguments, want SYSTEM MODEL_DIR WORK THREADS TEXTS", len(args))
	}
	threads, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(threads)
	b, err := os.ReadFile(args[4])
	if err != nil {
		return err
	}
	var texts []string
	if err := json.Unmarshal(b, &texts); err != nil {
		return err
	}
	e, err := open(args[0], args[1], args[2], threads)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := e.Embed(ctx, texts[:min(64, len(texts))]); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(answer{Ready: true}); err != nil {
		return err
	}
	var x blas32.General
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		verb, argument, _ := strings.Cut(lines.Text(), " ")
		var a answer
		switch verb {
		case "time":
			least, err := strconv.ParseFloat(argument, 64)
			if err != nil {
				return err
			}
			passes, began, spent := 0, time.Now(), cpuSeconds()
			for passes == 0 || time.Since(began).Seconds() < least {
				if x, err = e.Embed(ctx, texts); err != nil {
					return err
				}
				passes++
			}
			a.Seconds = time.Since(began).Seconds() / float64(passes)
			a.CPUSeconds = (cpuSeconds() - spent) / float64(passes)
			a.PeakMB = resident.PeakMB()
		case "save":
			if x.Rows == 0 {
				if x, err = e.Embed(ctx, texts); err != nil {
					return err
				}
			}
			if err := embed.WriteNPYFile(argument, x); err != nil {
				return err
			}
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}
