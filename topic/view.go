package topic

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
)

// View is what a Representer sees of a model that is being made. It must not change what it sees.
type View struct {
	Docs           []string       // the documents that were fitted
	Topics         []int          // the topic of each document, −1 for outliers
	IDs            []int          // the topics in order, the outlier topic −1 first if there is one
	Representative [][]int        // per entry of IDs: positions in Docs, the most typical first
	Embeddings     blas32.General // one row per document
	Means          blas32.General // one row per entry of IDs: the mean embedding of its documents
	Embedder       Embedder       // nil when the documents came with embeddings and no embedder was given

	Weights    ctfidf.Weights // one row per entry of IDs; no rows when the documents have no words
	Vocabulary ctfidf.Config  // how documents become the terms of Weights
	TopWords   int            // the number of terms that the model keeps of the last result

	// Run is what every stage is told. Its Progress is nil: see Done.
	Run Run
	// Done, when it is not nil, is to be told for how many topics the work is done, with rising values, from the goroutine
	// that called Represent.
	Done func(topics int)
	// Warn, when it is not nil, takes what is worth knowing without being a failure, for Model.Warnings. It is to be called
	// from the goroutine that called Represent, in an order that no scheduling changes.
	Warn func(error)

	ranked *ranked // what Typical found, for its next call
}

// Embed embeds texts with v.Embedder, or fails with ErrNoEmbedder.
func (v View) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	if v.Embedder == nil {
		return blas32.General{}, ErrNoEmbedder
	}
	return embedAside(ctx, v.Embedder, texts, v.Run)
}

func (m *Model) view() View {
	v := View{
		Docs: m.docs, Topics: m.classes(), Embeddings: m.embeddings, Embedder: m.cfg.Embedder,
		Vocabulary: m.vocabulary(), TopWords: m.cfg.TopWords, Run: m.cfg.Run, ranked: &ranked{},
		Representative: make([][]int, len(m.topics)),
	}
	v.Vocabulary.Progress, v.Run.Progress = nil, nil
	for _, t := range m.topics {
		v.IDs = append(v.IDs, t.ID)
	}
	return v
}
