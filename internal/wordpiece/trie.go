package wordpiece

// trie maps byte strings to ids, one hashed edge per byte. Node 0 is the root.
type trie struct {
	edges []edge // open addressing; the length is a power of 2
	shift uint
	nodes uint32
}

type edge struct {
	key  uint32 // node<<8 | byte, plus 1; 0 is an empty slot
	next uint32
	id   int32 // of the string that ends here, or −1
}

// maxNodes keeps an edge's key inside 32 bits.
const maxNodes = 1<<24 - 1

func newTrie(bits uint) *trie {
	return &trie{edges: make([]edge, 1<<bits), shift: 32 - bits, nodes: 1}
}

func (t *trie) slot(key uint32) *edge {
	mask := uint32(len(t.edges) - 1)
	for i := (key * 0x9E3779B1) >> t.shift; ; i++ {
		e := &t.edges[i&mask]
		if e.key == key || e.key == 0 {
			return e
		}
	}
}

// step follows the edge of byte b from node: the node it leads to (0 where there is none) and the id that ends there.
func (t *trie) step(node uint32, b byte) (next uint32, id int32) {
	e := t.slot(node<<8 | uint32(b) + 1)
	if e.key == 0 {
		return 0, -1
	}
	return e.next, e.id
}

// put stores s, which is not empty; false when the trie is full.
func (t *trie) put(s string, id int32) bool {
	var node uint32
	for i := range len(s) {
		if 4*int(t.nodes) >= 3*len(t.edges) {
			t.grow()
		}
		e := t.slot(node<<8 | uint32(s[i]) + 1)
		if e.key == 0 {
			if t.nodes == maxNodes {
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

func (t *trie) grow() {
	old := t.edges
	t.edges = make([]edge, 2*len(old))
	t.shift--
	for _, e := range old {
		if e.key != 0 {
			*t.slot(e.key) = e
		}
	}
}

// get is the id of s, or −1.
func (t *trie) get(s string) int32 {
	node, id, ok := t.walk(s)
	if !ok || node == 0 {
		return -1
	}
	return id
}

// walk follows all of s.
func (t *trie) walk(s string) (node uint32, id int32, ok bool) {
	id = -1
	for i := range len(s) {
		if node, id = t.step(node, s[i]); node == 0 {
			return 0, -1, false
		}
	}
	return node, id, true
}

// longest is the longest entry that s starts with, read from node: its id (−1 for none) and length in bytes.
func (t *trie) longest(node uint32, s []byte) (id int32, n int) {
	id = -1
	for i, b := range s {
		next, at := t.step(node, b)
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
