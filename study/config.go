package study

import (
	"time"

	"github.com/gobertopic/gobertopic/study/stats"
)

// Config says how a corpus is measured.
type Config struct {
	// Corpus is its name in tables. Default "corpus".
	Corpus string
	// Names are names of topics by their number. Default: "topic 3", and "outliers" for −1.
	Names map[int]string
	// Until is when the source was looked at, for threads whose Seen is zero: what had no answer then has been waiting
	// until then. Default: the latest time in the threads themselves.
	Until time.Time
	// Bootstrap makes the intervals of means and medians; its Level is that of all intervals.
	Bootstrap stats.Bootstrap
}

// DefaultConfig has stats.DefaultBootstrap.
func DefaultConfig() Config { return Config{Bootstrap: stats.DefaultBootstrap()} }

// Validate reports every field outside its range at once.
func (c Config) Validate() error { return c.Bootstrap.Validate() }
