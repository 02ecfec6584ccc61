package ctfidf

// Weigher turns counts into weights. [Weighting], [NPMI], [FightingWords], [Soft] and [Centroid] are weighers. A type with
// a method Validate() error is checked before documents are counted.
type Weigher interface {
	Weigh(c Counts) (Weights, error)
}

// Needs says what a Weigher needs in [Counts] beside the counts.
type Needs struct {
	Memberships bool // documents counted by their memberships, as [CountSoft] does
	Embeddings  bool // [Counts.ClassEmbeddings] and [Counts.TermEmbeddings]
}

// Needer is implemented by a Weigher that needs more than counts.
type Needer interface {
	Needs() Needs
}

// NeedsOf returns what w needs: nothing but counts if it is no [Needer].
func NeedsOf(w Weigher) Needs {
	if n, ok := w.(Needer); ok {
		return n.Needs()
	}
	return Needs{}
}

// Guided is implemented by a Weigher that can raise the weights of given words.
type Guided interface {
	WithGuidedWords(words []string) Weigher
}
