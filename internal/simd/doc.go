// Package simd holds the kernels that carry most of the arithmetic of this module: matrix products
// in float32 and int8, squared distances, sums of rows, and the elementwise functions of a
// transformer encoder. On amd64 each kernel exists for AVX-512, for AVX2 with FMA and in plain Go,
// the int8 product for AVX-512 with VNNI and for AMX besides. On arm64 most kernels exist for NEON
// and in plain Go, the int8 product for the extensions DotProd and I8MM besides. The best one that
// the processor and the operating system support is picked at run time. Under the build tag purego,
// and on other architectures, the plain Go kernels are the only ones.
//
// # Invariants
//
// Every element of a product is one accumulator that runs over k = 0 … K−1 in order. So the value of an element depends
// on its row of a and its row of b alone: not on how many rows there are, not on the other rows, not on alignment or
// stride, and not on which tile of the blocking it falls into.
//
// MulNT and SquareDistNT are the fastest products in float32. AVX2, AVX-512 and NEON use a fused multiply-add in each
// step and give the same bits. The plain Go kernel rounds the product and the sum separately, with explicit conversions that forbid
// the compiler to fuse them, and so gives the same bits on every architecture. The two differ from each other by rounding:
// each is within γ(K+1)·Σ|aₖ·bₖ| of the exact value, where γ(n) = n·u/(1−n·u) and u = 2⁻²⁴ (Higham, "Accuracy and
// Stability of Numerical Algorithms", section 3.1, doi:10.1137/1.9780898718027), as long as nothing overflows or
// underflows.
//
// Everything else gives the same bits at every level, plain Go included: MulNTUnfused and MulNN,
// which round product and sum separately; Attend, whose products are exact; Quantise and MulInt8,
// whose sums are exact; and the elementwise functions, whose order of operations and of summation
// is part of their definition. A NaN is met by a NaN; its sign and payload may differ.
//
// # Int8
//
// Activations are unsigned bytes with a scale and a zero point per row, weights signed bytes with a scale per row. With
// VNNI a tile multiplies four pairs of bytes in a lane with VPDPBUSD. Without, VPMADDUBSW would saturate, so both sides
// are words and VPMADDWD multiplies two pairs in a lane, exactly. Plain Go multiplies a byte with two weights in one
// 64-bit word.
//
// On arm64 SDOT multiplies four pairs of signed bytes in a lane, so the activations are stored less
// 128, and 128 is taken from the zero point. USMMLA multiplies two rows and two columns of eight
// bytes, the rows unsigned. Without both, SMLAL multiplies words.
//
// With AMX a tile of the panel is 16 columns of 64 k, 16 rows of 64 bytes, and the panels of VNNI
// are made of such tiles. A product of at least 12 rows, whose K is a multiple of 64 and at most
// 32,767, runs on tiles, but for a last panel that is not whole; the others run on VNNI. The tiles
// hold something between the first and the last instruction of one call of assembly alone, which
// the scheduler of Go never interrupts, so other goroutines never see them. The first question for
// the levels of the machine asks the kernel for the tile registers, for the whole process. Signals
// then need about 11 KB of stack; those of Go have 32 KB. A C library in the same process that sets
// up smaller signal stacks makes the kernel refuse, or is refused itself afterwards.
//
// The VEX form of VPDPBUSD (AVX-VNNI, on processors without AVX-512) is not used: the assembler of Go 1.26 cannot encode
// it. Those processors run the AVX2 kernels.
//
// # Speed
//
// Rows whose length is no multiple of 16 end in a masked store, and a load that begins inside of what such a store spans
// has to wait for it. So many short rows in one matrix, such as the scores of attention, should begin a multiple of 16
// values apart.
package simd

//go:generate sh _gen/check.sh -w
