// Command clean finds the near-duplicates among short texts with package dedup and with datasketch, in turn, each in a
// process of its own, and compares both with comparing every text with every other.
//
//	go run ./benchmarks/clean -titles so20k/title_StackOverflow.txt -rows 100000 -python ~/gobertopic-peers/bin/python
//
// The texts are the titles, each with the first half of one and the second half of another, drawn with a fixed seed; one
// in five is an earlier text with one or two characters changed. Both sides make shingles of five characters of the same
// normalised texts and 128 MinHash values, and go through the texts in order: one that is like an earlier text that was
// kept is dropped. datasketch calls a text a duplicate when one of the bands that it chooses for the threshold agrees
// ("bands"), which is how it is used, or has the bands of package dedup and compares the shingles too ("compared"). Recall is over the first -brute texts.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
	"github.com/gobertopic/gobertopic/corpus/dedup"
	"github.com/gobertopic/gobertopic/internal/resident"
)

type result struct {
	System  string  `json:"system"`
	Seconds float64 `json:"seconds"`
	PeakMB  float64 `json:"peak_mb"`
	Dropped []int   `json:"dropped"`
}

func main() {
	titles := flag.String("titles", "", "file of titles, one a line")
	rows := flag.Int("rows", 100000, "texts")
	brute := flag.Int("brute", 20000, "texts of which all pairs are compared, 0 for none")
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	one := flag.String("find", "", "find the duplicates in this file and print JSON; used by the program itself")
	workers := flag.Int("workers", 0, "with -find, workers")
	flag.Parse()
	err := error(nil)
	if *one != "" {
		err = find(*one, *workers)
	} else {
		err = run(*titles, *python, *rows, *brute)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clean:", err)
		os.Exit(1)
	}
}

func run(titles, python string, rows, brute int) error {
	lines, err := files.Lines(titles)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "gobertopic-clean-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	texts := corpus(lines, rows)
	path := filepath.Join(tmp, "texts.txt")
	if err := os.WriteFile(path, []byte(strings.Join(texts, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	commands := [][]string{{self, "-find", path, "-workers", "1"}, {self, "-find", path, "-workers", "2"}}
	if python != "" {
		commands = append(commands, []string{python, "benchmarks/peers/minhash.py", path, "bands"}, []string{python, "benchmarks/peers/minhash.py", path, "compared"})
	}
	fmt.Println("| system | seconds | peak MB | dropped | recall | precision |\n|---|--:|--:|--:|--:|--:|")
	var truth []bool
	if brute > 0 {
		truth = compareAll(texts[:min(brute, rows)])
	}
	for _, c := range commands {
		cmd := exec.Command(c[0], c[1:]...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
		}
		var r result
		if err := json.Unmarshal(out, &r); err != nil {
			return err
		}
		there, found, wrong := 0, 0, 0
		dropped := make([]bool, rows)
		for _, i := range r.Dropped {
			dropped[i] = true
		}
		for i, is := range truth {
			switch {
			case is && dropped[i]:
				found++
			case dropped[i]:
				wrong++
			}
			if is {
				there++
			}
		}
		quality := "|  "
		if there > 0 {
			quality = fmt.Sprintf("| %.4f | %.4f", float64(found)/float64(there), float64(found)/float64(max(found+wrong, 1)))
		}
		fmt.Printf("| %s | %.2f | %.0f | %d %s |\n", r.System, r.Seconds, r.PeakMB, len(r.Dropped), quality)
	}
	return nil
}

// corpus is n texts, normalised as package dedup does it, so that both sides have the same shingles.
func corpus(titles []string, n int) []string {
	r := rand.New(rand.NewPCG(42, 1))
	var texts []string
	for len(texts) < n {
		if len(texts) > 0 && r.IntN(5) == 0 {
			t := []byte(texts[r.IntN(len(texts))])
			for range 1 + r.IntN(2) {
				t[r.IntN(len(t))] = byte('a' + r.IntN(26))
			}
			texts = append(texts, string(t))
			continue
		}
		a, b := strings.Fields(titles[r.IntN(len(titles))]), strings.Fields(titles[r.IntN(len(titles))])
		t := strings.Join(append(append([]string{}, a[:(len(a)+1)/2]...), b[len(b)/2:]...), " ")
		t = strings.Join(strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
		if len(t) > 4 {
			texts = append(texts, t)
		}
	}
	return texts
}

func find(path string, workers int) error {
	texts, err := files.Lines(path)
	if err != nil {
		return err
	}
	cfg := dedup.DefaultConfig()
	cfg.Workers = workers
	began := time.Now()
	matches, err := dedup.Find(context.Background(), texts, cfg)
	if err != nil {
		return err
	}
	r := result{System: fmt.Sprintf("gobertopic, workers: %d", workers), Seconds: time.Since(began).Seconds(), PeakMB: resident.PeakMB()}
	for i, m := range matches {
		if m.Of >= 0 {
			r.Dropped = append(r.Dropped, i)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// compareAll is whether each text is like an earlier one that is kept, found by strings alone: no hash of ours.
func compareAll(texts []string) []bool {
	number := map[string]int32{}
	sets := make([][]int32, len(texts))
	for i, text := range texts {
		runes := []rune(text)
		seen := map[int32]bool{}
		for k := 0; k+5 <= max(len(runes), 5); k++ {
			s := string(runes[k:min(k+5, len(runes))])
			if _, ok := number[s]; !ok {
				number[s] = int32(len(number))
			}
			if !seen[number[s]] {
				seen[number[s]] = true
				sets[i] = append(sets[i], number[s])
			}
		}
	}
	postings := make([][]int32, len(number)) // of the kept texts
	dropped := make([]bool, len(texts))
	both := make([]int32, len(texts))
	for i, set := range sets {
		clear(both)
		for _, s := range set {
			for _, j := range postings[s] {
				both[j]++
			}
		}
		for j := range i {
			if b := int(both[j]); b > 0 && float64(b)/float64(len(set)+len(sets[j])-b) >= 0.8 {
				dropped[i] = true
				break
			}
		}
		if !dropped[i] {
			for _, s := range set {
				postings[s] = append(postings[s], int32(i))
			}
		}
	}
	return dropped
}
