package embed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/internal/atomicfile"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/stage"
)

// Embedder turns texts into vectors, one row per text.
type Embedder interface {
	Embed(ctx context.Context, texts []string) (blas32.General, error)
}

// CacheConfig says where vectors are kept and whose they are.
type CacheConfig struct {
	// Dir is the directory of the cache; it is made when it is missing. Caches of several identities, in several processes,
	// may share it.
	Dir string
	// Identity names what decides the vectors beside the text: the model, its version and its settings. Two embedders with
	// the same identity must give the same vectors. Empty, the default, means what the embedder's method Identity() string
	// returns, if it has one.
	Identity string
	// MaxBytes is the size to which the files of this identity are cut after each call that added some, the oldest first. 0,
	// the default, sets no limit.
	MaxBytes int64
}

// Validate reports every bad field at once.
func (c CacheConfig) Validate() error {
	var f check.Fields
	f.Want(c.Dir != "", "embed.CacheConfig.Dir", `""`, "a directory")
	f.Want(c.MaxBytes >= 0, "embed.CacheConfig.MaxBytes", c.MaxBytes, "at least 0")
	return f.Err()
}

// Cache is an embedder whose vectors are kept on disk. It is safe for concurrent use, by goroutines and by processes.
//
// # Files
//
// The key of a vector is the identity and the SHA-256 of the text; the texts themselves are not kept. Each identity has a
// directory of segment files. A segment is written under another name, takes its name when it is complete, and never
// changes. So there is no lock: two processes at once can at worst compute the same text twice. A store with a file lock,
// such as bbolt, would make the second process wait for the whole run of the first. Many small segments are merged into
// one.
//
// Every vector has a checksum of 128 bits over identity, text and values. What does not fit its checksum, or cannot be read,
// counts as missing and is computed again.
type Cache struct {
	inner Embedder
	cfg   CacheConfig
	salt  [sha256.Size]byte // hash of the identity
	dir   string            // the directory of the identity

	mu       sync.Mutex
	segments map[string]*segment // by name: those that are there and whole
	bad      map[string]bool     // and those that are not whole
	index    map[cacheKey]place
	sequence uint64 // the highest of any segment seen
}

// place is where a vector is.
type place struct {
	seg *segment
	i   int
}

// Cached wraps an embedder with a cache on disk. The result of a call is, bit for bit, what the embedder gives, as long as
// the embedder's row for a text does not depend on the other texts of a call; all embedders of this module are such. The
// error is a *stage.ConfigError for each bad field of cfg, or that the directory cannot be made or written to.
func Cached(e Embedder, cfg CacheConfig) (*Cache, error) {
	if cfg.Identity == "" {
		if named, ok := e.(interface{ Identity() string }); ok {
			cfg.Identity = named.Identity()
		}
	}
	err := cfg.Validate()
	if cfg.Identity == "" {
		err = errors.Join(err, &stage.ConfigError{Field: "embed.CacheConfig.Identity", Value: `""`, Want: "a name for the model and its settings, since the embedder has none of its own"})
	}
	if err != nil {
		return nil, err
	}
	c := &Cache{
		inner: e, cfg: cfg, salt: sha256.Sum256([]byte(cfg.Identity)),
		segments: map[string]*segment{}, bad: map[string]bool{}, index: map[cacheKey]place{},
	}
	c.dir = filepath.Join(cfg.Dir, "v1-"+hex.EncodeToString(c.salt[:16]))
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, fmt.Errorf("embedding cache: %w", err)
	}
	// For people who look into the directory; and it shows now, rather than after hours, whether files can be written.
	err = atomicfile.Write(filepath.Join(c.dir, "identity.txt"), func(w io.Writer) error {
		_, err := io.WriteString(w, cfg.Identity+"\n")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("embedding cache: %w", err)
	}
	c.sweep()
	return c, nil
}

// Identity returns CacheConfig.Identity, or that of the embedder. It implements stage.Identified.
func (c *Cache) Identity() string { return c.cfg.Identity }

// Embed returns a matrix with one row per text, in the order of the texts. The embedder is given each distinct text that the
// cache lacks once, in the order of their first places, in several calls when there are many; what a call gave is kept even
// when a later one fails. The error is the embedder's, the cause of a canceled context, that a segment could not be written,
// or that the vectors of this identity have different lengths.
func (c *Cache) Embed(ctx context.Context, texts []string) (blas32.General, error) {
	return c.EmbedWith(ctx, texts, Options{})
}

