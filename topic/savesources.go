package topic

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// hasPoints says whether a reducer made the points. Those of merged models are the embeddings.
func (s saved) hasPoints() bool { return (s.Reducer != nil || s.Online.reduces()) && s.Sources == 0 }

// saveSources writes the models that were merged.
func (m *Model) saveSources(dir string) error {
	if len(m.sources) == 0 {
		return nil
	}
	if err := os.Mkdir(filepath.Join(dir, sourcesDir), 0o755); err != nil {
		return err
	}
	for k, s := range m.sources {
		if err := s.Save(filepath.Join(dir, sourcesDir, strconv.Itoa(k))); err != nil {
			return fmt.Errorf("merged model %d: %w", k, err)
		}
	}
	return nil
}

// loadSources reads n models that were merged; nil when n is 0.
func loadSources(ctx context.Context, dir string, n int, with Config) ([]*Model, error) {
	var out []*Model
	for k := range n {
		m, err := Load(ctx, filepath.Join(dir, sourcesDir, strconv.Itoa(k)), with)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// holds reports merged models that are not those of m.
func (s saved) holds(m *Model) error {
	at, fitted := 0, m.firstPoints()
	for k, source := range m.sources {
		if source.embeddings.Cols != m.embeddings.Cols {
			return fmt.Errorf("merged model %d has embeddings of %d dimensions, want %d", k, source.embeddings.Cols, m.embeddings.Cols)
		}
		for _, doc := range source.docs {
			if at >= len(m.docs) || m.docs[at] != doc {
				return fmt.Errorf("merged model %d has other documents", k)
			}
			at++
		}
		fitted -= source.fitted()
	}
	if m.sources != nil && fitted != 0 {
		return fmt.Errorf("the merged models lack %d of the documents with text", fitted)
	}
	return nil
}
