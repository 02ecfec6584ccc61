// Package fuzzy builds the weighted graph of nearest neighbors that package umap lays out and in
// which package community finds communities: the fuzzy simplicial set of McInnes, Healy and
// Melville 2018 (arXiv:1802.03426), as umap-learn 0.5.12 defines it.
//
//	build.go      Build, all steps for dense rows
//	neighbors.go  rows → nearest neighbors (duplicates.go: among equal rows)
//	smooth.go     neighbors → local scale of each row
//	set.go        neighbors, scale → symmetric graph
//	supervise.go  graph, known classes → graph with weakened edges between classes
//
// A graph is a square sparse.CSR: row i holds the edges of vertex i and their weights, each above 0.
package fuzzy
