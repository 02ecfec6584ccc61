// Command ctfidf counts and weighs the terms of labeled corpora with package ctfidf and with scikit-learn's
// CountVectorizer and BERTopic's ClassTfidfTransformer, in turn, each in a process of its own, and prints a Markdown
// table of seconds and memory.
//
//	go run ./benchmarks/ctfidf -python ~/gobertopic-peers/bin/python -data DIR
//
// DIR is the directory of corpora; it must have so20k and llm_app_issues, whose classes are the repositories. A corpus of
// a million documents is made of the titles of so20k: each has the first half of one title and the second half of
// another, drawn with a fixed seed. Without -python only gobertopic runs.
//
// Both sides have the documents in memory before the clock starts, and the peer's are joined by class already. "joined"
// is Config.Join, which gives the counts of the peer, and the table is only printed when it does; "within" is the default,
// where no n-gram crosses from one document to the next.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/resident"
)

// result is what both sides print as JSON.
type result struct {
	Documents int     `json:"documents"`
	Terms     int     `json:"terms"`
	Cells     int     `json:"cells"`
	Total     float64 `json:"total"`
	Weight    float64 `json:"weight"`
	Seconds   float64 `json:"seconds"`
	PeakMB    float64 `json:"peak_mb"`
}

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	data := flag.String("data", "", "directory of the corpora")
	rounds := flag.Int("rounds", 3, "processes of each side, one after the other in turn; the fastest counts")
	repeats := flag.Int("repeats", 5, "repeats in each process; the fastest counts")
	only := flag.String("only", "", "so20k, llm_app_issues or million alone")
	one := flag.String("count", "", "count the corpus in this file and print JSON; used by the program itself")
	ngrams := flag.Int("ngrams", 1, "with -count, the longest n-gram")
	join := flag.Bool("join", false, "with -count, join the documents of a class")
	flag.Parse()
	err := error(nil)
	if *one != "" {
		err = count(*one, *ngrams, *join, *repeats)
	} else {
		err = run(*python, *data, *rounds, *repeats, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ctfidf:", err)
		os.Exit(1)
	}
}

func run(python, data string, rounds, repeats int, only string) error {
	if data == "" {
		return errors.New("-data is missing")
	}
	tmp, err := os.MkdirTemp("", "gobertopic-ctfidf-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	names, err := writeCorpora(data, tmp)
	if err != nil {
		return err
	}

	fmt.Printf("%s, %s/%s, %d processors, %s\n\n", time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Println("| corpus | n-grams | side | documents | terms | cells | ms | times the peer's speed | peak MB |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, name := range names {
		if only != "" && name != only {
			continue
		}
		n, k := rounds, strconv.Itoa(repeats)
		if name == "million" {
			n, k = 1, "1"
		}
		for _, grams := range []string{"1", "2"} {
			path := filepath.Join(tmp, name)
			sides := []string{"joined", "within"}
			commands := map[string][]string{
				"joined": {self, "-count", path, "-ngrams", grams, "-repeats", k, "-join"},
				"within": {self, "-count", path, "-ngrams", grams, "-repeats", k},
			}
			if python != "" {
				sides = append(sides, "peer")
				commands["peer"] = []string{python, filepath.Join("benchmarks", "peers", "ctfidf.py"), path, grams, k}
			}
			best := map[string]result{}
			for range n {
				for _, side := range sides {
					r, err := measure(commands[side])
					if err != nil {
						return fmt.Errorf("%s, %s: %w", name, side, err)
					}
					if b, ok := best[side]; ok && b.Seconds < r.Seconds {
						r.Seconds = b.Seconds
					}
					best[side] = r
				}
			}
			if python != "" {
				if err := same(best["joined"], best["peer"]); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			for _, side := range sides {
				r, ratio := best[side], "1"
				if side != "peer" {
					ratio = "–"
					if python != "" {
						ratio = fmt.Sprintf("%.1f", best["peer"].Seconds/r.Seconds)
					}
				}
				fmt.Printf("| %s | 1–%s | %s | %d | %d | %d | %.1f | %s | %.0f |\n", name, grams, side, r.Documents, r.Terms, r.Cells, 1000*r.Seconds, ratio, r.PeakMB)
			}
		}
	}
	return nil
}

// same reports when the two sides did not do the same work.
func same(a, b result) error {
	if a.Terms != b.Terms || a.Cells != b.Cells || a.Total != b.Total || math.Abs(a.Weight-b.Weight) > 1e-9*math.Abs(b.Weight) {
		return fmt.Errorf("the sides differ: %+v and %+v", a, b)
	}
	return nil
}

func measure(command []string) (r result, err error) {
	cmd := exec.Command(command[0], command[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("%w: %s", err, stderr.String())
	}
	return r, json.Unmarshal(stdout.Bytes(), &r)
}

// count counts one corpus and prints the result.
func count(path string, ngrams int, join bool, repeats int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var (
		docs    []string
		classes []int
		lines   = bufio.NewScanner(f)
	)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var class int
		var text string
		if err := json.Unmarshal(lines.Bytes(), &[]any{&class, &text}); err != nil {
			return err
		}
		docs, classes = append(docs, text), append(classes, class)
	}
	if err := lines.Err(); err != nil {
		return err
	}

	cfg := ctfidf.Config{}
	cfg.NGramMax, cfg.Join = ngrams, join
	r := result{Documents: len(docs), Seconds: math.Inf(1)}
	for range repeats {
		began := time.Now()
		c, err := ctfidf.Count(context.Background(), docs, classes, cfg)
		if err != nil {
			return err
		}
		w, err := ctfidf.Weighting{}.Weigh(c)
		if err != nil {
			return err
		}
		r.Seconds = min(r.Seconds, time.Since(began).Seconds())
		r.Terms, r.Cells, r.Total, r.Weight = len(c.Vocabulary), len(c.Rows.Col), 0, 0
		for k, v := range c.Rows.Value {
			r.Total += v
			r.Weight += w.Rows.Value[k]
		}
	}
	r.PeakMB = resident.PeakMB()
	return json.NewEncoder(os.Stdout).Encode(r)
}
