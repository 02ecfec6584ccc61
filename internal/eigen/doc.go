// Package eigen finds eigenvectors of symmetric matrices, with the same bits on every machine and for
// any number of workers. There are three methods, one for each kind of problem:
//
//	Symmetric  all eigenvectors of a small dense matrix: Jacobi's rotations
//	Largest    the k largest of a dense matrix: reduction to a tridiagonal one, inverse iteration
//	Lanczos    the k largest of an operator that is only known by its products, such as a graph
//
// [Dense] takes the first or the last by size. A matrix is a slice of n·n values, row by row.
package eigen
