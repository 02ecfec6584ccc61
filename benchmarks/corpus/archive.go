package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// archives packs a Posts.xml of about size bytes by each method, and reads the posts in the archives: ours finds the
// selected questions, Python's py7zr unpacks them to a file and does no more.
func archives(python, dir string, size int64, seed uint64, rounds int) error {
	tmp, err := os.MkdirTemp(dir, "archives")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	posts := filepath.Join(tmp, "Posts.xml")
	if err := generate(posts, size, seed); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	measured := func(args ...string) (r result, err error) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return r, fmt.Errorf("%v: %w", args, err)
		}
		return r, json.Unmarshal(out, &r)
	}
	want, err := measured(self, "-read", posts)
	if err != nil {
		return err
	}
	fmt.Println("| method | times smaller | corpus, MB/s of XML | peak MB | py7zr, unpacking alone, MB/s | times its speed |\n|---|---|---|---|---|---|")
	for _, method := range []string{"bzip2", "lzma2", "ppmd", "zstd"} {
		archive := filepath.Join(tmp, method+".7z")
		if _, err := measured(python, "benchmarks/peers/corpus_archive.py", "pack", method, posts, archive); err != nil {
			return err
		}
		var ours, peer result
		for round := range rounds {
			r, err := measured(self, "-read", archive)
			if err != nil {
				return err
			}
			if r.Questions != want.Questions || r.Accepted != want.Accepted || r.Bytes != want.Bytes {
				return fmt.Errorf("%s: found %+v, want %+v", method, r, want)
			}
			p, err := measured(python, "benchmarks/peers/corpus_archive.py", "unpack", method, archive, filepath.Join(tmp, "out"))
			if err != nil {
				return err
			}
			if round == 0 || r.Seconds < ours.Seconds {
				ours = r
			}
			if round == 0 || p.Seconds < peer.Seconds {
				peer = p
			}
		}
		info, err := os.Stat(archive)
		if err != nil {
			return err
		}
		megabytes := float64(size) / 1e6
		fmt.Printf("| %s | %.1f | %.0f | %.0f | %.0f | %.2f |\n", method, float64(size)/float64(info.Size()), megabytes/ours.Seconds, ours.PeakMB, megabytes/peer.Seconds, peer.Seconds/ours.Seconds)
	}
	return nil
}
