package store

import "fmt"

// DamagedError reports a file of a saved model that is not what was saved.
type DamagedError struct {
	File string // path of the file
	Why  string
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %s", e.File, e.Why) }

// VersionError reports a model in a format that this version does not read.
type VersionError struct {
	File    string // path of the manifest
	Version int    // of the format
}

func (e *VersionError) Error() string {
	if e.Version > version {
		return fmt.Sprintf("%s has format %d, this version of gobertopic reads format %d: use a later version", e.File, e.Version, version)
	}
	return fmt.Sprintf("%s has format %d, which is no longer read: fit and save the model again", e.File, e.Version)
}
