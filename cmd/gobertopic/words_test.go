package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// embedded is a corpus with its embeddings, so that each fit is quick.
func embedded(t *testing.T, docs string) (input, npy string) {
	t.Helper()
	input, npy = write(t, "texts.txt", docs), filepath.Join(t.TempDir(), "e.npy")
	code, _, stderr := call(t.Context(), "", "fit", "--format", "lines", "--quiet", "--save-embeddings", npy, input)
	require.Zero(t, code, stderr)
	return input, npy
}

func TestWordFlags(t *testing.T) {
	input, npy := embedded(t, texts(60))
	own := write(t, "stop.txt", "neural\n\nbread \n")
	topicsOf := func(flags ...string) string {
		out := filepath.Join(t.TempDir(), "topics.json")
		args := append([]string{"fit", "--format", "lines", "--quiet", "--embeddings", npy, "--topics", out, input}, flags...)
		code, _, stderr := call(t.Context(), "", args...)
		require.Zero(t, code, "%v: %s", flags, stderr)
		text, err := os.ReadFile(out)
		require.NoError(t, err)
		return string(text)
	}
	terms := func(flags ...string) string {
		var topics []struct{ Terms []struct{ Term string } }
		require.NoError(t, json.Unmarshal([]byte(topicsOf(flags...)), &topics))
		var all []string
		for _, tp := range topics {
			for _, term := range tp.Terms {
				all = append(all, term.Term)
			}
		}
		require.NotEmpty(t, all, flags)
		return "," + strings.Join(all, ",") + ","
	}
	require.NotContains(t, terms(), ",with,", "English stop words are left out by default")
	plain := terms("--stop-words", "none")
	for _, word := range []string{"the", "neural", "with"} {
		require.Contains(t, plain, ","+word+",")
	}
	require.NotContains(t, terms("--stop-words", "english"), ",with,")
	require.NotContains(t, terms("--stop-words", "english,@"+own), ",bread,")
	require.Contains(t, terms("--ngram", "2,2"), ",neural network,")
	require.Contains(t, terms("--stem", "english"), ",imag,")
	require.Contains(t, terms("--tokens", "char", "--ngram", "3,3"), ", ne,")
	require.Contains(t, terms("--tokens", "unicode"), ",car's,")
	require.Contains(t, terms("--tokens", "pairs"), ",car's,")
	require.Contains(t, terms("--tokens", "code"), ",neural,")
	require.NotContains(t, terms("--token-pattern", "[a-e]+"), "neural")
	require.NotContains(t, terms("--min-df", "2", "--stop-words", "none"), ",neural,")
	require.Contains(t, terms("--min-df", "2", "--stop-words", "none"), ",for,")
	require.NotContains(t, terms("--max-df", "0.4", "--stop-words", "none"), ",for,")
	require.Contains(t, terms("--seed-words", "recipe", "--seed-multiplier", "100"), ",recipe,")
	for _, w := range []string{"bm25", "npmi", "fighting-words", "soft", "centroid"} {
		require.NotEqual(t, topicsOf(), topicsOf("--weighting", w), w)
	}
	terms("--reduce-frequent-words", "--binary", "--max-features", "20", "--strip-accents", "unicode")
}

func TestCleanFlags(t *testing.T) {
	docs := filepath.Join(t.TempDir(), "topics.json")
	var in strings.Builder
	for range 30 {
		in.WriteString(`{"text":"<p>Broken <b>bread</b></p><pre>traceback</pre>"}` + "\n")
	}
	for _, keep := range []bool{false, true} {
		args := []string{"fit", "--format", "jsonl", "--quiet", "--clean", "html", "--topics", docs, "-"}
		if keep {
			args = append(args, "--keep-code")
		}
		code, _, stderr := call(t.Context(), in.String(), args...)
		require.Zero(t, code, stderr)
		text, err := os.ReadFile(docs)
		require.NoError(t, err)
		require.Contains(t, string(text), `"bread"`)
		require.Equal(t, keep, strings.Contains(string(text), `"traceback"`))
		require.NotContains(t, string(text), `"pre"`)
	}
}