const (
	firstChunk, leastChunk, mostChunk = 512, 32, 1 << 14
	// A chunk should not lose much work when it fails, nor be so short that starting it counts.
	shortChunk, longChunk = 4 * time.Second, 20 * time.Second
)

// EmbedRun returns what EmbedWith does, and the number of texts that were cut. It implements
// stage.RunEmbedder.
func (c *Cache) EmbedRun(ctx context.Context, run stage.Run, texts []string) (x blas32.General, truncated int, err error) {
	return Run(ctx, c, run, texts)
}

// EmbedWith is Embed with options, which are passed on to an embedder that takes them. Progress counts the texts that the
// cache has as done at once. Cut counts the texts that the embedder was given in this call: the cache does not know about
// the others.
func (c *Cache) EmbedWith(ctx context.Context, texts []string, opt Options) (blas32.General, error) {
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	if len(texts) == 0 {
		return c.call(ctx, texts, opt)
	}
	// Distinct texts, by number in the order of their first places.
	number := make(map[cacheKey]int, len(texts))
	of := make([]int, len(texts))
	var first []int
	var keys []cacheKey
	for i, text := range texts {
		if i%64 == 0 && ctx.Err() != nil {
			return blas32.General{}, context.Cause(ctx)
		}
		key := cacheKey(sha256.Sum256([]byte(text)))
		k, ok := number[key]
		if !ok {
			k = len(first)
			number[key] = k
			first, keys = append(first, i), append(keys, key)
		}
		of[i] = k
	}
	rows := make([][]float32, len(first))
	if err := c.fill(ctx, keys, rows); err != nil {
		return blas32.General{}, err
	}
	var missing []int
	for k, row := range rows {
		if row == nil {
			missing = append(missing, k)
		}
	}
	report := func(int) {}
	if opt.Progress != nil {
		last := 0
		report = func(left int) {
			if done := len(texts) - left; done > last {
				last = done
				opt.Progress(done, len(texts))
			}
		}
	}
	report(len(missing))
	cut := 0
	for chunk := firstChunk; len(missing) > 0; {
		part := missing[:min(chunk, len(missing))]
		missing = missing[len(part):]
		some := make([]string, len(part))
		for j, k := range part {
			some[j] = texts[first[k]]
		}
		start := time.Now()
		x, err := c.call(ctx, some, Options{
			Workers:  opt.Workers,
			Progress: func(done, _ int) { report(len(missing) + len(part) - min(max(done, 0), len(part))) },
			Cut:      func(n int) { cut += n },
		})
		if err != nil {
			return blas32.General{}, err
		}
		if err := shape(x, len(some)); err != nil {
			return blas32.General{}, err
		}
		for j, k := range part {
			rows[k] = x.Data[j*x.Stride : j*x.Stride+x.Cols : j*x.Stride+x.Cols]
		}
		if err := c.store(part, keys, rows); err != nil {
			return blas32.General{}, fmt.Errorf("embedding cache: %w", err)
		}
		switch took := time.Since(start); {
		case took < shortChunk:
			chunk = min(2*chunk, mostChunk)
		case took > longChunk:
			chunk = max(chunk/2, leastChunk)
		}
		report(len(missing))
	}
	dim := len(rows[0])
	for k, row := range rows {
		if len(row) != dim {
			return blas32.General{}, fmt.Errorf("embedding cache: identity %q has vectors of %d and of %d dimensions (texts %d and %d): two models share it", c.cfg.Identity, dim, len(row), first[0], first[k])
		}
	}
	x := blas32.General{Rows: len(texts), Cols: dim, Stride: dim, Data: make([]float32, len(texts)*dim)}
	for i, k := range of {
		copy(x.Data[i*dim:], rows[k])
	}
	if err := context.Cause(ctx); err != nil {
		return blas32.General{}, err
	}
	if opt.Cut != nil {
		opt.Cut(cut)
	}
	return x, nil
}

