// Command corpus reads a synthetic Posts.xml of a Stack Exchange dump, of which one question in a hundred is selected,
// with package corpus, with encoding/xml and with Python's xml.etree.ElementTree.iterparse, in turn, each in a process of
// its own, and prints a Markdown table of speeds and memory. All must find the same.
//
//	go run ./benchmarks/corpus -python ~/gobertopic-peers/bin/python -size 2000000000
//	go run ./benchmarks/corpus -python ~/gobertopic-peers/bin/python -size 64000000 -archives
//
// Without -python only Go runs. The file is made in the directory -dir with a fixed seed and removed at the end. It is read
// once before the clock starts, so that it is in the system's cache as far as that holds it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	_ "github.com/gobertopic/gobertopic/corpus/sevenzip"
	"github.com/gobertopic/gobertopic/internal/resident"
)

// result is what each side prints as JSON.
type result struct {
	Questions int     `json:"questions"` // selected
	Accepted  int     `json:"accepted"`  // of them whose accepted answer was found
	Hours     float64 `json:"hours"`     // to the accepted answers, all together
	Bytes     int     `json:"bytes"`     // of their bodies
	Seconds   float64 `json:"seconds"`
	PeakMB    float64 `json:"peak_mb"`
}

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	size := flag.Int64("size", 2e9, "bytes of the file")
	seed := flag.Uint64("seed", 1, "seed of the file")
	dir := flag.String("dir", os.TempDir(), "where the file is made")
	rounds := flag.Int("rounds", 3, "processes of each side, one after the other in turn; the fastest counts")
	slow := flag.Int("slow", 1, "the same for encoding/xml and Python")
	read := flag.String("read", "", "read this file and print JSON; used by the program itself")
	packed := flag.Bool("archives", false, "read the file within .7z archives instead, which Python's py7zr makes")
	workers := flag.Int("workers", 0, "with -read, the goroutines; -1 for encoding/xml")
	flag.Parse()
	err := error(nil)
	switch {
	case *read != "":
		err = one(*read, *workers)
	case *packed:
		err = archives(*python, *dir, *size, *seed, *rounds)
	default:
		err = compare(*python, *dir, *size, *seed, *rounds, *slow)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare(python, dir string, size int64, seed uint64, rounds, slow int) error {
	tmp, err := os.MkdirTemp(dir, "posts")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	path := filepath.Join(tmp, "Posts.xml")
	if err := generate(path, size, seed); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	type side struct {
		name   string
		rounds int
		args   []string
	}
	sides := []side{
		{"corpus, all cores", rounds, []string{self, "-read", path}},
		{"corpus, one worker", rounds, []string{self, "-read", path, "-workers", "1"}},
		{"encoding/xml RawToken", slow, []string{self, "-read", path, "-workers", "-1"}},
	}
	if python != "" {
		sides = append(sides, side{"Python iterparse", slow, []string{python, "benchmarks/peers/corpus_posts.py", path, strings.Join(wanted, ",")}})
	}
	best := make([]result, len(sides))
	for round := range max(rounds, slow) {
		for i, s := range sides {
			if round >= s.rounds {
				continue
			}
			cmd := exec.Command(s.args[0], s.args[1:]...)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			var r result
			if err := json.Unmarshal(out, &r); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if round == 0 || r.Seconds < best[i].Seconds {
				best[i] = r
			}
		}
	}
	base := best[len(best)-1].Seconds
	fmt.Printf("%.2f GB, %d questions selected, %d with their accepted answer\n\n", float64(size)/1e9, best[0].Questions, best[0].Accepted)
	fmt.Println("| side | MB/s | times the speed of the last | peak MB |\n|---|---|---|---|")
	for i, s := range sides {
		a, b := best[0], best[i]
		if a.Questions != b.Questions || a.Accepted != b.Accepted || a.Bytes != b.Bytes || a.Hours-b.Hours > 1e-3 || b.Hours-a.Hours > 1e-3 {
			return fmt.Errorf("%s found %+v, want %+v", s.name, b, a)
		}
		fmt.Printf("| %s | %.0f | %.1f | %.0f |\n", s.name, float64(size)/1e6/b.Seconds, base/b.Seconds, b.PeakMB)
	}
	return nil
}

// one reads the file and prints what it found.
func one(path string, workers int) error {
	if err := warm(path); err != nil {
		return err
	}
	begin := time.Now()
	r, err := result{}, error(nil)
	if workers < 0 {
		r, err = standard(path)
	} else {
		r, err = ours(path, workers)
	}
	if err != nil {
		return err
	}
	r.Seconds, r.PeakMB = time.Since(begin).Seconds(), resident.PeakMB()
	return json.NewEncoder(os.Stdout).Encode(r)
}

func warm(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = io.Copy(io.Discard, f)
	return err
}

func ours(path string, workers int) (r result, err error) {
	for q, err := range corpus.StackExchangeDump(context.Background(), corpus.File(path), corpus.ThreadOptions{Tags: wanted, Workers: workers}) {
		if err != nil {
			return r, err
		}
		r.add(len(q.Body), q.Created, q.AcceptedAt)
	}
	return r, nil
}

func (r *result) add(size int, created, accepted time.Time) {
	r.Questions++
	r.Bytes += size
	if !accepted.IsZero() {
		r.Accepted++
		r.Hours += accepted.Sub(created).Hours()
	}
}

// standard does the same with encoding/xml: one pass for the questions, one for the dates of their accepted answers.
func standard(path string) (r result, err error) {
	type question struct {
		size              int
		created, accepted time.Time
	}
	byAnswer := map[string]*question{}
	var all []*question
	err = eachRow(path, func(row map[string]string) error {
		if row["PostTypeId"] != "1" || !tagged(row["Tags"]) {
			return nil
		}
		at, err := time.Parse("2006-01-02T15:04:05.000", row["CreationDate"])
		q := &question{size: len(row["Body"]), created: at}
		all = append(all, q)
		if id := row["AcceptedAnswerId"]; id != "" {
			byAnswer[row["Id"]+" "+id] = q
		}
		return err
	})
	if err != nil {
		return r, err
	}
	err = eachRow(path, func(row map[string]string) (err error) {
		if row["PostTypeId"] == "2" {
			if q := byAnswer[row["ParentId"]+" "+row["Id"]]; q != nil {
				q.accepted, err = time.Parse("2006-01-02T15:04:05.000", row["CreationDate"])
			}
		}
		return err
	})
	for _, q := range all {
		r.add(q.size, q.created, q.accepted)
	}
	return r, err
}

func tagged(tags string) bool {
	for _, tag := range wanted {
		if strings.Contains(tags, "<"+tag+">") {
			return true
		}
	}
	return false
}

func eachRow(path string, f func(map[string]string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	mark := make([]byte, 3)
	if _, err := io.ReadFull(file, mark); err != nil || !bytes.Equal(mark, []byte("\uFEFF")) {
		return errors.New("the file has no byte-order mark")
	}
	d := xml.NewDecoder(file)
	row := map[string]string{}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "row" {
			clear(row)
			for _, a := range e.Attr {
				row[a.Name.Local] = a.Value
			}
			if err := f(row); err != nil {
				return err
			}
		}
	}
}
