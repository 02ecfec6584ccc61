package represent

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
)

// Unit is what the length of a document is counted in.
type Unit string

// The units. BERTopic's tokenizer calls them "char", "whitespace", and an object with encode and decode.
const (
	Characters Unit = "characters" // code points
	Words      Unit = "words"      // what white space separates; what is kept is joined by single spaces
	Tokens     Unit = "tokens"     // of a tokenizer
)

// Limit is how much of a document is kept: its beginning. The zero value keeps all.
type Limit struct {
	// N is the most units kept, at least 1; 0 keeps whole documents.
	N int
	// Unit is what N counts. Required with N.
	Unit Unit
	// Count counts the tokens of a text; more text never has fewer. nil means the word pieces of the model's embedder, which
	// must have a tokenizer, as those of this module have that read BERT's vocabularies.
	Count func(text string) int
}

func (l Limit) validate() error {
	var f check.Fields
	f.Want(l.N >= 0, "represent.Limit.N", l.N, "0 (whole documents) or more")
	if l.N > 0 {
		f.Want(l.Unit == Characters || l.Unit == Words || l.Unit == Tokens, "represent.Limit.Unit", fmt.Sprintf("%q", string(l.Unit)), "Characters, Words or Tokens")
	}
	return f.Err()
}

func (l Limit) needsEmbedder() bool { return l.N > 0 && l.Unit == Tokens && l.Count == nil }

// cutter is the function that keeps the limit.
func (l Limit) cutter(v topic.View) (func(string) string, error) {
	switch {
	case l.N == 0:
		return func(text string) string { return text }, nil
	case l.Unit == Characters:
		return func(text string) string {
			n := 0
			for i := range text {
				if n == l.N {
					return text[:i]
				}
				n++
			}
			return text
		}, nil
	case l.Unit == Words:
		return func(text string) string {
			words := strings.Fields(text)
			return strings.Join(words[:min(len(words), l.N)], " ")
		}, nil
	}
	count := l.Count
	if count == nil {
		if count = pieces(v.Embedder); count == nil {
			return nil, errors.New("represent.Limit.Count is missing, and the embedder has no tokenizer: want a function that counts tokens")
		}
	}
	return func(text string) string { return cutTokens(text, l.N, count) }, nil
}

// counter is the function that estimates the tokens of a text.
func (l Limit) counter(v topic.View) func(string) int {
	if l.Count != nil {
		return l.Count
	}
	if count := pieces(v.Embedder); count != nil {
		return count
	}
	return func(text string) int { return (len(text) + 3) / 4 }
}

// cutTokens is the longest beginning of text that has at most n tokens and ends where a word ends, or inside a word that is
// itself longer than longWord tokens, as in Chinese. (Inside a common word the number does not rise with every character.)
// It is found by doubling and halving, so that the cost is that of the beginning.
func cutTokens(text string, n int, count func(string) int) string {
	fits := func(end int) bool { return count(text[:end]) <= n }
	end := 8 * n // bytes
	for ; end < len(text); end *= 2 {
		for most := end + 256; end < min(most, len(text)) && text[end] > ' '; end++ { // to the end of a word
		}
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end++
		}
		if end < len(text) && !fits(end) {
			break
		}
	}
	end = min(end, len(text))
	if end == len(text) && fits(end) {
		return text
	}
	ends := []int{0} // of the words
	inWord := false
	for i, r := range text[:end] {
		if space := unicode.IsSpace(r); space && inWord {
			ends, inWord = append(ends, i), false
		} else if !space {
			inWord = true
		}
	}
	if inWord {
		ends = append(ends, end)
	}
	k := sort.Search(len(ends), func(k int) bool { return !fits(ends[k]) })
	if k == 0 { // nothing fits, not even the empty text
		return ""
	}
	from := ends[k-1]
	if k < len(ends) && (k == 1 || count(text[from:ends[k]]) > longWord) {
		var starts []int // of the characters of the word that does not fit
		for i := range text[from:ends[k]] {
			starts = append(starts, from+i)
		}
		at := sort.Search(len(starts), func(i int) bool { return !fits(starts[i]) }) - 1
		for at > 0 && !fits(starts[at]) {
			at--
		}
		from = starts[max(at, 0)]
	}
	return strings.TrimSpace(text[:from])
}

// longWord is more tokens than a word has in most languages that put spaces between words.
const longWord = 16

// pieces counts the word pieces of a text, or is nil when e has none. BERT's tokenizer splits at white space first, so
// words are counted one by one, and no limit of the encoder cuts the count short.
func pieces(e stage.Embedder) func(string) int {
	t, ok := e.(interface {
		Tokens(text string) (ids []int32, cut bool)
	})
	if !ok {
		return nil
	}
	around, _ := t.Tokens("") // [CLS] and [SEP]
	var count func(word string) int
	count = func(word string) int {
		ids, cut := t.Tokens(word)
		if !cut || len(word) < 2*utf8.UTFMax {
			return len(ids) - len(around)
		}
		half := len(word) / 2 // a word longer than the encoder reads, as in Chinese
		for !utf8.RuneStart(word[half]) {
			half--
		}
		return count(word[:half]) + count(word[half:])
	}
	return func(text string) int {
		n := 0
		for word := range strings.FieldsSeq(text) {
			n += count(word)
		}
		return n
	}
}
