// Command pipeline runs gobertopic and BERTopic on the same labeled texts, one after the other, from texts to files in
// a cold process each, and prints a Markdown table of topics, outliers, agreement with the labels, time and memory.
//
//	go run ./benchmarks/pipeline -python ~/gobertopic-peers/bin/python -model MODEL_DIR -texts TEXTS [-labels LABELS]
//
// TEXTS has one document per line, LABELS one class per line. MODEL_DIR is all-MiniLM-L6-v2 for the Python side. Without
// -python only gobertopic runs.
package main

import (
	"bytes"
	"encoding/csv"
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

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/eval"
)

// result is what both sides print as JSON.
type result struct {
	Documents int                `json:"documents"`
	Topics    int                `json:"topics"`
	Outliers  int                `json:"outliers"`
	Stages    map[string]float64 `json:"stages"`
	Seconds   float64            `json:"seconds"`
	PeakMB    float64            `json:"peak_mb"`

	wall     float64 // of the whole process
	ari, nmi float64
}

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	model := flag.String("model", "", "directory of all-MiniLM-L6-v2, for Python")
	texts := flag.String("texts", "", "file with one document per line")
	labels := flag.String("labels", "", "file with one class per line")
	seeds := flag.Int("seeds", 3, "number of seeds, from 1")
	flag.Parse()
	if err := run(*python, *model, *texts, *labels, *seeds); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}

func run(python, model, texts, labels string, seeds int) error {
	if texts == "" {
		return errors.New("-texts is missing")
	}
	if python != "" && model == "" {
		return errors.New("-python needs -model")
	}
	tmp, err := os.MkdirTemp("", "gobertopic-pipeline-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(tmp, "gobertopic")
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/gobertopic").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	gold, err := readClasses(labels)
	if err != nil {
		return err
	}

	fmt.Printf("%s, %s, %s/%s, %d processors, %s\n\n", time.Now().UTC().Format(time.DateOnly), filepath.Base(texts), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Println("| system | seed | topics | outliers | ARI | NMI | seconds | peak MB |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for seed := 1; seed <= seeds; seed++ {
		s := strconv.Itoa(seed)
		out := filepath.Join(tmp, "go-"+s)
		ours := exec.Command(binary, "fit", "--format", "lines", "--granularity", "bertopic", "--stop-words", "none", "--seed", s, "--json", "--quiet",
			"--docs", filepath.Join(out, "docs.csv"), "--topics", filepath.Join(out, "topics.json"), texts)
		if err := measure("gobertopic", s, ours, out, gold); err != nil {
			return err
		}
		if python == "" {
			continue
		}
		out = filepath.Join(tmp, "py-"+s)
		peer := exec.Command(python, filepath.Join("benchmarks", "peers", "bertopic_fit.py"), model, texts, s, out)
		if err := measure("BERTopic", s, peer, out, gold); err != nil {
			return err
		}
	}
	return nil
}

// measure runs one side and prints its row. Its stages go to standard error.
func measure(name, seed string, cmd *exec.Cmd, out string, gold []int) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, stderr.String())
	}
	r := result{wall: time.Since(began).Seconds()}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		return fmt.Errorf("%s printed %q: %w", name, lines[len(lines)-1], err)
	}
	agreement := "– | –"
	if gold != nil {
		found, err := readAssignments(filepath.Join(out, "docs.csv"))
		if err != nil {
			return err
		}
		if r.ari, err = eval.ARI(gold, found); err != nil {
			return err
		}
		if r.nmi, err = eval.NMI(gold, found); err != nil {
			return err
		}
		agreement = fmt.Sprintf("%.3f | %.3f", r.ari, r.nmi)
	}
	fmt.Printf("| %s | %s | %d | %.1f %% | %s | %.1f | %.0f |\n", name, seed, r.Topics,
		100*float64(r.Outliers)/float64(r.Documents), agreement, r.wall, r.PeakMB)
	fmt.Fprintf(os.Stderr, "%s seed %s: %v\n", name, seed, r.Stages)
	return nil
}

func readClasses(path string) ([]int, error) {
	if path == "" {
		return nil, nil
	}
	return files.Numbers(path)
}

// readAssignments reads the topic column of a docs.csv.
func readAssignments(path string) ([]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	topics := make([]int, len(records)-1)
	for i, r := range records[1:] {
		if topics[i], err = strconv.Atoi(r[1]); err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", path, i+1, err)
		}
	}
	return topics, nil
}
