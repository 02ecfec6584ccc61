package embed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/stage"
)

// hashed is an embedder for tests: rows from hashes of the texts, with odd values among them, in a matrix with a stride.
// It notes what it is given.
type hashed struct {
	dim  int
	fail func(text string) error

	mu    sync.Mutex
	asked []string
	calls int
}

func (h *hashed) row(text string) []float32 {
	f := fnv.New64a()
	f.Write([]byte(text))
	s := f.Sum64()
	v := make([]float32, h.dim)
	for j := range v {
		s = s*6364136223846793005 + 1442695040888963407
		v[j] = math.Float32frombits(uint32(s>>32) &^ (1 << 23)) // any finite value, subnormal ones too
	}
	v[0] = float32(math.Copysign(0, -1))
	return v
}

func (h *hashed) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	h.mu.Lock()
	h.asked = append(h.asked, texts...)
	h.calls++
	h.mu.Unlock()
	stride := h.dim + 3
	x := blas32.General{Rows: len(texts), Cols: h.dim, Stride: stride, Data: make([]float32, max(len(texts)*stride-3, 0))}
	for i, text := range texts {
		if h.fail != nil {
			if err := h.fail(text); err != nil {
				return blas32.General{}, err
			}
		}
		copy(x.Data[i*stride:], h.row(text))
	}
	return x, nil
}

func (h *hashed) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := h.asked
	h.asked, h.calls = nil, 0
	return asked
}

func (h *hashed) requireRows(t *testing.T, texts []string, x blas32.General) {
	t.Helper()
	require.Equal(t, len(texts), x.Rows)
	require.Equal(t, h.dim, x.Cols)
	for i, text := range texts {
		for j, v := range h.row(text) {
			require.Equal(t, math.Float32bits(v), math.Float32bits(x.Data[i*x.Stride+j]), "text %d, column %d", i, j)
		}
	}
}

func cached(t *testing.T, e Embedder, dir string) *Cache {
	t.Helper()
	c, err := Cached(e, CacheConfig{Dir: dir, Identity: "model 1"})
	require.NoError(t, err)
	return c
}

func embedAll(t *testing.T, c *Cache, h *hashed, texts []string) {
	t.Helper()
	x, err := c.Embed(t.Context(), texts)
	require.NoError(t, err)
	h.requireRows(t, texts, x)
}

func numbered(lo, hi int) []string {
	var texts []string
	for i := lo; i < hi; i++ {
		texts = append(texts, "text "+strconv.Itoa(i))
	}
	return texts
}

// segmentFiles are the paths of the cache's segments, the oldest first.
func segmentFiles(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	require.NoError(t, err)
	return paths
}

// TestCachedGivesTheSameBits for random selections of texts, with repetitions, in any order, by caches that come and go;
// and the embedder sees each distinct text once, in order.
func TestCachedGivesTheSameBits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	h := &hashed{dim: 7}
	dir := t.TempDir()
	known := map[string]bool{}
	c := cached(t, h, dir)
	for round := range 60 {
		if round%7 == 6 {
			c = cached(t, h, dir)
		}
		texts := make([]string, r.IntN(40))
		for i := range texts {
			if texts[i] = fmt.Sprint("text ", r.IntN(300)); r.IntN(20) == 0 {
				texts[i] = []string{"", "\xff", "\x00", strings.Repeat("long ", 10_000)}[r.IntN(4)]
			}
		}
		var want []string
		for _, text := range texts {
			if !known[text] {
				known[text] = true
				want = append(want, text)
			}
		}
		x, err := c.Embed(t.Context(), texts)
		require.NoError(t, err)
		if len(texts) == 0 {
			require.Equal(t, 7, x.Cols)
			h.take()
			continue
		}
		h.requireRows(t, texts, x)
		require.Equal(t, want, h.take(), "round %d", round)
	}
}

type withOptions struct {
	hashed
	workers int
}

func (w *withOptions) EmbedWith(ctx context.Context, texts []string, opt Options) (blas32.General, error) {
	w.workers = opt.Workers
	x, err := w.Embed(ctx, texts)
	for i := range texts {
		if opt.Progress != nil {
			opt.Progress(i+1, len(texts))
		}
	}
	if opt.Cut != nil {
		opt.Cut(len(texts) / 2)
	}
	return x, err
}

