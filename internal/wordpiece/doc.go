// Package wordpiece is the tokenizer of BERT-family models. It gives the token ids of the Hugging Face tokenizers library
// (0.23.3: BertNormalizer, BertPreTokenizer, WordPiece, TemplateProcessing, truncation on the right) for every text.
//
// A text becomes ids in four steps. Added tokens ("[MASK]") are cut out of the raw text. What lies between is normalised:
// control characters go, each Chinese character becomes a word, accents and case go where the model has none. White space
// and punctuation split it into words. Each word is covered from the left with the longest entries of the vocabulary; a word
// that cannot be covered, or has more than Config.MaxWordChars characters, is one unknown token.
//
// The Unicode data is the library's, of mixed age, not Go's: see tables.go.
package wordpiece
