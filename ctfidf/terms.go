package ctfidf

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
)

// terms numbers terms from 0 in the order in which they are first seen: a hash table with open addressing and linear
// probing over one piece of memory that holds all terms, so that a million of them are no work for the garbage collector.
// Terms of up to eight bytes, which most words are, are compared within the table. The hash decides only where in the
// table a term lies, so its random seed does not reach a result.
type terms struct {
	seed  maphash.Seed
	mix   uint64 // a seed for short terms
	place []place
	data  []byte // the terms, one behind the other
	end   []int  // term n is data[end[n]:end[n+1]]
}

type place struct {
	head uint64 // the first eight bytes, as headOf has them
	size uint32 // of the term in bytes; it tells "a" from "a\x00"
	next uint32 // the number of the term plus 1; 0 is a free place
}

func newTerms() *terms { return sizedTerms(1<<12, 1<<15) }

// sizedTerms has room for some number of terms, of so many bytes in all.
func sizedTerms(number, size int) *terms {
	places := 1 << max(13, bits.Len(uint(2*number)))
	seed := maphash.MakeSeed()
	return &terms{seed: seed, mix: maphash.String(seed, "") | 1, place: lendPlaces.lend(places), end: make([]int, 1, number+1), data: make([]byte, 0, size)}
}

// termsOf numbers a vocabulary, in which each term stands once.
func termsOf(vocabulary []string) *terms {
	size := 0
	for _, s := range vocabulary {
		size += len(s)
	}
	t := sizedTerms(len(vocabulary), size+8)
	for _, s := range vocabulary {
		t.add([]byte(s))
	}
	return t
}

func (t *terms) len() int { return len(t.end) - 1 }

func (t *terms) at(id int32) []byte { return t.data[t.end[id]:t.end[id+1]] }

// headOf is the first eight bytes of a term, the first one the highest, zeros where it has no more.
func headOf(term []byte) uint64 {
	if len(term) >= 8 {
		return binary.BigEndian.Uint64(term)
	}
	if cap(term) >= 8 { // the bytes behind the term are there to be read, and are shifted out
		return binary.BigEndian.Uint64(term[:8]) &^ (1<<(64-8*len(term)) - 1)
	}
	var b [8]byte
	copy(b[:], term)
	return binary.BigEndian.Uint64(b[:])
}

func (t *terms) hash(head uint64, term []byte) uint64 {
	if len(term) > 8 {
		return maphash.Bytes(t.seed, term)
	}
	hi, lo := bits.Mul64(head^t.mix, 0x9e3779b97f4a7c15^uint64(len(term)))
	return hi ^ lo
}

// free gives back the table.
func (t *terms) free() {
	lendPlaces.back(t.place)
	t.place = nil
}

// find is the number of a term, or −1.
func (t *terms) find(term []byte) int32 {
	head := headOf(term)
	id, _ := t.look(t.hash(head, term), head, term)
	return id
}

// add is the number of a term, a new one if need be.
func (t *terms) add(term []byte) int32 {
	head := headOf(term)
	id, i := t.look(t.hash(head, term), head, term)
	if id >= 0 {
		return id
	}
	t.data = append(t.data, term...)
	t.end = append(t.end, len(t.data))
	t.place[i] = place{head, uint32(len(term)), uint32(t.len())}
	if 2*t.len() > len(t.place) {
		t.grow()
	}
	return int32(t.len() - 1)
}

// look is the number of the term or −1, and the place where it is or belongs.
func (t *terms) look(hash, head uint64, term []byte) (id int32, i int) {
	mask := len(t.place) - 1
	for i = int(hash) & mask; ; i = (i + 1) & mask {
		p := &t.place[i]
		if p.next == 0 {
			return -1, i
		}
		if p.head == head && p.size == uint32(len(term)) {
			if id := int32(p.next) - 1; len(term) <= 8 || bytes.Equal(t.at(id)[8:], term[8:]) {
				return id, i
			}
		}
	}
}

func (t *terms) grow() {
	old := t.place
	t.place = lendPlaces.lend(2 * len(old))
	defer lendPlaces.back(old)
	mask := len(t.place) - 1
	for _, p := range old {
		if p.next == 0 {
			continue
		}
		i := int(t.hash(p.head, t.at(int32(p.next)-1))) & mask
		for t.place[i].next != 0 {
			i = (i + 1) & mask
		}
		t.place[i] = p
	}
}

// sorted is the terms by code point, and the place of each term among them.
func (t *terms) sorted() (vocabulary []string, rank []int32) {
	order := lendKeyed.lend(t.len())
	for id := range order {
		order[id] = keyed{headOf(t.at(int32(id))), int32(id)}
	}
	order = sortKeyed(order)
	defer lendKeyed.back(order)
	// The heads decide most of the order; where they are equal, what follows does.
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && order[hi].key == order[lo].key {
			hi++
		}
		slices.SortFunc(order[lo:hi], func(a, b keyed) int { return bytes.Compare(t.at(a.id), t.at(b.id)) })
		lo = hi
	}
	var all strings.Builder
	all.Grow(len(t.data))
	for _, h := range order {
		all.Write(t.at(h.id))
	}
	vocabulary = make([]string, len(order))
	rank = make([]int32, len(order))
	at := 0
	for j, h := range order {
		n := len(t.at(h.id))
		vocabulary[j] = all.String()[at : at+n]
		at += n
		rank[h.id] = int32(j)
	}
	return vocabulary, rank
}

// keyed is something with a number that is sorted by a key.
type keyed struct {
	key uint64
	id  int32
}

// sortKeyed sorts by key, equal keys in the order in which they stand: a radix sort of one byte at a time, from the
// lowest, which passes over the bytes that all keys share. x was lent by lendKeyed, as is what is returned in its place.
func sortKeyed(x []keyed) []keyed {
	if len(x) < 2 {
		return x
	}
	differ := uint64(0)
	for _, e := range x {
		differ |= e.key ^ x[0].key
	}
	y := lendKeyed.lend(len(x))
	for shift := 0; shift < 64; shift += 8 {
		if differ>>shift&0xff == 0 {
			continue
		}
		var start [256]int
		for _, e := range x {
			start[e.key>>shift&0xff]++
		}
		sum := 0
		for b, n := range start {
			start[b] = sum
			sum += n
		}
		for _, e := range x {
			b := e.key >> shift & 0xff
			y[start[b]] = e
			start[b]++
		}
		x, y = y, x
	}
	lendKeyed.back(y)
	return x
}
