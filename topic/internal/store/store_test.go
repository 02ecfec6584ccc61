package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
)

var (
	_ stage.Writer       = (*Writer)(nil)
	_ state.MatrixWriter = (*Writer)(nil)
	_ state.MatrixReader = (*Reader)(nil)
	_ fs.SubFS           = (*Reader)(nil)
)

// newMatrix returns a matrix with values of its own.
func newMatrix(rows, cols, stride int, first float32) blas32.General {
	x := blas32.General{Rows: rows, Cols: cols, Stride: stride, Data: make([]float32, rows*stride)}
	for i := range x.Data {
		x.Data[i] = first + float32(i)
	}
	return x
}

// requireMatrix compares bits.
func requireMatrix(t *testing.T, want, got blas32.General) {
	t.Helper()
	require.Equal(t, [2]int{want.Rows, want.Cols}, [2]int{got.Rows, got.Cols})
	for i := range want.Rows {
		for j := range want.Cols {
			if w, g := want.Data[i*want.Stride+j], got.Data[i*got.Stride+j]; math.Float32bits(w) != math.Float32bits(g) {
				t.Fatalf("[%d, %d]: %v, want %v", i, j, g, w)
			}
		}
	}
}

// put writes sections of text.
func put(sections map[string]string) func(*Writer) error {
	return func(w *Writer) error {
		for _, name := range slices.Sorted(maps.Keys(sections)) {
			f, err := w.Create(name)
			if err == nil {
				_, err = io.WriteString(f, sections[name])
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// openModel opens the model of a test and closes it at its end.
func openModel(t *testing.T, dir string) *Reader {
	t.Helper()
	r, err := Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func requireText(t *testing.T, r fs.FS, name, want string) {
	t.Helper()
	got, err := fs.ReadFile(r, name)
	require.NoError(t, err)
	require.True(t, want == string(got), "%s: other bytes", name)
}

// entries lists the files of a directory, those below it included.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	}))
	return names
}

func TestSections(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	sections := map[string]string{
		"empty": "", "a/b/c": "nested", "a/d": "beside", "a/e": "nested",
		"full": strings.Repeat("x", smallBytes), "over": strings.Repeat("x", smallBytes+1),
		"large": strings.Repeat("0123456789", 300_000), "again": strings.Repeat("0123456789", 300_000),
	}
	for i := range 40 { // more than one file of small sections
		sections[fmt.Sprintf("many/%d", i)] = strings.Repeat(string(rune('0'+i)), smallBytes-1)
	}
	require.NoError(t, Write(dir, put(sections)))
	// Two large sections, one of them held twice, and three files of small ones.
	require.Equal(t, []string{"gen-1/0", "gen-1/1", "gen-1/2", "gen-1/3", "gen-1/4", "model.json"}, entries(t, dir))

	r := openModel(t, dir)
	for name := range sections {
		requireText(t, r, name, sections[name])
		b, err := r.Bytes(name)
		require.NoError(t, err)
		require.True(t, sections[name] == string(b), name)
		requireText(t, r, name, sections[name]) // the large ones are mapped by now
	}
	require.NoError(t, r.Verify(t.Context()))

	sub, err := fs.Sub(r, "a")
	require.NoError(t, err)
	requireText(t, sub, "b/c", "nested")
	sub, err = fs.Sub(sub, "b")
	require.NoError(t, err)
	requireText(t, sub, "c", "nested")
	_, err = sub.Open("../d")
	require.ErrorIs(t, err, fs.ErrInvalid)
	_, err = fs.Sub(r, "..")
	require.ErrorIs(t, err, fs.ErrInvalid)
	_, err = r.Open("missing")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = r.Bytes("a")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = r.ReadMatrix("missing")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = r.ReadMatrix("large")
	require.Error(t, err, "no matrix")
	_, err = r.ReadMatrix("a/d")
	require.Error(t, err, "no matrix")
}

func TestFS(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, Write(dir, put(map[string]string{"empty": "", "a/b/c": "nested", "a/d": "beside", "a/b/e": "nested", "z": "1"})))
	r := openModel(t, dir)
	require.NoError(t, fstest.TestFS(r, "empty", "a/b/c", "a/d", "a/b/e", "z"))
	sub, err := r.Sub("a")
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(sub, "b/c", "d", "b/e"))
}

func TestSameSectionsGiveTheSameFiles(t *testing.T) {
	var all [2]map[string]string
	for i := range all {
		dir := filepath.Join(t.TempDir(), "model")
		require.NoError(t, Write(dir, put(map[string]string{"a": "1", "b": strings.Repeat("2", 1<<17)})))
		all[i] = map[string]string{}
		for _, name := range entries(t, dir) {
			b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			require.NoError(t, err)
			all[i][name] = string(b)
		}
	}
	require.Equal(t, all[0], all[1])
}

func TestMatrices(t *testing.T) {
	shared := newMatrix(3000, 100, 104, 0.5)
	small := newMatrix(3, 2, 5, -1)
	middle := newMatrix(400, 50, 50, 7)
	small.Data[0], small.Data[1] = float32(math.NaN()), float32(math.Inf(-1))
	matrices := map[string]blas32.General{
		"a/shared.npy": shared, "b/c/shared.npy": shared, "small.npy": small, "b/small.npy": small,
		"middle.npy": middle, "columns.npy": {Rows: 5, Stride: 1}, "rows.npy": {Cols: 5, Stride: 5}, "none.npy": {Stride: 1},
		"half.npy": {Rows: 1500, Cols: 100, Stride: 104, Data: shared.Data},
	}
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, Write(dir, func(w *Writer) error {
		for name, x := range matrices {
			// As a stage does, in a Sub.
			at, base := filepath.Split(name)
			to := stage.Writer(w)
			if at != "" {
				to = state.Sub(w, strings.TrimSuffix(at, "/"))
			}
			if err := state.WriteSections(to, state.Section{Name: base, Data: &x}); err != nil {
				return err
			}
		}
		return nil
	}))
	require.Len(t, entries(t, dir), 5, "shared, half, middle, the small ones, the manifest")
	r := openModel(t, dir)
	memory := map[string]*float32{}
	for name, want := range matrices {
		sub, err := fs.Sub(r, filepath.Dir(name))
		require.NoError(t, err)
		var got, read blas32.General
		section := state.Section{Name: filepath.Base(name), Data: &got}
		require.NoError(t, state.ReadSections(sub, section))
		requireMatrix(t, want, got)
		section.Data = &read
		require.NoError(t, state.ReadSections(struct{ fs.FS }{sub}, section), "without mapping")
		require.Equal(t, [3]int{read.Rows, read.Cols, read.Stride}, [3]int{got.Rows, got.Cols, got.Stride}, name)
		requireMatrix(t, read, got)
		if len(got.Data) > 0 {
			memory[name] = &got.Data[0]
		}
	}
	require.Same(t, memory["a/shared.npy"], memory["b/c/shared.npy"])
	require.Same(t, memory["small.npy"], memory["b/small.npy"])
	require.NotSame(t, memory["a/shared.npy"], memory["half.npy"])
	switch runtime.GOOS {
	case "linux", "darwin", "windows":
		at := r.sections["a/shared.npy"]
		require.True(t, r.files[at.File].mapped)
	}
}

// A stage may use the memory of a matrix for another one when it was written.
func TestMatrixInMemoryThatIsUsedAgain(t *testing.T) {
	for _, rows := range []int{2, 2000} {
		dir := filepath.Join(t.TempDir(), "model")
		x := newMatrix(rows, 20, 20, 1)
		first := newMatrix(rows, 20, 20, 1)
		require.NoError(t, Write(dir, func(w *Writer) error {
			if err := w.WriteMatrix("first", x); err != nil {
				return err
			}
			x.Data[7] = 0
			return errors.Join(w.WriteMatrix("second", x), w.WriteMatrix("third", x))
		}))
		r := openModel(t, dir)
		for name, want := range map[string]blas32.General{"first": first, "second": x, "third": x} {
			got, err := r.ReadMatrix(name)
			require.NoError(t, err)
			requireMatrix(t, want, got)
		}
	}
}

func TestReaderIsSafeForConcurrentUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	x := newMatrix(4000, 100, 100, 0)
	require.NoError(t, Write(dir, func(w *Writer) error {
		return errors.Join(w.WriteMatrix("x", x), w.WriteMatrix("y", newMatrix(3, 3, 3, 0)), put(map[string]string{"z": "text"})(w))
	}))
	r := openModel(t, dir)
	var first [8]*float32
	var wait sync.WaitGroup
	for i := range first {
		wait.Go(func() {
			got, err := r.ReadMatrix("x")
			_, e := r.ReadMatrix("y")
			text, e2 := fs.ReadFile(r, "z")
			if err := errors.Join(err, e, e2, r.Verify(t.Context())); err != nil || string(text) != "text" {
				t.Error(err)
				return
			}
			first[i] = &got.Data[0]
		})
	}
	wait.Wait()
	for _, p := range first {
		require.Same(t, first[0], p)
	}
}

