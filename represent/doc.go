// Package represent has ways to describe a topic beside its words by weight: representers for topic.Config.Representers,
// where each works on the result of the one before, and for topic.Config.Aspects, where several descriptions stand side by
// side.
//
//	cfg := topic.DefaultConfig()
//	cfg.Representers = []topic.Representer{represent.DefaultKeyBERT(), represent.MMR{Diversity: 0.3}}
//	cfg.Aspects = []topic.Aspect{{Name: "nouns", Representers: []topic.Representer{represent.DefaultPartOfSpeech()}}}
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
// Each is a plain struct with the settings of BERTopic 0.17.4 in its Default function, and is safe for concurrent use.
// The same settings, documents and embeddings give the same bits for any number of workers; what a language model answers
// is its own affair.
package represent
