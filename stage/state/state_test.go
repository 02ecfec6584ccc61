package state_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/stagetest"
	"github.com/gobertopic/gobertopic/stage/state"
)

// settings and fitted are a stage with a section of every kind.
type settings struct {
	Size  int                `json:"size"`
	Share float64            `json:"share"`
	Func  func(int) int      `json:"-"`
	Odd   oddText            `json:"odd"`
	More  map[string]float64 `json:"more,omitempty"`
}

func (s settings) Validate() error {
	if s.Size < 0 {
		return &stage.ConfigError{Field: "settings.Size", Value: s.Size, Want: "0 or more"}
	}
	return nil
}

// oddText is "lost" in JSON if it is 1.
type oddText int

func (o oddText) MarshalText() ([]byte, error)     { return fmt.Appendf(nil, "%d", int(o)), nil }
func (o *oddText) UnmarshalText(text []byte) error { *o = 2; return nil }

type fitted struct {
	cfg    settings
	ints   []int
	small  []int32
	floats []float32
	long   []float64
	matrix blas32.General
	run    stage.Run
}

func (f *fitted) sections() []state.Section {
	return []state.Section{
		{Name: "settings.json", Data: &f.cfg},
		{Name: "a/ints.npy", Data: &f.ints},
		{Name: "a/small.npy", Data: &f.small},
		{Name: "a/floats.npy", Data: &f.floats},
		{Name: "long.npy", Data: &f.long},
		{Name: "matrix.npy", Data: &f.matrix},
	}
}

func (f *fitted) Save(w stage.Writer) error { return state.WriteSections(w, f.sections()...) }

func load(run stage.Run, r fs.FS) (*fitted, error) {
	f := &fitted{run: run}
	return f, state.ReadSections(r, f.sections()...)
}

type (
	alone   struct{ N int }
	unknown struct{ *fitted }
	failing struct{}
)

func (failing) Save(stage.Writer) error { return errors.New("cannot") }

func init() {
	state.Register[settings]("test.stage", load)
	state.RegisterSettings[alone]("test.alone")
	state.Register[*int]("test.failing", func(stage.Run, fs.FS) (failing, error) { return failing{}, errors.New("cannot either") })
}

func example(n int) *fitted {
	f := &fitted{cfg: settings{Size: 3, Share: 0.1, Odd: 2}, matrix: blas32.General{Rows: n, Cols: 3, Stride: 5, Data: make([]float32, 5*n)}}
	for i := range n {
		f.ints, f.small = append(f.ints, i-1), append(f.small, int32(-i))
		f.floats, f.long = append(f.floats, float32(i)/3), append(f.long, math.Inf(1-i%2*2))
	}
	for i := range f.matrix.Data {
		f.matrix.Data[i] = float32(i) / 7
	}
	return f
}

func (f *fitted) requireEqual(t *testing.T, got *fitted) {
	t.Helper()
	require.Equal(t, f.cfg, got.cfg)
	require.Equal(t, fmt.Sprintf("%#v", f.ints), fmt.Sprintf("%#v", got.ints))
	require.Equal(t, f.small, got.small)
	require.Equal(t, f.floats, got.floats)
	require.Equal(t, f.long, got.long)
	require.Equal(t, [2]int{f.matrix.Rows, f.matrix.Cols}, [2]int{got.matrix.Rows, got.matrix.Cols})
	for i := range f.matrix.Rows {
		require.Equal(t, f.matrix.Data[i*5:][:3], got.matrix.Data[i*got.matrix.Stride:][:3])
	}
}

func TestSaveAndLoadSameBits(t *testing.T) {
	for _, n := range []int{0, 1, 100, 1 << 13, 1<<15 + 1} {
		f := example(n)
		files := stagetest.Files{}
		require.NoError(t, state.Save(files, f))
		back, err := state.Load(stage.Run{Workers: 5}, fstest.MapFS(files))
		require.NoError(t, err)
		f.requireEqual(t, back.(*fitted))
		require.Equal(t, 5, back.(*fitted).run.Workers)
		again := stagetest.Files{}
		require.NoError(t, state.Save(again, f))
		require.Equal(t, files, again, "the same bytes")

		path := filepath.Join(t.TempDir(), "stage.zip")
		require.NoError(t, state.WriteFile(path, f))
		back, err = state.ReadFile(stage.Run{}, path)
		require.NoError(t, err)
		f.requireEqual(t, back.(*fitted))
	}
}

