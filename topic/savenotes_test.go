package topic_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
)

// TestNotesAreReadWithoutTheModel: notes come back with the model and without it, even where model.json is damaged.
func TestNotesAreReadWithoutTheModel(t *testing.T) {
	cfg := config()
	cfg.Notes = map[string]string{"made of": "three themes", "": "a note without a name"}
	m, err := topic.Fit(t.Context(), themes(20), cfg)
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(dir))
	notes, err := topic.ReadNotes(dir)
	require.NoError(t, err)
	require.Equal(t, cfg.Notes, notes)
	back, err := topic.Load(t.Context(), dir, topic.Config{Embedder: bagOfWords{}})
	require.NoError(t, err)
	require.Equal(t, cfg.Notes, back.Config().Notes)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.json"), []byte(`{"Format":`), 0o644))
	notes, err = topic.ReadNotes(dir)
	require.NoError(t, err)
	require.Equal(t, cfg.Notes, notes)
	_, err = topic.Load(t.Context(), dir, topic.Config{})
	require.ErrorContains(t, err, "model.json")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.json"), []byte("notes"), 0o644))
	_, err = topic.ReadNotes(dir)
	require.ErrorContains(t, err, "notes.json")
}

func TestOtherFormatsAreRefused(t *testing.T) {
	m, err := topic.Fit(t.Context(), themes(20), config())
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, m.Save(dir))
	path := filepath.Join(dir, "model.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	write := func(old, as string) {
		changed := strings.Replace(string(text), old, as, 1)
		require.NotEqual(t, string(text), changed)
		require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	}
	for _, c := range []struct{ old, as, says string }{
		{`"Version":3`, `"Version":2`, "version 2, which an earlier gobertopic wrote, want version 3: fit and save the model again"},
		{`"Version":3`, `"Version":4`, "version 4, which a later gobertopic wrote, want version 3"},
		{`"Version":3,"Seed":42`, `"Version":4,"Seed":"42"`, "version 4, which a later gobertopic wrote, want version 3"},
		{`gobertopic model`, `gobertopic muddle`, `is "gobertopic muddle", want "gobertopic model"`},
	} {
		write(c.old, c.as)
		_, err := topic.Load(t.Context(), dir, topic.Config{})
		require.ErrorContains(t, err, "load: "+path+": ")
		require.ErrorContains(t, err, c.says)
	}
	// A model of an earlier format has no notes.json.
	write(`"Version":3`, `"Version":2`)
	require.NoError(t, os.Remove(filepath.Join(dir, "notes.json")))
	_, err = topic.ReadNotes(dir)
	require.ErrorContains(t, err, "fit and save the model again")
	_, err = topic.ReadNotes(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "model.json")
}
