// Package openai gets sentence embeddings from any service with OpenAI's embeddings endpoint: OpenAI itself, Azure, vLLM,
// Ollama, llama.cpp, LiteLLM, Text Embeddings Inference and others.
//
//	cfg := openai.DefaultConfig()
//	cfg.Model = "text-embedding-3-small"
//	e, err := openai.New(cfg)           // the key comes from OPENAI_API_KEY
//	x, err := e.Embed(ctx, texts)       // one row per text
//
// # What is sent
//
// The texts are cut into requests of at most Config.BatchTexts texts and Config.BatchBytes bytes, in their order. A request
// is a POST of {"model", "input", "encoding_format", "dimensions", "user"} to {BaseURL}/embeddings. The service refuses empty
// strings, so an empty text is sent as one space, as BERTopic's OpenAIBackend does. Bytes that are no UTF-8 are sent as
// U+FFFD.
//
// # What is checked
//
// An answer counts only when it has exactly one vector per text by the field "index", all of the same length in all
// requests, and every value is a finite float32. Vectors may come as numbers or as base64, whatever was asked for. An answer
// that is larger than any vectors could be is not read to its end.
//
// # Failures
//
// A request is sent again after 408, 409, 425, 429 and 5xx, after a timeout, a lost connection and an answer that ends too
// early, up to Config.MaxRetries times. Before attempt k+1 it waits Backoff·2^(k−1), or as long as the service asks for by
// Retry-After, but never longer than MaxWait. There is no random part: the same failures give the same waits. A 429 whose
// code says that the quota is used up is final.
//
// Redirects are not followed, so neither the key nor the texts reach another address than BaseURL. The key appears in no
// error and in no printed form of a Config or an Embedder.
//
// Source: OpenAI's API reference, "Create embeddings"; RFC 9110, section 10.2.3, for Retry-After.
package openai
