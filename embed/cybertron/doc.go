// Package cybertron runs BERT sentence encoders with the libraries cybertron and spago of NLP Odyssey: the same models, the
// same vectors within rounding, as package bert, computed by somebody else's code.
//
//	err := cybertron.Convert("minilm-spago", "all-MiniLM-L6-v2") // once
//	e, err := cybertron.Load("minilm-spago", cybertron.DefaultConfig())
//	x, err := e.Embed(ctx, texts) // one row per text
//
// Package bert needs no conversion and takes a quarter of the processor time. This one is for a program that has cybertron's
// models already, and for holding one implementation to another.
//
// # What is the library's and what is not
//
// The weights, the layers and their arithmetic are the library's. The rest is done here, because what the library's own
// text encoding does differs from sentence-transformers, or fails:
//
//   - Its tokenizer leaves punctuation inside a word ("llama-index") where it is, does not know added tokens, and a [SEP] in
//     a text changes the token type of what follows. Here the model is given the token ids of package bert's tokenizer.
//   - A text that is longer than the positions is an error there, and max_seq_length is not known. Here it is cut.
//   - A context is ignored there. Here it is looked at between texts, and between parts of a layer.
//   - Its pooling of [CLS] goes through the pooler, and nothing is normalised. Here modules.json and the Pooling module's
//     config.json decide.
//   - Its layer norms have an epsilon of 1e-5 and its GELU is the one with tanh, whatever config.json says. Here config.json
//     decides on both.
//   - Its converter reads pickled PyTorch files alone. Convert reads model.safetensors.
//
// # A side effect
//
// Importing this package makes all operators of spago run on the goroutine that calls them (ag.SetForceSyncExecution), for
// one of spago's settings is for the whole program. It changes no result. A program that has models of its own to run on
// spago's goroutines may set it back; then Workers is the number of texts at once, each of which keeps several goroutines
// busy.
//
// # Invariants
//
// The vector of a text has the same bits whatever other texts stand beside it and for any number of workers. It does depend
// on the processor: the library has other kernels where there is no AVX, all within float32 rounding.
package cybertron
