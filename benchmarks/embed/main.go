// Command embed times sentence encoders on the same texts, each in a process of its own, in rounds that take every system in
// turn, and prints Markdown tables: documents a second, how often that is what sentence-transformers does, peak memory, and
// the cosine of the vectors to those of the reference.
//
//	go run ./benchmarks/embed -python ~/gobertopic-peers/bin/python -model MODEL_DIR -second E5_DIR -work WORK \
//		-titles title_StackOverflow.txt -issues issues_en.jsonl.gz
//
// MODEL_DIR is all-MiniLM-L6-v2, E5_DIR what scripts/golden/onnx_dir.py makes of e5-small-v2. WORK
// keeps what is made of them from run to run: ONNX graphs, cybertron's file, a static model of
// package static. Systems are named by -systems; a name may end in /N to take every Nth text alone,
// for the slow ones. Times are medians over the rounds; with -cpu they are processor times, and the
// best of the rounds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/cybertron"
	"github.com/gobertopic/gobertopic/embed/static"
)

type options struct {
	python, model, second, work string
	titles, issues, labels      string
	systems                     []string
	threads                     []int
	lengths                     []string
	rounds                      int
	least                       float64
	cpu                         bool
}

func main() {
	var o options
	flag.StringVar(&o.python, "python", "", "interpreter of the virtual environment of benchmarks/peers; without it only gobertopic runs")
	flag.StringVar(&o.model, "model", "", "directory of all-MiniLM-L6-v2")
	flag.StringVar(&o.second, "second", "", "directory of e5-small-v2, for the systems second-… and fasttextembed")
	flag.StringVar(&o.work, "work", "", "directory for what is made of the models")
	flag.StringVar(&o.titles, "titles", "", "file with one short text per line, of which 2,000 are taken")
	flag.StringVar(&o.issues, "issues", "", "gzip of JSON lines with title and body, of which 500 are taken")
	flag.StringVar(&o.labels, "labels", "", "file with the class of each title: nothing is timed, but the agreement of k-means with the classes is printed")
	systems := flag.String("systems", "minilm-int8,minilm-fp32,st,torch-bf16,ort-fp32,ort-int8", "systems to run, see worker.go and peers/embed.py")
	threads := flag.String("threads", "1,2", "numbers of threads")
	lengths := flag.String("texts", "short,long", "short and long")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds; a system whose texts take longer than 15 s runs in the first alone")
	flag.Float64Var(&o.least, "least", 0.5, "least seconds of one measurement")
	flag.BoolVar(&o.cpu, "cpu", false, "take the processor time of each process in place of the time that passes, and the best round in place of the median: for one thread on a machine with other work")
	worker := flag.Bool("worker", false, "run as the process of one system: SYSTEM MODEL_DIR WORK THREADS TEXTS")
	flag.Parse()
	o.systems, o.lengths = strings.Split(*systems, ","), strings.Split(*lengths, ",")
	err := func() error {
		if *worker {
			return serve(flag.Args())
		}
		for _, s := range strings.Split(*threads, ",") {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 {
				return fmt.Errorf("-threads has %q, want numbers of at least 1", s)
			}
			o.threads = append(o.threads, n)
		}
		return o.run()
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

func (o *options) run() error {
	if o.model == "" || o.work == "" {
		return errors.New("-model and -work are needed")
	}
	if err := o.prepare(); err != nil {
		return err
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s/%s, %d processors, %s\n", time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if o.labels != "" {
		return o.quality(binary)
	}
	for _, length := range o.lengths {
		texts, err := o.read(length)
		if err != nil {
			return err
		}
		systems, err := o.measure(binary, length, texts)
		if err != nil {
			return err
		}
		printTable(length, len(texts), systems)
	}
	return nil
}

// wanted tells whether any of the systems has one of the prefixes.
func (o *options) wanted(prefixes ...string) bool {
	for _, s := range o.systems {
		for _, p := range prefixes {
			if strings.HasPrefix(s, p) {
				return true
			}
		}
	}
	return false
}

// prepare makes what is missing in the work directory.
func (o *options) prepare() error {
	if err := os.MkdirAll(o.work, 0o755); err != nil {
		return err
	}
	if dst := filepath.Join(o.work, "cybertron"); o.wanted("cybertron") && missing(dst) {
		if err := cybertron.Convert(dst, o.model); err != nil {
			return err
		}
	}
	if dst := filepath.Join(o.work, "static"); o.wanted("static", "model2vec") && missing(dst) {
		e, err := bert.Load(o.model, bert.DefaultConfig())
		if err != nil {
			return err
		}
		m, err := static.Distill(context.Background(), e, static.DefaultDistillConfig())
		if err != nil {
			return err
		}
		if err := m.Save(dst); err != nil {
			return err
		}
	}
	if o.python == "" || !o.wanted("ort", "second", "fasttextembed") {
		return nil
	}
	args := []string{filepath.Join("benchmarks", "peers", "embed.py"), "prepare", o.model, o.work}
	if o.second != "" {
		args = append(args, o.second)
	}
	if out, err := exec.Command(o.python, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return err != nil
}
