package knn

import (
	"context"
	"slices"

	"github.com/gobertopic/gobertopic/internal/dense"
)

// probe looks at the int8 scores of some rows. It sets how many candidates to keep of a row, and says whether that is few
// enough for int8 to be worth while.
func (p *pass) probe(ctx context.Context) (ok bool, err error) {
	const rows = 24
	k, n := p.out.kg, p.left.n()
	if n < 8*rows { // it would cost more than it saves
		p.most = 32*k + 512
		return true, nil
	}
	ids := make([]int32, rows)
	for i := range ids {
		ids[i] = int32(i * n / rows)
	}
	t := &pass{Index: p.Index, out: p.out, left: &side{g: p.left.g, stats: p.left.stats, ids: ids}, memory: p.memory, int8: true}
	t.board = newBoard(spans(rows), selection{k: k})
	for i := range ids {
		if p.out.self {
			t.board.bound[i] = bound{abs: p.slack(int(ids[i]))}
		}
	}
	s := t.scratch(0)
	t.load(s, 0)
	scores := make([][]float32, rows)
	for j := range p.eight.panels {
		if err := context.Cause(ctx); err != nil {
			return false, err
		}
		t.score(s, j)
		for i := range scores {
			for _, v := range dense.Row(s.scores, i) {
				scores[i] = append(scores[i], v+s.add[i])
			}
		}
	}
	counts := make([]int, rows)
	for i, list := range scores {
		cut := t.board.bound[i].cut(kth(slices.Clone(list), k))
		for _, v := range list {
			if v <= cut {
				counts[i]++
			}
		}
	}
	slices.Sort(counts)
	limit := 32*k + 512
	usual := counts[rows*3/4]
	p.most = limit
	return usual < limit/2, nil
}
