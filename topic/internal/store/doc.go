// Package store keeps the named sections of a saved model in a directory, format 4:
//
//	model.json   the manifest: every file with its length and SHA-256, every section with its
//	             place in a file, and the hash of the manifest itself
//	gen-7/0, …   the files of generation 7, which is the one that the manifest names
//	lock         there while somebody saves
//
// A save writes the files of a new generation beside those of the old one. Renaming the new
// manifest over the old one replaces the model; afterwards the old files are removed. Whatever a
// save that was killed leaves behind belongs to another generation, is not looked at, and is
// removed by the next save.
//
// Small sections lie together in files of about a megabyte, a large section has a file of its own,
// and equal sections are stored once. A matrix is a .npy file, of float16 or int8 if that was asked for.
//
//	write.go     Write, CanWrite: replacing one model by another
//	writer.go    Writer: sections to files
//	manifest.go  the manifest and its checks
//	open.go      Open: finding the files of the current generation
//	reader.go    Reader: sections from files
//	file.go      one stored file: checksum, mapping
//	matrix.go    matrices in place (precision.go: rounded ones)
//	errors.go    DamagedError, VersionError
package store
