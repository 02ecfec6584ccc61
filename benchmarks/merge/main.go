// Command merge measures what is left of a fit when the documents are fitted in two halves and the models are merged by
// topic.MergeModels, and prints a Markdown table.
//
//	go run ./benchmarks/merge -texts TEXTS -labels LABELS -embeddings FILE.npy
//
// TEXTS has one document per line, LABELS one class per line.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	texts := flag.String("texts", "", "file with one document per line")
	labels := flag.String("labels", "", "file with one class per line")
	embeddings := flag.String("embeddings", "", "NPY file with one row per document")
	preset := flag.String("preset", "default", "default or bertopic")
	flag.Parse()
	if err := run(context.Background(), *texts, *labels, *embeddings, *preset); err != nil {
		fmt.Fprintln(os.Stderr, "merge:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, texts, labels, embeddings, preset string) error {
	docs, err := files.Lines(texts)
	if err != nil {
		return err
	}
	numbers, err := files.Numbers(labels)
	if err != nil {
		return err
	}
	x, err := embed.ReadNPYFile(embeddings)
	if err != nil {
		return err
	}
	if len(docs) != x.Rows || len(numbers) != x.Rows {
		return fmt.Errorf("%d texts, %d classes, %d embeddings", len(docs), len(numbers), x.Rows)
	}
	cfg := topic.DefaultConfig()
	if preset == "bertopic" {
		cfg = topic.BERTopicConfig()
	}
	began := time.Now()
	whole, err := topic.FitEmbedded(ctx, docs, x, cfg)
	if err != nil {
		return err
	}
	wholeTime := time.Since(began)

	// Every other document, so that both halves have all classes.
	var models []*topic.Model
	var order []int // the documents of the merged model
	began = time.Now()
	for half := range 2 {
		var part []string
		rows := blas32.General{Cols: x.Cols, Stride: x.Cols}
		for i := half; i < len(docs); i += 2 {
			part, order = append(part, docs[i]), append(order, i)
			rows.Data = append(rows.Data, x.Data[i*x.Stride:][:x.Cols]...)
			rows.Rows++
		}
		m, err := topic.FitEmbedded(ctx, part, rows, cfg)
		if err != nil {
			return err
		}
		models = append(models, m)
	}
	halvesTime := time.Since(began)
	var classes, all []int
	for _, i := range order {
		classes, all = append(classes, numbers[i]), append(all, whole.Assignments()[i].Topic)
	}
	truth, err := eval.Compare(ctx, classes, all, eval.OutliersGroup)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d topics in %.2f s, ARI with the classes %.3f; halves with %d and %d topics in %.2f s\n\n", preset,
		count(whole), wholeTime.Seconds(), truth.ARI, count(models[0]), count(models[1]), halvesTime.Seconds())
	fmt.Println("| least cosine | topics | outside | ARI with the whole fit | ARI with the classes | seconds | MB allocated, of them kept | fitted topics again |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, least := range []float64{0.5, 0.6, 0.7, 0.8, 0.9} {
		var before, after, kept runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		m, err := topic.MergeModels(ctx, models, least)
		if err != nil {
			return err
		}
		spent := time.Since(began)
		runtime.ReadMemStats(&after)
		runtime.GC()
		runtime.ReadMemStats(&kept)
		if err := m.Check(); err != nil {
			return err
		}
		var found []int
		outside := 0
		for _, a := range m.Assignments() {
			if found = append(found, a.Topic); a.Topic == topic.Outlier {
				outside++
			}
		}
		again, err := m.TransformEmbedded(ctx, docs, x)
		if err != nil {
			return err
		}
		same := 0
		for i, a := range m.Assignments() {
			if again[i].Topic == a.Topic {
				same++
			}
		}
		with, err := eval.Compare(ctx, all, found, eval.OutliersGroup)
		if err != nil {
			return err
		}
		truth, err := eval.Compare(ctx, classes, found, eval.OutliersGroup)
		if err != nil {
			return err
		}
		const mb = 1 << 20
		fmt.Printf("| %.1f | %d | %.1f %% | %.3f | %.3f | %.2f | %d, %d | %.2f %% |\n", least, count(m), 100*float64(outside)/float64(len(found)),
			with.ARI, truth.ARI, spent.Seconds(), (after.TotalAlloc-before.TotalAlloc)/mb, (int64(kept.HeapAlloc)-int64(before.HeapAlloc))/mb, 100*float64(same)/float64(len(found)))
		runtime.KeepAlive(m)
	}
	fmt.Println()
	return nil
}

// count is the number of topics without the outliers.
func count(m *topic.Model) int {
	topics := m.Topics()
	return topics[len(topics)-1].ID + 1
}
