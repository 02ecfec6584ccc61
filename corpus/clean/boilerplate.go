package clean

import (
	"context"
	"strings"
	"unicode"

	"github.com/gobertopic/gobertopic/internal/check"
)

// Boilerplate says which lines are text that many documents share, such as those of issue templates. The zero value is good.
type Boilerplate struct {
	// MinDocs is the fewest documents that share a line which is left out, at least 2. Default 10.
	MinDocs int
	// MinShare is the least share of the documents that do, in (0, 1]. Default 0.01. Both bounds hold.
	MinShare float64
}

// Validate reports every field that is out of range.
func (b Boilerplate) Validate() error {
	var errs check.Fields
	errs.Want(b.MinDocs == 0 || b.MinDocs >= 2, "clean.Boilerplate.MinDocs", b.MinDocs, "0 for the default, or at least 2")
	errs.Want(b.MinShare >= 0 && b.MinShare <= 1, "clean.Boilerplate.MinShare", b.MinShare, "0 for the default, or a share up to 1")
	return errs.Err()
}

// DropBoilerplate is the step that takes out of documents the lines that many of them share, whatever their case and what is not
// a letter or a digit in them: headings, questions and remarks of issue templates, signatures, disclaimers. Lines of one word
// stay. The error says which fields of b are out of range.
func DropBoilerplate(b Boilerplate) (Step, error) {
	if err := b.Validate(); err != nil {
		return Step{}, err
	}
	if b.MinDocs == 0 {
		b.MinDocs = 10
	}
	if b.MinShare == 0 {
		b.MinShare = 0.01
	}
	return Step{Name: "boilerplate", Learn: b.learn}, nil
}

// learn returns the function that leaves out what the texts share.
func (b Boilerplate) learn(ctx context.Context, _ Run, texts []string) (func(string) string, error) {
	least := max(b.MinDocs, int(b.MinShare*float64(len(texts))))
	type count struct{ docs, last int32 }
	counts := map[uint64]count{} // of lines, by their keys
	for i, text := range texts {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		for line := range strings.Lines(text) {
			h, ok := lineKey(line)
			if !ok {
				continue
			}
			if c := counts[h]; c.docs == 0 || c.last != int32(i) {
				counts[h] = count{c.docs + 1, int32(i)}
			}
		}
	}
	shared := map[uint64]bool{}
	for h, c := range counts {
		if int(c.docs) >= least {
			shared[h] = true
		}
	}
	return func(text string) string {
		var out strings.Builder
		dropped := false
		for line := range strings.Lines(text) {
			if h, ok := lineKey(line); ok && shared[h] {
				dropped = true
				continue
			}
			out.WriteString(line)
		}
		if !dropped {
			return text
		}
		return strings.TrimSpace(out.String())
	}, nil
}

// lineKey returns a hash (FNV-1a) of the letters and digits of a line in lower case, and where its words are parted; ok is
// false for a line of fewer than two words.
func lineKey(line string) (key uint64, ok bool) {
	const offset, prime = 14695981039346656037, 1099511628211
	key = offset
	words, in := 0, false
	for _, r := range line {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			in = false
			continue
		}
		if !in {
			words++
			in = true
			key = (key ^ ' ') * prime
		}
		key = (key ^ uint64(unicode.ToLower(r))) * prime
	}
	return key, words >= 2
}
