package hdbscan

import (
	"context"
	"fmt"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"os"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	x, err := embed.ReadNPYFile(os.Getenv("PTS"))
	if err != nil {
		t.Skip(err)
	}
	ctx := context.Background()
	for range 5 {
		t0 := time.Now()
		sp, _ := newSpace(x, config(10, 10))
		tr, _ := newKDTree(ctx, sp, x, x.Rows, nil, false, 0)
		t1 := time.Now()
		var c *cores; var l []link
	var t2 time.Time
	if tr.blocked() {
	b, _ := newBlocks(ctx, tr, 0)
	var nl *nearLists
	c, nl, _ = b.coreDistances(ctx, 10, false, parallel.Loop{})
	t2 = time.Now()
	l, _ = b.boruvka(ctx, c, nl, parallel.Loop{Progress: func(d, t int) { fmt.Println(d, t, time.Since(t2)) }})
	} else {
	c, _ = coreDistances(ctx, tr, 10, false, parallel.Loop{})
	t2 = time.Now()
	l, _ = boruvka(ctx, tr, c, parallel.Loop{})
	}
	l, _ = finishTree(ctx, tr, c, l, 0)
	t3 := time.Now()
		m, _ := singleLinkage(ctx, x.Rows, l, nil, sp.distance)
		t4 := time.Now()
		r, _ := condense(ctx, m, 10)
		t5 := time.Now()
		h := newHierarchy(r)
		s := h.choose(config(10, 10), nil)
		h.assign(s, nil)
		t6 := time.Now()
		fmt.Println("tree", t1.Sub(t0), "core", t2.Sub(t1), "mst", t3.Sub(t2), "link", t4.Sub(t3), "cond", t5.Sub(t4), "sel", t6.Sub(t5), "all", t6.Sub(t0))
	}
}
func BenchmarkZZ(b *testing.B) {
	x, err := embed.ReadNPYFile(os.Getenv("PTS"))
	if err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		mustFit(b, x, config(10, 10))
	}
}
