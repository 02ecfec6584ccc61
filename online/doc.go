// Package online learns from data that comes in batches: principal components, means and dense regions that are brought up
// to date batch by batch, at a cost that depends on the batch and not on what came before.
//
//   - PCA: the components of all rows so far (Ross et al. 2008), scikit-learn's IncrementalPCA.
//   - KMeans: a given number of clusters (Sculley 2010), scikit-learn's MiniBatchKMeans with partial_fit.
//   - DBStream: as many clusters as there are dense regions (Hahsler and Bolaños 2016), River's DBSTREAM.
//
// A model of this package is a value that does not change and is safe for concurrent use: Update makes a new one of it and
// a batch, so that an update which fails or is canceled leaves everything as it was. New makes the model that has seen
// nothing. A model can be written as JSON and read again, to the same bits; what is computed from it then is the same too.
// The settings are stages: PCAConfig is a stage.BatchReducer, KMeansConfig and DBStreamConfig are stage.BatchClusterers.
//
// The same batches give the same bits for any number of workers and on every architecture. How rows are cut into batches
// does matter to KMeans and DBStream, and to PCA as far as components are left out.
package online
