// Package topic composes the stages of BERTopic (Grootendorst, "BERTopic: Neural topic modeling with a class-based
// TF-IDF procedure", arXiv 2203.05794) into one model: texts are embedded, the embeddings are reduced to a few
// dimensions, the points are clustered, and each cluster is described by the words that set it apart.
//
// The data walks one way, and each arrow is one file of this package that calls one stage:
//
//	texts ─embed.go→ [n][384]float32 ─reduce.go→ [n][5]float32 ─cluster.go→ topics ─words.go→ names and terms
//
// Fit does all of it; FitEmbedded begins with embeddings that the caller has. A Model is immutable and safe for
// concurrent use. Every stage is an interface in stages.go, met by a package of this module and by any type of the
// caller's.
//
// Online (online.go) makes a model of documents that come in batches, with stages that learn batch by batch (partial.go).
//
// Representers (representers.go) rewrite what describes the topics, or describe them in a further way, an aspect; typical.go
// chooses the documents that stand for a topic. Package represent has representers.
//
// One seed gives the same model, to the bit, for any number of workers.
package topic
