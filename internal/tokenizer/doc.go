// Package tokenizer turns text into the token ids of any small encoder, as its tokenizer.json says.
// It gives the ids of the Hugging Face tokenizers library (0.23.3) for every text.
//
// A text becomes ids in five steps. Added tokens ("<mask>") are cut out of the raw text. What lies
// between is normalized; added tokens that are marked as normalized are cut out of that. The
// pre-tokenizer splits the rest into words. The model makes ids of each word. The post-processor
// puts special tokens around them.
//
// Models are WordPiece, Unigram, BPE and WordLevel. A file with a component that is not supported
// is an error that names the component and lists what is supported.
//
// Where Hugging Face and SentencePiece disagree, the ids are those of Hugging Face: the precompiled
// character map applies to grapheme clusters of at most 5 bytes as a whole and takes the shortest
// rule that a cluster begins with.
//
// Every step takes linear time in the length of the text. Only the merges of a BPE model that were
// not learned one after the other, so that one makes a pair of a lower rank, take O(n log n) for a
// word of n characters. Nothing is allocated when the destination has room, but for memory that
// later calls use again.
package tokenizer
