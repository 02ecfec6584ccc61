package dedup

import (
	"bytes"
	"context"
	"math"
	"slices"

	"github.com/gobertopic/gobertopic/internal/bitmath"
	"github.com/gobertopic/gobertopic/internal/parallel"
	"github.com/gobertopic/gobertopic/internal/rng"
)

// blockSize is how many texts are compared with all before them at once, and then with each other.
const blockSize = 4096

// finder goes through the texts. Its parts grow by the texts that are kept.
type finder struct {
	cfg     Config
	texts   []string
	matches []Match
	exact   map[uint64]int32 // the first text with a hash of the normalised text

	rows, bands int      // MinHash values of a band, and bands; 0 where only equal texts are sought
	a, b        []uint64 // of each hash function
	tables      []table  // of each band
	position    []int32  // of each text: its place in sketches, −1 where it is not kept
	sketches    []byte   // of the kept texts: a byte of each MinHash value
	least       int      // equal bytes without which two texts are not compared

	scratch []worker
	blocks  []made
	keys    []uint64 // of the block's texts, by band
	sketch  []byte   // of the block's texts
	fresh   []table  // of the texts of the block that are kept
}

// worker is the scratch memory of a goroutine.
type worker struct {
	one, other shingler
	mins       []uint32
	candidates []int32
}

// made is what is known of a text of the block.
type made struct {
	hash  uint64
	empty bool
}

func newFinder(texts []string, cfg Config) *finder {
	f := &finder{cfg: cfg, texts: texts, matches: make([]Match, len(texts)), exact: map[uint64]int32{}, position: make([]int32, len(texts))}
	if cfg.Threshold < 1 {
		f.rows, f.bands = bands(cfg.Threshold, cfg.Hashes)
	}
	n := f.rows * f.bands
	for p := range n {
		stream := rng.New(cfg.Seed, uint64(p))
		f.a, f.b = append(f.a, stream.Uint64()|1), append(f.b, stream.Uint64())
	}
	// Five standard deviations below the threshold, and a 256th of the bytes that differ are equal by chance.
	t := cfg.Threshold
	f.least = int(float64(n)*t - 5*math.Sqrt(float64(n)*t*(1-t)))
	f.tables, f.fresh = make([]table, f.bands), make([]table, f.bands)
	f.scratch = make([]worker, parallel.Workers(cfg.Workers))
	f.blocks = make([]made, blockSize)
	f.keys, f.sketch = make([]uint64, blockSize*f.bands), make([]byte, blockSize*n)
	return f
}

// bands cuts so many hashes into bands: as many rows to a band as leave a chance of 0.995 that texts with the similarity t
// agree in one band at least.
func bands(t float64, hashes int) (rows, n int) {
	for rows = 32; rows > 1; rows-- {
		n = hashes / rows
		if n > 0 && 1-bitmath.Pow(1-bitmath.Pow(t, float64(rows)), float64(n)) >= 0.995 {
			return rows, n
		}
	}
	return 1, hashes
}

