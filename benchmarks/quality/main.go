// Command quality measures how often documents that topic.BERTopicConfig leaves outside are given a topic of their own
// class by Model.ReduceOutliers, and prints a Markdown table by strategy and threshold.
//
//	go run ./benchmarks/quality -texts TEXTS -labels LABELS -embeddings FILE.npy
//
// TEXTS has one document per line, LABELS one class per line. The class of a topic is that of most of the documents that it
// had before. How the presets and the peers agree with the classes is measured by "gobertopic evaluate" and by
// benchmarks/peers/quality.py.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/topic"
)

func main() {
	texts := flag.String("texts", "", "file with one document per line")
	labels := flag.String("labels", "", "file with one class per line")
	embeddings := flag.String("embeddings", "", "NPY file with one row per document")
	seed := flag.Uint64("seed", 1, "seed of the fit")
	flag.Parse()
	if err := run(context.Background(), *texts, *labels, *embeddings, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, texts, labels, embeddings string, seed uint64) error {
	docs, err := files.Lines(texts)
	if err != nil {
		return err
	}
	classes, err := files.Lines(labels)
	if err != nil {
		return err
	}
	if len(classes) != len(docs) {
		return fmt.Errorf("%s: %d lines, want %d", labels, len(classes), len(docs))
	}
	x, err := embed.ReadNPYFile(embeddings)
	if err != nil {
		return err
	}
	cfg := topic.BERTopicConfig()
	cfg.Seed = seed
	m, err := topic.FitEmbedded(ctx, docs, x, cfg)
	if err != nil {
		return err
	}
	before := m.Assignments()
	majority := majorities(before, classes)
	hits, inside, outside := 0, 0, 0
	for i, a := range before {
		if a.Topic == topic.Outlier {
			outside++
			continue
		}
		inside++
		if majority[a.Topic] == classes[i] {
			hits++
		}
	}
	fmt.Printf("%d topics; of %d documents in topics %.1f %% are of their topic's class; %d outside\n\n", len(majority), inside, percent(hits, inside), outside)
	fmt.Println("| strategy | threshold | given a topic | of its class | still outside, of all |")
	fmt.Println("|---|---|---|---|---|")
	for _, strategy := range []topic.OutlierStrategy{topic.ByEmbeddings, topic.ByWords} {
		for _, threshold := range []float64{0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7} {
			// Topics may be numbered anew, so the class of the new topic is that of the documents that were in it before.
			r, err := m.ReduceOutliers(ctx, topic.OutlierRule{Strategy: strategy, Threshold: threshold})
			if err != nil {
				return err
			}
			after := r.Assignments()
			kept := make([]topic.Assignment, len(after))
			for i := range after {
				kept[i].Topic = topic.Outlier
				if before[i].Topic != topic.Outlier {
					kept[i] = after[i]
				}
			}
			of := majorities(kept, classes)
			given, right := 0, 0
			for i, a := range after {
				if before[i].Topic != topic.Outlier || a.Topic == topic.Outlier {
					continue
				}
				given++
				if of[a.Topic] == classes[i] {
					right++
				}
			}
			fmt.Printf("| %s | %.1f | %d (%.1f %%) | %.1f %% | %.1f %% |\n", strategy, threshold, given, percent(given, outside), percent(right, given), percent(outside-given, len(docs)))
		}
	}
	return nil
}

// majorities is the most frequent class of each topic, the first in the alphabet of equals.
func majorities(assignments []topic.Assignment, classes []string) map[int]string {
	counts := map[int]map[string]int{}
	for i, a := range assignments {
		if a.Topic == topic.Outlier {
			continue
		}
		if counts[a.Topic] == nil {
			counts[a.Topic] = map[string]int{}
		}
		counts[a.Topic][classes[i]]++
	}
	out := map[int]string{}
	for id, of := range counts {
		best := 0
		for class, n := range of {
			if n > best || n == best && class < out[id] {
				best, out[id] = n, class
			}
		}
	}
	return out
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
