// Package ctfidf counts the terms of classes of documents and weighs them: class-based TF-IDF, the part of a topic model
// that says which words name a topic.
//
// Three steps, each usable alone:
//
//	counts, err := ctfidf.Count(ctx, docs, classes, ctfidf.Config{}) // terms × classes
//	weights, err := ctfidf.Weighting{}.Weigh(counts)                  // the same cells, weighed
//	terms := weights.TopTerms(row, 10)                                      // the words of one class
//
// Counting keeps to scikit-learn's CountVectorizer (1.9.1): the token pattern (?u)\b\w\w+\b, lower case as Python's
// str.lower, n-grams after stop words, min_df, max_df and max_features over classes, and its other options. Beyond these
// are tokens for texts about programs ([CodeTokens]), stop words of 16 languages ([StopWords]), and below this package
// stemmers (ctfidf/stem) and the words of scripts without spaces (ctfidf/words), which bring modules of their own. [Online]
// counts batch after batch, [CountSoft] documents that belong to several classes.
//
// Weighing keeps to BERTopic's ClassTfidfTransformer (0.17.4, arXiv:2203.05794) in [Weighting]; [NPMI], [FightingWords],
// [Soft] and [Centroid] are turftopic's (0.28.0). All have the method Weigh(Counts) (Weights, error). Where the originals
// differ from what is wanted here, the field that brings their behavior back says so: [Config.Join], [NPMI.Turftopic].
//
// The result depends on the documents and the configuration alone, never on the number of workers.
package ctfidf
