package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readAll reads a model in every way there is.
func readAll(dir string) (err error) {
	r, err := Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for name := range r.sections {
		if _, err := fs.ReadFile(r, name); err != nil {
			return err
		}
		if _, err := r.Bytes(name); err != nil {
			return err
		}
		if strings.HasSuffix(name, ".npy") {
			if _, err := r.ReadMatrix(name); err != nil {
				return err
			}
		}
	}
	return r.Verify(context.Background())
}

// writeSmall writes a model with a file of each kind: 0 has small sections, 1 is read into memory,
// 2 and 3 are mapped.
func writeSmall(t *testing.T, dir string, first float32) {
	t.Helper()
	require.NoError(t, Write(dir, func(w *Writer) error {
		for _, name := range []string{"a/settings.json", "b/settings.json"} {
			f, err := w.Create(name)
			if err == nil {
				_, err = fmt.Fprintf(f, `{"Name":"%s","First":%g}`, name, first)
			}
			if err != nil {
				return err
			}
		}
		return errors.Join(
			w.WriteMatrix("a/small.npy", newMatrix(5, 3, 3, first)),
			w.WriteMatrix("memory.npy", newMatrix(165, 100, 100, first)),
			w.WriteMatrix("mapped.npy", newMatrix(2900, 100, 100, first)),
			w.WriteMatrix("mapped2.npy", newMatrix(2900, 100, 100, first+1)),
			w.WriteMatrix("b/same.npy", newMatrix(2900, 100, 100, first)),
		)
	}))
	require.Equal(t, []string{"gen-1/0", "gen-1/1", "gen-1/2", "gen-1/3", "model.json"}, entries(t, dir))
	require.NoError(t, readAll(dir))
}

// requireNames reports an error that does not name the file.
func requireNames(t *testing.T, err error, file string, change ...any) {
	t.Helper()
	var damaged *DamagedError
	var format *VersionError
	switch {
	case errors.As(err, &damaged) && damaged.File == file, errors.As(err, &format) && format.File == file:
		return
	case err == nil:
		t.Fatalf("%s: %v: accepted", file, change)
	}
	t.Fatalf("%s: %v: %v", file, change, err)
}

// change calls test while a file has another content.
func change(t *testing.T, file string, content []byte, test func()) {
	t.Helper()
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, content, 0o600))
	test()
	require.NoError(t, os.WriteFile(file, old, 0o600))
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	writeSmall(t, dir, 1)
	r := openModel(t, dir)
	rng := rand.New(rand.NewPCG(1, 2))
	few := testing.Short() || raceEnabled
	for _, name := range entries(t, dir) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		require.NoError(t, err)
		for i := range content {
			// Each byte of a small file in a new Reader, of the next one in a Reader that is
			// open, and some bytes of the large ones.
			large := len(content) > smallBytes
			full := !large || i%997 == 0
			if len(content) > maxPacked && i%9973 != 0 || few && i%97 != 0 && !full {
				continue
			}
			flip := 1 << rng.IntN(8)
			if i%2 == 0 {
				flip = 1 + rng.IntN(255)
			}
			_, err := f.WriteAt([]byte{content[i] ^ byte(flip)}, int64(i))
			require.NoError(t, err)
			if large {
				for _, s := range r.files {
					if s.path == file {
						requireNames(t, s.verify(context.Background()), file, i, flip)
					}
				}
			}
			if full {
				requireNames(t, readAll(dir), file, i, flip)
			}
			_, err = f.WriteAt(content[i:i+1], int64(i))
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}
	require.NoError(t, readAll(dir))
	require.NoError(t, r.Verify(t.Context()))
}

func TestEveryLengthIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	writeSmall(t, dir, 1)
	for _, name := range entries(t, dir) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for n := len(content) - 1; n >= 0; n-- {
			require.NoError(t, os.Truncate(file, int64(n)))
			_, err := Open(dir)
			requireNames(t, err, file, n)
			if n > 2000 {
				n -= n / 50
			}
		}
		require.NoError(t, os.WriteFile(file, content, 0o600))
		for _, more := range [][]byte{{0}, {'\n'}, bytes.Repeat([]byte{' '}, 5<<20), content} {
			change(t, file, append(bytes.Clone(content), more...), func() { requireNames(t, readAll(dir), file, len(more)) })
		}
	}
	require.NoError(t, readAll(dir))
}

// A file can also change its length while the model is open.
func TestLengthChangesAfterOpen(t *testing.T) {
	for _, larger := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "model")
		writeSmall(t, dir, 1)
		r := openModel(t, dir)
		for _, f := range r.files {
			size := f.want.Bytes - 1
			if larger {
				size += 2
			}
			require.NoError(t, os.Truncate(f.path, size))
			requireNames(t, f.verify(context.Background()), f.path)
			if !larger {
				_, err := f.bytes()
				requireNames(t, err, f.path)
				_, err = f.reader(location{Bytes: 1})
				requireNames(t, err, f.path)
			}
		}
	}
}

func TestRemovedAndAddedFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	writeSmall(t, dir, 1)
	gen := filepath.Join(dir, "gen-1")
	for _, name := range append(entries(t, dir), "gen-1") {
		file := filepath.Join(dir, filepath.FromSlash(name))
		aside := filepath.Join(t.TempDir(), "aside")
		require.NoError(t, os.Rename(file, aside))
		err := readAll(dir)
		if name == manifestName {
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
		require.ErrorContains(t, err, file)
		require.NoError(t, os.Rename(aside, file))

		// A directory in its place.
		if name != "gen-1" {
			require.NoError(t, os.Rename(file, aside))
			require.NoError(t, os.Mkdir(file, 0o700))
			requireNames(t, readAll(dir), file, "directory")
			require.NoError(t, os.Remove(file))
			require.NoError(t, os.Rename(aside, file))
		}
	}
	for _, name := range []string{
		"extra", "0", ".hidden", "model.json~", "manifest.json", "embeddings.npy", "gen-1/4", "gen-1/00", "gen-1/+1", "gen-1/-1", "gen-1/x",
		"gen-1/0.bak", "gen-1/model.json", "gen-01", "gen-0", "gen-2", "gen-x", "gen-1/lock", "lock2", "sub/", "gen-1/sub/", "gen-0/", "gen-01/",
		"gen--1/", "gen-+2/", "gen-99999999999999999999/", "lock/", "model.json.tmp/",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			require.NoError(t, os.Mkdir(file, 0o700))
		} else {
			require.NoError(t, os.WriteFile(file, nil, 0o600))
		}
		requireNames(t, readAll(dir), file, "added")
		require.NoError(t, os.Remove(file))
	}
	require.NoError(t, os.RemoveAll(gen))
	require.NoError(t, os.WriteFile(gen, nil, 0o600))
	require.ErrorContains(t, readAll(dir), gen)
}

func TestSwappedFiles(t *testing.T) {
	dir, other := filepath.Join(t.TempDir(), "model"), filepath.Join(t.TempDir(), "other")
	writeSmall(t, dir, 1)
	writeSmall(t, other, 2)
	names := entries(t, dir)
	read := func(dir, name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		require.NoError(t, err)
		return b
	}
	for _, a := range names {
		file := filepath.Join(dir, filepath.FromSlash(a))
		for _, b := range names {
			if a != b {
				change(t, file, read(dir, b), func() { requireNames(t, readAll(dir), file, b) })
			}
		}
		// The file of another model, of the same length.
		content := read(other, a)
		require.Len(t, content, len(read(dir, a)))
		change(t, file, content, func() {
			if a == manifestName {
				require.ErrorContains(t, readAll(dir), "gen-1", "the files are not those of the manifest")
				return
			}
			requireNames(t, readAll(dir), file, "other")
		})
	}
	two, three := filepath.Join(dir, "gen-1", "2"), filepath.Join(dir, "gen-1", "3")
	b := read(dir, "gen-1/2")
	change(t, two, read(dir, "gen-1/3"), func() {
		change(t, three, b, func() {
			err := readAll(dir)
			require.ErrorContains(t, err, filepath.Join(dir, "gen-1"))
			r := openModel(t, dir)
			err = r.Verify(t.Context())
			require.ErrorContains(t, err, two)
			require.ErrorContains(t, err, three)
		})
	})
	require.NoError(t, readAll(dir))
}

