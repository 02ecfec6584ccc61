// Package postag tags the words of English texts with parts of speech. Its averaged perceptron (M. Collins, 2002,
// doi:10.3115/1118693.1118694) goes through a text once, from left to right; a token's tag depends on the words around it
// and on the tags of the two before it. Weights are hashed into a table of int8, so that a tag is a sum of whole numbers:
// the same on every machine.
//
// The weights are in the binary of a program that uses English. They were made by train from texts that are free to use,
// tagged by spaCy's en_core_web_sm; NOTICE has the licenses.
package postag

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"fmt"
	"io"
	"sync"
)

// Tags are the parts of speech of Universal Dependencies, without PUNCT and SYM, which are told by their characters.
var Tags = [...]string{"ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "SCONJ", "VERB", "X"}

const row = len(Tags)

// Tagger is a table of weights. It is immutable and safe for concurrent use.
type Tagger struct {
	weights []int8 // buckets × Tags
}

//go:embed english.bin
var english []byte

// English is the tagger in the binary.
var English = sync.OnceValues(func() (*Tagger, error) { return Read(bytes.NewReader(english)) })

// Read reads what Write wrote.
func Read(r io.Reader) (*Tagger, error) {
	t := &Tagger{make([]int8, buckets*row)}
	raw := make([]byte, len(t.weights))
	z := flate.NewReader(r)
	if _, err := io.ReadFull(z, raw); err != nil {
		return nil, fmt.Errorf("the tagger's weights: %w", err)
	}
	for i, b := range raw {
		t.weights[i] = int8(b)
	}
	return t, nil
}

// Tag finds the tokens of a text and their tags.
func (t *Tagger) Tag(text string) ([]Span, []string) {
	spans := Split(text)
	words := make([]word, len(spans))
	for i, s := range spans {
		words[i] = wordOf(text[s.Start:s.End])
	}
	tags := make([]string, len(spans))
	before, twoBefore := "^", "^"
	var f [features]uint32
	for i, w := range words {
		if w.punctuation() {
			tags[i] = punctuation(text[spans[i].Start:spans[i].End])
		} else {
			context(&f, words, i, before, twoBefore)
			var sum [row]int32
			for _, at := range f {
				for j, v := range t.weights[int(at)*row:][:row] {
					sum[j] += int32(v)
				}
			}
			best := 0
			for j, s := range sum {
				if s > sum[best] {
					best = j
				}
			}
			tags[i] = Tags[best]
		}
		twoBefore, before = before, tags[i]
	}
	return spans, tags
}

// punctuation is the tag of a token without letters and digits.
func punctuation(token string) string {
	switch token {
	case "$", "%", "+", "=", "<", ">", "^", "|", "~", "€", "£", "§", "©", "°":
		return "SYM"
	}
	return "PUNCT"
}
