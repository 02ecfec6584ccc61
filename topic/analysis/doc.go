// Package analysis answers questions about a fitted topic.Model:
//
//   - OverTime and PerClass describe the topics in each period of time and in each class of documents.
//   - HierarchicalTopics computes the order in which the topics merge, with names and a text tree.
//   - SimilarityMatrix, SimilarTopics and FindTopics compare topics with each other and with a text.
//   - ApproximateDistribution computes the shares of the topics in documents.
//   - Match finds the topics of one model in another.
//   - DocumentInfo and Labels list what the topics say of each document, and make labels of terms.
//
// The functions use only exported methods of the model and do not change it. They may be called from
// several goroutines at once. The result is the same to the bit for any number of workers, which is
// that of the model's Config. The names in brackets in the comments are those of BERTopic 0.17.4.
package analysis