func (c *Cache) call(ctx context.Context, texts []string, opt Options) (blas32.General, error) {
	if full, ok := c.inner.(WithOptions); ok {
		return full.EmbedWith(ctx, texts, opt)
	}
	if full, ok := c.inner.(stage.RunEmbedder); ok {
		x, truncated, err := full.EmbedRun(ctx, stage.Run{Workers: opt.Workers, Progress: opt.Progress}, texts)
		if err == nil && opt.Cut != nil {
			opt.Cut(truncated)
		}
		return x, err
	}
	return c.inner.Embed(ctx, texts)
}

// shape reports a matrix that is not n rows.
func shape(x blas32.General, n int) error {
	switch {
	case x.Rows != n:
		return fmt.Errorf("the embedder gave %d rows for %d texts, want one row each", x.Rows, n)
	case x.Cols < 1, x.Stride < x.Cols, len(x.Data) < (x.Rows-1)*x.Stride+x.Cols:
		return fmt.Errorf("the embedder gave a matrix of %d×%d with stride %d and %d values", x.Rows, x.Cols, x.Stride, len(x.Data))
	}
	return nil
}

// Prune removes the files of this identity that were written longest ago until the others have maxBytes or less; 0 removes
// all. Other processes may go on using the cache.
func (c *Cache) Prune(maxBytes int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.prune(maxBytes)
}

func (c *Cache) prune(maxBytes int64) error {
	entries, err := os.ReadDir(c.dir) // ordered by name, and so by age
	if err != nil {
		return err
	}
	sizes := make([]int64, len(entries))
	total := int64(0)
	var gone []*segment
	defer func() { c.forget(gone...) }()
	for i, e := range entries {
		if _, ok := segmentSequence(e.Name()); ok {
			if info, err := e.Info(); err == nil {
				sizes[i] = info.Size()
				total += sizes[i]
			}
		}
	}
	for i, e := range entries {
		if _, ok := segmentSequence(e.Name()); !ok {
			continue
		}
		if total <= maxBytes {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if seg := c.segments[e.Name()]; seg != nil {
			gone = append(gone, seg)
		}
		total -= sizes[i]
	}
	return nil
}

// sweep removes what processes that died left behind.
func (c *Cache) sweep() {
	left, _ := filepath.Glob(filepath.Join(c.dir, ".*.tmp-*"))
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.Remove(path)
		}
	}
}

// fill reads the vectors that the cache has; rows of the others stay nil.
func (c *Cache) fill(ctx context.Context, keys []cacheKey, rows [][]float32) error {
	// Twice: between the first look and the reading another process may have merged what was found.
	for range 2 {
		found, err := c.find(keys, rows)
		if err != nil {
			return fmt.Errorf("embedding cache: %w", err)
		}
		gone := false
		for _, seg := range slices.SortedFunc(maps.Keys(found), compareSegments) {
			f, err := os.Open(filepath.Join(c.dir, seg.name))
			if err != nil { // gone or unreadable: as if it had never been
				gone = true
				c.mu.Lock()
				c.forget(seg)
				c.mu.Unlock()
				continue
			}
			for n, hit := range found[seg] {
				if n%64 == 0 && ctx.Err() != nil {
					f.Close()
					return context.Cause(ctx)
				}
				row := seg.read(f, c.salt, keys[hit.key], hit.at)
				if row == nil {
					c.mu.Lock()
					if c.index[keys[hit.key]] == (place{seg, hit.at}) {
						delete(c.index, keys[hit.key])
					}
					c.mu.Unlock()
				}
				rows[hit.key] = row
			}
			f.Close()
		}
		if !gone {
			break
		}
	}
	return nil
}

// hit is the number of a key and its place in a segment.
type hit struct{ key, at int }

// find looks at the directory and returns which rows that are nil are in which segment.
func (c *Cache) find(keys []cacheKey, rows [][]float32) (map[*segment][]hit, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(); err != nil {
		return nil, err
	}
	found := map[*segment][]hit{}
	for k, key := range keys {
		if p, ok := c.index[key]; ok && rows[k] == nil {
			found[p.seg] = append(found[p.seg], hit{k, p.i})
		}
	}
	return found, nil
}

