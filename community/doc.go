// Package community finds groups of rows in a graph of their nearest neighbours, at a granularity that the data chooses.
//
// Fit looks for communities, groups with more weight of edges within than chance would give them, at many resolutions, by a
// Leiden algorithm without chance. Each resolution is a layer. Of the layers the one with the highest Score is chosen: a
// product of how well the rows fit their communities and of how well the communities cut the graph. Around it the others are
// found once more so that they are nested: coarser ones are made of its communities, finer ones lie within them. Any layer can
// be had with At, which computes nothing.
//
// The result depends on the rows and on the graph alone: there is no seed, the number of workers changes nothing, and equal
// rows are in one community.
package community
