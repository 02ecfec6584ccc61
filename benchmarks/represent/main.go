// Command represent times KeyBERT-inspired words, maximal marginal relevance and typical documents beside BERTopic's, on
// the same topics and embeddings, one after the other, and counts the words that both choose.
//
//	go run ./benchmarks/represent -python ~/gobertopic-peers/bin/python -model MODEL_DIR -texts TEXTS -docs DOCS.csv -embeddings E.npy
//
// TEXTS has one document per line; DOCS.csv and E.npy are what gobertopic fit --docs and --save-embeddings write. MODEL_DIR
// is all-MiniLM-L6-v2 for the Python side. Without -python only gobertopic runs.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	model := flag.String("model", "", "directory of all-MiniLM-L6-v2, for Python")
	texts := flag.String("texts", "", "file with one document per line")
	docs := flag.String("docs", "", "CSV file with the column topic")
	embeddings := flag.String("embeddings", "", ".npy file with a row for each document")
	runs := flag.Int("runs", 3, "runs of each side, in turn")
	flag.Parse()
	if err := run(*python, *model, *texts, *docs, *embeddings, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "represent:", err)
		os.Exit(1)
	}
}

// found is the words of each topic by step.
type found map[string]map[string][]string

func run(python, model, texts, docs, embeddings string, runs int) error {
	text, err := os.ReadFile(texts)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	labels, err := readTopics(docs)
	if err != nil {
		return err
	}
	x, err := embed.ReadNPYFile(embeddings)
	if err != nil {
		return err
	}
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = ctfidf.Config{}
	if _, err := cfg.Embedder.Embed(context.Background(), []string{"the first call is slower"}); err != nil {
		return err
	}
	for i := range runs {
		ours, words, err := measure(cfg, lines, x, labels)
		if err != nil {
			return err
		}
		fmt.Printf("run %d: gobertopic %v\n", i+1, ours)
		if python == "" {
			continue
		}
		theirs, theirWords, err := peer(python, model, texts, docs, embeddings)
		if err != nil {
			return err
		}
		fmt.Printf("run %d: BERTopic %v\n", i+1, theirs)
		for _, step := range []string{"keybert", "mmr", "typical"} {
			fmt.Printf("run %d: %s: %.1f times as fast", i+1, step, theirs[step]/ours[step])
			if words[step] != nil {
				fmt.Printf(", %.1f %% of the words the same", 100*overlap(words[step], theirWords[step]))
			}
			fmt.Println()
		}
	}
	return nil
}

func readTopics(path string) ([]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []int
	for _, r := range records[1:] {
		t, err := strconv.Atoi(r[1])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// timed measures a representer of its own chain.
type timed struct {
	topic.Representer
	name    string
	seconds map[string]float64
	words   found
}

func (t timed) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	began := time.Now()
	out, err := t.Representer.Represent(ctx, v, topics)
	t.seconds[t.name] = time.Since(began).Seconds()
	t.words[t.name] = map[string][]string{}
	for i, terms := range out {
		for _, term := range terms[:min(len(terms), 10)] {
			id := strconv.Itoa(v.IDs[i])
			t.words[t.name][id] = append(t.words[t.name][id], term.Term)
		}
	}
	return out, err
}

// typical chooses documents and leaves the terms.
type typical struct{ seconds map[string]float64 }

func (t typical) Represent(ctx context.Context, v topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	began := time.Now()
	_, err := v.Typical(ctx, 4, 0.3)
	t.seconds["typical"] = time.Since(began).Seconds()
	return topics, err
}

func measure(cfg topic.Config, docs []string, x blas32.General, labels []int) (map[string]float64, found, error) {
	seconds, words := map[string]float64{}, found{}
	cfg.Reducer, cfg.Clusterer = nil, supervised.Fixed{}
	cfg.RepresentativeDocs = stage.None // so that the first that needs typical documents finds them itself
	cfg.Aspects = []topic.Aspect{
		{Name: "typical", Representers: []topic.Representer{typical{seconds}}},
		{Name: "keybert", Representers: []topic.Representer{timed{represent.KeyBERT{}, "keybert", seconds, words}}},
		{Name: "mmr", Representers: []topic.Representer{timed{represent.MMR{Diversity: 0.3}, "mmr", seconds, words}}},
	}
	_, err := topic.FitInput(context.Background(), topic.Input{Docs: docs, Embeddings: x, Classes: labels}, cfg)
	seconds["keybert"] += seconds["typical"] // both sides count the choice of documents
	return seconds, words, err
}

func peer(python, model, texts, docs, embeddings string) (seconds map[string]float64, words found, err error) {
	dir, err := os.MkdirTemp("", "represent-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "words.json")
	cmd := exec.Command(python, "benchmarks/peers/bertopic_represent.py", model, texts, docs, embeddings, out)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(stdout, &seconds); err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return nil, nil, err
	}
	return seconds, words, json.Unmarshal(text, &words)
}

// overlap is the share of our words that are theirs too.
func overlap(ours, theirs map[string][]string) float64 {
	same, all := 0, 0
	for id, words := range ours {
		has := map[string]bool{}
		for _, w := range theirs[id] {
			has[w] = true
		}
		for _, w := range words {
			all++
			if has[w] {
				same++
			}
		}
	}
	return float64(same) / float64(all)
}
