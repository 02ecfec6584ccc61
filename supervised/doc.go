// Package supervised holds the clusterers that make known classes the clusters.
//
//	fixed.go     Fixed: the classes as they are, new rows by the nearest mean (manual topic modeling)
//	logistic.go  Logistic: the classes, new rows by a logistic regression (supervised topic modeling)
//
// Both take the classes from stage.Data.Classes and fail with stage.ErrNoClasses if none is known.
// Rows without a known class are outliers.
package supervised
