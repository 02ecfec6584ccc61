package tokenizer

import (
	"strings"
	"unicode"
)

// splitKind says what a splitter does.
type splitKind uint8

const (
	splitPattern splitKind = iota // splits at the matches of a pattern
	splitSpaces                   // WhitespaceSplit
	splitWords                    // Whitespace
	splitMeta                     // Metaspace
	splitBytes                    // ByteLevel
	splitLength                   // FixedLength
)

// behavior says what becomes of a match.
type behavior uint8

const (
	removed behavior = iota
	isolated
	mergedWithPrevious
	mergedWithNext
	contiguous
)

var behaviors = map[string]behavior{
	"Removed": removed, "Isolated": isolated, "MergedWithPrevious": mergedWithPrevious, "MergedWithNext": mergedWithNext, "Contiguous": contiguous,
}

// scheme says where Metaspace puts its character before a text.
type scheme uint8

const (
	always scheme = iota
	never
	onFirst
)

// splitter is one pre-tokenizer.
type splitter struct {
	kind splitKind

	*pattern // splitPattern
	behavior behavior
	invert   bool

	mark   string // splitMeta: what stands for a space
	scheme scheme
	split  bool // splitMeta: split at mark; splitBytes: split by the pattern of GPT-2
	prefix bool // splitBytes: put a space before a text without one
	chars  bool // splitBytes: make a character of each byte, for what comes after
	length int  // splitLength
}

// pre passes s through the pre-tokenizers from the i-th on, and the words that come out to the
// model. first is set where s begins with the first character of the text. It stops when e.cut is
// set.
func (e *encoder) pre(i int, s string, first bool) {
	if i == len(e.t.splitters) {
		if s != "" {
			e.word(s)
		}
		return
	}
	switch p := &e.t.splitters[i]; p.kind {
	case splitPattern:
		e.preSplit(i, s, first)
	case splitSpaces:
		for at := 0; at < len(s) && !e.cut; {
			from := at
			r, n := decode(s, at)
			for !unicode.IsSpace(r) {
				if at += n; at >= len(s) {
					break
				}
				r, n = decode(s, at)
			}
			if at > from {
				e.pre(i+1, s[from:at], first && from == 0)
			}
			at += n
		}
	case splitWords:
		const kinds = isWord | isSpace
		for at := 0; at < len(s) && !e.cut; {
			from := at
			r, n := decode(s, at)
			kind := e.t.u.of(r) & kinds
			for e.t.u.of(r)&kinds == kind {
				if at += n; at >= len(s) {
					break
				}
				r, n = decode(s, at)
			}
			if kind != isSpace {
				e.pre(i+1, s[from:at], first && from == 0)
			}
		}
	case splitMeta:
		e.preMeta(i, s, first)
	case splitBytes:
		e.preBytes(i, s, first)
	case splitLength:
		for from := 0; from < len(s) && !e.cut; {
			at := from
			for k := 0; k < p.length && at < len(s); k++ {
				_, n := decode(s, at)
				at += n
			}
			e.pre(i+1, s[from:at], first && from == 0)
			from = at
		}
	}
}

// preMeta is Metaspace.
func (e *encoder) preMeta(i int, s string, first bool) {
	p := &e.t.splitters[i]
	if s == "" {
		return
	}
	b := e.stage[i][:0]
	if s[0] != ' ' && !strings.HasPrefix(s, p.mark) && (p.scheme == always || p.scheme == onFirst && first) {
		b = append(b, p.mark...)
	}
	for {
		k := strings.IndexByte(s, ' ')
		if k < 0 {
			b = append(b, s...)
			break
		}
		b = append(append(b, s[:k]...), p.mark...)
		s = s[k+1:]
	}
	e.stage[i] = b
	s = view(b)
	if !p.split {
		e.pre(i+1, s, first)
		return
	}
	// A mark begins a word, which is the mark alone where another one or nothing follows.
	for from := 0; from < len(s) && !e.cut; {
		skip := 0
		if strings.HasPrefix(s[from:], p.mark) {
			skip = len(p.mark)
		}
		end := len(s)
		if k := strings.Index(s[from+skip:], p.mark); k >= 0 {
			end = from + skip + k
		}
		e.pre(i+1, s[from:end], first && from == 0)
		from = end
	}
}

// preBytes is ByteLevel.
func (e *encoder) preBytes(i int, s string, first bool) {
	p := &e.t.splitters[i]
	if s == "" {
		return
	}
	if p.prefix && s[0] != ' ' {
		e.stage[i] = append(append(e.stage[i][:0], ' '), s...)
		s = view(e.stage[i])
	}
	for from := 0; from < len(s) && !e.cut; {
		end := len(s)
		if p.split {
			end = e.t.u.gpt2Word(s, from)
		}
		word := s[from:end]
		if p.chars {
			e.chars[i] = byteChars{}.apply(e, e.chars[i][:0], word)
			word = view(e.chars[i])
		}
		e.pre(i+1, word, first && from == 0)
		from = end
	}
}

// preSplit splits s at the matches of a pattern.
func (e *encoder) preSplit(i int, s string, first bool) {
	p := &e.t.splitters[i]
	var (
		from, to int // the segment that may still grow, none where they are equal
		was      bool
	)
	emit := func(lo, hi int) {
		if lo < hi && !e.cut {
			e.pre(i+1, s[lo:hi], first && lo == 0)
		}
	}
	segment := func(lo, hi int, match bool) {
		match = match != p.invert
		switch p.behavior {
		case removed:
			if !match {
				emit(lo, hi)
			}
			return
		case isolated:
			emit(lo, hi)
			return
		case contiguous:
			if match == was && from < to {
				to = hi
				return
			}
		case mergedWithPrevious:
			if match && !was && from < to {
				to, was = hi, match
				return
			}
		case mergedWithNext:
			if !match && was && from < to {
				to, was = hi, match
				return
			}
		}
		emit(from, to)
		from, to, was = lo, hi, match
	}
	for at := 0; at < len(s) && !e.cut; {
		lo, hi, ok := p.find(s, at)
		if !ok {
			segment(at, len(s), false)
			break
		}
		if lo > at {
			segment(at, lo, false)
		}
		segment(lo, hi, true)
		at = hi
	}
	emit(from, to)
}
