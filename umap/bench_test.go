package umap_test

import (
	"testing"

	"github.com/gobertopic/gobertopic/metric"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/umap"
)

func BenchmarkFit(b *testing.B) {
	x := blobs(5000, 384, 40, 1)
	cfg := umap.Config{}
	cfg.NComponents, cfg.MinDist, cfg.Metric = 5, stage.None, metric.Cosine
	for b.Loop() {
		if _, err := umap.Fit(b.Context(), x, cfg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTransform(b *testing.B) {
	x, q := blobs(5000, 384, 40, 1), blobs(1000, 384, 40, 2)
	cfg := umap.Config{}
	cfg.NComponents, cfg.MinDist, cfg.Metric, cfg.NEpochs = 5, stage.None, metric.Cosine, 10
	m, err := umap.Fit(b.Context(), x, cfg)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Transform(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