// The hash of these manifests is right, their content is not.
func TestManifestsThatContradict(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	writeSmall(t, dir, 1)
	file := filepath.Join(dir, manifestName)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	body := string(text[:len(text)-sealLength])
	sealed := func(body string, test func(error)) {
		change(t, file, seal([]byte(body)), func() { test(readAll(dir)) })
	}
	sealed(body, func(err error) { require.NoError(t, err) })
	for _, c := range [][2]string{
		{`"Generation":1`, `"Generation":0`},
		{`"Generation":1`, `"Generation":-1`},
		{`"Generation":1`, `"Generation":1e0`},
		{`"Generation":1`, `"Generation":1,"Extra":2`},
		{`"Generation":1`, `"Generation":1,"Generation":1`},
		{`"Generation":1`, `"generation":1`},
		{`"Generation":1`, `"Generation": 1`},
		{`"Generation":1`, `"Generation":"1"`},
		{`"Version":4`, `"Version":4,"Version":4`},
		{`"File":0`, `"File":-1`},
		{`"File":0`, `"File":4`},
		{`"File":0`, `"File":99999999999`},
		{`"File":3`, `"File":2`},
		{`"Offset":0`, `"Offset":-1`},
		{`"Offset":0`, `"Offset":9223372036854775807`},
		{`"Offset":0`, `"Offset":1160100`},
		{`"Bytes":`, `"Bytes":-`},
		{`"Bytes":`, `"Bytes":9223372036854775807,"X":`},
		{`"SHA256":"`, `"SHA256":"0`},
		{`"SHA256":"`, `"SHA256":"","X":"`},
		{`"a/settings.json"`, `"../settings.json"`},
		{`"a/settings.json"`, `"b/settings.json"`},
		{`"a/settings.json"`, `"b"`},
		{`"a/settings.json"`, `"a/settings.js\u006fn"`},
		{`"Files":[`, `"Former":["../x"],"Files":[`},
		{`"Files":[`, `"Files":[{},`},
		{`"Sections":[`, `"Sections":null,"Sections":[`},
	} {
		require.Contains(t, body, c[0])
		sealed(strings.Replace(body, c[0], c[1], 1), func(err error) {
			require.ErrorContains(t, err, file, c)
		})
	}
	for _, former := range []string{`"../x"`, `"model.json"`, `"gen-1"`, `"lock"`, `""`} {
		sealed(body+`,"Former":[`+former+`]`, func(err error) { requireNames(t, err, file, former) })
	}
	// What the manifest promises is compared before memory is asked for.
	var m manifest
	require.NoError(t, json.Unmarshal([]byte(body+"}"), &m))
	m.Files[0].Bytes, m.Sections[0].Bytes = 1<<50, 1<<50
	text, err = m.encode()
	require.NoError(t, err)
	change(t, file, text, func() { requireNames(t, readAll(dir), filepath.Join(dir, "gen-1", "0"), "length") })
	for _, text := range []string{"", "{", "null", "[]", `{"Format":"gobertopic model","Version":4}`, `{"Format":"gobertopic model","Version":4`, strings.Repeat(" ", 5<<20)} {
		change(t, file, []byte(text), func() { requireNames(t, readAll(dir), file, text) })
	}
}

// FuzzOpen reads directories of any content. mode 0 takes the manifest as it is, 1 gives it the
// right hash, 2 also makes lengths and hashes those of the files.
func FuzzOpen(f *testing.F) {
	// Small files, for which the search is faster.
	var matrix bytes.Buffer
	require.NoError(f, encodeMatrix(&matrix, "x.npy", newMatrix(3, 2, 2, 1)))
	m := manifest{Format: formatName, Version: version, Generation: 1, Sections: []section{
		{"a/b", location{0, 0, 4}}, {"c", location{0, 4, 0}}, {"d", location{0, 2, 3}}, {"x.npy", location{1, 0, int64(matrix.Len())}},
	}}
	seed := [3][]byte{nil, []byte("texts"), matrix.Bytes()}
	for _, b := range seed[1:] {
		m.Files = append(m.Files, entry{int64(len(b)), fmt.Sprintf("%x", sha256.Sum256(b))})
	}
	var err error
	seed[0], err = m.encode()
	require.NoError(f, err)
	body := seed[0][:len(seed[0])-sealLength]
	f.Add(byte(0), seed[0], seed[1], seed[2])
	f.Add(byte(1), body, seed[1], seed[2])
	f.Add(byte(2), body, seed[1], seed[2])
	f.Add(byte(2), body, seed[2], seed[1])
	f.Add(byte(0), []byte(`{"Format":"gobertopic model","Version":3}`), seed[1], []byte{})
	f.Add(byte(1), []byte(`{"Format":"gobertopic model","Version":4,"Generation":1,"Files":null,"Sections":null`), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, mode byte, text, file0, file1 []byte) {
		dir := t.TempDir()
		files := [][]byte{file0, file1}
		switch mode % 3 {
		case 1:
			text = seal(text)
		case 2:
			var m manifest
			if json.Unmarshal(append(bytes.Clone(text), '}'), &m) != nil {
				return
			}
			m.Files = nil
			for _, b := range files {
				m.Files = append(m.Files, entry{int64(len(b)), fmt.Sprintf("%x", sha256.Sum256(b))})
			}
			var err error
			if text, err = m.encode(); err != nil {
				return
			}
		}
		gen := filepath.Join(dir, "gen-1")
		require.NoError(t, os.Mkdir(gen, 0o700))
		for i, b := range files {
			require.NoError(t, os.WriteFile(filepath.Join(gen, fmt.Sprint(i)), b, 0o600))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, manifestName), text, 0o600))
		r, err := Open(dir)
		if err != nil {
			if !strings.Contains(err.Error(), dir) {
				t.Fatalf("the error names no file: %v", err)
			}
			if CanWrite(dir) == nil { // not a manifest of a later format, or no manifest at all
				require.NoError(t, Write(dir, put(map[string]string{"a": "1"})))
				require.NoError(t, readAll(dir))
			}
			return
		}
		sound := r.Verify(t.Context()) == nil
		for name, at := range r.sections {
			_, _ = r.ReadMatrix(name)
			got, err := fs.ReadFile(r, name)
			if err == nil && !bytes.Equal(got, files[at.File][at.Offset:][:at.Bytes]) {
				t.Fatalf("%s: other bytes", name)
			}
			if sound && err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		require.NoError(t, r.Close())
	})
}