func TestClose(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, Write(dir, func(w *Writer) error {
		return errors.Join(w.WriteMatrix("x", newMatrix(4000, 100, 100, 0)), put(map[string]string{"z": "text"})(w))
	}))
	r, err := Open(dir)
	require.NoError(t, err)
	_, err = r.ReadMatrix("x")
	require.NoError(t, err)
	f, err := r.Open("x")
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	for _, name := range []string{"x", "z"} {
		_, err = r.Open(name)
		require.ErrorIs(t, err, fs.ErrClosed)
		_, err = r.Bytes(name)
		require.ErrorIs(t, err, fs.ErrClosed)
		_, err = r.ReadMatrix(name)
		require.ErrorIs(t, err, fs.ErrClosed)
	}
	_, err = f.Read(make([]byte, 10))
	require.ErrorIs(t, err, fs.ErrClosed)
	require.ErrorIs(t, r.Verify(t.Context()), fs.ErrClosed)
}

func TestNames(t *testing.T) {
	for _, names := range [][]string{
		{""},
		{"."},
		{".."},
		{"../x"},
		{"a/../b"},
		{"/a"},
		{"a/"},
		{"a//b"},
		{"a\\b"},
		{"a:b"},
		{"é"},
		{"a b"},
		{"<"},
		{"a\x00"},
		{strings.Repeat("n", maxName+1)},
		{"a", "a"},
		{"a", "a/b"},
		{"a/b", "a"},
		{"a/b/c", "a"},
		{"a/b", "a/b/c/d"},
	} {
		dir := filepath.Join(t.TempDir(), "model")
		err := Write(dir, func(w *Writer) error {
			for _, name := range names {
				_, _ = w.Create(name)
			}
			return nil
		})
		require.ErrorContains(t, err, "section", "%q", names)
		require.NoDirExists(t, dir)
		err = Write(dir, func(w *Writer) error {
			for _, name := range names {
				_ = w.WriteMatrix(name, newMatrix(2, 2, 2, 0))
			}
			return nil
		})
		require.ErrorContains(t, err, "section", "%q", names)
	}
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, Write(dir, put(map[string]string{strings.Repeat("n", maxName): "1", "A-Z/a_z.0": "2", "...": "3"})))
	requireText(t, openModel(t, dir), "...", "3")
}