func TestBadWordFlags(t *testing.T) {
	good := write(t, "good.txt", texts(30))
	for says, flags := range map[string][]string{
		"--stop-words: ctfidf: no stop words for \"klingon\"": {"--stop-words", "klingon"},
		"--ngram is \"2\"":                          {"--ngram", "2"},
		"--ngram is \"2,1\"":                        {"--ngram", "2,1"},
		"--ngram is \"1,2,3\"":                      {"--ngram", "1,2,3"},
		"--stem: stem: no stemmer for \"klingon\"":  {"--stem", "klingon"},
		"--tokens is \"sentence\"":                  {"--tokens", "sentence"},
		"--token-pattern: words":                    {"--token-pattern", "(a"},
		"ctfidf.Config.StripAccents":                {"--strip-accents", "all"},
		"ctfidf.Config.MaxFeatures":                 {"--max-features", "-1"},
		"--min-df is \"0\"":                         {"--min-df", "0"},
		"--max-df is \"1.5\"":                       {"--max-df", "1.5"},
		"--weighting is \"tf\"":                     {"--weighting", "tf"},
		"--seed-multiplier is 0":                    {"--seed-multiplier", "0"},
		"--seed-words go with --weighting c-tf-idf": {"--weighting", "npmi", "--seed-words", "a"},
		"--keep-code goes with --clean html":        {"--keep-code"},
		"--clean is \"pdf\"":                        {"--clean", "pdf"},
	} {
		code, stdout, stderr := call(t.Context(), "", append([]string{"fit", "--format", "lines", "--quiet", good}, flags...)...)
		require.Equal(t, exitUsage, code, "%v: %s", flags, stderr)
		require.Empty(t, stdout)
		require.Contains(t, stderr, says)
	}
	code, _, stderr := call(t.Context(), "", "fit", "--format", "lines", "--quiet", "--stop-words", "@nowhere.txt", good)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "nowhere.txt")
}

// TestImpossibleWordBounds checks that bounds that leave no term are errors that name both bounds where they
// exclude each other, and a warning where no word of the corpus fulfills them.
func TestImpossibleWordBounds(t *testing.T) {
	input, npy := embedded(t, texts(60))
	fit := func(flags ...string) (code int, stderr string) {
		args := append([]string{"fit", "--format", "lines", "--granularity", "3", "--embeddings", npy, input}, flags...)
		code, _, stderr = call(t.Context(), "", args...)
		return code, stderr
	}
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--max-df", "0.0001"}, "MaxDF is Share 0.0001, want at least ctfidf.Config.MinDF"},
		{[]string{"--max-df", "1", "--min-df", "3"}, "MaxDF is Count 1, want at least ctfidf.Config.MinDF (Count 3)"},
	} {
		code, stderr := fit(c.flags...)
		require.Equal(t, exitFailed, code, "%v: %s", c.flags, stderr)
		require.Contains(t, stderr, c.want)
	}
	for _, flags := range [][]string{{"--min-df", "1000"}, {"--ngram", "40,40"}, {"--token-pattern", "xyzzy"}} {
		code, stderr := fit(flags...)
		require.Zero(t, code, "%v: %s", flags, stderr)
		require.Contains(t, stderr, "empty vocabulary; the topics have no terms", "%v", flags)
	}
	for _, flags := range [][]string{
		{"--min-df", "1.5"}, {"--min-df", "-1"}, {"--ngram", "0,1"}, {"--token-pattern", "(a)(b)"}, {"--token-pattern", "["},
	} {
		code, stderr := fit(flags...)
		require.Equal(t, exitUsage, code, "%v: %s", flags, stderr)
		require.Contains(t, stderr, flags[0], "%v", flags)
	}
}
