package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
)

// writeCorpora writes each corpus to a file of its name in dir, one JSON array [class, text] per line.
func writeCorpora(data, dir string) (names []string, err error) {
	titles, err := files.Lines(filepath.Join(data, "so20k", "title_StackOverflow.txt"))
	if err != nil {
		return nil, err
	}
	labels, err := files.Lines(filepath.Join(data, "so20k", "label_StackOverflow.txt"))
	if err != nil {
		return nil, err
	}
	if len(titles) != len(labels) {
		return nil, fmt.Errorf("%d titles and %d labels", len(titles), len(labels))
	}
	classes := make([]int, len(labels))
	for i, l := range labels {
		if classes[i], err = strconv.Atoi(strings.TrimSpace(l)); err != nil {
			return nil, err
		}
	}
	if err := write(filepath.Join(dir, "so20k"), classes, titles); err != nil {
		return nil, err
	}

	issues, err := files.Issues(filepath.Join(data, "llm_app_issues", "issues_en.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	classes = nil
	var docs []string
	number := map[string]int{} // of repositories, as they come
	for _, issue := range issues {
		if _, ok := number[issue.Repo]; !ok {
			number[issue.Repo] = len(number)
		}
		classes = append(classes, number[issue.Repo])
		docs = append(docs, issue.Title+"\n"+issue.Body)
	}
	if err := write(filepath.Join(dir, "llm_app_issues"), classes, docs); err != nil {
		return nil, err
	}

	const n = 1_000_000
	rng := rand.New(rand.NewPCG(1, 2))
	classes, docs = make([]int, n), make([]string, n)
	for i := range docs {
		a, b := strings.Fields(titles[rng.IntN(len(titles))]), strings.Fields(titles[rng.IntN(len(titles))])
		docs[i] = strings.Join(append(a[:len(a)/2:len(a)/2], b[len(b)/2:]...), " ")
		classes[i] = rng.IntN(200) - 1
	}
	return []string{"so20k", "llm_app_issues", "million"}, write(filepath.Join(dir, "million"), classes, docs)
}

func write(path string, classes []int, texts []string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	e := json.NewEncoder(w)
	for i, text := range texts {
		if err := e.Encode([]any{classes[i], text}); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
