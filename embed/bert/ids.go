package bert

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/wordpiece"
)

// Tokenizer returns the encoder's tokenizer, which static.Distill asks for, nil where it is not one
// of the BERT family.
func (e *Encoder) Tokenizer() *wordpiece.Tokenizer { return e.tok.WordPiece() }

// EmbedIDs returns one row per sequence of token ids, as wide as the layers: the mean of the last layer's vectors over all of its
// tokens, without what comes after pooling, whatever the model's own pooling is. Nothing is put around a sequence; an empty one has the row 0.
// A sequence that is longer than the model has positions, and an id without a word vector, are errors. The other error is
// the cause of a canceled context.
func (e *Encoder) EmbedIDs(ctx context.Context, ids [][]int32, opt embed.Options) (blas32.General, error) {
	for i, sequence := range ids {
		if len(sequence) > e.shape.Positions {
			return blas32.General{}, fmt.Errorf("sequence %d has %d tokens, want at most the model's %d positions", i, len(sequence), e.shape.Positions)
		}
		for j, id := range sequence {
			if id < 0 || int(id) >= e.tok.Size() {
				return blas32.General{}, fmt.Errorf("sequence %d, token %d has the id %d, want 0 to %d", i, j, id, e.tok.Size()-1)
			}
		}
	}
	return e.run(ctx, len(ids), job{
		size:    func(i int) int { return len(ids[i]) },
		tokens:  func(dst []int32, i, _ int) ([]int32, bool) { return append(dst, ids[i]...), false },
		limit:   e.shape.Positions,
		pooling: poolMean,
		cols:    e.shape.Hidden,
	}, opt)
}
