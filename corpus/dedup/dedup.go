// Package dedup finds texts that say again what an earlier text says: the same but for case, punctuation and white space,
// or nearly the same by the Jaccard similarity of their shingles (Broder, "On the resemblance and containment of
// documents", 1997, doi:10.1109/SEQUEN.1997.666900).
//
// Texts are gone through in order. One is a duplicate if it is similar to an earlier text that is none itself, so that what
// is kept of each group is its first text, and every duplicate really is similar to the text that it is one of: chains in
// which each is similar to the next alone do not collapse. Candidates come from MinHash values in bands (locality-sensitive
// hashing; Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3), and each is then compared shingle by
// shingle: nothing is called a duplicate that is not, and a text exactly at the threshold is missed with a probability of
// less than 0.005, those above it with less.
package dedup

import (
	"context"
	"fmt"
	"math"

	"github.com/gobertopic/gobertopic/internal/check"
)

// Config says what a duplicate is.
type Config struct {
	// Threshold is the least Jaccard similarity of a duplicate, in (0, 1]. 1 finds texts that are the same after
	// normalising alone. Default 0.8.
	Threshold float64
	// Shingle is how many characters, or words, make a shingle, in [1, 64]. A shorter text is one shingle. Default 5.
	Shingle int
	// Words makes shingles of words. Default false: of characters, which find small changes in short texts too.
	Words bool
	// Hashes is the number of MinHash values of a text, in [16, 1024]: more find more of the duplicates of a low threshold
	// and take more time. Default 128 (datasketch's num_perm).
	Hashes int
	// Seed of the hash functions. Default 42.
	Seed uint64
	// Workers is the number of goroutines; 0 or less means GOMAXPROCS. It never changes a result.
	Workers int
	// Progress is told how many of the texts are done. May be nil.
	Progress func(done, total int)
}

// DefaultConfig is the default configuration.
func DefaultConfig() Config { return Config{Threshold: 0.8, Shingle: 5, Hashes: 128, Seed: 42} }

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var f check.Fields
	f.Want(c.Threshold > 0 && c.Threshold <= 1, "dedup.Config.Threshold", c.Threshold, "above 0 and at most 1")
	f.Want(c.Shingle >= 1 && c.Shingle <= 64, "dedup.Config.Shingle", c.Shingle, "1 to 64")
	f.Want(c.Hashes >= 16 && c.Hashes <= 1024, "dedup.Config.Hashes", c.Hashes, "16 to 1024")
	return f.Err()
}

// Match is what was found of a text.
type Match struct {
	// Of is the index of the earliest text that this one is a duplicate of, −1 where it is none. That text is kept: its own
	// Of is −1.
	Of int
	// Similarity is the Jaccard similarity to it, 1 where both are the same after normalising; 0 where there is none.
	Similarity float64
	// Same is that both have the same letters and digits in the same words, but for case.
	Same bool
}

// Find gives a Match for each text. A text without any letter or digit is a duplicate of none.
func Find(ctx context.Context, texts []string, cfg Config) ([]Match, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(texts) > math.MaxInt32 {
		return nil, fmt.Errorf("dedup: %d texts, want at most %d", len(texts), math.MaxInt32)
	}
	f := newFinder(texts, cfg)
	for lo := 0; lo < len(texts); lo += blockSize {
		hi := min(lo+blockSize, len(texts))
		if err := f.block(ctx, lo, hi); err != nil {
			return nil, err
		}
		if cfg.Progress != nil {
			cfg.Progress(hi, len(texts))
		}
	}
	return f.matches, context.Cause(ctx)
}

// Similarity is the Jaccard similarity of two texts under a configuration, 0 where one has no letters and digits.
func Similarity(a, b string, cfg Config) float64 {
	var s, t shingler
	x, y := s.set(a, cfg), t.set(b, cfg)
	return jaccard(x, y)
}