func TestSmallSectionsArePacked(t *testing.T) {
	files := stagetest.Files{}
	require.NoError(t, state.Save(files, example(100)))
	require.Len(t, files, 1)
	require.Contains(t, files, "packed.zip")
	require.Len(t, files.Unpack(t), 7)
	files = stagetest.Files{}
	require.NoError(t, state.Save(files, example(9000)))
	require.Len(t, files, 4, "the two arrays of 8 bytes a value, the matrix and the rest")
	// A state is read from plain sections too.
	for _, n := range []int{100, 9000} {
		files = stagetest.Files{}
		require.NoError(t, state.Save(files, example(n)))
		back, err := state.Load(stage.Run{}, fstest.MapFS(files.Unpack(t)))
		require.NoError(t, err)
		example(n).requireEqual(t, back.(*fitted))
	}
}

func TestBadNamesOfSections(t *testing.T) {
	for _, names := range [][]string{{"../a"}, {""}, {"."}, {"/a"}, {"a", "a"}, {"packed.zip"}, {"stage"}} {
		err := state.Save(stagetest.Files{}, named(names))
		require.ErrorContains(t, err, "not a valid new name", "%q", names)
	}
}

type named []string

func (n named) Save(w stage.Writer) error {
	for _, name := range n {
		if _, err := w.Create(name); err != nil {
			return err
		}
	}
	return nil
}

func init() {
	state.Register[*string]("test.named", func(stage.Run, fs.FS) (named, error) { return nil, errors.New("none") })
}

