package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
)

// call runs a command line as main does.
func call(ctx context.Context, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, streams{strings.NewReader(stdin), &out, &errs})
	return code, out.String(), errs.String()
}

// texts is n documents of three kinds, one per line.
func texts(n int) string {
	var b strings.Builder
	kinds := []string{
		"How do I train a neural network for image number %d in Python?",
		"The best recipe for bread with flour, butter and cheese, part %d",
		"My car's engine makes a noise when I brake on road %d",
	}
	for i := range n {
		fmt.Fprintf(&b, kinds[i%3]+"\n", i)
	}
	return b.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestFitWritesWhatTheFlagsAskFor(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	input := write(t, "texts.txt", texts(90))
	code, stdout, stderr := call(t.Context(), "", "fit", "--format", "lines", "--seed", "7", "--json", "--granularity", "bertopic",
		"--docs", at("docs.csv"), "--topics", at("topics.json"), "--save-embeddings", at("e.npy"), "--model", at("model"), input)
	require.Zero(t, code, stderr)
	for _, stage := range []string{"read", "embed", "reduce", "cluster", "words"} {
		require.Contains(t, stderr, stage+": ", "a plain line for each stage where there is no terminal")
	}

	var s map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &s))
	require.EqualValues(t, 90, s["documents"])
	require.ElementsMatch(t, []string{"documents", "topics", "outliers", "stages", "seconds", "peak_mb", "warnings"}, keys(s))
	require.ElementsMatch(t, []string{"read", "embed", "reduce", "cluster", "words"}, keys(s["stages"].(map[string]any)))
	require.Greater(t, s["peak_mb"], 1.0)

	records := readCSV(t, at("docs.csv"))
	require.Equal(t, []string{"id", "topic", "probability"}, records[0])
	require.Len(t, records, 91)
	require.Equal(t, "1", records[1][0], "documents without an id have their number")

	var topics []struct {
		ID, Size int
		Name     string
		Terms    []struct {
			Term   string
			Weight float64
		}
	}
	text, err := os.ReadFile(at("topics.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &topics))
	total := 0
	for _, tp := range topics {
		total += tp.Size
		require.NotEmpty(t, tp.Terms)
		require.True(t, strings.HasPrefix(tp.Name, fmt.Sprintf("%d_%s", tp.ID, tp.Terms[0].Term)))
	}
	require.Equal(t, 90, total)

	// The embeddings that were saved give the same result as the texts, on any number of workers.
	for _, workers := range []string{"1", "2"} {
		code, _, stderr = call(t.Context(), "", "fit", "--format", "lines", "--seed", "7", "--quiet", "--granularity", "bertopic", "--workers", workers,
			"--embeddings", at("e.npy"), "--docs", at("docs2.csv"), "--topics", at("topics2.json"), input)
		require.Zero(t, code, stderr)
		require.Empty(t, stderr, "--quiet prints nothing")
		requireSameFile(t, at("docs.csv"), at("docs2.csv"))
		requireSameFile(t, at("topics.json"), at("topics2.json"))
	}

	// The model gives the documents their topics again.
	code, stdout, stderr = call(t.Context(), texts(90), "transform", "--format", "lines", "--model", at("model"), "-")
	require.Zero(t, code, stderr)
	want, err := os.ReadFile(at("docs.csv"))
	require.NoError(t, err)
	require.Equal(t, string(want), stdout)
	code, stdout, stderr = call(t.Context(), "", "topics", "--model", at("model"), "--json")
	require.Zero(t, code, stderr)
	require.Equal(t, string(text), stdout)
	code, stdout, _ = call(t.Context(), "", "topics", "--model", at("model"))
	require.Zero(t, code)
	require.Len(t, strings.Split(strings.TrimSpace(stdout), "\n"), len(topics)+1, "a header and a line for each topic:\n%s", stdout)
}

// TestFitWithAnOutlierPolicy: --outliers is part of the model that is saved.
func TestFitWithAnOutlierPolicy(t *testing.T) {
	input := write(t, "texts.txt", texts(90))
	for _, policy := range outlierPolicies {
		model := filepath.Join(t.TempDir(), "model")
		code, _, stderr := call(t.Context(), "", "fit", "--format", "lines", "--quiet", "--granularity", "bertopic", "--outliers", string(policy), "--model", model, input)
		require.Zero(t, code, stderr)
		m, err := topic.Load(t.Context(), model, topic.LoadOptions{})
		require.NoError(t, err)
		require.Equal(t, policy, m.Config().Outliers)
	}
}

func TestSameFilesForAnyWorkers(t *testing.T) {
	dir := t.TempDir()
	input := write(t, "texts.txt", texts(60))
	for _, granularity := range []string{"auto", "bertopic"} {
		for _, workers := range []string{"1", "2", "3"} {
			to := filepath.Join(dir, granularity+workers)
			code, _, stderr := call(t.Context(), "", "fit", "--format", "lines", "--quiet", "--granularity", granularity, "--workers", workers,
				"--docs", to+".csv", "--topics", to+".json", "--save-embeddings", to+".npy", "--model", to, input)
			require.Zero(t, code, stderr)
			first := filepath.Join(dir, granularity+"1")
			for _, name := range []string{".csv", ".json", ".npy"} {
				requireSameFile(t, first+name, to+name)
			}
			names := filesBelow(t, to)
			require.Equal(t, filesBelow(t, first), names)
			require.Greater(t, len(names), 1, "files of a model")
			for _, name := range names {
				requireSameFile(t, filepath.Join(first, name), filepath.Join(to, name))
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	good := write(t, "good.txt", texts(30))
	npy := func(text string) string { return write(t, "e.npy", text) }
	for name, c := range map[string]struct {
		stdin string
		args  []string
		code  int
		says  []string
	}{
		"no command":           {args: []string{"nonsense"}, code: 2, says: []string{"nonsense"}},
		"unknown flag":         {args: []string{"fit", "--nonsense", good}, code: 2, says: []string{"--nonsense"}},
		"no input":             {args: []string{"fit"}, code: 2},
		"unknown format":       {args: []string{"fit", "--format", "xml", good}, code: 2, says: []string{"xml", "jsonl"}},
		"small topics":         {args: []string{"fit", "--min-topic-size", "1", good}, code: 2, says: []string{"--min-topic-size", "2 or more"}},
		"outlier policy":       {args: []string{"fit", "--outliers", "some", good}, code: 2, says: []string{"--outliers", "keep, soft or all"}},
		"evaluated policy":     {args: []string{"evaluate", "--label", "l", "--outliers", "some", good}, code: 2, says: []string{"--outliers", "keep, soft or all"}},
		"missing file":         {args: []string{"fit", "nowhere.jsonl"}, code: 1, says: []string{"nowhere.jsonl"}},
		"empty corpus":         {args: []string{"fit", "--format", "jsonl", "-"}, code: 1, says: []string{"standard input: ", "no documents"}},
		"empty file":           {args: []string{"fit", write(t, "empty.jsonl", "")}, code: 1, says: []string{"empty.jsonl: ", "no documents"}},
		"no class":             {args: []string{"evaluate", "--label", "l", write(t, "docs.jsonl", `{"text":"a"}`)}, code: 1, says: []string{"docs.jsonl: document 1", `"l"`}},
		"blank corpus":         {stdin: "\n \n\t\n", args: []string{"fit", "--format", "lines", "-"}, code: 1, says: []string{"no documents"}},
		"missing field":        {stdin: `{"text":"a b"}` + "\n" + `{"body":"c"}`, args: []string{"fit", "--strict", "--format", "jsonl", "-"}, code: 1, says: []string{"standard input:2: ", "text", "body"}},
		"duplicate id":         {stdin: `{"id":"x","text":"a"}` + "\n" + `{"id":"x","text":"b"}`, args: []string{"fit", "--strict", "--format", "jsonl", "-"}, code: 1, says: []string{"standard input:2: ", `"x"`, "line 1"}},
		"broken JSON":          {stdin: `{"text":"a"}` + "\n" + `{"text":`, args: []string{"fit", "--strict", "--format", "jsonl", "-"}, code: 1, says: []string{"standard input:2: "}},
		"missing CSV column":   {stdin: "id,title\n1,a\n", args: []string{"fit", "--format", "csv", "-"}, code: 1, says: []string{"text", "title"}},
		"truncated npy":        {args: []string{"fit", "--embeddings", npy("\x93NUMPY\x01\x00v\x00{'descr'"), good}, code: 1, says: []string{"e.npy"}},
		"not an npy":           {args: []string{"fit", "--embeddings", npy("hello"), good}, code: 1, says: []string{"e.npy"}},
		"no directory":         {args: []string{"fit", "--docs", filepath.Join(good, "docs.csv"), good}, code: 1, says: []string{"docs.csv"}},
		"one file for two":     {args: []string{"fit", "--docs", "x.csv", "--topics", "./x.csv", good}, code: 2, says: []string{"x.csv is named twice"}},
		"not a model":          {args: []string{"topics", "--model", filepath.Dir(good)}, code: 1, says: []string{"model.json"}},
		"transform, no model":  {args: []string{"transform", good}, code: 2, says: []string{"--model"}},
		"model over something": {args: []string{"fit", "--model", filepath.Dir(good), good}, code: 1, says: []string{"good.txt, which is no part of a saved model"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := call(t.Context(), c.stdin, quietly(c.args)...)
			require.Equal(t, c.code, code, stderr)
			require.Empty(t, stdout)
			for _, s := range c.says {
				require.Contains(t, stderr, s)
			}
		})
	}
}

func TestWrongNumberOfRows(t *testing.T) {
	dir := t.TempDir()
	npy := filepath.Join(dir, "e.npy")
	code, _, stderr := call(t.Context(), texts(20), "fit", "--format", "lines", "--quiet", "--save-embeddings", npy, "-")
	require.Zero(t, code, stderr)
	code, _, stderr = call(t.Context(), texts(21), "fit", "--format", "lines", "--quiet", "--embeddings", npy, "-")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "e.npy: 20 rows, want one for each of the 21 documents")
}

// cancelOn cancels when a text is written to it.
type cancelOn struct {
	text   string
	cancel context.CancelFunc
}

func (c cancelOn) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		c.cancel()
	}
	return len(p), nil
}

// An interrupt in any stage ends with 130 and leaves no file behind.
func TestInterruptLeavesNothing(t *testing.T) {
	input := write(t, "texts.txt", texts(300))
	for _, after := range []string{"", "read:", "embed:", "reduce:", "cluster:", "words:"} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		if after == "" {
			cancel()
		}
		args := []string{
			"fit", "--format", "lines", "--granularity", "bertopic", "--docs", filepath.Join(dir, "d.csv"), "--topics", filepath.Join(dir, "t.json"),
			"--save-embeddings", filepath.Join(dir, "e.npy"), "--model", filepath.Join(dir, "model"), input,
		}
		code := run(ctx, args, streams{strings.NewReader(""), io.Discard, cancelOn{after, cancel}})
		require.Equal(t, exitInterrupted, code, "after %q", after)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, "after %q", after)
		cancel()
	}
}

