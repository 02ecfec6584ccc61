package hdbscan

import (
	"context"
	"fmt"
	"testing"
)

func BenchmarkFit(b *testing.B) {
	for _, s := range [][2]int{{20_000, 5}, {200_000, 5}, {5_000, 20}, {5_000, 50}} {
		x := mixture(1, s[0], s[1], 50, 0)
		b.Run(fmt.Sprintf("%dx%d", s[0], s[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustFit(b, x, config(10, 0))
			}
		})
	}
}

func BenchmarkPredict(b *testing.B) {
	m := mustFit(b, mixture(1, 20_000, 5, 50, 0), config(10, 0))
	points := mixture(2, 10_000, 5, 50, 0)
	for b.Loop() {
		if _, _, err := m.Predict(context.Background(), points); err != nil {
			b.Fatal(err)
		}
	}
}
