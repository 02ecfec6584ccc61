// Package eval measures how good a reduction, a clustering or the words of topics are.
//
// Of a labeling beside the truth, or beside another labeling:
//
//	Compare           ARI, NMI, AMI, homogeneity, completeness, V-measure, Fowlkes–Mallows, purity; ARI and NMI alone
//	Coverage          the share of items that are not outliers
//	Stability         how much the solutions of several runs are alike, in labels, words and centroids
//
// Of the words of topics:
//
//	Coherence         do the words of a topic go together in texts? c_npmi, c_uci, c_v, u_mass
//	Diversity         do topics have words of their own? unique words, inverted rank-biased overlap, overlap
//
// Of points:
//
//	Trustworthiness   are neighbors in the reduced space neighbors in the original one?
//	DBCV              how dense are clusters within, how sparse is the space between them?
//
// and Table writes what was measured as Markdown, CSV and JSON, with means over runs.
//
// The definitions are those of scikit-learn 1.9, gensim 4.4, OCTIS 1.14 and hdbscan 0.8.44, as each function says, and
// agree with them to rounding. A label is only a name; −1 is an outlier, and [Outliers] says what becomes of those. A
// measure that is one number is returned as such, one that gives several as a struct. NaN in a result says that there is
// no value, never that something went wrong: that is an error. All processors are used unless a configuration says how
// many, and no result depends on their number.
package eval