func TestCachedPassesOptionsOn(t *testing.T) {
	w := &withOptions{hashed: hashed{dim: 4}}
	c := cached(t, w, t.TempDir())
	for _, step := range []struct {
		texts []string
		first int // of the progress
		calls int
		cut   int
	}{
		{[]string{"a", "b", "a", "c", "d"}, 1, 1, 2},
		{[]string{"a", "b", "c", "d", "d"}, 5, 0, 0},
		{[]string{"e", "a", "f", "f", "a"}, 3, 1, 1},
		{numbered(0, 1500), 1, 2, 750},
	} {
		var progress []int
		cut := -1
		x, err := c.EmbedWith(t.Context(), step.texts, Options{Workers: 3, Cut: func(n int) { cut = n }, Progress: func(done, total int) {
			require.Equal(t, len(step.texts), total)
			progress = append(progress, done)
		}})
		require.NoError(t, err)
		w.requireRows(t, step.texts, x)
		require.Equal(t, step.calls, w.calls)
		w.take()
		require.Equal(t, 3, w.workers)
		require.Equal(t, step.cut, cut)
		require.Equal(t, step.first, progress[0])
		require.Equal(t, len(step.texts), progress[len(progress)-1])
		require.True(t, slices.IsSorted(progress))
		require.Len(t, slices.Compact(progress), len(progress), "values repeat")
	}
}

func TestCachedKeepsWhatWasDoneBeforeAFailure(t *testing.T) {
	no := errors.New("no")
	h := &hashed{dim: 3, fail: func(text string) error {
		if text == "text 700" {
			return no
		}
		return nil
	}}
	c := cached(t, h, t.TempDir())
	texts := numbered(0, 900)
	_, err := c.Embed(t.Context(), texts)
	require.ErrorIs(t, err, no)
	h.take()
	h.fail = nil
	embedAll(t, c, h, texts)
	require.Equal(t, texts[firstChunk:], h.take())
}

func TestCachedCancel(t *testing.T) {
	stop := errors.New("stop")
	h := &hashed{dim: 3}
	c := cached(t, h, t.TempDir())
	ctx, cancel := context.WithCancelCause(t.Context())
	h.fail = func(text string) error {
		if text == "text 600" {
			cancel(stop)
		}
		return nil
	}
	_, err := c.Embed(ctx, numbered(0, 5000))
	require.ErrorIs(t, err, stop)
	require.LessOrEqual(t, h.calls, 2)
	h.take()
	_, err = c.Embed(ctx, numbered(0, 10))
	require.ErrorIs(t, err, stop)
	require.Empty(t, h.take())
}

// TestCachedSurvivesEveryFlippedByte and every cut of a file: the right bits always come out, and at most the damaged text
// is computed again when only its record is hurt.
func TestCachedSurvivesEveryFlippedByte(t *testing.T) {
	h := &hashed{dim: 3}
	dir := t.TempDir()
	texts := []string{"a", "bb", "ccc", ""}
	embedAll(t, cached(t, h, dir), h, texts)
	files := segmentFiles(t, dir)
	require.Len(t, files, 1)
	whole, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Len(t, whole, segmentHead+4*(32+12+16))
	clean := func() {
		for _, f := range segmentFiles(t, dir) {
			require.NoError(t, os.Remove(f))
		}
		h.take()
	}
	// Every byte once, or with all of these; what was computed again is looked at now and then.
	flips, step := []byte{1, 0x80, 0xff}, 1
	if testing.Short() {
		flips, step = []byte{1}, 8
	}
	for at := range whole {
		for _, flip := range flips {
			clean()
			damaged := slices.Clone(whole)
			damaged[at] ^= flip
			require.NoError(t, os.WriteFile(files[0], damaged, 0o644))
			c := cached(t, h, dir)
			embedAll(t, c, h, texts)
			want := texts
			if at >= segmentHead {
				k := (at - segmentHead) / 32
				if k >= 4 {
					k = (at - segmentHead - 4*32) / 28
				}
				want = texts[k : k+1]
			}
			require.Equal(t, want, h.take(), "byte %d", at)
			if at%step != 0 {
				continue
			}
			embedAll(t, c, h, texts)
			embedAll(t, cached(t, h, dir), h, texts)
			require.Empty(t, h.take(), "byte %d: what was computed again is not kept", at)
		}
	}
	for n := 0; n < len(whole); n += step {
		clean()
		require.NoError(t, os.WriteFile(files[0], whole[:n], 0o644))
		embedAll(t, cached(t, h, dir), h, texts)
		require.Equal(t, texts, h.take())
	}
	clean()
	require.NoError(t, os.WriteFile(files[0], append(whole, 0), 0o644))
	embedAll(t, cached(t, h, dir), h, texts)
}

