package embed

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"
)

// Options is what one call of an embedder can be told. The zero value is good.
type Options struct {
	// Workers is the number of goroutines to keep busy; 0 or less means the embedder's own setting. It never changes a
	// result.
	Workers int
	// Progress, when it is not nil, is told how many of the texts are done, with rising values, from the goroutine that
	// called; the last of them is the total when the call ends well.
	Progress func(done, total int)
	// Cut, when it is not nil, is called once before the call ends well, with the number of texts that were longer than
	// the encoder reads and lost their ends.
	Cut func(n int)
}

// WithOptions is met by an embedder that can be told more than the texts, found by type assertion. The result is the same
// as that of its Embed.
type WithOptions interface {
	EmbedWith(ctx context.Context, texts []string, opt Options) (blas32.General, error)
}
