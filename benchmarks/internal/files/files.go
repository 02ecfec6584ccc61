// Package files reads the texts that benchmarks measure with.
package files

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Lines are the lines of a file.
func Lines(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
}

// Numbers are the numbers of the lines of a file, in the order in which different lines come.
func Numbers(path string) ([]int, error) {
	lines, err := Lines(path)
	if err != nil {
		return nil, err
	}
	number := map[string]int{}
	out := make([]int, len(lines))
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if _, ok := number[l]; !ok {
			number[l] = len(number)
		}
		out[i] = number[l]
	}
	return out, nil
}

// Issue is a line of issues_en.jsonl.gz.
type Issue struct{ Repo, Title, Body string }

// Issues are the lines of issues_en.jsonl.gz.
func Issues(path string) ([]Issue, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<26)
	var out []Issue
	for lines.Scan() {
		var issue Issue
		if err := json.Unmarshal(lines.Bytes(), &issue); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(out)+1, err)
		}
		out = append(out, issue)
	}
	return out, lines.Err()
}
