package postag

import (
	"compress/flate"
	"io"
	"math/rand/v2"
)

// Text is a text with the right tags: Tags[i] is that of the i-th token of Split.
type Text struct {
	Text string
	Tags []string
}

// Train makes a tagger of texts in several rounds. The same texts give the same tagger.
func Train(texts []Text, rounds int) *Tagger {
	number := map[string]int{}
	for i, tag := range Tags {
		number[tag] = i
	}
	type sentence struct {
		words []word
		want  []int
		tags  []string // of punctuation
	}
	sentences := make([]sentence, len(texts))
	for i, text := range texts {
		s := sentence{tags: make([]string, len(text.Tags))}
		for j, span := range Split(text.Text) {
			token := text.Text[span.Start:span.End]
			w := wordOf(token)
			want, ok := number[text.Tags[j]]
			switch {
			case w.punctuation():
				s.tags[j], want = punctuation(token), -1
			case !ok: // a word that the teacher takes for punctuation
				want = number["X"]
			}
			s.words, s.want = append(s.words, w), append(s.want, want)
		}
		sentences[i] = s
	}

	var (
		now    = make([]int32, buckets*row)
		sum    = make([]int64, buckets*row) // of now over all steps so far, up to since
		since  = make([]int64, buckets*row)
		step   int64
		rng    = rand.New(rand.NewPCG(1, 2))
		change = func(f *[features]uint32, tag int, by int32) {
			for _, at := range f {
				i := int(at)*row + tag
				sum[i] += int64(now[i]) * (step - since[i])
				since[i] = step
				now[i] += by
			}
		}
	)
	for range rounds {
		rng.Shuffle(len(sentences), func(i, j int) { sentences[i], sentences[j] = sentences[j], sentences[i] })
		for _, s := range sentences {
			before, twoBefore := "^", "^"
			var f [features]uint32
			for i := range s.words {
				tag := s.tags[i]
				if s.want[i] >= 0 {
					context(&f, s.words, i, before, twoBefore)
					var score [row]int32
					for _, at := range f {
						for j, v := range now[int(at)*row:][:row] {
							score[j] += v
						}
					}
					best := 0
					for j, v := range score {
						if v > score[best] {
							best = j
						}
					}
					step++
					if best != s.want[i] {
						change(&f, s.want[i], 1)
						change(&f, best, -1)
					}
					tag = Tags[best]
				}
				twoBefore, before = before, tag
			}
		}
	}
	t := &Tagger{make([]int8, len(now))}
	mean := make([]float64, len(now))
	for i := range now {
		mean[i] = float64(sum[i]+int64(now[i])*(step-since[i])) / float64(step)
	}
	scale := scaleOf(mean)
	for i, m := range mean {
		t.weights[i] = int8(min(max(roundHalf(m*scale), -127), 127))
	}
	return t
}

// scaleOf lets one weight in ten thousand be cut off.
func scaleOf(mean []float64) float64 {
	const bins = 1 << 12
	var count [bins]int
	top := 0.0
	for _, m := range mean {
		top = max(top, m, -m)
	}
	if top == 0 {
		return 1
	}
	n := 0
	for _, m := range mean {
		if m != 0 {
			n++
			count[min(int(max(m, -m)/top*bins), bins-1)]++
		}
	}
	cut, seen := bins, 0
	for cut > 1 && seen+count[cut-1] <= n/10000 {
		cut--
		seen += count[cut]
	}
	return 127 / (top * float64(cut) / bins)
}

func roundHalf(v float64) float64 {
	if v < 0 {
		return -roundHalf(-v)
	}
	return float64(int(v + 0.5))
}

// Write writes the tagger.
func (t *Tagger) Write(w io.Writer) error {
	raw := make([]byte, len(t.weights))
	for i, v := range t.weights {
		raw[i] = byte(v)
	}
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(raw); err != nil {
		return err
	}
	return z.Close()
}
