package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/eval"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/umap"
)

// quality prints what the positions of every seed keep.
func quality(ctx context.Context, o options, x blas32.General, tmp string) error {
	var gold []int
	if o.labels != "" {
		var err error
		if gold, err = files.Numbers(o.labels); err != nil {
			return err
		}
	}
	fmt.Println("\n| system | seed | trustworthiness | clusters | outliers | ARI | NMI |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for seed := 1; seed <= o.seeds; seed++ {
		m, err := umap.Fit(ctx, x, config(uint64(seed), 0))
		if err != nil {
			return err
		}
		if err := score(ctx, "gobertopic", fmt.Sprint(seed), x, m.Points(), gold); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(tmp, "*.npy"))
	if err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".npy")
		if name == "q" || name == "transform" {
			continue
		}
		y, err := embed.ReadNPYFile(f)
		if err != nil {
			return err
		}
		if err := score(ctx, "umap-learn", name, x, y, gold); err != nil {
			return err
		}
	}
	return nil
}

// score prints a row. Clusters are HDBSCAN's with at least 10 points, as BERTopic's are.
func score(ctx context.Context, system, seed string, x, y blas32.General, gold []int) error {
	trust, err := eval.Trustworthiness(ctx, x, y, 15, eval.Cosine)
	if err != nil {
		return err
	}
	cfg := hdbscan.Config{}
	cfg.MinClusterSize = 10
	h, err := hdbscan.Fit(ctx, y, cfg)
	if err != nil {
		return err
	}
	clusters, outliers := 0, 0
	for _, l := range h.Labels() {
		clusters = max(clusters, l+1)
		if l < 0 {
			outliers++
		}
	}
	agreement := "– | –"
	if gold != nil {
		ari, err := eval.ARI(gold, h.Labels())
		if err != nil {
			return err
		}
		nmi, err := eval.NMI(gold, h.Labels())
		if err != nil {
			return err
		}
		agreement = fmt.Sprintf("%.4f | %.4f", ari, nmi)
	}
	fmt.Printf("| %s | %s | %.4f | %d | %.1f %% | %s |\n", system, seed, trust, clusters, 100*float64(outliers)/float64(y.Rows), agreement)
	return nil
}
