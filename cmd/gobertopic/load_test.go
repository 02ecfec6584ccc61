package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
)

// TestLoadedModelCountsAsItWasFitted: the flags that name functions are kept with a model, and used again.
func TestLoadedModelCountsAsItWasFitted(t *testing.T) {
	input, npy := embedded(t, texts(90))
	stop := write(t, "stop.txt", "bread\n")
	dir := filepath.Join(t.TempDir(), "model")
	code, _, stderr := call(t.Context(), "", "fit", "--format", "lines", "--quiet", "--embeddings", npy, "--model", dir,
		"--stem", "english", "--tokens", "code", "--stop-words", "english,@"+stop, "--seed-words", "cat,dog", "--representation", "mmr:0.3", "--aspect", "plain=", "--aspect", "label=llm", "--llm-dry-run", input)
	require.Zero(t, code, stderr)

	bare, err := topic.Load(t.Context(), dir, topic.LoadOptions{})
	require.NoError(t, err)
	_, err = bare.MergeTopics(t.Context(), []int{0, 1})
	require.ErrorIs(t, err, topic.ErrUnsaved)
	for _, name := range []string{"Aspects", "Vocabulary.Stem", "Vocabulary.Tokenizer"} {
		require.ErrorContains(t, err, name)
	}
	require.NotContains(t, err.Error(), "Representers", "the file holds their settings")
	require.NoError(t, bare.Save(t.Context(), dir, topic.SaveOptions{}), "what it cannot use is not lost")

	var warned bytes.Buffer
	m, err := loadModel(t.Context(), dir, topic.LoadOptions{}, &warned)
	require.NoError(t, err)
	require.Empty(t, warned.String())
	require.Equal(t, bare.Topics(), m.Topics())
	merged, err := m.MergeTopics(t.Context(), []int{0, 1})
	require.NoError(t, err)
	require.NoError(t, merged.Check())
	require.Contains(t, merged.Topics()[0].Aspects, "plain")
	counts, err := merged.Counts()
	require.NoError(t, err)
	require.Contains(t, counts.Vocabulary, "imag", "stems")
	require.NotContains(t, counts.Vocabulary, "bread")

	require.NoError(t, os.Remove(stop)) // the list itself is in the model, but the flag cannot be read again
	m, err = loadModel(t.Context(), dir, topic.LoadOptions{}, &warned)
	require.NoError(t, err)
	require.Contains(t, warned.String(), "stop.txt")
	_, err = m.MergeTopics(t.Context(), []int{0, 1})
	require.ErrorIs(t, err, topic.ErrUnsaved)
}
