package eval

import "sort"

// The windows of all texts are numbered through. The windows that hold a word are kept as spans, so that a word of many
// neighboring windows costs no more than where it stands.

// span is the windows from lo to hi − 1.
type span struct{ lo, hi uint32 }

// windows is a sliding window of a size over all texts: a text of n tokens has n − size + 1 of them, and one when it is
// shorter, or empty. Size 0 is a window as long as any text.
type windows struct {
	texts   *Texts
	size    int
	repeats bool     // a word stays until its last occurrence has left
	start   []uint32 // per text and one more: the number of its first window
}

func newWindows(t *Texts, size int, repeats bool) *windows {
	w := &windows{texts: t, size: size, repeats: repeats, start: make([]uint32, len(t.start))}
	for i := range t.Docs() {
		n := 1
		if tokens := int(t.start[i+1] - t.start[i]); size > 0 && tokens > size {
			n = tokens - size + 1
		}
		w.start[i+1] = w.start[i] + uint32(n)
	}
	return w
}

// count is how many windows there are.
func (w *windows) count() int { return int(w.start[len(w.start)-1]) }

// of is the windows that hold a word, as rising spans that neither overlap nor touch.
func (w *windows) of(word int32) []span {
	t := w.texts
	at := t.at[t.first[word]:t.first[word+1]]
	var spans []span
	for i, doc := 0, 0; i < len(at); {
		doc = textOf(t.start, doc, at[i])
		begin, end := t.start[doc], t.start[doc+1]
		first, n := w.start[doc], w.start[doc+1]-w.start[doc]
		stop := i
		for stop < len(at) && at[stop] < end {
			stop++
		}
		from := len(spans) // spans of this text
		leaves := i        // the occurrence that takes the word with it
		for ; i < stop; i++ {
			p := at[i] - begin
			enters := uint32(0) // the first window with this occurrence
			if w.size > 0 && int(p) >= w.size {
				enters = p - uint32(w.size) + 1
			}
			if w.repeats {
				leaves = i
			} else {
				for at[leaves]-begin < enters {
					leaves++
				}
			}
			hi := first + min(at[leaves]-begin+1, n)
			if last := len(spans) - 1; last >= from && spans[last].hi >= first+enters {
				spans[last].hi = hi
			} else {
				spans = append(spans, span{first + enters, hi})
			}
		}
	}
	return spans
}

// textOf is the text that a place lies in, from that of an earlier place on.
func textOf(start []uint32, doc int, place uint32) int {
	step := 1
	for doc+step < len(start)-1 && start[doc+step] <= place {
		doc += step
		step *= 2
	}
	return doc + sort.Search(min(step, len(start)-1-doc), func(i int) bool { return start[doc+i+1] > place })
}

// size is the number of windows in spans.
func size(spans []span) int {
	n := 0
	for _, s := range spans {
		n += int(s.hi - s.lo)
	}
	return n
}

// common is the number of windows that lie in both.
func common(a, b []span) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	n := 0
	if len(b) > 16*len(a) { // leap through the longer
		for _, s := range a {
			step := 1
			for step < len(b) && b[step-1].hi <= s.lo {
				step *= 2
			}
			b = b[sort.Search(min(step, len(b)), func(i int) bool { return b[i].hi > s.lo }):]
			for i := 0; i < len(b) && b[i].lo < s.hi; i++ {
				n += int(min(s.hi, b[i].hi) - max(s.lo, b[i].lo))
			}
		}
		return n
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if lo, hi := max(a[i].lo, b[j].lo), min(a[i].hi, b[j].hi); lo < hi {
			n += int(hi - lo)
		}
		if a[i].hi < b[j].hi {
			i++
		} else {
			j++
		}
	}
	return n
}