func TestUnregistered(t *testing.T) {
	files := stagetest.Files{}
	for _, v := range []any{nil, unknown{}, &unknown{}, settings{}, 3, alone{}, &failing{}} {
		require.ErrorIs(t, state.Save(files, v), state.ErrUnregistered, "%T", v)
	}
	require.Empty(t, files)
	require.ErrorContains(t, state.Save(files, (*fitted)(nil)), "is nil")
	require.ErrorContains(t, state.Save(files, failing{}), "save test.failing: cannot")
	for _, v := range []any{nil, unknown{}, example(1), 3} {
		_, err := state.Encode(v)
		require.ErrorIs(t, err, state.ErrUnregistered, "%T", v)
		require.ErrorIs(t, state.CanSave(v), state.ErrUnregistered, "%T", v)
	}
	_, err := state.Encode((*settings)(nil))
	require.ErrorContains(t, err, "is nil")
	_, err = state.Settings{Stage: "test.nobody"}.Decode()
	require.ErrorIs(t, err, state.ErrUnregistered)
	require.ErrorContains(t, err, `"test.nobody"; import the package`)

	for name, says := range map[string]string{
		"test.nobody": "import the package", "test.alone": "settings alone", "test.failing": "load test.failing: cannot either", strings.Repeat("a", 300): "more than 256 bytes",
	} {
		_, err := state.Load(stage.Run{}, fstest.MapFS{"stage": {Data: []byte(name)}})
		require.ErrorContains(t, err, says)
	}
	_, err = state.Load(stage.Run{}, fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestRegisterTwice(t *testing.T) {
	require.PanicsWithValue(t, `state: Register: the name "test.stage" is taken, empty or longer than 256 bytes`, func() { state.RegisterSettings[bool]("test.stage") })
	require.Panics(t, func() { state.RegisterSettings[bool]("") })
	require.Panics(t, func() { state.RegisterSettings[bool](strings.Repeat("a", 257)) })
	require.PanicsWithValue(t, `state: Register of "test.other": the type state_test.settings is taken`, func() { state.RegisterSettings[settings]("test.other") })
	require.Panics(t, func() { state.RegisterSettings[*fitted]("test.other") })
	require.Panics(t, func() { state.Register[bool]("test.other", load) })
	_, err := state.Encode(true)
	require.ErrorIs(t, err, state.ErrUnregistered, "nothing is left of what failed")
}

func TestSettings(t *testing.T) {
	s, err := state.Encode(&settings{Size: 3, Odd: 2})
	require.NoError(t, err)
	text, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"stage": "test.stage", "settings": {"size": 3, "share": 0, "odd": "2"}}`, string(text))
	back, err := s.Decode()
	require.NoError(t, err)
	require.Equal(t, settings{Size: 3, Odd: 2}, back)

	for text, says := range map[string]string{
		`{"size": 3, "other": 1}`: `unknown field "other"`, `{"size": "3"}`: "cannot unmarshal", `{"size": -1}`: "settings.Size is -1",
		`{"size": 3} 4`: "after", `{"size": 3`: "unexpected EOF", ``: "EOF", `null`: "null in place of",
		`[]`: "cannot unmarshal", `{"size": 1e30}`: "cannot unmarshal",
	} {
		_, err := state.Settings{Stage: "test.stage", Settings: []byte(text)}.Decode()
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, "settings of test.stage", text)
	}

	require.NoError(t, state.CanSave(settings{Odd: 2}))
	require.ErrorContains(t, state.CanSave(settings{Odd: 1}), "comes back as")
	require.ErrorContains(t, state.CanSave(settings{Odd: 2, Share: math.Inf(1)}), "unsupported value")
	require.ErrorContains(t, state.CanSave(settings{Odd: 2, Size: -1}), "settings.Size is -1")
	require.ErrorContains(t, state.CanSave(alone{}), "settings alone")
}

func TestDamagedSections(t *testing.T) {
	whole := stagetest.Files{}
	require.NoError(t, example(20).Save(whole))
	for name, s := range whole {
		for cut := range len(s.Data) {
			if name == "settings.json" && cut == len(s.Data)-1 { // the end of the line
				continue
			}
			damaged := whole.Replace(name, s.Data[:cut])
			_, err := load(stage.Run{}, fstest.MapFS(damaged))
			require.ErrorContains(t, err, name, "%d of %d bytes", cut, len(s.Data))
		}
		_, err := load(stage.Run{}, fstest.MapFS(whole.Replace(name, append(append([]byte{}, s.Data...), 'x'))))
		require.ErrorContains(t, err, "data after", name)
		delete(whole, name)
		_, err = load(stage.Run{}, fstest.MapFS(whole))
		require.ErrorIs(t, err, fs.ErrNotExist)
		whole[name] = s
	}
	header := func(text string) []byte {
		return append([]byte{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, byte(len(text)), byte(len(text) >> 8)}, text...)
	}
	pad := func(text string) string { return text + strings.Repeat(" ", 63-(10+len(text))%64) + "\n" }
	for text, says := range map[string]string{
		pad("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647,2147483647,), }"): "do not fit into memory",
		pad("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647,3,), }"):          "values are missing",
		pad("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,3,), }"):          "not an array of 2 dimensions",
		pad("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,3,), }"):                  "not an array of 2 dimensions",
		pad("{'descr': '<f4', 'fortran_order': False, 'shape': (20,), }"):                    "not an array of 2 dimensions",
		pad("{'descr': '<f4', 'fortran_order': False, 'shape': (20,3,1,), }"):                "not an array of <f4",
		pad("{'descr': '<f4', 'fortran_order': True, 'shape': (20,3,), }"):                   "not an array of <f4",
		pad("{'descr': '<f8', 'fortran_order': False, 'shape': (20,3,), }"):                  "not an array of <f4",
		strings.Repeat(" ", 65535): "not an array of 2 dimensions",
	} {
		_, err := load(stage.Run{}, fstest.MapFS(whole.Replace("matrix.npy", header(text))))
		require.ErrorContains(t, err, says, text[:min(len(text), 90)])
	}
}

func TestNumbersThatAnIntCannotHold(t *testing.T) {
	if math.MaxInt > math.MaxInt32 {
		t.Skip("an int has 64 bits here")
	}
	long := []float64{1}
	files := stagetest.Files{}
	require.NoError(t, state.WriteSections(files, state.Section{Name: "a", Data: &long}))
	data := bytes.Replace(files["a"].Data, []byte("<f8"), []byte("<i8"), 1)
	var ints []int
	require.ErrorContains(t, state.ReadSections(fstest.MapFS(files.Replace("a", data)), state.Section{Name: "a", Data: &ints}), "does not fit into an int")
}

func TestMatricesOfOddShapes(t *testing.T) {
	for _, x := range []blas32.General{
		{},
		{Rows: 3},
		{Rows: 3, Stride: 1},
		{Cols: 3, Stride: 3},
		{Rows: 1, Cols: 2, Stride: 100, Data: make([]float32, 2)},
		{Rows: 2, Cols: 2, Stride: 3, Data: make([]float32, 5)},
	} {
		files := stagetest.Files{}
		require.NoError(t, state.WriteSections(files, state.Section{Name: "x", Data: &x}))
		var back blas32.General
		require.NoError(t, state.ReadSections(fstest.MapFS(files), state.Section{Name: "x", Data: &back}))
		require.Equal(t, [2]int{x.Rows, x.Cols}, [2]int{back.Rows, back.Cols})
	}
	for _, x := range []blas32.General{
		{Rows: -1},
		{Cols: -1},
		{Rows: 2, Cols: 2, Stride: 1, Data: make([]float32, 9)},
		{Rows: 2, Cols: 2, Stride: 3, Data: make([]float32, 4)},
		{Rows: 1, Cols: 2, Stride: 2, Data: make([]float32, 1)},
		{Rows: 1, Cols: 2, Stride: 2},
	} {
		require.ErrorContains(t, state.WriteSections(stagetest.Files{}, state.Section{Name: "x", Data: &x}), "matrix of stride", "%+v", x)
	}
}

// TestCompressedArchive: a file that takes little room must not take much memory.
func TestCompressedArchive(t *testing.T) {
	archive := func(method uint16, entries map[string][]byte) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for name, data := range entries {
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			require.NoError(t, err)
			_, err = w.Write(data)
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		return out.Bytes()
	}
	zeros := map[string][]byte{"stage": []byte("test.stage"), "long.npy": make([]byte, 1<<20)}
	path := filepath.Join(t.TempDir(), "stage.zip")
	require.NoError(t, os.WriteFile(path, archive(zip.Deflate, zeros), 0o644))
	_, err := state.ReadFile(stage.Run{}, path)
	require.ErrorContains(t, err, "is compressed")
	_, err = state.Load(stage.Run{}, fstest.MapFS{"packed.zip": {Data: archive(zip.Deflate, zeros)}})
	require.ErrorContains(t, err, "is compressed")
	_, err = state.Load(stage.Run{}, fstest.MapFS{"packed.zip": {Data: []byte("no archive")}})
	require.ErrorContains(t, err, "packed.zip")
	_, err = state.ReadFile(stage.Run{}, filepath.Join(t.TempDir(), "none.zip"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, state.WriteFile(path, 3), state.ErrUnregistered)
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, archive(zip.Deflate, zeros)[:4], kept[:4], "a failed WriteFile changes nothing")
}

// full is a Writer that fails after some bytes.
type full struct{ left int }

func (f *full) Create(string) (io.Writer, error) {
	if f.left <= 0 {
		return nil, errors.New("full")
	}
	return f, nil
}

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	for _, n := range []int{10, 9000} {
		whole := stagetest.Files{}
		require.NoError(t, state.Save(whole, example(n)))
		size := 0
		for _, s := range whole {
			size += len(s.Data)
		}
		for _, left := range []int{0, 1, size / 3, size / 2, size - 1} {
			require.ErrorContains(t, state.Save(&full{left}, example(n)), "full", "%d of %d", left, size)
		}
		require.NoError(t, state.Save(&full{size}, example(n)))
	}
}

func TestSharedMatrix(t *testing.T) {
	a, b := example(500), example(500)
	b.matrix = a.matrix // the same memory
	c := example(500)
	c.matrix.Rows, c.matrix.Data = 499, a.matrix.Data // another shape
	files := stagetest.Files{}
	w := state.Share(files)
	for name, f := range map[string]*fitted{"one": a, "two/deep": b, "three": c} {
		require.NoError(t, state.Save(state.Sub(w, name), f))
	}
	x := a.matrix
	require.NoError(t, state.WriteSections(w, state.Section{Name: "own.npy", Data: &x}))
	require.NoError(t, w.Close())
	matrices := 0
	for name := range files {
		if strings.HasSuffix(name, ".npy") {
			matrices++
		}
	}
	require.Equal(t, 2, matrices)

	r, err := state.OpenShared(fstest.MapFS(files))
	require.NoError(t, err)
	get := func(name string) *fitted {
		below, err := state.SubFS(r, name)
		require.NoError(t, err)
		back, err := state.Load(stage.Run{}, below)
		require.NoError(t, err)
		return back.(*fitted)
	}
	one, two, three := get("one"), get("two/deep"), get("three")
	a.requireEqual(t, one)
	b.requireEqual(t, two)
	c.requireEqual(t, three)
	var own blas32.General
	require.NoError(t, state.ReadSections(r, state.Section{Name: "own.npy", Data: &own}))
	require.Same(t, &one.matrix.Data[0], &two.matrix.Data[0])
	require.Same(t, &one.matrix.Data[0], &own.Data[0])
	require.NotSame(t, &one.matrix.Data[0], &three.matrix.Data[0])

	for _, text := range []string{`{"a": "b", "b": "c"}`, `{"a": "a"}`, `{"a": "../b"}`, `{"/a": "b"}`, `[]`, ``} {
		_, err := state.OpenShared(fstest.MapFS{"shared.json": {Data: []byte(text)}})
		require.ErrorContains(t, err, "shared.json", text)
	}
	_, err = state.OpenShared(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = r.Sub("../a")
	require.ErrorIs(t, err, fs.ErrInvalid)
	_, err = r.Open("../a")
	require.ErrorIs(t, err, fs.ErrInvalid)
}

// plainReader is a MatrixReader that is no fs.SubFS.
type plainReader struct{ fs.FS }

func (p plainReader) ReadMatrix(name string) (blas32.General, error) {
	return blas32.General{}, errors.New("asked for " + name)
}

func TestSubFSOfAMatrixReader(t *testing.T) {
	below, err := state.SubFS(plainReader{fstest.MapFS{}}, "a/b")
	require.NoError(t, err)
	below, err = state.SubFS(below, "c")
	require.NoError(t, err)
	var x blas32.General
	require.ErrorContains(t, state.ReadSections(below, state.Section{Name: "x.npy", Data: &x}), "asked for a/b/c/x.npy")
}

// nested is a stage that holds another.
func TestNestedStage(t *testing.T) {
	files := stagetest.Files{}
	require.NoError(t, state.Save(files, &around{example(30)}))
	require.Len(t, files, 1)
	back, err := state.Load(stage.Run{}, fstest.MapFS(files))
	require.NoError(t, err)
	example(30).requireEqual(t, back.(*around).inner)
}

type around struct{ inner *fitted }

func (a *around) Save(w stage.Writer) error { return state.Save(state.Sub(w, "inner"), a.inner) }

func init() {
	state.Register[*bool]("test.around", func(run stage.Run, r fs.FS) (*around, error) {
		below, err := state.SubFS(r, "inner")
		if err != nil {
			return nil, err
		}
		inner, err := state.Load(run, below)
		if err != nil {
			return nil, err
		}
		f, ok := inner.(*fitted)
		if !ok {
			return nil, fmt.Errorf("a %T within", inner)
		}
		return &around{f}, nil
	})
}

func TestDamagedState(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	whole := stagetest.Files{}
	require.NoError(t, state.Save(whole, example(30)))
	refused := 0
	for range 500 {
		if _, err := state.Load(stage.Run{}, fstest.MapFS(whole.Damage(rng))); err != nil {
			refused++
		}
	}
	require.Greater(t, refused, 350, "the archive has checksums of its files")
}

// FuzzLoad puts any bytes in place of one section.
func FuzzLoad(f *testing.F) {
	whole := stagetest.Files{}
	require.NoError(f, state.Save(whole, example(3)))
	for name, s := range whole.Unpack(f) {
		f.Add(name, s.Data)
	}
	f.Add("packed.zip", whole["packed.zip"].Data)
	plain := whole.Unpack(f)
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if !fs.ValidPath(name) {
			return
		}
		back, err := state.Load(stage.Run{}, fstest.MapFS(plain.Replace(name, data)))
		if err != nil {
			return
		}
		back.(*fitted).cfg.Odd = 2 // the one value that comes back as it was
		once, twice := stagetest.Files{}, stagetest.Files{}
		require.NoError(t, state.Save(once, back))
		again, err := state.Load(stage.Run{}, fstest.MapFS(once))
		require.NoError(t, err)
		require.NoError(t, state.Save(twice, again))
		require.Equal(t, once, twice)
	})
}

// FuzzOpenShared reads the list of shared matrices.
func FuzzOpenShared(f *testing.F) {
	f.Add([]byte(`{"a": "b"}`))
	f.Add([]byte(`{"a": "b", "b": "c"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := state.OpenShared(fstest.MapFS{"shared.json": {Data: data}})
		if err != nil {
			return
		}
		_, err = r.ReadMatrix("a")
		require.Error(t, err)
	})
}
