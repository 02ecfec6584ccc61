// Package topic composes the stages of BERTopic (Grootendorst, "BERTopic: Neural topic modeling with a
// class-based TF-IDF procedure", arXiv 2203.05794) into one model: texts are embedded, the embeddings
// are reduced to a few dimensions, the points are clustered, and each cluster is described by the words
// that set it apart.
//
//	texts → embeddings → points → labels → topics → counts → weights → terms and names
//
// Fit does all of it; FitEmbedded begins with embeddings that the caller has. The stages are interfaces
// of package stage, implemented by hdbscan.Config, umap.Config, community.Config and others of this
// module, and by any type of the caller's. A Model is immutable and safe for concurrent use; an
// operation on it returns a new one. The same seed gives the same bits for any number of workers.
//
// Package topic/analysis asks a model questions, such as how topics change over time. Package
// topic/online learns from documents that come in batches. Package represent has representers.
//
// # Where things are
//
// A Model has four parts, each of which an operation replaces or shares:
//
//	documents.go    texts, embeddings, known classes; finding a document again
//	pipeline.go     the stages and what they became: fits, outlier policy, zero-shot labels
//	grouping.go     which document is in which topic; routes from labels to topics; history.go
//	description.go  counts, weights, terms, typical documents; weigh.go, typical.go, representers.go
//
// Where a document goes is decided in internal/place, by one chain of placers for the fit, new
// documents, growth and merged models. A saved model is a directory that internal/store keeps; save.go
// and load.go write and read the four parts. config.go and granularity.go have the settings. Each
// operation has a file of its own: grow.go, mergemodels.go, reduce.go, merge.go, split.go, update.go,
// label.go, outliers.go, layers.go.
package topic
