package main

import (
	"fmt"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
)

// read is the texts of a length, evenly spaced over their file.
func (o *options) read(length string) ([]string, error) {
	var all []string
	var err error
	n := 2000
	switch length {
	case "short":
		all, err = files.Lines(o.titles)
	case "long":
		n = 500
		var issues []files.Issue
		issues, err = files.Issues(o.issues)
		for _, issue := range issues {
			all = append(all, issue.Title+"\n"+issue.Body)
		}
	default:
		return nil, fmt.Errorf("-texts has %q, want short or long", length)
	}
	if err != nil {
		return nil, err
	}
	if len(all) < n {
		return nil, fmt.Errorf("there are %d %s texts, want at least %d", len(all), length, n)
	}
	return spaced(all, n), nil
}

func spaced(all []string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}
