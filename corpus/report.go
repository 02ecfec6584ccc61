package corpus

import "fmt"

// Report holds what a reader changed or left out without an error. It is complete when the iteration ends.
type Report struct {
	// Source is the name of the source.
	Source string
	// Encoding is the encoding that the text was decoded from, by its name in the WHATWG Encoding Standard; "" for UTF-8.
	Encoding string
	// Guessed reports whether the encoding was recognized, not given or marked.
	Guessed bool
	// Replaced counts the runs of bytes that could not be decoded, and the characters that XML forbids. Each became U+FFFD.
	Replaced int
	// Dropped counts the optional fields that were left out because their value cannot be read; FirstDropped is the fault of
	// the first, nil where there is none.
	Dropped      int
	FirstDropped *Error
}

// Warnings returns one error for each thing that was changed or left out, none where the source was read as it is.
func (r *Report) Warnings() (all []error) {
	if r.Guessed {
		all = append(all, fmt.Errorf("%s: it is not UTF-8 and was read as %s; give the encoding if that is wrong", r.Source, r.Encoding))
	}
	if r.Replaced > 0 {
		all = append(all, fmt.Errorf("%s: %s of bytes or characters that cannot be read became U+FFFD; give the encoding if it is not %s",
			r.Source, times(r.Replaced, "run"), name(r.Encoding)))
	}
	if r.Dropped > 0 && r.FirstDropped != nil {
		all = append(all, fmt.Errorf("%s: %s left out, the first: %w", r.Source, times(r.Dropped, "optional field"), r.FirstDropped))
	}
	return all
}

func name(encoding string) string {
	if encoding == "" {
		return "UTF-8"
	}
	return encoding
}

func times(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// drop counts an optional field that was left out.
func (r *Report) drop(fault *Error) {
	if r.Dropped++; r.FirstDropped == nil {
		r.FirstDropped = fault
	}
}

// decoded takes over what decoding met.
func (r *Report) decoded(in *decoded) {
	if in == nil {
		return
	}
	if name := in.u.found.Load(); name != nil {
		r.Encoding = *name
	}
	r.Guessed = in.u.latin.Load()
	r.Replaced += int(in.u.replaced.Load())
}