// An interrupt is heeded while standard input gives nothing.
func TestInterruptWhileReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, feed := io.Pipe()
	defer feed.Close()
	go func() {
		_, err := io.WriteString(feed, "one line\n")
		if err == nil {
			cancel()
		}
	}()
	code := run(ctx, []string{"fit", "--format", "lines", "-"}, streams{in, io.Discard, io.Discard})
	require.Equal(t, exitInterrupted, code)
}

func TestVersion(t *testing.T) {
	code, stdout, _ := call(t.Context(), "", "version")
	require.Zero(t, code)
	require.True(t, strings.HasPrefix(stdout, "gobertopic "))
}

// Nothing is printed twice and a failure of standard output is a failure.
func TestBrokenOutput(t *testing.T) {
	var errs bytes.Buffer
	code := run(t.Context(), []string{"fit", "--format", "lines", "--quiet", "-"}, streams{strings.NewReader(texts(30)), broken{}, &errs})
	require.Equal(t, exitFailed, code)
	require.Contains(t, errs.String(), "pipe is closed")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe is closed") }

func keys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return records
}

// filesBelow lists the files in dir and the directories below it.
func filesBelow(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	}))
	return names
}

func requireSameFile(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	require.NoError(t, err)
	y, err := os.ReadFile(b)
	require.NoError(t, err)
	require.True(t, bytes.Equal(x, y), "%s and %s differ", filepath.Base(a), filepath.Base(b))
}

// quietly adds --quiet for the commands that have it.
func quietly(args []string) []string {
	if args[0] == "fit" || args[0] == "transform" {
		return append(args, "--quiet")
	}
	return args
}
