// Command bombs reads inputs that unpack to far more than they are, or that never end, and prints for each what the reader said,
// the peak of resident memory and the time, and how long it took to stop when its context ended.
//
//	go run ./benchmarks/bombs [DIR]
//
// DIR has files with bombs of other tools: *.7z, *.parquet, *.xlsx, *.gz. Each bomb is read in a process of its own.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/parquet"
	_ "github.com/gobertopic/gobertopic/corpus/sevenzip"
	"github.com/gobertopic/gobertopic/corpus/xlsx"
)

// endless gives unit again and again.
type endless struct {
	unit string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		k := copy(p[n:], e.unit[e.at:])
		n, e.at = n+k, (e.at+k)%len(e.unit)
	}
	return len(p), nil
}

// packed is r packed by gzip on the way.
func packed(r io.Reader) io.Reader {
	out, in := io.Pipe()
	go func() {
		z, _ := gzip.NewWriterLevel(in, gzip.BestSpeed)
		_, err := io.Copy(z, r)
		_ = in.CloseWithError(err)
	}()
	return out
}

const size = 3_000_000_000

// line is a record of JSON of 3 GB.
func line(begin string) io.Reader {
	return io.MultiReader(strings.NewReader(begin), io.LimitReader(&endless{unit: strings.Repeat("a", 1<<16)}, size), strings.NewReader("\"}\n"))
}

func zeros() io.Reader { return &endless{unit: string(make([]byte, 1<<16))} }

type bomb struct {
	name string
	read func(ctx context.Context) error
}

func documents(r func() io.Reader, format corpus.Format) func(ctx context.Context) error {
	return func(ctx context.Context) (last error) {
		for _, err := range corpus.ReadContext(ctx, r(), format, corpus.Options{}) {
			last = err
		}
		return last
	}
}

func threads(r func() io.Reader, format corpus.ThreadFormat) func(ctx context.Context) error {
	return func(ctx context.Context) (last error) {
		for _, err := range corpus.ReadThreads(ctx, corpus.Stream("input", r()), format, corpus.ThreadOptions{}) {
			last = err
		}
		return last
	}
}

func file(path string) func(ctx context.Context) error {
	return func(ctx context.Context) (last error) {
		switch filepath.Ext(path) {
		case ".7z":
			for _, err := range corpus.OpenThreads(ctx, path, "", corpus.ThreadOptions{}) {
				last = err
			}
		case ".parquet":
			for _, err := range parquet.OpenContext(ctx, path, corpus.Options{}) {
				last = err
			}
		case ".xlsx":
			for _, err := range xlsx.Open(ctx, path, xlsx.Options{}) {
				last = err
			}
		default:
			for _, err := range corpus.OpenContext(ctx, path, "", corpus.Options{}) {
				last = err
			}
		}
		return last
	}
}

func bombs(dir string) []bomb {
	jsonLine := func() io.Reader { return line(`{"text":"`) }
	all := []bomb{
		{"jsonl: gzip of one line of 3 GB", documents(func() io.Reader { return packed(jsonLine()) }, corpus.FormatJSONL)},
		{"csv: gzip of one field of 3 GB", documents(func() io.Reader { return packed(line("text\n\"")) }, corpus.FormatCSV)},
		{"lines: gzip of one line of 3 GB", documents(func() io.Reader { return packed(line("")) }, corpus.FormatLines)},
		{"jsonl: /dev/zero", documents(zeros, corpus.FormatJSONL)},
		{"csv: /dev/zero", documents(zeros, corpus.FormatCSV)},
		{"lines: /dev/zero", documents(zeros, corpus.FormatLines)},
		{"so-dump: gzip of a row of 3 GB", threads(func() io.Reader { return packed(line(`<posts><row Id="1" Body="`)) }, corpus.FormatDump)},
		{"so-dump: /dev/zero", threads(zeros, corpus.FormatDump)},
		{"so-api: gzip of an array with 3 GB", threads(func() io.Reader { return packed(line("[\n{\"title\":\"")) }, corpus.FormatStackExchangeAPI)},
		{"discourse: gzip of one line of 3 GB", threads(func() io.Reader { return packed(line(`{"title":"`)) }, corpus.FormatDiscourse)},
		{"github: array of endless brackets", threads(func() io.Reader { return &endless{unit: "[[[[{\"a\":"} }, corpus.FormatGitHub)},
		{"so-csv: /dev/zero", threads(zeros, corpus.FormatStackExchangeCSV)},
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range found {
		if slices.Contains([]string{".7z", ".parquet", ".xlsx", ".gz"}, filepath.Ext(path)) {
			all = append(all, bomb{"file " + filepath.Base(path), file(path)})
		}
	}
	return all
}

// peak is the most resident memory of this process, in MB.
func peak() string {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kb int
	_, _ = fmt.Sscan(string(rest), &kb)
	return fmt.Sprintf("%.0f", float64(kb)/1024)
}

func main() {
	dir := ""
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	all := bombs(dir)
	if len(os.Args) > 2 { // a single one, in a process of its own
		for _, b := range all {
			if b.name != os.Args[2] {
				continue
			}
			began := time.Now()
			err := b.read(context.Background())
			took := time.Since(began)
			most := peak()
			said := fmt.Sprint(err)
			if len(said) > 90 {
				said = "…" + said[len(said)-90:]
			}
			// Stopped in the middle.
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { defer close(done); _ = b.read(ctx) }()
			stop := "ended before"
			select {
			case <-done:
			case <-time.After(took / 2):
				at := time.Now()
				cancel()
				<-done
				stop = fmt.Sprintf("%.0f ms", float64(time.Since(at).Microseconds())/1000)
			}
			cancel()
			fmt.Printf("| %s | %s | %.1f s | %s | %s |\n", b.name, most, took.Seconds(), stop, said)
		}
		return
	}
	fmt.Println("| bomb | peak MB | time | time to stop | what it said |\n|---|---:|---:|---:|---|")
	for _, b := range all {
		cmd := exec.Command(os.Args[0], dir, b.name)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Printf("| %s | failed: %v | | | |\n", b.name, err)
		}
	}
}
