package topic

import "errors"

// The errors that callers may want to tell apart.
var (
	// ErrNoDocuments is returned if there is nothing to fit: no documents, or none with text.
	ErrNoDocuments = errors.New("no documents with text")
	// ErrNoEmbedder is returned if texts must be embedded and the configuration or the model has no
	// embedder.
	ErrNoEmbedder = errors.New("no embedder: set Config.Embedder, or give embeddings (FitEmbedded, TransformEmbedded)")
	// ErrEmbedderMismatch is returned if a model is given another embedder than its documents were embedded
	// with, as far as both implement stage.Identified: vectors of two encoders cannot be compared.
	ErrEmbedderMismatch = errors.New("another embedder than that of the model")
	// ErrNoEmbeddings is returned by operations that need embeddings, for a model of words alone and for
	// one that was saved without embeddings.
	ErrNoEmbeddings = errors.New("the model has no embeddings")
	// ErrNoTexts is returned by operations that need the documents, for a model that was saved without
	// texts.
	ErrNoTexts = errors.New("the model was saved without texts (SaveOptions.WithoutTexts)")
	// ErrNoLayers is returned if layers are asked of a model that has none.
	ErrNoLayers = errors.New("the model has no layers: fit with a clusterer that has some, such as community.Config or hdbscan.Multiscale, and ask before the model is grown or merged")
	// ErrNoMemberships is returned if memberships are asked of a model whose clusterer has none.
	ErrNoMemberships = errors.New("the clusterer has no memberships; hdbscan.Config and community.Config have, and analysis.ApproximateDistribution needs none")
	// ErrNoSplit is returned if a topic has no parts that the clusterer could tell apart.
	ErrNoSplit = errors.New("the topic has no parts; lower SplitOptions.MinSize, or set SplitOptions.Parts")
	// ErrUnsaved is returned if a loaded model would have to describe topics again and was fitted with
	// something that a file cannot hold: functions of Words.Vocabulary, or representers and weighers whose
	// types are not registered with package stage/state. The error names it; LoadOptions takes it.
	ErrUnsaved = errors.New("the model was fitted with what a file cannot hold; give it in LoadOptions")
)
