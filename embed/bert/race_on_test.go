//go:build race

package bert_test

// raceDetector makes plain Go some ten times slower.
const raceDetector = true
