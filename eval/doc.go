// Package eval measures how good a reduction, a clustering or the words of topics are.
//
//	Coherence         do the words of a topic go together in texts? c_npmi, c_uci, c_v, u_mass
//	Diversity         do topics have words of their own? unique words, inverted RBO, overlap
//	Trustworthiness   are neighbours in the reduced space neighbours in the original one?
//	ARI, NMI          how much do two labellings of the same items agree?
//	DBCV              how dense are clusters within, how sparse is the space between them?
//
// The definitions are those of gensim 4.4, OCTIS 1.14, scikit-learn 1.9 and hdbscan 0.8.44, as each function says.
package eval
