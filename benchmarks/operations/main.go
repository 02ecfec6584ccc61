// Command operations times what can be done with a fitted model beside BERTopic, on the same documents, embeddings and
// topics, and says where the results agree.
//
//	go run ./benchmarks/operations -python ~/gobertopic-peers/bin/python -texts TEXTS -embeddings X.npy -classes CLASSES [-only NAMES]
//
// TEXTS has one document per line and CLASSES a class for each, X.npy their embeddings. The topics are those of one fit with
// topic.BERTopicConfig. Each operation runs on one side and then on the other, -runs times; the medians are printed. Without
// -python only gobertopic runs.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	var s settings
	flag.StringVar(&s.python, "python", "", "interpreter of the virtual environment of benchmarks/peers")
	flag.StringVar(&s.texts, "texts", "", "file with one document per line")
	flag.StringVar(&s.embeddings, "embeddings", "", "NPY file with the embeddings of the documents")
	flag.StringVar(&s.classes, "classes", "", "file with a class per line")
	flag.StringVar(&s.only, "only", "", "comma-separated parts of the names of the operations to run")
	flag.IntVar(&s.runs, "runs", 3, "runs of each side, in turn")
	flag.Parse()
	if err := s.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "operations:", err)
		os.Exit(1)
	}
}

type settings struct {
	python, texts, embeddings, classes, only string
	runs                                     int
}

// known embeds the fitted documents by looking them up.
type known struct {
	at map[string]int
	x  blas32.General
}

func (k known) Embed(_ context.Context, texts []string) (blas32.General, error) {
	out := blas32.General{Rows: len(texts), Cols: k.x.Cols, Stride: k.x.Cols, Data: make([]float32, len(texts)*k.x.Cols)}
	for i, text := range texts {
		at, ok := k.at[text]
		if !ok {
			return out, fmt.Errorf("%q is no document", text)
		}
		copy(out.Data[i*out.Stride:], k.x.Data[at*k.x.Stride:][:k.x.Cols])
	}
	return out, nil
}

func (s settings) run(ctx context.Context) error {
	docs, err := files.Lines(s.texts)
	if err != nil {
		return err
	}
	classes, err := files.Lines(s.classes)
	if err != nil {
		return err
	}
	x, err := embed.ReadNPYFile(s.embeddings)
	if err != nil {
		return err
	}
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = ctfidf.Config{} // BERTopic does not clean where it is given an embedding model
	cfg.Vocabulary.Join = true
	at := map[string]int{}
	for i, d := range docs {
		at[d] = i
	}
	cfg.Embedder = known{at, x}
	m, err := topic.FitEmbedded(ctx, docs, x, cfg)
	if err != nil {
		return err
	}
	b := &bench{m: m, docs: docs, classes: classes, x: x, moved: moved(x, 1000)}
	b.labels = topicsOf(m)
	outside := outliers(b.labels)
	for i := range docs { // any order will do: a walk through 100 days
		b.times = append(b.times, time.Unix(1_700_000_000+int64(i*7919%len(docs))*432, 0))
	}
	fmt.Printf("%d documents, %d topics, %d outliers\n", len(docs), len(m.Topics())-min(outside, 1), outside)

	var p *peer
	if s.python != "" {
		dir, err := os.MkdirTemp("", "gobertopic-operations-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		topics, shifted := filepath.Join(dir, "docs.csv"), filepath.Join(dir, "moved.npy")
		if err := b.writeTopics(topics); err != nil {
			return err
		}
		if err := embed.WriteNPYFile(shifted, b.moved); err != nil {
			return err
		}
		if p, err = startPeer(s.python, s.texts, s.embeddings, shifted, topics, s.classes); err != nil {
			return err
		}
	}
	fmt.Println("| operation | times as fast as BERTopic | seconds, gobertopic | seconds, BERTopic | results |")
	fmt.Println("|---|---|---|---|---|")
	for _, o := range b.operations() {
		if s.only != "" && !slices.ContainsFunc(strings.Split(s.only, ","), func(part string) bool { return strings.Contains(o.name, part) }) {
			continue
		}
		if err := s.compare(ctx, o, p); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	if p != nil {
		return p.end()
	}
	return nil
}

// compare runs an operation on both sides, in turn.
func (s settings) compare(ctx context.Context, o operation, p *peer) error {
	var ours, theirs []float64
	var result any
	var other json.RawMessage
	for i := range s.runs {
		began := time.Now()
		var err error
		if result, err = o.run(ctx); err != nil {
			return err
		}
		ours = append(ours, time.Since(began).Seconds())
		if p == nil || o.once && i > 0 {
			continue
		}
		seconds, answer, err := p.do(o.name)
		if err != nil {
			return err
		}
		theirs, other = append(theirs, seconds), answer
	}
	if p == nil {
		fmt.Printf("| %s | | %.4f | | |\n", o.name, median(ours))
		return nil
	}
	if o.full != nil {
		var err error
		if result, err = o.full(ctx); err != nil {
			return err
		}
	}
	agrees, err := o.agree(result, other)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %.1f | %.4f | %.3f | %s |\n", o.name, median(theirs)/median(ours), median(ours), median(theirs), agrees)
	return nil
}

func median(x []float64) float64 {
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// moved is the first n rows of x with a little noise, so that they are no rows of the fit.
func moved(x blas32.General, n int) blas32.General {
	r := rand.New(rand.NewPCG(1, 2))
	out := blas32.General{Rows: n, Cols: x.Cols, Stride: x.Cols}
	for i := range n {
		for _, v := range x.Data[i*x.Stride:][:x.Cols] {
			out.Data = append(out.Data, v+1e-4*float32(r.NormFloat64()))
		}
	}
	return out
}

// writeTopics writes the topics as gobertopic fit --docs does.
func (b *bench) writeTopics(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := csv.NewWriter(f)
	if err := w.Write([]string{"id", "topic", "probability"}); err != nil {
		return err
	}
	for i, t := range b.labels {
		if err := w.Write([]string{strconv.Itoa(i + 1), strconv.Itoa(t), "1"}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
