package topic

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// savedFormat is what the JSON files of a model start with.
type savedFormat struct {
	Format  string
	Version int
}

var thisFormat = savedFormat{formatName, formatVersion}

// check reports another format.
func (f savedFormat) check() error {
	switch {
	case f.Format != formatName:
		return fmt.Errorf("is %q, want %q", f.Format, formatName)
	case f.Version < formatVersion:
		return fmt.Errorf("is of version %d, which an earlier gobertopic wrote, want version %d: fit and save the model again", f.Version, formatVersion)
	case f.Version > formatVersion:
		return fmt.Errorf("is of version %d, which a later gobertopic wrote, want version %d", f.Version, formatVersion)
	}
	return nil
}

// savedNotes is notes.json: small beside model.json, so that it can be read before the model is.
type savedNotes struct {
	savedFormat
	Notes map[string]string `json:",omitempty"`
}

// ReadNotes reads Config.Notes of a saved model, and nothing else of it. It fails as Load does.
func ReadNotes(dir string) (map[string]string, error) {
	var s savedNotes
	err := readJSON(filepath.Join(dir, notesFile), &s, &s.savedFormat)
	if errors.Is(err, fs.ErrNotExist) { // no model, or one of an earlier format
		var model saved
		if other := readJSON(filepath.Join(dir, modelFile), &model, &model.savedFormat); other != nil {
			err = other
		}
	}
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return s.Notes, nil
}

func writeJSON(path string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// readJSON reads a file into v, of which format is a part.
func readJSON(path string, v any, format *savedFormat) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	err = json.Unmarshal(text, v)
	if other := format.check(); other != nil && (err == nil || format.Format != "") { // the fields may differ because of it
		err = other
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
