//go:build race

package wordpiece

// raceDetector makes sync.Pool forget at random.
const raceDetector = true
