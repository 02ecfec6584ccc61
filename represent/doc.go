// Package represent has ways to describe a topic beside its words by weight: representers for topic.Config.Representers,
// where each works on the result of the one before, and for topic.Config.Aspects, where several descriptions stand side by
// side.
//
//	cfg := topic.DefaultConfig()
//	cfg.Representers = []topic.Representer{represent.KeyBERT{}, represent.MMR{Diversity: 0.3}}
//	cfg.Aspects = []topic.Aspect{{Name: "nouns", Representers: []topic.Representer{represent.PartOfSpeech{}}}}
//
// The representers:
//
//   - KeyBERT: the words closest to the typical documents.
//   - MMR: words that differ from each other.
//   - PartOfSpeech: words and phrases by their part of speech.
//   - ZeroShot: labels of the caller's, where one fits.
//   - LanguageModel: what a language model makes of the typical documents and the words. Package represent/openai has one
//     for services with OpenAI's chat endpoint.
//
// Each is a plain struct, safe for concurrent use. The zero value has the settings of BERTopic 0.17.4,
// but for the labels of ZeroShot, which must be given, and for LanguageModel, which starts from
// DefaultLanguageModel. The same settings, documents and embeddings give the same bits for any number of
// workers; language-model output is not reproducible.
//
// A saved model keeps the settings of all representers but LanguageModel, as long as none of them has an
// embedder, a tagger or a function of the caller's.
package represent
