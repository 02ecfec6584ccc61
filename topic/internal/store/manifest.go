package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	manifestName = "model.json"
	formatName   = "gobertopic model"
	version      = 4

	maxManifest = 4 << 20 // bytes of a manifest
	maxName     = 255     // bytes of the name of a section
)

// manifest is the content of model.json. The keys are part of the format.
type manifest struct {
	Format     string    `json:"Format"`
	Version    int       `json:"Version"`
	Generation int64     `json:"Generation"` // from 1; the files are in gen-N
	Files      []entry   `json:"Files"`      // named 0, 1, …
	Sections   []section `json:"Sections"`
	// Former lists what a model of format 3 left in the directory that this one replaced.
	Former []string `json:"Former,omitempty"`
}

// entry describes a file.
type entry struct {
	Bytes  int64  `json:"Bytes"`
	SHA256 string `json:"SHA256"` // lower-case hexadecimal digits
}

// section is the place of a section.
type section struct {
	Name string `json:"Name"`
	location
}

// location is a range of bytes of a file.
type location struct {
	File   int   `json:"File"`
	Offset int64 `json:"Offset"`
	Bytes  int64 `json:"Bytes"`
}

func generationDir(n int64) string { return "gen-" + strconv.FormatInt(n, 10) }

// encode returns the text of a manifest, which ends with the hash of all that comes before it.
func (m *manifest) encode() ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	text = seal(text[:len(text)-1])
	if len(text) > maxManifest {
		return nil, fmt.Errorf("%d sections are too many: their list takes %d bytes, want at most %d", len(m.Sections), len(text), maxManifest)
	}
	return text, nil
}

// seal appends the hash to the text of a manifest without its closing brace.
func seal(text []byte) []byte {
	sum := sha256.Sum256(text)
	return fmt.Appendf(text, ",\"SHA256\":\"%x\"}\n", sum)
}

var sealLength = len(seal(nil))

// decodeManifest returns the manifest of a text that encode returned. It accepts no other text, so
// that fields that are unknown, repeated or written in another way are errors.
func decodeManifest(file string, text []byte) (*manifest, error) {
	damaged := func(why string, args ...any) (*manifest, error) {
		return nil, &DamagedError{file, fmt.Sprintf(why, args...)}
	}
	v, ok := versionOf(text)
	switch {
	case !ok:
		return damaged("it is not the manifest of a model")
	case v != version:
		return nil, &VersionError{file, v}
	case len(text) > maxManifest:
		return damaged("it is longer than %d bytes", maxManifest)
	case len(text) < sealLength:
		return damaged("it is cut short")
	}
	body := text[:len(text)-sealLength]
	if !bytes.Equal(seal(slices.Clone(body)), text) {
		return damaged("its hash is not that of its content")
	}
	var m manifest
	d := json.NewDecoder(io.MultiReader(bytes.NewReader(body), strings.NewReader("}")))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return damaged("%v", err)
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, text) {
		return damaged("it is not in the form in which manifests are written")
	}
	if err := m.check(); err != nil {
		return damaged("%v", err)
	}
	return &m, nil
}

// versionOf returns the version of the format in which a manifest that begins with text is
// written. It reads no further than the number, for a manifest of format 3 holds all documents.
func versionOf(text []byte) (v int, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	for _, want := range []json.Token{json.Delim('{'), "Format", formatName, "Version"} {
		if got, err := d.Token(); err != nil || got != want {
			return 0, false
		}
	}
	if err := d.Decode(&v); err != nil || v < 1 {
		return 0, false
	}
	return v, true
}

// check reports values that contradict each other.
func (m *manifest) check() error {
	if m.Generation < 1 {
		return fmt.Errorf("generation %d, want at least 1", m.Generation)
	}
	for i, e := range m.Files {
		if sum, err := hex.DecodeString(e.SHA256); err != nil || len(sum) != sha256.Size || strings.ToLower(e.SHA256) != e.SHA256 {
			return fmt.Errorf("file %d has the SHA-256 %q", i, e.SHA256)
		}
		if e.Bytes < 0 {
			return fmt.Errorf("file %d has %d bytes", i, e.Bytes)
		}
	}
	used := make([]bool, len(m.Files))
	names := namespace{}
	for _, s := range m.Sections {
		if err := names.add(s.Name); err != nil {
			return err
		}
		if s.File < 0 || s.File >= len(m.Files) {
			return fmt.Errorf("section %q is in file %d of %d", s.Name, s.File, len(m.Files))
		}
		if all := m.Files[s.File].Bytes; s.Offset < 0 || s.Bytes < 0 || s.Offset > all || s.Bytes > all-s.Offset {
			return fmt.Errorf("section %q is bytes %d to %d+%d of %d of file %d", s.Name, s.Offset, s.Offset, s.Bytes, all, s.File)
		}
		used[s.File] = true
	}
	if i := slices.Index(used, false); i >= 0 {
		return fmt.Errorf("file %d has no section", i)
	}
	for _, name := range m.Former {
		if !slices.Contains(formerNames, name) {
			return fmt.Errorf("%q was no part of a model", name)
		}
	}
	return nil
}

// namespace holds the names of sections (true) and of the directories that they lie in (false).
type namespace map[string]bool

// add adds a section, or reports why it cannot have that name.
func (n namespace) add(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if isSection, taken := n[name]; taken && isSection {
		return fmt.Errorf("section %q is there already", name)
	} else if taken {
		return fmt.Errorf("section %q: other sections lie below that name", name)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if n[dir] {
			return fmt.Errorf("section %q lies below the section %q", name, dir)
		}
	}
	n[name] = true
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		n[dir] = false
	}
	return nil
}

// checkName reports a name that a section cannot have.
func checkName(name string) error {
	if !fs.ValidPath(name) || name == "." || len(name) > maxName {
		return fmt.Errorf("section %q: want a slash-separated relative path of at most %d bytes", name, maxName)
	}
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("._-/", c):
		default:
			return fmt.Errorf("section %q: want letters and digits of ASCII, '.', '_', '-' and '/'", name)
		}
	}
	return nil
}

// readManifest reads the manifest of a directory.
func readManifest(dir string) (text []byte, m *manifest, err error) {
	file := filepath.Join(dir, manifestName)
	f, err := openRegular(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if text, err = io.ReadAll(io.LimitReader(f, maxManifest+1)); err != nil {
		return nil, nil, err
	}
	m, err = decodeManifest(file, text)
	return text, m, err
}
