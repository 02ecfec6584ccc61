// Package eval measures how good a reduction or a clustering is, with the definitions of scikit-learn 1.7.
//
//	Trustworthiness   are neighbours in the reduced space neighbours in the original one?
//	ARI, NMI          how much do two labellings of the same items agree?
package eval
