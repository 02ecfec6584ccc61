// Package community finds groups of rows in a graph of their nearest neighbors, at a granularity
// that the data determine.
//
// Config.Cluster builds the graph of rows that lie near each other, by cosine; Fit takes a graph of
// the caller's. Both look for communities, groups with more weight of edges within than expected at
// random, at many resolutions, by a deterministic Leiden algorithm (Traag, Waltman and van Eck 2019,
// doi:10.1038/s41598-019-41695-z). Each resolution is a layer. The layer with the highest Score is
// chosen, a product of how well the rows fit their communities and of how well the communities cut
// the graph. The other layers are then recomputed so that all are nested: coarser ones are made of
// the chosen communities, finer ones lie within them. AtLayer returns the model of any layer and
// computes nothing.
//
// The result depends on the rows and on the graph alone: there is no seed, the number of workers
// changes nothing, and equal rows are in one community.
//
// # Order and copies
//
// A result depends on the order of the rows: it decides in which order vertices move, and which of equally near rows are
// neighbors. Within one order everything is defined, ties too. Callers whose rows have no order of their own put them in
// one by content before the fit, as package topic does. In Config.Cluster equal rows are one vertex that counts as often
// as they come; Fit takes the graph as it is.
package community