func TestWriterAfterItsEnd(t *testing.T) {
	var kept *Writer
	var section, before io.Writer
	require.NoError(t, Write(filepath.Join(t.TempDir(), "model"), func(w *Writer) (err error) {
		kept = w
		before, _ = w.Create("a")
		section, err = w.Create("b")
		_, e := before.Write([]byte("x"))
		require.ErrorContains(t, e, `"a" has ended`)
		return err
	}))
	_, err := section.Write([]byte("x"))
	require.Error(t, err)
	_, err = kept.Create("c")
	require.ErrorIs(t, err, errEnded)
	require.ErrorIs(t, kept.WriteMatrix("c", newMatrix(2, 2, 2, 0)), errEnded)

	err = Write(filepath.Join(t.TempDir(), "model"), func(w *Writer) error {
		return w.WriteMatrix("short", blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 3)})
	})
	require.ErrorContains(t, err, "has 3 values")
}

func TestWriteReplaces(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	broken := errors.New("out of ink")
	large := strings.Repeat("x", 3*maxPacked)
	fail := func(w *Writer) error {
		return errors.Join(put(map[string]string{"a": "half", "b": large})(w), broken)
	}
	require.ErrorIs(t, Write(dir, fail), broken)
	require.NoDirExists(t, dir)
	require.Panics(t, func() { _ = Write(dir, func(*Writer) error { panic("in the middle") }) })
	require.NoDirExists(t, dir)

	var readers []*Reader
	for i := range 3 {
		require.NoError(t, Write(dir, put(map[string]string{"a": fmt.Sprint("model ", i), "b": large + fmt.Sprint(i)})))
		require.ErrorIs(t, Write(dir, fail), broken)
		require.Panics(t, func() {
			_ = Write(dir, func(w *Writer) error {
				_, _ = w.Create("open")
				panic("in the middle")
			})
		})
		r := openModel(t, dir)
		require.NoError(t, r.Verify(t.Context()))
		requireText(t, r, "a", fmt.Sprint("model ", i))
		if runtime.GOOS != "windows" {
			gen := fmt.Sprintf("gen-%d/", i+1)
			require.Equal(t, []string{gen + "0", gen + "1", "model.json"}, entries(t, dir))
		}
		readers = append(readers, openModel(t, dir)) // which has read nothing yet
	}
	for i, r := range readers {
		requireText(t, r, "a", fmt.Sprint("model ", i))
		requireText(t, r, "b", large+fmt.Sprint(i))
		require.NoError(t, r.Verify(t.Context()))
	}
}

