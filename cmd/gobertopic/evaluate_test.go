package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvaluateScoresEachPreset(t *testing.T) {
	input, npy := embedded(t, texts(90))
	kinds := []string{"networks", "bread", "cars"}
	var lines, table strings.Builder
	table.WriteString("text,kind\n")
	for i, text := range strings.Split(strings.TrimSpace(texts(90)), "\n") {
		fmt.Fprintln(&lines, kinds[i%3])
		fmt.Fprintf(&table, "\"%s\",%s\n", text, kinds[i%3])
	}
	labels := write(t, "labels.txt", lines.String())

	type row struct {
		Preset                                                 string
		Seed, Topics                                           int
		Outliers, ARI, NMI, AMI, V, Purity, Diversity, Seconds float64
		CNPMI                                                  float64 `json:"c_npmi"`
	}
	rows := func(args ...string) (out []row) {
		t.Helper()
		code, stdout, stderr := call(t.Context(), "", append([]string{"evaluate", "--quiet", "--json"}, args...)...)
		require.Zero(t, code, stderr)
		require.NoError(t, json.Unmarshal([]byte(stdout), &out))
		for i := range out {
			require.Positive(t, out[i].Seconds)
			out[i].Seconds = 0
		}
		return out
	}
	all := rows("--format", "lines", "--labels", labels, "--embeddings", npy, input)
	require.Len(t, all, 3)
	for i, name := range presets {
		require.Equal(t, name, all[i].Preset)
		require.Equal(t, 1, all[i].Seed)
	}
	require.Equal(t, 3, all[0].Topics)
	require.InDelta(t, 1, all[0].ARI, 1e-12)
	require.InDelta(t, 1, all[0].Purity, 1e-12)

	// A column of a CSV says the same as a file of lines, and the texts as their embeddings.
	require.Equal(t, all, rows("--label", "kind", write(t, "texts.csv", table.String())))
	require.Equal(t, all[1:2], rows("--format", "lines", "--labels", labels, "--embeddings", npy, "--workers", "1", "--presets", "bertopic", input))

	// Labels of one class do not agree with three topics.
	same := write(t, "same.txt", strings.Repeat("x\n", 90))
	require.Zero(t, rows("--format", "lines", "--labels", same, "--embeddings", npy, "--presets", "default", input)[0].ARI)

	// Several seeds become means, with the agreement between them.
	args := []string{"evaluate", "--quiet", "--format", "lines", "--labels", labels, "--embeddings", npy, "--seeds", "2", input}
	code, stdout, stderr := call(t.Context(), "", append(args, "--csv")...)
	require.Zero(t, code, stderr)
	records, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 4)
	require.Contains(t, records[0], "ari_sd")
	last := len(records[0]) - 1
	require.Equal(t, "between_seeds", records[0][last])
	require.Equal(t, "1", records[1][last], "no seed plays a part in the default")
	code, stdout, stderr = call(t.Context(), "", args...)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "| preset")
	require.Contains(t, stdout, "ARI between seeds")
}

func TestEvaluateNamesWhatIsWrong(t *testing.T) {
	input := write(t, "texts.txt", texts(3))
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no classes":     {[]string{input}, exitUsage, "--label FIELD or --labels FILE"},
		"both":           {[]string{"--label", "a", "--labels", "b", input}, exitUsage, "either"},
		"both outputs":   {[]string{"--label", "a", "--json", "--csv", input}, exitUsage, "one of them"},
		"no seed":        {[]string{"--label", "a", "--seeds", "0", input}, exitUsage, "--seeds is 0"},
		"workers":        {[]string{"--label", "a", "--workers", "-1", input}, exitUsage, "--workers is -1"},
		"preset":         {[]string{"--label", "a", "--presets", "lda", input}, exitUsage, `"lda"`},
		"preset twice":   {[]string{"--label", "a", "--presets", "default,default", input}, exitUsage, "each once"},
		"no file":        {[]string{"--labels", "nowhere.txt", "--format", "lines", input}, exitFailed, "nowhere.txt"},
		"too few":        {[]string{"--labels", write(t, "l.txt", "a\nb\n"), "--format", "lines", input}, exitFailed, "2 lines, want one for each of the 3 documents"},
		"empty line":     {[]string{"--labels", write(t, "l.txt", "a\n\nb\n"), "--format", "lines", input}, exitFailed, "l.txt:2: empty, want the class of document 2"},
		"empty field":    {[]string{"--label", "kind", write(t, "t.csv", "text,kind\none,a\ntwo,\n")}, exitFailed, `document 2 (id 2): field "kind"`},
		"field missing":  {[]string{"--label", "kind", write(t, "t.jsonl", `{"text":"one"}`+"\n")}, exitFailed, `document 1 (id 1): field "kind"`},
		"lines, a field": {[]string{"--label", "kind", "--format", "lines", input}, exitFailed, `field "kind"`},
	} {
		code, stdout, stderr := call(t.Context(), "", append([]string{"evaluate", "--quiet"}, c.args...)...)
		require.Equal(t, c.code, code, "%s: %s", name, stderr)
		require.Contains(t, stderr, c.want, name)
		require.Empty(t, stdout, name)
	}
}
