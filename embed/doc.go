// Package embed holds what the embedding backends share: dense matrices as .npy files, one row per document.
//
// The backends are packages of their own below this one. Each has a type with the method
//
//	Embed(ctx context.Context, texts []string) (blas32.General, error)
//
// that returns one row per text; a program that computes its embeddings elsewhere brings them as a matrix, or as a file that
// ReadNPYFile reads.
package embed