// Leftovers of saves that were killed do not disturb readers, and the next save removes them.
func TestLeftovers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	leave := func() {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "gen-7"), 0o755))
		for _, name := range []string{"lock", "model.json.tmp", "model.json.tmp-123", "gen-7/0", ".DS_Store"} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte("x"), 0o600))
		}
	}
	leave()
	_, err := Open(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "model.json")
	require.NoError(t, CanWrite(dir))
	for i := range 2 {
		require.NoError(t, Write(dir, put(map[string]string{"a": "1"})))
		require.Equal(t, []string{".DS_Store", fmt.Sprintf("gen-%d/0", i+1), "model.json"}, entries(t, dir))
		leave()
		requireText(t, openModel(t, dir), "a", "1")
		require.NoError(t, CanWrite(dir))
	}
}

// A damaged model can be saved over, and nothing of it is removed if that fails.
func TestWriteOverDamagedModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	for range 3 {
		require.NoError(t, Write(dir, put(map[string]string{"a": "1"})))
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	require.NoError(t, err)
	text[60] ^= 1
	require.NoError(t, os.WriteFile(filepath.Join(dir, manifestName), text, 0o600))
	require.Error(t, Write(dir, func(*Writer) error { return errors.New("out of ink") }))
	require.Equal(t, []string{"gen-3/0", "model.json"}, entries(t, dir))
	require.NoError(t, CanWrite(dir))
	require.NoError(t, Write(dir, put(map[string]string{"a": "2"})))
	require.Equal(t, []string{"gen-4/0", "model.json"}, entries(t, dir))
	requireText(t, openModel(t, dir), "a", "2")
}

