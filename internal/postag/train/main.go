// Command train makes internal/postag/english.bin of the texts that texts.py wrote, and says how often the tagger agrees
// with spaCy on every twentieth text, which it is not trained on.
//
//	go run ./internal/postag/train TEXTS.jsonl… internal/postag/english.bin
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sort"

	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/internal/postag"
)

const rounds = 8

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: train TEXTS.jsonl… OUTPUT")
	}
	if err := run(os.Args[1:len(os.Args)-1], os.Args[len(os.Args)-1]); err != nil {
		log.Fatal(err)
	}
}

func run(inputs []string, output string) error {
	var train []postag.Text
	held := map[string][]postag.Text{}
	n := 0
	for _, path := range inputs {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			source, text, err := read(lines.Bytes())
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if n++; n%20 == 0 {
				held[source] = append(held[source], text)
			} else {
				train = append(train, text)
			}
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		f.Close()
	}
	tagger := postag.Train(train, rounds)
	f, err := atomicfile.Create(output)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := tagger.Write(f); err != nil {
		return err
	}
	if err := f.Commit(); err != nil {
		return err
	}
	fmt.Printf("%d texts\n", len(train))
	var sources []string
	for s := range held {
		sources = append(sources, s)
	}
	sort.Strings(sources)
	for _, s := range sources {
		report(s, tagger, held[s])
	}
	return nil
}

// read aligns the teacher's tokens with ours: a token has the tag of the teacher's at its beginning.
func read(line []byte) (source string, text postag.Text, err error) {
	var record []json.RawMessage
	var spans []any
	if err := json.Unmarshal(line, &record); err != nil {
		return "", text, err
	}
	for i, to := range []any{&source, &text.Text, &spans} {
		if err := json.Unmarshal(record[i], to); err != nil {
			return "", text, err
		}
	}
	at := make([]string, 0, len(text.Text)) // a tag per byte
	k, left, tag := 0, 0, ""
	gap := 0
	next := func() {
		if k < len(spans) {
			gap, left, tag = int(spans[k].(float64)), int(spans[k+1].(float64)), spans[k+2].(string)
			k += 3
		}
	}
	next()
	for _, r := range text.Text {
		mark := ""
		for gap == 0 && left == 0 && k < len(spans) {
			next()
		}
		if gap > 0 {
			gap--
		} else if left > 0 {
			mark = tag
			left--
		}
		for range len(string(r)) {
			at = append(at, mark)
		}
	}
	for _, s := range postag.Split(text.Text) {
		text.Tags = append(text.Tags, at[s.Start])
	}
	return source, text, nil
}

func report(source string, t *postag.Tagger, texts []postag.Text) {
	var words, right int
	var both, ours, theirs [2]int
	for _, text := range texts {
		spans, tags := t.Tag(text.Text)
		for i := range spans {
			if tags[i] == "PUNCT" || tags[i] == "SYM" {
				continue
			}
			words++
			if tags[i] == text.Tags[i] {
				right++
			}
			for k, tag := range []string{"NOUN", "ADJ"} {
				if tags[i] == tag {
					ours[k]++
				}
				if text.Tags[i] == tag {
					theirs[k]++
				}
				if tags[i] == tag && text.Tags[i] == tag {
					both[k]++
				}
			}
		}
	}
	f1 := func(k int) float64 { return 200 * float64(both[k]) / float64(ours[k]+theirs[k]) }
	fmt.Printf("%s: %d words, %.2f %% with spaCy's tag; F1 of NOUN %.1f, of ADJ %.1f\n", source, words, 100*float64(right)/float64(words), f1(0), f1(1))
}
