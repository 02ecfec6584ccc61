package main

// llmTags select questions about large language models. The abstract of arXiv 2411.10873 does not say which tags its authors
// used; these follow a rule that can be followed again. A count of all 65,693 tags in the data dump of 24,101,803 questions of
// Stack Overflow up to 2024 is published with https://github.com/Raymond-Chen-das/social-network-analysis
// (outputs/tables/all_tag_counts.json, commit e4e970e; of its 21,991 tags with 100 questions or more, tag_pools_full.md and
// target_tags_proposed.json list those of artificial intelligence and of the clouds). Of these the list has all that name
// language models, a family of them, their adaptation, or a service or library for them. What has other uses than language
// is left out: openai-gym, stable-diffusion and openai-whisper, the databases chromadb, pinecone, weaviate and
// vector-database, and bert-language-model and transformer-model, which are about smaller models.
//
// Tags with fewer than 100 questions in that dump are not in it, ollama, google-gemini, llama-cpp-python and
// retrieval-augmented-generation among them; for a later dump name them in --tags.
var llmTags = []string{
	"huggingface-transformers", // 3,226 questions
	"openai-api",               // 2,522
	"langchain",                // 1,615
	"large-language-model",     // 1,078
	"huggingface",              // 880
	"chatgpt-api",              // 567
	"py-langchain",             // 344
	"gpt-3",                    // 314
	"llama",                    // 267
	"llama-index",              // 249
	"gpt-2",                    // 212
	"fine-tuning",              // 182
	"gpt-4",                    // 116
	"azure-openai",             // 100 or more
}

// whichTags says in the methods where llmTags come from.
const whichTags = "the tags are those with 100 questions or more, in a published count of the tags of Stack Overflow's dump of 24,101,803 questions " +
	"(github.com/Raymond-Chen-das/social-network-analysis, e4e970e), that name language models, their families, their adaptation, or services and " +
	"libraries for them; the abstract of arXiv 2411.10873 does not state the tags of that study, which may be others"
