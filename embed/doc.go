// Package embed holds what the embedding backends share: options of a call, a cache on disk, and dense matrices as .npy files,
// one row per document.
//
// The backends are packages of their own below this one. Each has a type with the method
//
//	Embed(ctx context.Context, texts []string) (blas32.General, error)
//
// that returns one row per text:
//
//	minilm              all-MiniLM-L6-v2, its weights in the binary
//	bgesmall            bge-small-en-v1.5, its weights in the binary
//	bert                BERT, DistilBERT, ModernBERT, MPNet, RoBERTa and XLM-RoBERTa, from a directory
//	static              a table of token vectors (Model2Vec), hundreds of times faster; distills one from an encoder
//	static/distilled    all-MiniLM-L6-v2 distilled, its table in the binary
//	openai              a service that speaks the OpenAI protocol
//	cybertron           the encoders of package bert, run by NLP Odyssey's libraries
//
// Cached keeps the vectors of any of them on disk, CenterBy takes out what the texts of a language
// or another group have in common. A program that computes its embeddings elsewhere brings them as
// a matrix, or as a file that ReadNPYFile reads.
package embed
