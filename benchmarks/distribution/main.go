// Command distribution times the approximate distribution and the topics over time beside BERTopic's, on the same topics.
//
//	go run ./benchmarks/distribution -python ~/gobertopic-peers/bin/python -texts TEXTS -docs DOCS.csv
//
// TEXTS has one document per line, DOCS.csv (id, topic, probability) is what gobertopic fit --docs writes. Without -python
// only gobertopic runs. With -copies the distribution of that many copies of the texts is made once on each side, and the
// most memory that the processes had is printed.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/resident"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	texts := flag.String("texts", "", "file with one document per line")
	docs := flag.String("docs", "", "CSV file with the column topic")
	runs := flag.Int("runs", 2, "runs of each side, in turn")
	copies := flag.Int("copies", 0, "copies of the texts whose distribution is made, to measure memory; 0 measures time")
	flag.Parse()
	if err := run(*python, *texts, *docs, *runs, *copies); err != nil {
		fmt.Fprintln(os.Stderr, "distribution:", err)
		os.Exit(1)
	}
}

func run(python, texts, docs string, runs, copies int) error {
	lines, err := files.Lines(texts)
	if err != nil {
		return err
	}
	f, err := os.Open(docs)
	if err != nil {
		return err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return err
	}
	labels := make([]int, len(records)-1)
	for i, r := range records[1:] {
		if labels[i], err = strconv.Atoi(r[1]); err != nil {
			return err
		}
	}
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = ctfidf.Config{}
	cfg.Embedder, cfg.Reducer, cfg.Clusterer, cfg.Vocabulary.Join = nil, nil, supervised.Fixed{}, true
	m, err := topic.FitInput(context.Background(), topic.Input{Docs: lines, Classes: labels, WordsAlone: true}, cfg)
	if err != nil {
		return err
	}
	if copies > 0 {
		return measureMemory(m, lines, copies, python, texts, docs)
	}
	times := make([]time.Time, len(lines)) // any order will do: a walk through 100 days
	for i := range times {
		times[i] = time.Unix(1_700_000_000+int64(i*7919%len(lines))*432, 0)
	}
	for i := range runs {
		ours := map[string]float64{}
		began := time.Now()
		got, err := analysis.ApproximateDistribution(context.Background(), m, lines, analysis.DistributionOptions{})
		if err != nil {
			return err
		}
		ours["distribution"] = time.Since(began).Seconds()
		began = time.Now()
		rows, err := analysis.OverTime(context.Background(), m, times, analysis.OverTimeOptions{Bins: 100})
		if err != nil {
			return err
		}
		ours["over time"] = time.Since(began).Seconds()
		fmt.Printf("run %d: gobertopic %v, %d entries, %d rows\n", i+1, ours, len(got.Rows.Value), len(rows))
		if python == "" {
			continue
		}
		script := filepath.Join("benchmarks", "peers", "bertopic_distribution.py")
		out, err := exec.Command(python, script, texts, docs).Output()
		if err != nil {
			return err
		}
		var theirs map[string]float64
		if err := json.Unmarshal(out, &theirs); err != nil {
			return err
		}
		fmt.Printf("run %d: BERTopic %v\n", i+1, theirs)
		for _, step := range []string{"distribution", "over time"} {
			fmt.Printf("run %d: %s: %.1f times as fast\n", i+1, step, theirs[step]/ours[step])
		}
	}
	return nil
}

func measureMemory(m *topic.Model, lines []string, copies int, python, texts, docs string) error {
	peak := func() float64 { return resident.PeakMB() * 1e6 / (1 << 20) } // MiB
	before := peak()
	began := time.Now()
	many := slices.Repeat(lines, copies)
	got, err := analysis.ApproximateDistribution(context.Background(), m, many, analysis.DistributionOptions{})
	if err != nil {
		return err
	}
	fmt.Printf("gobertopic: %d documents, %d topics, %d entries, %.2f s; peak of the process %.0f MiB, %.0f before\n",
		len(many), got.Rows.Cols, len(got.Rows.Value), time.Since(began).Seconds(), peak(), before)
	runtime.KeepAlive(m)
	if python == "" {
		return nil
	}
	out, err := exec.Command(python, filepath.Join("benchmarks", "peers", "bertopic_distribution.py"), texts, docs, strconv.Itoa(copies)).Output()
	fmt.Printf("BERTopic: %s", out)
	return err
}
