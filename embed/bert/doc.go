// Package bert runs sentence encoders that are BERT or near to it (DistilBERT, ModernBERT, MPNet,
// RoBERTa, XLM-RoBERTa): it turns texts into the vectors that sentence-transformers gives for the
// same model directory (checked against 6.2.0 with transformers 5.23 and torch 2.15, float32).
//
//	e, err := bert.Load("all-MiniLM-L6-v2", bert.DefaultConfig())
//	x, err := e.Embed(ctx, texts) // one row per text
//
// # How it computes
//
// Texts are taken from the longest to the shortest. A worker takes some until it has about 1,024
// tokens and lays them end to end, without padding. The layers' products run over all tokens at
// once, attention runs per text and head. Weights are packed once for the kernels of package simd.
//
// In int8, attention runs on values of bfloat16 with sums in float32, weights have a scale per
// output, and activations a scale and a zero point per token, found as they come. All products are
// smoothed (SmoothQuant, Xiao et al., arXiv:2211.10438): factors per column, found once with tokens
// drawn from the vocabulary, move what is hard to round in the activations to the weights. A twelfth
// of the inputs of three of the products, those that are largest then, have scales of their own: two
// or three columns of the state of such models are ten to sixteen times as large as the others, at
// special tokens above all, and so are some of what GELU makes, and they would take most of the 256
// steps. The relative positions of MPNet, and the local layers of ModernBERT for texts that are
// longer than their window, run attention in float32.
//
// # Invariants
//
// The vector of a text has the same bits whatever other texts stand beside it, in whatever order, and for any number of
// workers: each element of a product is one sum in a fixed order, and everything else works on one row at a time. In int8
// the bits are the same with every set of kernels and on every processor. In float32 they depend on the kernels: those of
// AVX2 and AVX-512 give the same bits, plain Go others, all within float32 rounding.
package bert
