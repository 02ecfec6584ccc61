package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// read is the texts of a length, evenly spaced over their file.
func (o *options) read(length string) ([]string, error) {
	var all []string
	var err error
	n := 2000
	switch length {
	case "short":
		all, err = readLines(o.titles)
	case "long":
		n = 500
		all, err = readIssues(o.issues)
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

func readLines(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}

// readIssues is title and body of each line.
func readIssues(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var out []string
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var issue struct{ Title, Body string }
		if err := json.Unmarshal(lines.Bytes(), &issue); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(out)+1, err)
		}
		out = append(out, issue.Title+"\n"+issue.Body)
	}
	return out, lines.Err()
}
