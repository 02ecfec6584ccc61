// Package simd holds the float32 kernels that carry most of the arithmetic of this module: matrix products and squared distances with
// packed right-hand sides. Each kernel exists for AVX-512, for AVX2 with FMA and in plain Go; the best one that the processor
// and the operating system support is picked at run time. Under the build tag purego, and on other architectures than
// amd64, the plain Go kernels are the only ones.
//
// # Invariants
//
// Every element of a result is one accumulator that runs over k = 0 … K−1 in order. So the value of an element depends
// on its row of a and its row of b alone: not on how many rows there are, not on the other rows, not on alignment or
// stride, and not on which tile of the blocking it falls into.
//
// AVX2 and AVX-512 use a fused multiply-add in each step and give the same bits. The plain Go kernel rounds the product
// and the sum separately, with explicit conversions that forbid the compiler to fuse them, and so gives the same bits on
// every architecture. The two differ from each other by rounding: each is within γ(K+1)·Σ|aₖ·bₖ| of the exact value,
// where γ(n) = n·u/(1−n·u) and u = 2⁻²⁴ (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1,
// doi:10.1137/1.9780898718027), as long as nothing overflows or underflows.
package simd

//go:generate sh _gen/check.sh -w
