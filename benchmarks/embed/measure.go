package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/embed"
)

// system is one embedder with one number of threads, and what was measured.
type system struct {
	name    string
	threads int
	every   int // takes each such text alone
	texts   int

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *os.File

	seconds []float64
	best    bool // of seconds, not the median
	peak    float64
	vectors blas32.General
}

// slow is the time of a pass in seconds from which a system runs once.
const slow = 15

// measure runs all systems with each number of threads.
func (o *options) measure(binary, length string, texts []string) ([]*system, error) {
	tmp, err := os.MkdirTemp("", "gobertopic-embed-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	var systems []*system
	defer func() {
		for _, s := range systems {
			s.stop()
		}
	}()
	for i, name := range o.systems {
		every := 1
		if base, n, ok := strings.Cut(name, "/"); ok {
			if every, err = strconv.Atoi(n); err != nil || every < 1 {
				return nil, fmt.Errorf("-systems has %q, want a number after the /", name)
			}
			name = base
		}
		for _, threads := range o.threads {
			s := &system{name: name, threads: threads, every: every, best: o.cpu}
			if err := s.start(o, binary, filepath.Join(tmp, fmt.Sprint(i, "-", threads)), texts); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			systems = append(systems, s)
		}
	}
	for round := range o.rounds {
		for i := range systems {
			s := systems[(i+round)%len(systems)] // nobody is always the first
			if len(s.seconds) > 0 && s.seconds[0] > slow {
				continue
			}
			a, err := s.ask(fmt.Sprintf("time %g", o.least))
			if err != nil {
				return nil, err
			}
			if o.cpu {
				a.Seconds = a.CPUSeconds
			}
			s.seconds, s.peak = append(s.seconds, a.Seconds), max(s.peak, a.PeakMB)
			fmt.Fprintf(os.Stderr, "%s, %d threads, round %d, %s: %.2f s, %.0f MB\n", length, s.threads, round+1, s.name, a.Seconds, a.PeakMB)
		}
	}
	for i, s := range systems {
		if s.threads != o.threads[0] { // the vectors are the same
			continue
		}
		path := filepath.Join(tmp, fmt.Sprint(i, ".npy"))
		if _, err := s.ask("save " + path); err != nil {
			return nil, err
		}
		if s.vectors, err = embed.ReadNPYFile(path); err != nil {
			return nil, err
		}
	}
	return systems, nil
}

// ours tells the systems of this module, which run in this program, from Python's.
func (s *system) ours() bool {
	kind, rest, _ := strings.Cut(s.name, "-")
	return kind == "minilm" || kind == "bert" || kind == "second" && rest != "st" || kind == "cybertron" || kind == "static" || kind == "distilled"
}

func (s *system) start(o *options, binary, tmp string, texts []string) error {
	var some []string
	for i := 0; i < len(texts); i += s.every {
		some = append(some, texts[i])
	}
	s.texts = len(some)
	b, err := json.Marshal(some)
	if err != nil {
		return err
	}
	if err := os.WriteFile(tmp+".json", b, 0o600); err != nil {
		return err
	}
	args := []string{s.name, o.model, o.work, strconv.Itoa(s.threads), tmp + ".json"}
	if s.ours() {
		s.cmd = exec.Command(binary, append([]string{"-worker"}, args...)...)
	} else {
		s.cmd = exec.Command(o.python, append([]string{filepath.Join("benchmarks", "peers", "embed.py")}, args...)...)
	}
	if s.stderr, err = os.Create(tmp + ".err"); err != nil {
		return err
	}
	s.cmd.Stderr = s.stderr
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	_, err = s.answer()
	return err
}

func (s *system) ask(command string) (answer, error) {
	if _, err := fmt.Fprintln(s.in, command); err != nil {
		return answer{}, fmt.Errorf("%s: %w", s.name, err)
	}
	return s.answer()
}

// answer reads lines until one is an answer: libraries print things of their own.
func (s *system) answer() (a answer, err error) {
	for {
		line, err := s.out.ReadBytes('\n')
		if err != nil {
			said, _ := os.ReadFile(s.stderr.Name())
			return a, fmt.Errorf("%s: %w: %s", s.name, err, said[max(0, len(said)-2000):])
		}
		if json.Unmarshal(line, &a) == nil {
			return a, nil
		}
	}
}

func (s *system) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.in.Close()
	_ = s.cmd.Wait()
	_ = s.stderr.Close()
}

// perSecond is the median of the documents per second, or the best.
func (s *system) perSecond() float64 {
	sorted := slices.Sorted(slices.Values(s.seconds))
	if s.best {
		return float64(s.texts) / sorted[0]
	}
	n := len(sorted)
	return float64(s.texts) / ((sorted[(n-1)/2] + sorted[n/2]) / 2)
}

// cosines is the least and the mean cosine to the rows of another system.
func (s *system) cosines(other *system) (least, mean float64) {
	least = 1
	n := 0
	for i := range s.vectors.Rows {
		at := i * s.every
		if at%other.every != 0 || at/other.every >= other.vectors.Rows {
			continue
		}
		a, b := s.vectors.Data[i*s.vectors.Stride:][:s.vectors.Cols], other.vectors.Data[at/other.every*other.vectors.Stride:][:other.vectors.Cols]
		var ab, aa, bb float64
		for j := range a {
			x, y := float64(a[j]), float64(b[j])
			ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		}
		c := 1.0
		if aa > 0 || bb > 0 {
			c = ab / math.Sqrt(max(aa*bb, math.SmallestNonzeroFloat64))
		}
		least, mean, n = min(least, c), mean+c, n+1
	}
	return least, mean / float64(max(n, 1))
}
