// Package trie maps byte strings to numbers and finds the entries that a text begins with. The
// tokenizers keep their vocabularies in it.
package trie

// Trie maps byte strings to ids, one hashed edge per byte. Node 0 is the root. It is safe for
// concurrent reading.
type Trie struct {
	edges []edge // open addressing; the length is a power of 2
	shift uint
	nodes uint32
}

type edge struct {
	key  uint32 // node<<8 | byte, plus 1; 0 is an empty slot
	next uint32
	id   int32 // of the string that ends here, or −1
}

// MaxNodes is the largest number of different beginnings of the strings of a trie. It keeps the key
// of an edge inside 32 bits.
const MaxNodes = 1<<24 - 1

// New returns an empty trie with room for about 2^bits beginnings. It grows when it needs more.
func New(bits uint) *Trie {
	return &Trie{edges: make([]edge, 1<<bits), shift: 32 - bits, nodes: 1}
}

func (t *Trie) slot(key uint32) *edge {
	mask := uint32(len(t.edges) - 1)
	for i := (key * 0x9E3779B1) >> t.shift; ; i++ {
		e := &t.edges[i&mask]
		if e.key == key || e.key == 0 {
			return e
		}
	}
}

// Step follows the edge of byte b from node. It returns the node that the edge leads to, 0 where
// there is none, and the id of the string that ends there, or −1.
func (t *Trie) Step(node uint32, b byte) (next uint32, id int32) {
	e := t.slot(node<<8 | uint32(b) + 1)
	if e.key == 0 {
		return 0, -1
	}
	return e.next, e.id
}

// Put stores s, which is not empty, with an id of 0 or more. It returns false when the trie is
// full.
func (t *Trie) Put(s string, id int32) bool {
	var node uint32
	for i := range len(s) {
		if 4*int(t.nodes) >= 3*len(t.edges) {
			t.grow()
		}
		e := t.slot(node<<8 | uint32(s[i]) + 1)
		if e.key == 0 {
			if t.nodes == MaxNodes {
				return false
			}
			*e = edge{key: node<<8 | uint32(s[i]) + 1, next: t.nodes, id: -1}
			t.nodes++
		}
		if i == len(s)-1 {
			e.id = id
		}
		node = e.next
	}
	return true
}

func (t *Trie) grow() {
	old := t.edges
	t.edges = make([]edge, 2*len(old))
	t.shift--
	for _, e := range old {
		if e.key != 0 {
			*t.slot(e.key) = e
		}
	}
}

// Get returns the id of s, or −1.
func (t *Trie) Get(s string) int32 {
	node, id, ok := t.Walk(s)
	if !ok || node == 0 {
		return -1
	}
	return id
}

// Walk follows all of s from the root. It returns the node and the id where s ends, and false where
// no string begins with s.
func (t *Trie) Walk(s string) (node uint32, id int32, ok bool) {
	id = -1
	for i := range len(s) {
		if node, id = t.Step(node, s[i]); node == 0 {
			return 0, -1, false
		}
	}
	return node, id, true
}

// Longest returns the id, −1 for none, and the length in bytes of the longest entry that s begins
// with, read from node.
func (t *Trie) Longest(node uint32, s []byte) (id int32, n int) {
	id = -1
	for i, b := range s {
		next, at := t.Step(node, b)
		if next == 0 {
			break
		}
		if at >= 0 {
			id, n = at, i+1
		}
		node = next
	}
	return id, n
}
