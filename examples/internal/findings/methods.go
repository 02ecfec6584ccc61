package findings

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/gobertopic/gobertopic/corpus"
)

// methods says everything that the figures depend on.
func (s Study) methods(w io.Writer, f *Findings) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Methods: %s\n\nMade by %s.\n\n## Data\n\n", s.Title, software())
	for _, c := range append([]Corpus{s.Subject}, s.Baselines...) {
		fmt.Fprintf(&b, "- %s: %d threads from %s%s.\n", c.Name, len(c.Threads), filepath.Base(c.Source), years(c.Threads))
		for _, n := range c.Counts {
			fmt.Fprintf(&b, "  - %s\n", n)
		}
	}
	if len(s.Baselines) == 0 {
		b.WriteString("- There is nothing to compare with: no other corpus was found.\n")
	}
	outliers, topics := 0, 0
	for _, t := range f.Model.Topics() {
		if t.ID < 0 {
			outliers += t.Size
		} else {
			topics++
		}
	}
	all := len(s.Subject.Threads)
	fmt.Fprintf(&b, "\n## Topics\n\n%d topics with %d threads, and %d threads (%.1f %%) that are outliers, of no topic: %d in all.\n\n",
		topics, all-outliers, outliers, 100*float64(outliers)/float64(all), all)
	for _, n := range append(s.Settings, fmt.Sprintf("seed: %d", s.Topics.Seed)) {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	for _, warning := range f.Model.Warnings() {
		fmt.Fprintf(&b, "- warning: %v\n", warning)
	}
	bs := s.Measures.Bootstrap
	until := "No thread has a time, so that there are no hours."
	if !f.Subject.Until.IsZero() {
		until = fmt.Sprintf("Threads without an answer or an accepted answer are taken to have waited until the latest time in the data, %s (open threads).", f.Subject.Until.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	fmt.Fprintf(&b, "\n## Figures\n\n"+
		"- Popularity: mean and median of views, score (votes for less votes against), favorites and likes.\n"+
		"- Difficulty: share of threads without an accepted answer and without any answer, hours from the question to the accepted answer and to the first reply, and replies per thread.\n"+
		"- A figure that a source does not tell is unknown, never zero, and the threads without it are left out of it: each figure has its own n.\n"+
		"- Hours end when the answer was written, not when it was accepted, which these sources do not tell. Their medians and quartiles are over answered threads alone; beside them stand "+
		"Kaplan-Meier medians, which count open threads. %s\n"+
		"- Intervals at %g %%: for means and medians by bootstrap, %d resamples (seed %d), corrected for bias and skewness (BCa); for shares Wilson's; for Kaplan-Meier medians log-log.\n"+
		"- Tests, all two-sided: Mann-Whitney for counts and for the hours of answered threads (exact where the smaller sample has up to 8 values and none is tied, else normal, corrected for ties and continuity) with Cliff's delta; "+
		"two proportions for shares, or Fisher's test where fewer than 5 are expected, with the odds ratio; log-rank for the hours of all threads, open ones among them.\n"+
		"- p-values are corrected by Holm's method over all tests of the same measure and kind in a table: in the comparison those of the whole corpus and of its topics with every other corpus, "+
		"in the contrast those of all topics.\n"+
		"- Correlations: Kendall's tau-b over the topics, outliers left out, corrected by Holm's method over all.\n"+
		"- Views, scores and favorites grow with the age of a thread, and the corpora were written and seen in different years: their differences are of age too.\n"+
		"- The figures are of the data named above. None is a figure of arXiv 2411.10873, which studied other data with other settings.\n",
		until, 100*bs.Level, bs.Resamples, bs.Seed)
	b.WriteString(`
## Files

Each table is there for reading (.md, rounded) and for computing (.csv, in full).

- topics: what each topic is about
- threads.csv: the topic of each thread and how strongly it belongs to it
- popularity, difficulty, replies: figures per topic and of all threads
- corpora: the subject beside the other corpora
- comparison: tests of the subject and of its topics against the other corpora
- contrast: tests of each topic against all other threads of the subject
- correlation: whether popular topics are difficult
`)
	if c := s.Sweep; c != nil {
		fmt.Fprintf(&b, "- sweep: other settings beside those of the topics above: min_cluster_size %v, n_neighbors %v, topics merged to %v (0: as found), seeds %v\n",
			c.MinClusterSizes, c.Neighbors, c.Topics, c.Seeds)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// software is the program and its version.
func software() string {
	text := "gobertopic"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		text += " " + info.Main.Version
	}
	return text + ", " + runtime.Version() + ", " + runtime.GOARCH
}

// years says when threads were written, where they tell.
func years(threads []corpus.Thread) string {
	const day = "2006-01-02"
	first, last := "", ""
	for _, t := range threads {
		if t.Created.IsZero() {
			continue
		}
		at := t.Created.UTC().Format(day)
		if first == "" || at < first {
			first = at
		}
		last = max(last, at)
	}
	if first == "" {
		return ", without times"
	}
	return ", written from " + first + " to " + last
}
