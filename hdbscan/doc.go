// Package hdbscan clusters points by density: HDBSCAN*, hierarchical density-based clustering with a flat selection of
// clusters and a class of outliers (Campello, Moulavi and Sander, PAKDD 2013, doi:10.1007/978-3-642-37456-2_14; McInnes
// and Healy, "Accelerated Hierarchical Density Based Clustering", ICDMW 2017, doi:10.1109/ICDMW.2017.12). The behavior
// is that of the Python package hdbscan 0.8.44 with approx_min_span_tree=False; weights, classes, rows that must be apart
// and layers are those of fast_hdbscan 0.3.4.
//
// One file per stage, in the order of the data's path:
//
//	space.go      metric → coordinates, and a measure of distance that rises with it
//	kdtree.go     rows → distinct points in a kd-tree
//	core.go       → distance of every point to its MinSamples-th other neighbor
//	mst.go        → minimum spanning tree of mutual reachability (boruvka.go: few columns, blocks.go: many, prim.go:
//	              distances that are no sum over coordinates, graph.go: those of some pairs, apart.go: with conditions)
//	linkage.go    → single-linkage tree
//	condense.go   → condensed tree (level.go: what parts at one distance, hierarchy.go: without its weak leaves)
//	select.go     → selected clusters, labels, probabilities (classes.go: by what is known of the rows)
//	predict.go    new points → the label and strength that the fitted clusters give them
//	stage.go      Config as a stage.Clusterer (multiscale.go: PLSCAN, in layers; save.go: fitted models in files)
//
// From a Model come further clusterings on the same spanning tree (Reselect, Flat, Cut, Layers), what describes a
// clustering (Memberships, Exemplars, Centroids, Medoids, OutlierScores, RelativeValidity, Branches) and the trees.
//
// # Definitions
//
// The core distance of a point is its distance to the MinSamples-th nearest other point; a row of weight w counts as w
// points at its place. The mutual reachability of two points is the largest of their two
// core distances and their distance divided by Alpha. λ is 1/distance, infinite where the distance is 0 and 0 where it
// is infinite: what leaves a cluster at λ 0 is an outlier, and a cluster that parts at λ 0 is none. All of it is float64
// arithmetic on float32 input.
//
// # Ties
//
// Mutual reachability has ties by its nature: a core distance is the weight of several edges. All edges of one weight are
// therefore taken in one step, as Campello et al. do: a cluster parts at one λ into two clusters or more, and what only
// edges of that weight make is no cluster of its own. A row that leaves at this λ goes with the cluster that it is tied
// to by the shortest distance, or with none if there are several. Trees, labels, probabilities, stabilities and outlier
// scores so do not depend on the order of the rows. The numbers of the clusters do, and the order of equal merges in
// SingleLinkageTree. The Python package takes edges one after the other, those of one weight by an unstable sort.
//
// # Equal rows
//
// Rows with the same coordinates are never parted, unless they must be apart: they fall out of the tree together, have one
// label and one probability. Density is that of the different rows: copies of a row count once in core distances, and as
// many as they are in the sizes and the stabilities of clusters. Copies part at their core distance over 1 + s, where s is
// the share of the different rows that have MinClusterSize copies or more. Where all have as many, every one of them is a
// cluster; among many single rows a repeated one stays in the cluster of the rows around it. In the Python package, and
// with Config.CountCopies, more than MinSamples copies are a cluster of infinite stability wherever they are.
package hdbscan
