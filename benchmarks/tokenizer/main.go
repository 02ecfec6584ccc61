// Command tokenizer measures how fast texts become token ids here and in the Hugging Face
// tokenizers library, one thread each, and prints a Markdown table.
//
//	go run ./benchmarks/tokenizer -python ~/gobertopic-peers/bin/python TEXTS DIR...
//
// TEXTS has one text per line; each DIR has a tokenizer.json. The two sides run in turn, each in a
// process of its own. The least processor time of all rounds counts, so that other programs disturb
// little; on the library's side it is that of encode_batch_fast, which leaves out the places in the
// text. The table is only printed when both give the same ids.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gobertopic/gobertopic/internal/tokenizer"
)

// result is what both sides print as JSON.
type result struct {
	IDs     int     `json:"ids"`
	Sum     uint32  `json:"sum"` // CRC-32 of the ids, 4 bytes each, little-endian
	Seconds float64 `json:"seconds"`
	Load    float64 `json:"load"`
}

func main() {
	python := flag.String("python", "", "interpreter of the virtual environment of benchmarks/peers")
	rounds := flag.Int("rounds", 3, "processes of each side, in turn")
	repeats := flag.Int("repeats", 5, "repeats in each process; the fastest counts")
	own := flag.Bool("own", false, "measure this side alone and print JSON; used by the program itself")
	flag.Parse()
	if err := run(*python, *rounds, *repeats, *own, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(python string, rounds, repeats int, own bool, args []string) error {
	if len(args) < 2 {
		return errors.New("want a file of texts and at least one directory")
	}
	if own {
		r, err := measure(args[0], args[1], repeats)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Println("| tokenizer | ids | tokenizers, ms | gobertopic, ms | ratio | load, s | load, s |\n|---|---|---|---|---|---|---|")
	for _, dir := range args[1:] {
		var best [2]result
		for range rounds {
			for i, command := range [][]string{
				{python, filepath.Join("benchmarks", "peers", "tokenizers_speed.py"), args[0], dir, fmt.Sprint(repeats)},
				{self, "-own", "-repeats", fmt.Sprint(repeats), args[0], dir},
			} {
				out, err := exec.Command(command[0], command[1:]...).Output()
				if err != nil {
					return fmt.Errorf("%v: %w", command, err)
				}
				var r result
				if err := json.Unmarshal(out, &r); err != nil {
					return err
				}
				if best[i].Seconds == 0 || r.Seconds < best[i].Seconds {
					best[i] = r
				}
			}
		}
		theirs, ours := best[0], best[1]
		if theirs.Sum != ours.Sum || theirs.IDs != ours.IDs {
			return fmt.Errorf("%s: the ids differ: %d and %d of them", dir, theirs.IDs, ours.IDs)
		}
		fmt.Printf("| %s | %d | %.1f | %.1f | %.1f | %.2f | %.2f |\n", filepath.Base(dir), ours.IDs, 1e3*theirs.Seconds, 1e3*ours.Seconds, theirs.Seconds/ours.Seconds, theirs.Load, ours.Load)
	}
	return nil
}

func measure(texts, dir string, repeats int) (r result, err error) {
	runtime.GOMAXPROCS(1)
	f, err := os.Open(texts)
	if err != nil {
		return r, err
	}
	defer func() { _ = f.Close() }()
	var lines []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		return r, err
	}
	begin := processorTime()
	t, err := tokenizer.Load(dir)
	if err != nil {
		return r, err
	}
	r.Load = (processorTime() - begin).Seconds()
	ids := make([]int32, 0, 1<<20)
	for range repeats {
		begin := processorTime()
		ids = ids[:0]
		for _, line := range lines {
			ids, _ = t.Encode(ids, line, 0)
		}
		if took := (processorTime() - begin).Seconds(); r.Seconds == 0 || took < r.Seconds {
			r.Seconds = took
		}
	}
	h := crc32.NewIEEE()
	for _, id := range ids {
		_, _ = h.Write([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24)})
	}
	r.IDs, r.Sum = len(ids), h.Sum32()
	return r, nil
}

// began is the origin of processorTime where the system does not tell it.
var began = time.Now()