// block finds the duplicates among the texts [lo, hi).
func (f *finder) block(ctx context.Context, lo, hi int) error {
	// With the texts that were kept before, on all processors.
	err := parallel.Loop{Workers: f.cfg.Workers, Block: 64}.Run(ctx, hi-lo, func(w, from, to int) error {
		for i := lo + from; i < lo+to; i++ {
			f.sign(&f.scratch[w], i, i-lo)
			f.matches[i] = f.before(&f.scratch[w], i, i-lo)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Among each other, in their order.
	for b := range f.fresh {
		f.fresh[b].reset(hi - lo)
	}
	fresh := map[uint64]int32{}
	kept := 0
	for i := lo; i < hi; i++ {
		if i%64 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.position[i] = -1
		if f.matches[i].Of >= 0 || f.blocks[i-lo].empty {
			continue
		}
		if f.matches[i] = f.among(&f.scratch[0], i, lo, fresh); f.matches[i].Of >= 0 {
			continue
		}
		if _, ok := fresh[f.blocks[i-lo].hash]; !ok {
			fresh[f.blocks[i-lo].hash] = int32(i)
		}
		for b := range f.fresh {
			f.fresh[b].insert(f.keys[(i-lo)*f.bands+b], int32(i))
		}
		n := f.rows * f.bands
		f.position[i] = int32(len(f.sketches) / max(n, 1))
		f.sketches = append(f.sketches, f.sketch[(i-lo)*n:(i-lo+1)*n]...)
		if _, ok := f.exact[f.blocks[i-lo].hash]; !ok {
			f.exact[f.blocks[i-lo].hash] = int32(i)
		}
		kept++
	}
	// The tables of the bands are filled each by one goroutine, in the order of the texts.
	return parallel.Loop{Workers: f.cfg.Workers, Block: 1}.Run(ctx, f.bands, func(_, from, to int) error {
		for b := from; b < to; b++ {
			f.tables[b].grow(kept)
			for i := lo; i < hi; i++ {
				if f.position[i] >= 0 {
					f.tables[b].insert(f.keys[(i-lo)*f.bands+b], int32(i))
				}
			}
		}
		return nil
	})
}

// sign computes what the text i is found by. at is its place in the block.
func (f *finder) sign(w *worker, i, at int) {
	set := w.one.set(f.texts[i], f.cfg)
	f.blocks[at] = made{hash: w.one.hash(), empty: len(set) == 0}
	if f.bands == 0 || len(set) == 0 {
		return
	}
	n := len(f.a)
	w.mins = slices.Grow(w.mins[:0], n)[:n]
	minima(w.mins, f.a, f.b, set)
	for p, v := range w.mins {
		f.sketch[at*n+p] = byte(v)
	}
	for b := range f.bands {
		key := uint64(b)
		for _, v := range w.mins[b*f.rows : (b+1)*f.rows] {
			key = (key ^ uint64(v)) * base
			key ^= key >> 32
		}
		f.keys[at*f.bands+b] = finish(key)
	}
}

// minima are the least values of the set under each of the hash functions x → (a·x + b) / 2³² modulo 2³² (Dietzfelbinger
// and others, "A reliable randomized algorithm for the closest-pair problem", 1997, doi:10.1006/jagm.1997.0873).
func minima(mins []uint32, a, b, set []uint64) {
	for p := range mins {
		mins[p] = math.MaxUint32
	}
	a, b = a[:len(mins)], b[:len(mins)]
	for _, x := range set {
		for p := range mins {
			mins[p] = min(mins[p], uint32((a[p]*x+b[p])>>32))
		}
	}
}

// before finds the match of the text i among the texts that were kept before its block.
func (f *finder) before(w *worker, i, at int) Match {
	if f.blocks[at].empty {
		return Match{Of: -1}
	}
	if j, ok := f.exact[f.blocks[at].hash]; ok && f.same(w, int(j)) {
		return Match{Of: int(j), Similarity: 1, Same: true}
	}
	w.candidates = w.candidates[:0]
	for b := range f.bands {
		w.candidates = f.tables[b].find(f.keys[at*f.bands+b], w.candidates)
	}
	n := f.rows * f.bands
	return f.first(w, i, at, func(j int32) []byte {
		k := int(f.position[j])
		return f.sketches[k*n : (k+1)*n]
	})
}

// among finds the match of the text i among the texts of its block that were kept.
func (f *finder) among(w *worker, i, lo int, fresh map[uint64]int32) Match {
	at := i - lo
	if j, ok := fresh[f.blocks[at].hash]; ok {
		w.one.text = normalise(w.one.text, f.texts[i])
		if f.same(w, int(j)) {
			return Match{Of: int(j), Similarity: 1, Same: true}
		}
	}
	w.candidates = w.candidates[:0]
	for b := range f.bands {
		w.candidates = f.fresh[b].find(f.keys[at*f.bands+b], w.candidates)
	}
	if len(w.candidates) == 0 {
		return Match{Of: -1}
	}
	w.one.set(f.texts[i], f.cfg)
	n := f.rows * f.bands
	return f.first(w, i, at, func(j int32) []byte { return f.sketch[(int(j)-lo)*n : (int(j)-lo+1)*n] })
}

// same is whether the normalised text in w.one is that of the text j.
func (f *finder) same(w *worker, j int) bool {
	w.other.text = normalise(w.other.text, f.texts[j])
	return bytes.Equal(w.one.text, w.other.text)
}

// first is the earliest of the candidates that is similar to the text i, whose shingles are in w.one.
func (f *finder) first(w *worker, i, at int, sketch func(j int32) []byte) Match {
	slices.Sort(w.candidates)
	n := f.rows * f.bands
	mine := f.sketch[at*n : (at+1)*n]
	last := int32(-1)
	for _, j := range w.candidates {
		if j == last {
			continue
		}
		last = j
		if equal(mine, sketch(j)) < f.least {
			continue
		}
		if s := jaccard(w.one.set_, w.other.set(f.texts[j], f.cfg)); s >= f.cfg.Threshold {
			return Match{Of: int(j), Similarity: s, Same: bytes.Equal(w.one.text, w.other.text)}
		}
	}
	return Match{Of: -1}
}

func equal(x, y []byte) (n int) {
	y = y[:len(x)]
	for i, v := range x {
		if v == y[i] {
			n++
		}
	}
	return n
}