// TestCachedNoticesDamageLater: a file that is hurt, cut or removed after its keys were read.
func TestCachedNoticesDamageLater(t *testing.T) {
	for name, hurt := range map[string]func(path string) error{
		"flipped": func(path string) error {
			b, err := os.ReadFile(path)
			if err == nil {
				b[len(b)-20] ^= 4
				err = os.WriteFile(path, b, 0o644)
			}
			return err
		},
		"cut":     func(path string) error { return os.Truncate(path, 150) },
		"removed": os.Remove,
		"all":     func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := &hashed{dim: 3}
			dir := t.TempDir()
			c := cached(t, h, dir)
			texts := numbered(0, 4)
			embedAll(t, c, h, texts)
			require.NoError(t, hurt(segmentFiles(t, dir)[0]))
			h.take()
			embedAll(t, c, h, texts)
			require.Subset(t, texts, h.take())
			embedAll(t, c, h, texts)
			require.Empty(t, h.take())
		})
	}
}

// A segment of one identity is worth nothing under another, even when somebody moves the file.
func TestCachedKeepsIdentitiesApart(t *testing.T) {
	one, two := &hashed{dim: 3}, &hashed{dim: 4}
	dir := t.TempDir()
	texts := numbered(0, 5)
	embedAll(t, cached(t, one, dir), one, texts)
	c, err := Cached(two, CacheConfig{Dir: dir, Identity: "model 2"})
	require.NoError(t, err)
	b, err := os.ReadFile(segmentFiles(t, dir)[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(c.dir, segmentName(9)), b, 0o644))
	embedAll(t, c, two, texts)
	require.Equal(t, texts, two.take())

	wrong, err := Cached(two, CacheConfig{Dir: dir, Identity: "model 1"})
	require.NoError(t, err)
	_, err = wrong.Embed(t.Context(), numbered(4, 6))
	require.ErrorContains(t, err, `identity "model 1" has vectors of 3 and of 4 dimensions`)
	require.ErrorContains(t, err, "two models share it")
}

type named struct{ hashed }

func (*named) Identity() string { return "its own" }

func TestCacheConfig(t *testing.T) {
	dir := t.TempDir()
	_, err := Cached(&hashed{dim: 2}, CacheConfig{MaxBytes: -1})
	for _, field := range []string{"Dir", "Identity", "MaxBytes"} {
		require.ErrorContains(t, err, "embed.CacheConfig."+field+" is ")
	}
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	n := &named{hashed{dim: 2}}
	c, err := Cached(n, CacheConfig{Dir: filepath.Join(dir, "new", "deep")})
	require.NoError(t, err)
	embedAll(t, c, &n.hashed, numbered(0, 3))
	b, err := os.ReadFile(filepath.Join(c.dir, "identity.txt"))
	require.NoError(t, err)
	require.Equal(t, "its own\n", string(b))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
	_, err = Cached(n, CacheConfig{Dir: filepath.Join(dir, "file")})
	require.ErrorContains(t, err, "embedding cache: ")
}

func TestCachedRefusesBadMatrices(t *testing.T) {
	for _, x := range []blas32.General{
		{Rows: 1, Cols: 2, Stride: 2, Data: make([]float32, 4)},
		{Rows: 3, Cols: 2, Stride: 2, Data: make([]float32, 6)},
		{Rows: 2, Cols: 0, Stride: 0},
		{Rows: 2, Cols: 2, Stride: 1, Data: make([]float32, 4)},
		{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 3)},
	} {
		c := cached(t, fixed{x}, t.TempDir())
		_, err := c.Embed(t.Context(), []string{"a", "b"})
		require.ErrorContains(t, err, "the embedder gave")
	}
}

type fixed struct{ x blas32.General }

func (f fixed) Embed(context.Context, []string) (blas32.General, error) { return f.x, nil }