// refresh reads the keys of new segments and drops those of segments that are gone. c.mu is held.
func (c *Cache) refresh() error {
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) { // somebody emptied the cache
		err = os.MkdirAll(c.dir, 0o755)
	}
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		sequence, ok := segmentSequence(e.Name())
		if !ok {
			continue
		}
		name := e.Name()
		there[name] = true
		c.sequence = max(c.sequence, sequence)
		if c.segments[name] != nil || c.bad[name] {
			continue
		}
		seg, keys, err := openSegment(filepath.Join(c.dir, name), c.salt)
		if err != nil {
			if errors.Is(err, errSegment) {
				c.bad[name] = true
			}
			continue
		}
		c.add(seg, keys)
	}
	var gone []*segment
	for name, seg := range c.segments {
		if !there[name] {
			gone = append(gone, seg)
		}
	}
	c.forget(gone...)
	maps.DeleteFunc(c.bad, func(name string, _ bool) bool { return !there[name] })
	return nil
}

// add makes the vectors of a segment known; those of later segments come first.
func (c *Cache) add(seg *segment, keys []cacheKey) {
	c.segments[seg.name] = seg
	for i, key := range keys {
		if old, ok := c.index[key]; !ok || compareSegments(old.seg, seg) < 0 {
			c.index[key] = place{seg, i}
		}
	}
}

// forget drops segments and the vectors in them. c.mu is held.
func (c *Cache) forget(segments ...*segment) {
	if len(segments) == 0 {
		return
	}
	for _, seg := range segments {
		if c.segments[seg.name] == seg {
			delete(c.segments, seg.name)
		}
		seg.gone = true
	}
	maps.DeleteFunc(c.index, func(_ cacheKey, p place) bool { return p.seg.gone })
}

// store keeps rows in a new segment, but for those that are not finite.
func (c *Cache) store(which []int, keys []cacheKey, rows [][]float32) error {
	var good []cacheKey
	var values [][]float32
	for _, k := range which {
		if finite(rows[k]) {
			good, values = append(good, keys[k]), append(values, rows[k])
		}
	}
	if len(good) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.write(good, values); err != nil {
		return err
	}
	if err := c.merge(); err != nil {
		return err
	}
	if c.cfg.MaxBytes > 0 {
		return c.prune(c.cfg.MaxBytes)
	}
	return nil
}

// write makes a segment. c.mu is held.
func (c *Cache) write(keys []cacheKey, rows [][]float32) error {
	c.sequence++
	seg, err := createSegment(c.dir, c.sequence, c.salt, keys, rows)
	if err != nil {
		return err
	}
	c.add(seg, keys)
	return nil
}

const (
	mergeCount = 32      // so many small segments become one
	smallBytes = 1 << 20 // and this is small
)

// merge copies small segments into one when there are many. A segment is removed only after everything good in it is in
// another that is complete, so that another process that does the same loses nothing. c.mu is held.
func (c *Cache) merge() error {
	byDim := map[int][]*segment{}
	for _, seg := range c.segments {
		if seg.size() < smallBytes {
			byDim[seg.dim] = append(byDim[seg.dim], seg)
		}
	}
	for _, dim := range slices.Sorted(maps.Keys(byDim)) {
		small := byDim[dim]
		if len(small) < mergeCount {
			continue
		}
		slices.SortFunc(small, func(a, b *segment) int { return compareSegments(b, a) }) // the newest first
		var keys []cacheKey
		var rows [][]float32
		seen := map[cacheKey]bool{}
		var copied []*segment
		for _, seg := range small {
			path := filepath.Join(c.dir, seg.name)
			_, inside, err := openSegment(path, c.salt)
			if err != nil {
				continue
			}
			f, err := os.Open(path)
			if err != nil {
				continue
			}
			for i, key := range inside {
				if seen[key] {
					continue
				}
				if row := seg.read(f, c.salt, key, i); row != nil {
					seen[key] = true
					keys, rows = append(keys, key), append(rows, row)
				}
			}
			f.Close()
			copied = append(copied, seg)
		}
		slices.Reverse(keys) // the oldest first, as they were
		slices.Reverse(rows)
		if len(keys) > 0 {
			if err := c.write(keys, rows); err != nil {
				return err
			}
		}
		for _, seg := range copied {
			_ = os.Remove(filepath.Join(c.dir, seg.name)) // one that stays is merged again
		}
		c.forget(copied...)
		for name := range c.bad {
			_ = os.Remove(filepath.Join(c.dir, name))
		}
	}
	return nil
}

func finite(row []float32) bool {
	for _, v := range row {
		if v != v || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}
