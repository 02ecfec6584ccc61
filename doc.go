// Package gobertopic is the map of a module for topic modeling: sentence embedding, reduction, clustering and
// class-based TF-IDF, as Python's BERTopic composes them, in Go alone. It holds no code.
//
// Most programs need one package:
//
//   - topic: Fit makes a Model of texts with the stages of a Config. topic/analysis answers questions about a Model: over
//     time, per class, hierarchy, similarity, distributions, matching; topic/online makes a Model of documents that come in
//     batches.
//
// Package stage holds the interfaces between the stages, which any type can implement; stage/state saves fitted stages, and
// stage/stagetest tests that a stage keeps the contract. Packages sparse and metric hold the matrices and the distances that
// stages share.
//
// Each stage is a package of its own, usable alone:
//
//   - embed/bert, embed/minilm, embed/bgesmall: sentence encoders; minilm and bgesmall have the weights of all-MiniLM-L6-v2
//     and bge-small-en-v1.5 in the binary.
//   - embed/static: token vectors and their mean, in Model2Vec's format; embed/static/distilled has such a table in the
//     binary.
//   - embed/openai, embed/cybertron: embeddings of a server, and of the cybertron library.
//   - embed: what the encoders share: a cache on disk, .npy files.
//   - umap: uniform manifold approximation and projection.
//   - hdbscan: hierarchical density-based clustering.
//   - community: groups in a graph of nearest neighbors, in nested layers, at a granularity that the data chooses.
//   - supervised: clusterers that make known classes the clusters.
//   - online: principal components, mini-batch k-means and DBSTREAM that learn batch by batch.
//   - ctfidf: words, their counts per topic and their class-based weights; ctfidf/stem and ctfidf/words have stemmers and
//     the words of scripts without spaces.
//
// Around them:
//
//   - corpus: readers for documents (JSON Lines, CSV, plain lines, Go doc comments) and threads (Stack Exchange, Discourse,
//     GitHub); corpus/parquet: documents and tables in Parquet; corpus/sevenzip: dumps within .7z, by a blank import;
//     corpus/xlsx: workbooks of Excel; corpus/sql: queries of database/sql;
//     corpus/fetch: pages of Stack Exchange sites and Discourse forums, resumable; corpus/clean: markup, tracebacks,
//     addresses, quotations, languages, and the pipeline that counts them; corpus/dedup: near-duplicates by MinHash, each
//     compared.
//   - eval: coherence, diversity, agreement of clusterings, stability, trustworthiness, DBCV, tables.
//   - study: popularity, difficulty and response times per topic, corpora beside each other; study/stats: tests, effect
//     sizes, censored times, bootstrap; study/sweep: choosing the settings.
//   - report: what a model found as one HTML file that opens from disk; report/figure draws its views for papers.
//   - represent: other ways to describe a topic: embeddings, parts of speech, labels, language models; represent/openai has
//     the client for the last.
//   - cmd/gobertopic: the command line.
//
// Imports point one way: cmd and examples to study, corpus, eval and represent, to topic, to the stages, to stage/state, to
// internal, to stage and sparse. A stage never imports another stage. TestImportDirections holds this.
package gobertopic
