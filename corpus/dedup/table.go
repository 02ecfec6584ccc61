package dedup

// table has the texts of each key of a band: open addressing, of a key that is there several times one entry for each
// text. It keeps 32 bits of a key, so that a few texts of other keys may come too.
type table struct {
	entries []entry
	used    int
}

type entry struct {
	key  uint32
	text int32 // the index and 1, 0 where the entry is free
}

// grow makes room for so many more.
func (t *table) grow(more int) {
	size := max(len(t.entries), 16)
	for size < 2*(t.used+more) {
		size *= 2
	}
	if size == len(t.entries) {
		return
	}
	old := t.entries
	t.entries, t.used = make([]entry, size), 0
	// Entries of one key follow each other in the order of their texts; from the first free place on, so that a run that
	// goes round the end stays in order.
	first := 0
	for first < len(old) && old[first].text != 0 {
		first++
	}
	for i := range old {
		if e := old[(first+i)%len(old)]; e.text != 0 {
			t.put(e)
		}
	}
}

// reset empties the table and makes room for so many.
func (t *table) reset(n int) {
	clear(t.entries)
	t.used = 0
	t.grow(n)
}

// insert adds a text. There must be room for it.
func (t *table) insert(key uint64, text int32) { t.put(entry{uint32(key), text + 1}) }

func (t *table) put(e entry) {
	mask := uint32(len(t.entries) - 1)
	i := e.key & mask
	for t.entries[i].text != 0 {
		i = (i + 1) & mask
	}
	t.entries[i] = e
	t.used++
}

// find appends the texts of a key.
func (t *table) find(key uint64, to []int32) []int32 {
	if t.used == 0 {
		return to
	}
	mask := uint32(len(t.entries) - 1)
	for i := uint32(key) & mask; t.entries[i].text != 0; i = (i + 1) & mask {
		if t.entries[i].key == uint32(key) {
			to = append(to, t.entries[i].text-1)
		}
	}
	return to
}
