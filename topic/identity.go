package topic

import (
	"fmt"

	"github.com/gobertopic/gobertopic/stage"
)

// embedderIdentity is the Identity of an embedder, "" if it has none or there is none.
type embedderIdentity string

// identity returns that of an embedder, which may be nil.
func identity(e stage.Embedder) embedderIdentity {
	if named, ok := e.(stage.Identified); ok {
		return embedderIdentity(named.Identity())
	}
	return ""
}

// wants fails with ErrEmbedderMismatch if other is another embedder. What has no identity cannot be
// told apart.
func (id embedderIdentity) wants(other embedderIdentity) error {
	if id == "" || other == "" || id == other {
		return nil
	}
	return fmt.Errorf("%w: the documents were embedded by %q, this is %q", ErrEmbedderMismatch, id, other)
}
