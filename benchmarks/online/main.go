// Command online times learning batch by batch beside BERTopic's partial_fit, with the same embeddings, and compares what is
// found with given classes.
//
//	go run ./benchmarks/online -python ~/gobertopic-peers/bin/python -texts TEXTS -labels LABELS -embeddings X.npy
//
// TEXTS has one document per line, LABELS its class. Without -python only gobertopic runs.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	topiconline "github.com/gobertopic/gobertopic/topic/online"
)

const batch = 2000

func main() {
	var b bench
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	texts := flag.String("texts", "", "file with one document per line")
	labels := flag.String("labels", "", "file with the class of each document")
	embeddings := flag.String("embeddings", "", "npy file with a row per document")
	flag.IntVar(&b.clusters, "clusters", 20, "clusters of k-means")
	seeds := flag.Int("seeds", 10, "seeds of the comparison with the classes")
	rows := flag.Int("rows", 4000, "points for DBSTREAM")
	runs := flag.Int("runs", 2, "runs of each side, in turn")
	flag.Parse()
	err := b.read(*texts, *labels, *embeddings)
	for range *runs {
		if err == nil {
			err = b.ours(*seeds, *rows)
		}
		if err == nil && *python != "" {
			cmd := exec.Command(*python, filepath.Join("benchmarks", "peers", "online.py"), *texts, *labels, *embeddings,
				strconv.Itoa(b.clusters), strconv.Itoa(*seeds), strconv.Itoa(*rows))
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			fmt.Print("peers ")
			err = cmd.Run()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "online:", err)
		os.Exit(1)
	}
}

type bench struct {
	docs     []string
	classes  []int
	x        blas32.General
	clusters int
}

func (b *bench) read(texts, labels, embeddings string) (err error) {
	if b.docs, err = files.Lines(texts); err != nil {
		return err
	}
	if b.classes, err = files.Numbers(labels); err != nil {
		return err
	}
	b.x, err = embed.ReadNPYFile(embeddings)
	return err
}

func (b *bench) part(lo int) blas32.General {
	hi := min(lo+batch, b.x.Rows)
	return blas32.General{Rows: hi - lo, Cols: b.x.Cols, Stride: b.x.Stride, Data: b.x.Data[lo*b.x.Stride:]}
}

// learn learns all documents with one seed; each is told after every batch.
func (b *bench) learn(seed uint64, clusterer stage.Clusterer, each func(*topiconline.Learner) error) (*topiconline.Learner, error) {
	cfg := topic.BERTopicConfig()
	cfg.Vocabulary = ctfidf.Config{}
	cfg.Seed = seed
	cfg.Embedder, cfg.Reducer, cfg.Clusterer = nil, online.PCAConfig{}, clusterer
	o, err := topiconline.New(cfg, ctfidf.Online{})
	if err != nil {
		return nil, err
	}
	lo := 0
	for docs := range slices.Chunk(b.docs, batch) {
		if _, err := o.PartialFitEmbedded(context.Background(), docs, b.part(lo)); err != nil {
			return nil, err
		}
		if err := each(o); err != nil {
			return nil, err
		}
		lo += len(docs)
	}
	return o, nil
}

func (b *bench) ari(o *topiconline.Learner) (float64, int, error) {
	m, err := o.Model(context.Background())
	if err != nil {
		return 0, 0, err
	}
	labels := make([]int, len(b.docs))
	for i, a := range m.Assignments() {
		labels[i] = a.Topic
	}
	v, err := eval.ARI(b.classes, labels)
	topics := m.Topics()
	return v, topics[len(topics)-1].ID + 1, err
}

func (b *bench) ours(seeds, rows int) error {
	ctx := context.Background()
	k := online.KMeansConfig{}
	k.NClusters = b.clusters
	out := map[string]any{}

	var each []float64
	began := time.Now()
	_, err := b.learn(0, k, func(o *topiconline.Learner) error {
		_, err := o.Model(ctx) // as BERTopic has the words after every batch
		each = append(each, time.Since(began).Seconds())
		began = time.Now()
		return err
	})
	if err != nil {
		return err
	}
	sum := 0.0
	for _, s := range each {
		sum += s
	}
	out["seconds"], out["first"], out["last"] = sum, each[0], each[len(each)-1]

	began = time.Now()
	if _, err = b.learn(0, k, func(*topiconline.Learner) error { return nil }); err != nil {
		return err
	}
	out["seconds without words"] = time.Since(began).Seconds()

	began = time.Now()
	var assigned, final []float64
	for seed := range uint64(seeds) {
		o, err := b.learn(seed, k, func(*topiconline.Learner) error { return nil })
		if err != nil {
			return err
		}
		v, _, err := b.ari(o)
		if err != nil {
			return err
		}
		assigned = append(assigned, v)
		if err := o.Refresh(ctx); err != nil {
			return err
		}
		if v, _, err = b.ari(o); err != nil {
			return err
		}
		final = append(final, v)
	}
	out["assigned"], out["final"] = assigned, final

	if out["parts"], err = b.parts(k); err != nil {
		return err
	}
	if err := b.stream(rows, out); err != nil {
		return err
	}
	text, err := json.Marshal(out)
	fmt.Println("gobertopic", string(text))
	return err
}

// parts is the seconds of PCA and k-means alone.
func (b *bench) parts(cfg online.KMeansConfig) (float64, error) {
	ctx := context.Background()
	began := time.Now()
	p, err := online.NewPCA(online.PCAConfig{})
	if err != nil {
		return 0, err
	}
	k, err := online.NewKMeans(cfg)
	for lo := 0; lo < b.x.Rows && err == nil; lo += batch {
		var points blas32.General
		if p, err = p.Update(ctx, b.part(lo)); err != nil {
			break
		}
		if points, err = p.Transform(ctx, b.part(lo)); err != nil {
			break
		}
		if k, err = k.Update(ctx, points); err == nil {
			_, _, err = k.Predict(ctx, points)
		}
	}
	return time.Since(began).Seconds(), err
}

// stream is DBSTREAM: the seconds for the first points, and what all of them give.
func (b *bench) stream(rows int, out map[string]any) error {
	ctx := context.Background()
	p, err := online.NewPCA(online.PCAConfig{})
	for lo := 0; lo < b.x.Rows && err == nil; lo += batch {
		p, err = p.Update(ctx, b.part(lo))
	}
	if err != nil {
		return err
	}
	points, err := p.Transform(ctx, b.x)
	if err != nil {
		return err
	}
	cfg := online.DBStreamConfig{}
	s, err := online.NewDBStream(cfg)
	if err != nil {
		return err
	}
	points.Rows = min(rows, points.Rows)
	began := time.Now()
	if s, err = s.Update(ctx, points); err != nil {
		return err
	}
	out["dbstream"], out["dbstream radius"] = time.Since(began).Seconds(), s.Threshold()

	began = time.Now()
	o, err := b.learn(0, cfg, func(*topiconline.Learner) error { return nil })
	if err != nil {
		return err
	}
	out["dbstream seconds of all"] = time.Since(began).Seconds()
	out["dbstream ari"], out["dbstream topics"], err = b.ari(o)
	return err
}