func TestOtherFormats(t *testing.T) {
	dir := t.TempDir()
	manifest := filepath.Join(dir, manifestName)
	files := func(text string) {
		require.NoError(t, os.WriteFile(manifest, []byte(text), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "embeddings.npy"), []byte("x"), 0o600))
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "models", "0"), 0o700))
	}
	var v *VersionError
	for old := 1; old <= 3; old++ {
		files(fmt.Sprintf(`{"Format":"gobertopic model","Version":%d,"Seed":42,"Documents":["%s"]}`, old, strings.Repeat("x", 5<<20)))
		_, err := Open(dir)
		require.ErrorAs(t, err, &v)
		require.Equal(t, VersionError{manifest, old}, *v)
		require.ErrorContains(t, err, "fit and save the model again")
		require.NoError(t, CanWrite(dir))
		require.Error(t, Write(dir, func(*Writer) error { return errors.New("out of ink") }))
		require.Equal(t, []string{"embeddings.npy", "model.json"}, entries(t, dir), "it stays")
		require.NoError(t, Write(dir, put(map[string]string{"a": "1"})))
		require.Equal(t, []string{"gen-1/0", "model.json"}, entries(t, dir))
		// The process was killed before it removed the old files.
		require.NoError(t, os.WriteFile(filepath.Join(dir, "embeddings.npy"), []byte("x"), 0o600))
		requireText(t, openModel(t, dir), "a", "1")
		require.NoError(t, Write(dir, put(map[string]string{"a": "2"})))
		require.Equal(t, []string{"gen-2/0", "model.json"}, entries(t, dir))
		require.NoError(t, Write(dir, put(map[string]string{"a": "3"})))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "embeddings.npy"), []byte("mine"), 0o600))
		_, err = Open(dir)
		require.ErrorContains(t, err, "embeddings.npy")
		require.ErrorContains(t, Write(dir, put(nil)), "embeddings.npy")
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "gen-3")))
	}
	files(`{"Format":"gobertopic model","Version":5,"Unknown":[]}`)
	_, err := Open(dir)
	require.ErrorAs(t, err, &v)
	require.ErrorContains(t, err, "later version")
	require.ErrorAs(t, CanWrite(dir), &v)
	require.ErrorAs(t, Write(dir, put(nil)), &v)
	require.Equal(t, []string{"embeddings.npy", "model.json"}, entries(t, dir))
}

func TestCanWrite(t *testing.T) {
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	write := func(name string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(at(name)), 0o700))
		require.NoError(t, os.WriteFile(at(name), []byte(`{"architectures":["BertModel"]}`), 0o600))
	}
	require.NoError(t, os.Mkdir(at("empty"), 0o700))
	require.NoError(t, Write(at("model"), put(nil)))
	require.NoError(t, Write(at("and-more"), put(nil)))
	write("and-more/README.md")
	write("file")
	write("photos/1.jpg")
	write("matrix/embeddings.npy")
	write("encoder/model.json")
	require.NoError(t, os.MkdirAll(at("locked/lock"), 0o700))
	bad := map[string]string{
		"and-more": "README.md", "file": "directory", "file/below": "directory", "photos": "1.jpg", "matrix": "embeddings.npy",
		"encoder": "model.json", "missing/model": "missing", "locked": "regular",
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "js" && os.Getuid() != 0 {
		require.NoError(t, os.Mkdir(at("readonly"), 0o500))
		bad["readonly"], bad["readonly/model"] = "permission", "permission"
	}
	before := entries(t, root)
	for name, why := range bad {
		require.ErrorContains(t, CanWrite(at(name)), why, name)
		err := Write(at(name), func(*Writer) error { panic("the work is done for nothing") })
		require.ErrorContains(t, err, why, name)
	}
	for _, name := range []string{"empty", "model", "new"} {
		require.NoError(t, CanWrite(at(name)), name)
		require.NoError(t, CanWrite(at(name)+"/"), name)
	}
	require.Equal(t, before, entries(t, root))
	require.NoDirExists(t, at("new"))
	for _, name := range []string{"empty", "model", "new"} {
		require.NoError(t, Write(at(name)+"/", put(nil)), name)
		openModel(t, at(name))
	}
	t.Chdir(root)
	require.NoError(t, CanWrite("relative"))
	require.NoError(t, Write("relative", put(nil)))
	openModel(t, "relative")
}

// The model is small, the manifest as large as it can be.
func TestManySections(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	err := Write(dir, func(w *Writer) error {
		for i := range 60_000 {
			if _, err := w.Create(fmt.Sprintf("section/with/a/long/name/%d", i)); err != nil {
				return err
			}
		}
		return nil
	})
	require.ErrorContains(t, err, "60000 sections are too many")
	require.NoDirExists(t, dir)
}
