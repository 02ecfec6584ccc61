// Package static is sentence embeddings from a table: the vector of a text is the mean of the vectors of its tokens. There is
// no network to run, so a text costs little more than its tokenisation.
//
//	m, err := static.Load("potion-base-8M", static.DefaultConfig())
//	x, err := m.Embed(ctx, texts) // one row per text
//
// Load reads directories in the format of Model2Vec, Save writes them, and Distill makes a model from a sentence encoder:
// every token of its vocabulary is encoded alone, the vectors are reduced by principal components and weighted by the rank of
// the token. Results are those of model2vec 0.10.0 within float32 rounding.
//
// Quantise rounds a table to int8, and Pack writes a model as one file for a program to carry; package distilled is such a
// model. Anything that Distill needs is what a *bert.Encoder has.
//
// The only tokenizers are those of the BERT family: WordPiece with BertNormalizer and BertPreTokenizer.
//
// # Invariants
//
// The vector of a text has the same bits whatever other texts stand beside it and for any number of workers: it is one
// float32 sum in the order of the tokens.
//
// Source: Tulkens and van Dongen, "Model2Vec: Fast State-of-the-Art Static Embeddings" (2024); github.com/MinishLab/model2vec.
package static
