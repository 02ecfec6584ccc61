package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gobertopic/gobertopic/benchmarks/internal/files"
)

// quality prints how well k-means of each system's vectors of all titles agrees with their classes.
func (o *options) quality(binary string) error {
	if o.python == "" || o.titles == "" {
		return errors.New("-labels needs -python and -titles")
	}
	texts, err := files.Lines(o.titles)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "gobertopic-embed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	args := []string{filepath.Join("benchmarks", "peers", "kmeans_nmi.py"), o.labels}
	for i, name := range o.systems {
		s := &system{name: name, threads: o.threads[len(o.threads)-1], every: 1}
		err := s.start(o, binary, filepath.Join(tmp, fmt.Sprint(i)), texts)
		path := filepath.Join(tmp, fmt.Sprint(i, ".npy"))
		if err == nil {
			_, err = s.ask("save " + path)
		}
		s.stop()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		args = append(args, path)
	}
	out, err := exec.Command(o.python, args...).Output()
	if err != nil {
		return err
	}
	fmt.Printf("\n%d titles, k-means of 20 clusters\n\n| system | NMI, mean of 5 starts | × the first | each |\n|---|--:|--:|---|\n", len(texts))
	first := 0.0
	d := json.NewDecoder(bytes.NewReader(out))
	for _, name := range o.systems {
		var r struct{ NMI []float64 }
		if err := d.Decode(&r); err != nil {
			return err
		}
		mean, each := 0.0, []string{}
		for _, v := range r.NMI {
			mean += v / float64(len(r.NMI))
			each = append(each, fmt.Sprintf("%.4f", v))
		}
		if first == 0 {
			first = mean
		}
		fmt.Printf("| %s | %.4f | %.3f | %s |\n", name, mean, mean/first, strings.Join(each, " "))
	}
	return nil
}
