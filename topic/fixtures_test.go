package topic_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
)

// fixtures holds a small saved model of each kind, as format 4 was when it was first written, and what
// each of them said. Every later version must load them and say the same. A kind that is added is
// written, and the others are left as they are, by
//
//	GOBERTOPIC_RECORD_MODELS=1 go test ./topic -run Fixtures
const fixtures = "testdata/models"

// said is what a model says of its topics, its documents and new ones.
type said struct {
	Assignments []topic.Assignment
	Names       []string
	Transform   []topic.Assignment
}

// answersOf asks a model.
func answersOf(t *testing.T, dir string) said {
	t.Helper()
	m, err := topic.Load(t.Context(), dir, topic.LoadOptions{Embedder: bagOfWords{}})
	require.NoError(t, err, dir)
	out := said{Assignments: m.Assignments()}
	for _, tp := range m.Topics() {
		out.Names = append(out.Names, tp.Name)
	}
	out.Transform, err = m.Transform(t.Context(), append(manyThemes(4, 3), themes(2)...))
	require.NoError(t, err, dir)
	require.NoError(t, m.Check(), dir)
	return out
}

func TestFixturesOfFormat4LoadExact(t *testing.T) {
	path := filepath.Join(fixtures, "answers.json")
	answers := map[string]said{}
	if text, err := os.ReadFile(path); err == nil {
		require.NoError(t, json.Unmarshal(text, &answers))
	}
	if os.Getenv("GOBERTOPIC_RECORD_MODELS") != "" {
		for name, dir := range savedModels(t) {
			name = strings.ReplaceAll(name, " ", "-")
			to := filepath.Join(fixtures, name)
			if _, ok := answers[name]; ok {
				continue
			}
			require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
			answers[name] = answersOf(t, to)
		}
		text, err := json.MarshalIndent(answers, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o644))
	}
	require.NotEmpty(t, answers)
	for name := range savedModels(t) {
		require.Contains(t, answers, strings.ReplaceAll(name, " ", "-"), "a kind without a fixture")
	}
	for name, want := range answers {
		dir := filepath.Join(fixtures, name)
		require.NoError(t, topic.Verify(t.Context(), dir), name)
		require.Equal(t, want, answersOf(t, dir), name)
	}
}
