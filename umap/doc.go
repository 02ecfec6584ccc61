// Package umap is Uniform Manifold Approximation and Projection (McInnes, Healy and Melville 2018, arXiv:1802.03426): it
// places the rows of a matrix in a space of few dimensions so that rows that are near each other stay near.
//
// The stages, one file each, can be used alone:
//
//	NearestNeighbors    x → the k nearest rows of every row, exactly
//	SmoothKNN           distances → rho and sigma, the local scale of every row
//	FuzzySimplicialSet  neighbors, rho, sigma → a weighted, symmetric graph
//	Supervise           graph, classes → a graph that keeps classes apart
//	SpectralLayout      graph → a start from the eigenvectors of its Laplacian
//	PCALayout           x → a start from its principal components
//	FindAB              min_dist, spread → the curve that turns a distance into a membership
//	OptimizeLayout      start, graph → positions, by stochastic gradient descent
//	Layout              the same, epoch by epoch
//
// Fit runs all of them and gives a Model, which holds the positions, places new rows among them with Transform, takes
// them up with Update and finds rows for positions with InverseTransform. FitData does it for sparse rows, given
// neighbors, classes, continuous targets and graphs; graphs of several models can be combined (Union, Intersection,
// Difference). FitAligned fits slices of data together, such as those of successive times.
// Config.Reduce makes a Config a stage.Reducer, and a Model can be saved and loaded; see package stage/state.
//
// Names, defaults and constants are those of umap-learn 0.5.12. What differs, on purpose:
//
//   - One seed gives the same bits for any number of workers; umap-learn is either repeatable or parallel.
//   - Neighbors are exact up to 65,535 rows, and nearly all beyond.
//   - Equal rows are one vertex and have one position; Config.KeepCopies has umap-learn's default. Steps that are used alone
//     take rows as they come: there more equal rows than neighbors do not come apart from those they are like.
//   - The spectral start takes bounded time, and PCA takes its place, with a warning, where that was not enough.
//   - A row without any edge gets a finite position (umap-learn gives NaN).
//   - Transform works row by row: the position of a row does not depend on the other rows of the call, and a row equal
//     to a row of the training matrix gets that row's position.
//   - The layout moves vertices in another order: see Layout.
//   - Continuous targets that many rows share connect all of those rows that have an edge, not the first few.
//   - InverseTransform starts from the nearest positions, not from a triangulation of all; Update leaves old positions where
//     they are; slices that are fitted together are drawn to all others of the window.
//
// # Order of the rows
//
// A result depends on the order of the rows: random numbers belong to places in that order, and of equally near neighbors
// the lower rows count. Within one order everything is defined, ties too. Callers whose rows have no order of their own
// put them in one by content before the fit, as package topic does.
package umap
