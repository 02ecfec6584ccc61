// Package openai asks language models behind any service with OpenAI's chat endpoint for the labels of topics: OpenAI
// itself, Azure, Ollama, llama.cpp, vLLM, LiteLLM and others. It needs nothing but net/http.
//
//	cfg := openai.DefaultConfig()
//	cfg.BaseURL, cfg.APIKey, cfg.Model = "http://localhost:11434/v1", openai.Key(""), "llama3.2" // Ollama
//	llm, err := openai.New(cfg)
//	representer := represent.DefaultLanguageModel(llm)
//
// # Services
//
//	OpenAI     BaseURL "https://api.openai.com/v1", the key in OPENAI_API_KEY
//	Azure      BaseURL "https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT?api-version=2024-10-21", KeyHeader "api-key"
//	Ollama     BaseURL "http://localhost:11434/v1", APIKey Key("")
//	llama.cpp  BaseURL "http://localhost:8080/v1", APIKey Key("") or that of llama-server --api-key
//	vLLM       BaseURL "http://localhost:8000/v1", APIKey Key("") or that of vllm serve --api-key
//
// # What is sent
//
// A question is a POST of {"model", "messages"} and Config.Fields to {BaseURL}/chat/completions; a query of BaseURL stays
// where it is. The messages are the system prompt, unless it is empty, and the user's.
//
// # What is checked
//
// An answer counts only when its first choice has a message with text. A refusal, an answer that a filter emptied and one
// that reached its limit of tokens before any text are errors that say so. An answer of more than 4 MiB is not read to its
// end.
//
// # Failures
//
// A question is sent again after 408, 409, 425, 429 and 5xx, after a timeout, a lost connection and an answer that ends too
// early, up to Config.MaxRetries times. Before attempt k+1 it waits Backoff·2^(k−1), or as long as the service asks for by
// Retry-After, but never longer than MaxWait. There is no random part: the same failures give the same waits. A 429 whose
// code says that the quota is used up is final.
//
// Redirects are not followed, so neither the key nor the texts reach another address than BaseURL. The key appears in no
// error and in no printed form of a Config or a Client.
//
// Source: OpenAI's API reference, "Create chat completion"; Azure OpenAI's REST API reference; RFC 9110, section 10.2.3,
// for Retry-After.
package openai
