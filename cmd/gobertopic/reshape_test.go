package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
)

func TestReshapingASavedModel(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	model := at("model")
	code, _, stderr := call(t.Context(), "", "fit", "--quiet", "--model", model, write(t, "texts.txt", texts(90)))
	require.Zero(t, code, stderr)
	topics := func(stdout string) []topicJSON {
		var out []topicJSON
		require.NoError(t, json.Unmarshal([]byte(stdout), &out), stdout)
		return out
	}
	_, stdout, _ := call(t.Context(), "", "topics", "--json", "--model", model)
	before := topics(stdout)
	n := before[len(before)-1].ID + 1
	require.GreaterOrEqual(t, n, 3)

	for name, c := range map[string]struct {
		args []string
		want int // topics
	}{
		"reduce":       {[]string{"reduce", "--to", "2"}, 2},
		"reduce words": {[]string{"reduce", "--to", "2", "--words"}, 2},
		"to more":      {[]string{"reduce", "--to", "99"}, n},
		"merge":        {[]string{"merge", "--topics", "0, 2"}, n - 1},
	} {
		t.Run(name, func(t *testing.T) {
			out := at(strings.ReplaceAll(name, " ", "-"))
			args := append(c.args, "--model", model, "--out", out)
			code, stdout, stderr := call(t.Context(), "", append(args, "--json")...)
			require.Zero(t, code, stderr)
			got := topics(stdout)
			require.Equal(t, c.want, got[len(got)-1].ID+1)
			require.Equal(t, c.want == n, strings.Contains(stderr, "99 topics were asked for"), stderr)
			_, saved, _ := call(t.Context(), "", "topics", "--json", "--model", out)
			require.Equal(t, stdout, saved)
			code, table, stderr := call(t.Context(), "", args...) // over the model that is there
			require.Zero(t, code, stderr)
			_, again, _ := call(t.Context(), "", "topics", "--model", out)
			require.Equal(t, again, table)
		})
	}
	code, _, stderr = call(t.Context(), "", "reduce", "--to", "auto", "--model", model, "--out", at("auto"))
	require.Zero(t, code, stderr)

	code, tree, stderr := call(t.Context(), "", "hierarchy", "--model", model, "--method", "average")
	require.Zero(t, code, stderr)
	require.True(t, strings.HasPrefix(tree, ".\n"))
	require.Equal(t, n, strings.Count(tree, " ── Topic: "))
	code, stdout, stderr = call(t.Context(), "", "hierarchy", "--model", model, "--embeddings", "--json")
	require.Zero(t, code, stderr)
	var rows []mergeJSON
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Len(t, rows, n-1)
	require.Len(t, rows[0].Topics, n)

	for _, args := range [][]string{
		{"reduce", "--model", model, "--to", "2"},
		{"reduce", "--model", model, "--out", at("x")},
		{"reduce", "--model", model, "--out", at("x"), "--to", "0"},
		{"reduce", "--out", at("x"), "--to", "2"},
		{"merge", "--model", model, "--out", at("x")},
		{"merge", "--model", model, "--out", at("x"), "--topics", "1"},
		{"merge", "--model", model, "--out", at("x"), "--topics", "1,-1"},
		{"hierarchy", "--model", model, "--method", "far"},
	} {
		code, _, stderr := call(t.Context(), "", args...)
		require.Equal(t, exitUsage, code, stderr)
	}
	code, _, stderr = call(t.Context(), "", "merge", "--model", model, "--out", at("x"), "--topics", "1,99")
	require.Equal(t, exitFailed, code, stderr)
	require.NoDirExists(t, at("x"))
}

func TestMergingSavedModels(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	all := strings.SplitAfter(texts(90), "\n")
	var few strings.Builder // of two of the three kinds
	for i, line := range all {
		if i%3 != 0 {
			few.WriteString(line)
		}
	}
	for name, text := range map[string]string{"first": few.String(), "second": texts(90)} {
		code, _, stderr := call(t.Context(), "", "fit", "--quiet", "--model", at(name), write(t, "texts.txt", text))
		require.Zero(t, code, stderr)
	}
	code, table, stderr := call(t.Context(), "", "merge", "--model", at("first"), "--with", at("second"), "--min-similarity", "0.8", "--out", at("merged"))
	require.Zero(t, code, stderr)
	_, again, _ := call(t.Context(), "", "topics", "--model", at("merged"))
	require.Equal(t, again, table)
	m, err := topic.Load(t.Context(), at("merged"), topic.LoadOptions{})
	require.NoError(t, err)
	require.Equal(t, 150, m.Len())
	require.Len(t, m.Topics(), 3)
	require.Equal(t, []int{60, 60, 30}, []int{m.Topics()[0].Size, m.Topics()[1].Size, m.Topics()[2].Size})

	for say, args := range map[string][]string{
		"both set":            {"--with", at("second"), "--topics", "0,1"},
		"--min-similarity is": {"--with", at("second"), "--min-similarity", "2"},
		"--topics is missing": {},
		"--with is empty":     {"--with", ""},
		"goes with --with":    {"--topics", "0,1", "--min-similarity", "0.5"},
	} {
		code, _, stderr := call(t.Context(), "", append([]string{"merge", "--model", at("first"), "--out", at("x")}, args...)...)
		require.Equal(t, 2, code)
		require.Contains(t, stderr, say)
	}
	code, _, stderr = call(t.Context(), "", "merge", "--model", at("first"), "--with", at("nowhere"), "--out", at("x"))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "nowhere")
}
