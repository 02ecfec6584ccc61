// Package knn finds the exact k nearest neighbours of points, by comparing all pairs in blocks.
//
// # What exact means
//
// The distance of two rows a and b is computed in float64, with the sums in a fixed order:
//
//   - Euclidean: √Σ(aₖ−bₖ)².
//   - Cosine: 1 − a·b/√(a·a · b·b), kept within [0, 2]. A zero row has distance 1 to every other row and 0 to another zero
//     row, as pynndescent and umap-learn define it.
//
// The neighbours of a row are the k rows that come first by (that distance, index). The answer is a property of the
// data: it does not depend on the number of workers, on the kernels in use or on the blocks.
//
// # How
//
// Rows that are equal are searched for once (group.go). For each row a first pass in float32 over all points, on the
// kernels of package simd, keeps every point that can be among the k nearest given the error bound of those kernels
// (candidates.go). What is left, few more than k, is ranked by the distances above. When far more points are too close
// to tell apart in float32, the row is compared with all points in float64 instead.
//
// Memory beside the result is O(n) for the groups plus blocks of a fixed size.
package knn
