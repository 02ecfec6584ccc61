// Package knn finds the k nearest neighbors of points: exactly, by comparing all pairs in blocks, for dense and for sparse
// rows, under every metric of package metric; and for many dense rows nearly all of them, by comparing some pairs. Open
// chooses by the number of rows.
//
// # What exact means
//
// The neighbors of a row are the k rows that come first by (distance, index), the distance being that of package metric,
// in float64. The answer is a property of the data: it does not depend on the number of workers, on the kernels in use or
// on the blocks.
//
// # How, exactly
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
// Memory beside the result is the points in int8, about 1 KB a point for 15 neighbors, and blocks of a fixed size.
//
// # How, nearly
//
// An Approximate (approximate.go) parts the points into cells around centers (cells.go) and compares each cell with those
// that are next for most of its points, in the same blocks, by the scores of the images in int8. Then every point looks at
// the neighbors of its neighbors, as NN-descent does; the points whose neighbors are farthest away, from which most is
// missing, are compared with all; and every point looks once more. What is left, a few more than k of each point, is ranked
// by the distances. On 100,000 sentence embeddings it finds 98.6 % of 15 neighbors.
//
// Under a metric that is no function of a product all that is done by euclidean distances, and the graph that comes out is
// begun again with the metric's own distances and three more looks by more steps.
//
// That answer, too, depends on the data alone: the scores have the same bits on every level, what is kept is the first by
// (score, point) of all that was compared, and every point looks in the graph of the round before. Groups of equal rows are
// found whole. Queries are always compared with all points.
package knn
