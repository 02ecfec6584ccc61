// Package study measures what studies of developers' questions report: how popular topics are, how difficult, how long
// answers take, and how a field compares with others. It takes threads of package corpus with the topic of each and knows
// nothing of models.
//
//	Measure    figures per topic and of the corpus
//	Compare    its topics and the whole beside other corpora, with tests and effect sizes
//	Contrast   each topic beside the rest of its corpus
//	Correlate  are popular topics difficult ones?
//
// The definitions are the field's: popularity is the mean (and here the median) of views, scores, favorites and likes;
// difficulty is the share of threads without an accepted answer, the share without any answer, and the hours to the
// accepted answer and to the first reply.
//
// Package sweep, below this one, helps to choose how many topics a study has.
//
// What a source does not tell is never counted as none: each figure has the number of threads that it is made of, and is
// NaN, or null in JSON, when there are none. The statistics are those of package stats, below this one.
package study
