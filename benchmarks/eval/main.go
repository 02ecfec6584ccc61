// Command eval measures the coherence of topics with package eval and with gensim's CoherenceModel, and the adjusted
// mutual information of two labellings beside scikit-learn's, in turn, and prints a Markdown table of seconds.
//
//	go run ./benchmarks/eval -python ~/gobertopic-peers/bin/python -data DIR
//
// DIR is the directory of corpora; it must have so20k and llm_app_issues. There are 200 topics of 10 words each: the
// words of highest c-TF-IDF, without stop words, of 200 runs of neighboring documents. Both sides have the texts as
// lists of tokens in memory before the clock starts. "with index" is all that a first call takes, gensim's Dictionary
// included; "again" is a further call on the same texts. The table is only printed when both give the same values.
// Without -python only gobertopic runs.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/eval"
)

// task is what both sides are given.
type task struct {
	Texts  [][]string `json:"texts"`
	Topics [][]string `json:"topics"`
	Truth  []int      `json:"truth"`
	Found  []int      `json:"found"`
}

// figure is what each side prints for a measure.
type figure struct {
	Value   float64 `json:"value"`
	Seconds float64 `json:"seconds"`
	again   float64
}

var measures = []string{"c_npmi", "c_uci", "c_v", "u_mass"}

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	data := flag.String("data", "", "directory of the corpora")
	rounds := flag.Int("rounds", 3, "runs of gobertopic for one of the peer; the fastest counts")
	every := flag.Int("every", 1, "take one in so many of llm_app_issues, which takes gensim a minute or two")
	only := flag.String("only", "", "so20k or llm_app_issues alone")
	flag.Parse()
	if err := run(*python, *data, *rounds, *every, *only); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

func run(python, data string, rounds, every int, only string) error {
	if data == "" {
		return errors.New("-data is missing")
	}
	fmt.Println("| corpus | texts | tokens | measure | value | with index, ms | again, ms | peer, ms | times the peer's speed |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, name := range []string{"so20k", "llm_app_issues"} {
		if only != "" && only != name {
			continue
		}
		docs, err := read(data, name, every)
		if err != nil {
			return err
		}
		t, err := newTask(docs)
		if err != nil {
			return err
		}
		ours := map[string]figure{}
		for _, m := range append(measures, "ami") {
			if ours[m], err = t.measure(m, rounds); err != nil {
				return err
			}
		}
		theirs := map[string]figure{}
		if python != "" {
			if theirs, err = t.peer(python); err != nil {
				return err
			}
		}
		tokens := 0
		for _, text := range t.Texts {
			tokens += len(text)
		}
		for _, m := range append(measures, "ami") {
			o, p := ours[m], theirs[m]
			if python != "" && !(math.Abs(o.Value-p.Value) < 1e-6) {
				return fmt.Errorf("%s of %s is %v, and %v by the peer", m, name, o.Value, p.Value)
			}
			fmt.Printf("| %s | %d | %d | %s | %.4f | %.2f | %.2f | %.1f | %.1f |\n",
				name, len(t.Texts), tokens, m, o.Value, 1e3*o.Seconds, 1e3*o.again, 1e3*p.Seconds, p.Seconds/o.Seconds)
		}
	}
	return nil
}

func read(data, name string, every int) ([]string, error) {
	if name == "so20k" {
		return files.Lines(filepath.Join(data, "so20k", "title_StackOverflow.txt"))
	}
	issues, err := files.Issues(filepath.Join(data, "llm_app_issues", "issues_en.jsonl.gz"))
	var docs []string
	for i := 0; i < len(issues); i += every {
		docs = append(docs, issues[i].Body)
	}
	return docs, err
}

func newTask(docs []string) (*task, error) {
	const topics = 200
	rng := rand.New(rand.NewPCG(1, 2))
	t := &task{}
	for i := range docs {
		c := i * topics / len(docs)
		t.Found = append(t.Found, c)
		if rng.IntN(3) == 0 {
			c = rng.IntN(topics)
		}
		t.Truth = append(t.Truth, c/10)
	}
	cfg := ctfidf.Config{}
	terms, err := cfg.Terms()
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		t.Texts = append(t.Texts, terms(d))
	}
	cfg.StopWords = ctfidf.English()
	counts, err := ctfidf.Count(context.Background(), docs, t.Found, cfg)
	if err != nil {
		return nil, err
	}
	weights, err := ctfidf.Weighting{}.Weigh(counts)
	if err != nil {
		return nil, err
	}
	for row := range weights.Classes {
		var words []string
		for _, term := range weights.TopTerms(row, 10) {
			words = append(words, term.Term)
		}
		t.Topics = append(t.Topics, words)
	}
	return t, nil
}

func (t *task) measure(name string, rounds int) (figure, error) {
	ctx := context.Background()
	f := figure{Seconds: math.Inf(1), again: math.Inf(1)}
	for range rounds {
		began := time.Now()
		if name == "ami" {
			r, err := eval.Compare(ctx, t.Truth, t.Found, eval.OutliersGroup)
			if err != nil {
				return f, err
			}
			f.Value, f.Seconds = r.AMI, min(f.Seconds, time.Since(began).Seconds())
			f.again = f.Seconds
			continue
		}
		texts, err := eval.NewTexts(ctx, t.Texts)
		if err != nil {
			return f, err
		}
		indexed := time.Now()
		r, err := eval.Coherence(ctx, t.Topics, texts, eval.CoherenceConfig{Measure: eval.CoherenceMeasure(name)})
		if err != nil {
			return f, err
		}
		f.Value = r.Mean
		f.Seconds, f.again = min(f.Seconds, time.Since(began).Seconds()), min(f.again, time.Since(indexed).Seconds())
	}
	return f, nil
}

// peer runs benchmarks/peers/coherence.py.
func (t *task) peer(python string) (map[string]figure, error) {
	f, err := os.CreateTemp("", "gobertopic-eval-*.json")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if err := json.NewEncoder(f).Encode(t); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	cmd := exec.Command(python, filepath.Join("benchmarks", "peers", "coherence.py"), f.Name())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	figures := map[string]figure{}
	return figures, json.NewDecoder(bytes.NewReader(out)).Decode(&figures)
}
