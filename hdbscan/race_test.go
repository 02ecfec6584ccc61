//go:build race

package hdbscan

// less divides the sizes of the largest tests, which the race detector slows down tenfold.
const less = 10
