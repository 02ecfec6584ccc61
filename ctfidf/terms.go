package ctfidf

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
)

// terms numbers terms from 0 in the order in which they are first seen: a hash table with open addressing and linear
// probing over one piece of memory that holds all terms, so that a million of them are no work for the garbage collector.
// The hash decides only where in the table a term lies, so its random seed does not reach a result.
type terms struct {
	seed  maphash.Seed
	place []uint64 // the upper half of the hash, then the number of the term plus 1; 0 is a free place
	data  []byte   // the terms, one behind the other
	end   []int    // term n is data[end[n]:end[n+1]]
}

func newTerms() *terms {
	return &terms{seed: maphash.MakeSeed(), place: make([]uint64, 1<<12), end: []int{0}}
}

// termsOf numbers a vocabulary, in which each term stands once.
func termsOf(vocabulary []string) *terms {
	t := newTerms()
	for _, s := range vocabulary {
		t.add([]byte(s))
	}
	return t
}

func (t *terms) len() int { return len(t.end) - 1 }

func (t *terms) at(id int32) []byte { return t.data[t.end[id]:t.end[id+1]] }

const lower32 = 1<<32 - 1

// find is the number of a term, or −1.
func (t *terms) find(term []byte) int32 {
	id, _ := t.look(maphash.Bytes(t.seed, term), term)
	return id
}

// add is the number of a term, a new one if need be.
func (t *terms) add(term []byte) int32 {
	h := maphash.Bytes(t.seed, term)
	id, i := t.look(h, term)
	if id >= 0 {
		return id
	}
	t.data = append(t.data, term...)
	t.end = append(t.end, len(t.data))
	t.place[i] = h&^lower32 | uint64(t.len())
	if 2*t.len() > len(t.place) {
		t.grow()
	}
	return int32(t.len() - 1)
}

// look is the number of the term or −1, and the place where it is or belongs.
func (t *terms) look(hash uint64, term []byte) (id int32, i int) {
	mask := len(t.place) - 1
	for i = int(hash) & mask; ; i = (i + 1) & mask {
		p := t.place[i]
		if p == 0 {
			return -1, i
		}
		if (p^hash)>>32 == 0 {
			if id := int32(p&lower32) - 1; bytes.Equal(t.at(id), term) {
				return id, i
			}
		}
	}
}

func (t *terms) grow() {
	t.place = make([]uint64, 4*len(t.place))
	mask := len(t.place) - 1
	for n := range t.len() {
		h := maphash.Bytes(t.seed, t.at(int32(n)))
		i := int(h) & mask
		for t.place[i] != 0 {
			i = (i + 1) & mask
		}
		t.place[i] = h&^lower32 | uint64(n+1)
	}
}

// sorted is the terms by code point, and the place of each term among them.
func (t *terms) sorted() (vocabulary []string, place []int32) {
	type head struct {
		bytes uint64 // the first eight bytes, which decide most comparisons
		id    int32
	}
	order := make([]head, t.len())
	for id := range order {
		var b [8]byte
		copy(b[:], t.at(int32(id)))
		order[id] = head{binary.BigEndian.Uint64(b[:]), int32(id)}
	}
	slices.SortFunc(order, func(a, b head) int {
		switch {
		case a.bytes < b.bytes:
			return -1
		case a.bytes > b.bytes:
			return 1
		}
		return bytes.Compare(t.at(a.id), t.at(b.id))
	})
	var all strings.Builder
	all.Grow(len(t.data))
	for _, h := range order {
		all.Write(t.at(h.id))
	}
	vocabulary = make([]string, len(order))
	place = make([]int32, len(order))
	at := 0
	for j, h := range order {
		n := len(t.at(h.id))
		vocabulary[j] = all.String()[at : at+n]
		at += n
		place[h.id] = int32(j)
	}
	return vocabulary, place
}
