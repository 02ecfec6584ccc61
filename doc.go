// Package gobertopic is the map of a module for topic modelling: sentence embedding, UMAP, HDBSCAN and class-based
// TF-IDF, as Python's BERTopic composes them, in Go alone. It holds no code.
//
// Most programs need one package:
//
//   - topic: Fit makes a Model of texts; the stages are interfaces that any type can meet.
//
// Each stage is a package of its own, usable alone:
//
//   - embed/bert, embed/minilm: sentence encoders; minilm has the weights of all-MiniLM-L6-v2 in the binary.
//   - embed/static: token vectors and their mean, in Model2Vec's format; embed/static/distilled has such a table in the
//     binary.
//   - embed/openai, embed/cybertron: embeddings of a server, and of the cybertron library.
//   - embed: what the encoders share: a cache on disk, .npy files.
//   - umap: uniform manifold approximation and projection.
//   - hdbscan: hierarchical density-based clustering.
//   - ctfidf: words, their counts per topic and their class-based weights; ctfidf/stem and ctfidf/words have stemmers and
//     the words of scripts without spaces.
//
// Around them:
//
//   - corpus: readers for JSON Lines, CSV, plain lines and Go doc comments; corpus/clean makes plain text of markup.
//   - eval: how good clusters and layouts are.
//   - represent: other ways to describe a topic: embeddings, parts of speech, labels, language models; represent/openai has
//     the client for the last.
//   - cmd/gobertopic: the command line.
//
// Imports point one way: cmd and examples to corpus, eval and represent, to topic, to the stages, to internal. A stage never
// imports another stage. TestImportDirections holds this.
package gobertopic
