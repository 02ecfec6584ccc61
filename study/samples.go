package study

import (
	"cmp"
	"slices"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/study/stats"
)

// The numbers of a thread, in the order of samples.numbers.
const (
	views = iota
	score
	favorites
	likes
	replies
)

// The times of a thread, in the order of samples.hours.
const (
	toAccepted = iota
	toAnswer
)

// samples is what the figures of a group are made of.
type samples struct {
	numbers              [5][]float64 // sorted
	acceptance, answers  int          // threads of which it is known
	noAccepted, noAnswer int
	hours                [2][]stats.Duration // sorted
	untimed              [2]int
}

func collect(threads []corpus.Thread, members []int, until time.Time) samples {
	var s samples
	for _, i := range members {
		t := &threads[i]
		for k, c := range []corpus.Count{t.Views, t.Score, t.Favorites, t.Likes, t.Answers} {
			if v, known := c.Value(); known {
				s.numbers[k] = append(s.numbers[k], float64(v))
			}
		}
		answers, known := t.Answers.Value()
		if known {
			s.answers++
			if answers == 0 {
				s.noAnswer++
			}
		}
		if t.Accepted != corpus.Unknown {
			s.acceptance++
			if t.Accepted == corpus.No {
				s.noAccepted++
			}
		}
		seen := t.Seen
		if seen.IsZero() {
			seen = until
		}
		s.time(toAccepted, t.Created, t.AcceptedAt, seen, t.Accepted)
		answered := corpus.Unknown
		if known || !t.FirstReplyAt.IsZero() {
			answered = corpus.TriOf(answers > 0 || !t.FirstReplyAt.IsZero())
		}
		s.time(toAnswer, t.Created, t.FirstReplyAt, seen, answered)
	}
	for _, x := range s.numbers {
		slices.Sort(x)
	}
	for _, d := range s.hours {
		slices.SortFunc(d, func(a, b stats.Duration) int {
			if a.Ended != b.Ended && a.Time == b.Time {
				if a.Ended {
					return -1
				}
				return 1
			}
			return cmp.Compare(a.Time, b.Time)
		})
	}
	return s
}

// time notes when something happened to a thread, or that it has not until it was seen.
func (s *samples) time(which int, created, at, seen time.Time, happened corpus.Tri) {
	end := at
	switch {
	case happened == corpus.Unknown:
		return
	case happened == corpus.No:
		end = seen
	}
	if created.IsZero() || end.IsZero() || end.Before(created) {
		s.untimed[which]++
		return
	}
	d := stats.Duration{Time: end.Sub(created).Hours(), Ended: happened == corpus.Yes}
	s.hours[which] = append(s.hours[which], d)
}

// ended are the hours of what has happened, in order.
func (s *samples) ended(which int) []float64 {
	var x []float64
	for _, d := range s.hours[which] {
		if d.Ended {
			x = append(x, d.Time)
		}
	}
	return x
}
