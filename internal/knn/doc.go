// Package knn finds the k nearest neighbours of points: exactly, by comparing all pairs in blocks, for dense and for sparse
// rows, under every metric of package metric.
//
// # What exact means
//
// The neighbours of a row are the k rows that come first by (distance, index), the distance being that of package metric,
// in float64. The answer is a property of the data: it does not depend on the number of workers, on the kernels in use or
// on the blocks.
//
// # How
//
// Rows that are equal are searched for once (group.go). Under a metric whose distance is a function of an inner product of
// two images of the rows (image.go) – euclidean, cosine, correlation, hellinger – a first pass over all pairs keeps every
// point that can be among the k nearest given a bound of its error, and the few that are left are ranked by their
// distances (products.go). The first pass is a product in int8 of images rounded to eight bits; its error is bounded by what
// the rounding has taken from each row (eights.go). A few rows show beforehand whether that bound tells enough apart; where
// it does not, for all rows or for some, the pass is one in float32 with the error bound of package simd, and where that
// does not, because far more points are too close, in float64. When the rows are the points themselves each pair of blocks
// is compared once, for the rows of both.
//
// Under any other metric the distances of all pairs are measured in float64 (pairs.go), each once. Sparse rows meet in the
// columns that they have in common (sparse.go).
//
// Memory beside the result is the points in int8, about 1 KB a point for 15 neighbours, and blocks of a fixed size.
package knn