func TestCachedDoesNotKeepWhatIsNotFinite(t *testing.T) {
	nan := float32(math.NaN())
	c := cached(t, fixed{blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 2, nan, 3}}}, t.TempDir())
	x, err := c.Embed(t.Context(), []string{"a", "b"})
	require.NoError(t, err)
	require.Equal(t, math.Float32bits(nan), math.Float32bits(x.Data[2]))
	require.Len(t, c.index, 1)
}

// TestCachedMergesSmallFiles and keeps all that is in them.
func TestCachedMergesSmallFiles(t *testing.T) {
	h := &hashed{dim: 3}
	dir := t.TempDir()
	a, b := cached(t, h, dir), cached(t, h, dir)
	texts := numbered(0, 200)
	for i := range texts {
		embedAll(t, []*Cache{a, b}[i%2], h, texts[max(0, i-3):i+1])
		require.LessOrEqual(t, len(segmentFiles(t, dir)), mergeCount+1)
	}
	require.Equal(t, texts, h.take())
	for _, c := range []*Cache{a, b, cached(t, h, dir)} {
		embedAll(t, c, h, texts)
	}
	require.Empty(t, h.take())
	left, err := filepath.Glob(filepath.Join(dir, "*", ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestPrune(t *testing.T) {
	h := &hashed{dim: 100}
	dir := t.TempDir()
	c, err := Cached(h, CacheConfig{Dir: dir, Identity: "model 1", MaxBytes: 10_000})
	require.NoError(t, err)
	for i := range 20 {
		embedAll(t, c, h, numbered(i*5, i*5+5)) // 2,280 bytes
		size := int64(0)
		for _, f := range segmentFiles(t, dir) {
			info, err := os.Stat(f)
			require.NoError(t, err)
			size += info.Size()
		}
		require.LessOrEqual(t, size, int64(10_000))
	}
	require.Len(t, segmentFiles(t, dir), 4)
	h.take()
	embedAll(t, c, h, numbered(80, 100))
	require.Empty(t, h.take(), "the newest are gone")
	embedAll(t, c, h, numbered(0, 1))
	require.Len(t, h.take(), 1)
	require.NoError(t, c.Prune(0))
	require.Empty(t, segmentFiles(t, dir))
	embedAll(t, c, h, numbered(90, 100))
	require.Len(t, h.take(), 10)
}

func TestStaleTemporaryFilesAreRemoved(t *testing.T) {
	h := &hashed{dim: 3}
	dir := t.TempDir()
	c := cached(t, h, dir)
	old, young := filepath.Join(c.dir, ".x.seg.tmp-1"), filepath.Join(c.dir, ".x.seg.tmp-2")
	for _, f := range []string{old, young} {
		require.NoError(t, os.WriteFile(f, nil, 0o644))
	}
	require.NoError(t, os.Chtimes(old, time.Time{}, time.Now().Add(-25*time.Hour)))
	cached(t, h, dir)
	require.NoFileExists(t, old)
	require.FileExists(t, young)
}

// TestCachedConcurrently is for the race detector: goroutines with caches of their own and shared ones, and one that prunes.
func TestCachedConcurrently(t *testing.T) {
	dir := t.TempDir()
	h := &hashed{dim: 3}
	a, b := cached(t, h, dir), cached(t, h, dir)
	rounds := 40
	if testing.Short() {
		rounds = 10
	}
	var wg sync.WaitGroup
	failures := make(chan error, 8)
	for w := range 6 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 1))
			c := []*Cache{a, b}[w%2]
			for range rounds {
				lo := r.IntN(200)
				texts := numbered(lo, lo+1+r.IntN(20))
				x, err := c.Embed(t.Context(), texts)
				if err == nil {
					err = h.differs(texts, x)
				}
				if err == nil && r.IntN(10) == 0 {
					err = c.Prune(3000)
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	require.NoError(t, <-failures)
}

func (h *hashed) differs(texts []string, x blas32.General) error {
	for i, text := range texts {
		for j, v := range h.row(text) {
			if math.Float32bits(v) != math.Float32bits(x.Data[i*x.Stride+j]) {
				return fmt.Errorf("%q: column %d is %v, want %v", text, j, x.Data[i*x.Stride+j], v)
			}
		}
	}
	return nil
}

const cacheChild = "GOBERTOPIC_TEST_CACHE"

// TestCachedInProcesses runs three processes on one directory, and kills a fourth over and over while it writes. Every
// result is right, and in the end nothing is missing.
func TestCachedInProcesses(t *testing.T) {
	if dir := os.Getenv(cacheChild); dir != "" {
		child(t, dir)
		return
	}
	dir := t.TempDir()
	start := func(seed int) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCachedInProcesses$", "-test.v")
		cmd.Env = append(os.Environ(), cacheChild+"="+dir, "SEED="+strconv.Itoa(seed))
		cmd.Stdout, cmd.Stderr = new(strings.Builder), new(strings.Builder)
		require.NoError(t, cmd.Start())
		return cmd
	}
	var children []*exec.Cmd
	for seed := range 3 {
		children = append(children, start(seed))
	}
	for seed := range 5 {
		victim := start(100 + seed)
		time.Sleep(time.Duration(40+7*seed) * time.Millisecond)
		require.NoError(t, victim.Process.Kill())
		_ = victim.Wait()
	}
	for _, cmd := range children {
		require.NoError(t, cmd.Wait(), "%s%s", cmd.Stdout, cmd.Stderr)
	}
	h := &hashed{dim: 50}
	embedAll(t, cached(t, h, dir), h, numbered(0, 300))
	require.Empty(t, h.take())
}

func child(t *testing.T, dir string) {
	seed, err := strconv.Atoi(os.Getenv("SEED"))
	require.NoError(t, err)
	h := &hashed{dim: 50}
	c := cached(t, h, dir)
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	for range 150 {
		lo := r.IntN(290)
		embedAll(t, c, h, numbered(lo, lo+1+r.IntN(10)))
	}
	embedAll(t, c, h, numbered(0, 300))
}

func TestCachedReportsThatItCannotWrite(t *testing.T) {
	if os.Getuid() == 0 {
		h := &hashed{dim: 3}
		c := cached(t, h, t.TempDir())
		require.NoError(t, os.RemoveAll(c.dir))
		require.NoError(t, os.WriteFile(c.dir, nil, 0o644)) // for a superuser nothing is read-only, but a file is no directory
		_, err := c.Embed(t.Context(), numbered(0, 1))
		require.ErrorContains(t, err, "embedding cache: ")
		return
	}
	h := &hashed{dim: 3}
	c := cached(t, h, t.TempDir())
	require.NoError(t, os.Chmod(c.dir, 0o555))
	defer os.Chmod(c.dir, 0o755)
	_, err := c.Embed(t.Context(), numbered(0, 1))
	require.ErrorIs(t, err, fs.ErrPermission)
}

// FuzzSegment: whatever stands in a segment, the cache gives the right bits.
func FuzzSegment(f *testing.F) {
	h := &hashed{dim: 2}
	texts := []string{"a", "b"}
	dir := f.TempDir()
	c, err := Cached(h, CacheConfig{Dir: dir, Identity: "model 1"})
	require.NoError(f, err)
	_, err = c.Embed(f.Context(), texts)
	require.NoError(f, err)
	paths, err := filepath.Glob(filepath.Join(c.dir, "*.seg"))
	require.NoError(f, err)
	whole, err := os.ReadFile(paths[0])
	require.NoError(f, err)
	f.Add(whole)
	f.Add(whole[:segmentHead])
	f.Add([]byte(segmentMagic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		// A head that fits, so that what follows is reached.
		if len(b) >= segmentHead {
			s := sum(c.salt, b[:24])
			copy(b[24:], s[:])
		}
		dir := t.TempDir()
		c := cached(t, h, dir)
		require.NoError(t, os.WriteFile(filepath.Join(c.dir, segmentName(3)), b, 0o644))
		embedAll(t, c, h, texts)
		embedAll(t, cached(t, h, dir), h, texts)
	})
}

func BenchmarkCachedHits(b *testing.B) {
	h := &hashed{dim: 384}
	c, err := Cached(h, CacheConfig{Dir: b.TempDir(), Identity: "model 1"})
	require.NoError(b, err)
	texts := numbered(0, 20_000)
	_, err = c.Embed(b.Context(), texts)
	require.NoError(b, err)
	for b.Loop() {
		_, err = c.Embed(b.Context(), texts)
		require.NoError(b, err)
	}
}
