package ctfidf

// window makes the n-grams of a stream of tokens. The tokens stand in one buffer with a space between them, so that each
// n-gram is a piece of the buffer.
type window struct {
	min, max int
	buf      []byte
	start    []int // where in buf each token begins
}

// A buffer longer than this is cut down to the tokens that a later n-gram can still need, so that a long document does
// not need a long buffer.
const windowBytes = 1 << 16

// push adds a token and calls f with each n-gram that ends with it.
func (w *window) push(token []byte, f func(term []byte)) {
	if w.max == 1 {
		f(token)
		return
	}
	if len(w.buf) > windowBytes {
		w.trim()
	}
	if len(w.start) > 0 {
		w.buf = append(w.buf, ' ')
	}
	w.start = append(w.start, len(w.buf))
	w.buf = append(w.buf, token...)
	for n := w.min; n <= min(w.max, len(w.start)); n++ {
		f(w.buf[w.start[len(w.start)-n]:])
	}
}

// trim keeps the last max−1 tokens.
func (w *window) trim() {
	drop := len(w.start) - (w.max - 1)
	if drop <= 0 {
		return
	}
	if w.max == 1 {
		w.reset()
		return
	}
	from := w.start[drop]
	w.buf = append(w.buf[:0], w.buf[from:]...)
	w.start = append(w.start[:0], w.start[drop:]...)
	for i := range w.start {
		w.start[i] -= from
	}
}

func (w *window) reset() { w.buf, w.start = w.buf[:0], w.start[:0] }
