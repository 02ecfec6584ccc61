// Package metric holds the distances between rows that umap-learn and pynndescent know by name, and a caller's own.
//
// # Definitions
//
// With sums over the columns k of two rows a and b, in float64:
//
//   - euclidean: √Σ(aₖ−bₖ)²
//   - manhattan: Σ|aₖ−bₖ|
//   - chebyshev: max|aₖ−bₖ|
//   - minkowski: (Σwₖ|aₖ−bₖ|ᵖ)^(1/p), all wₖ being 1 unless they are given
//   - canberra: Σ|aₖ−bₖ|/(|aₖ|+|bₖ|), where 0/0 is 0
//   - braycurtis: Σ|aₖ−bₖ|/Σ|aₖ+bₖ|, 0 when the divisor is 0
//   - cosine: 1 − a·b/√(a·a · b·b), within [0, 2]
//   - correlation: cosine of the rows less their means
//   - hellinger: √(1 − Σ√(aₖbₖ)/√(Σaₖ·Σbₖ)), of values that are not negative
//   - hamming: the share of columns with aₖ ≠ bₖ
//   - jaccard and dice: with t columns in which both are not 0 and f in which one is, f/(t+f) and f/(2t+f)
//   - haversine: the angle in radians between two points of a sphere, given as latitude and longitude in radians
//
// Two rows of zeros are at distance 0 under cosine, hellinger, jaccard and dice, and a row of zeros is at distance 1 from
// any other row; the same holds for rows of one value under correlation. An uncorrelated pair is at distance 1. Rows of no
// columns are at distance 0.
//
// These are the definitions of umap-learn 0.5.12 (umap/distances.py). It computes in float32 where the rows are, so its
// last digits differ.
//
// # The same bits
//
// A distance is a function of the two rows: the order of every sum is fixed, nothing is fused, and the powers and
// trigonometric functions are this package's own. It has the same bits on every architecture, does not change when the rows
// are exchanged, and is exactly 0 for equal rows.
package metric
