package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A report is written by fit and by report, and figures by figure, with the times and fields of the input.
func TestReportsAndFigures(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	var records strings.Builder
	for i, text := range lines3(60) {
		line, err := json.Marshal(map[string]any{"id": fmt.Sprint("d", i), "text": text, "created": fmt.Sprintf("20%02d-03-01", 10+i%6), "kind": []string{"a", "b"}[i%2], "score": i})
		require.NoError(t, err)
		records.Write(append(line, '\n'))
	}
	input := write(t, "docs.jsonl", records.String())
	code, _, stderr := call(t.Context(), "", "fit", "--model", at("model"), "--report", at("fit.html"), "--report-title", "Sixty", "--time", "created", input)
	require.Zero(t, code, stderr)
	code, _, stderr = call(t.Context(), "", "report", "--model", at("model"), "-o", at("report.html"), "--title", "Sixty", "--time", "created", input)
	require.Zero(t, code, stderr)
	requireSameFile(t, at("fit.html"), at("report.html"))
	page, err := os.ReadFile(at("report.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "<title>Sixty</title>")

	code, _, stderr = call(t.Context(), "", "figure", "time", "--model", at("model"), "-o", at("time.csv"), "--time", "created", input)
	require.Zero(t, code, stderr)
	require.Contains(t, readCSV(t, at("time.csv"))[0], "documents")
	code, _, stderr = call(t.Context(), "", "figure", "classes", "--model", at("model"), "-o", at("classes.svg"), "--field", "kind", input)
	require.Zero(t, code, stderr)

	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"report", "--model", at("model")}, "--out is missing", exitUsage},
		{[]string{"report", "--model", at("model"), "-o", at("x.html"), "--fields", "no", input}, "score", exitUsage},
		{[]string{"report", "--model", at("model"), "-o", at("x.html"), write(t, "other.jsonl", `{"text": "another"}`)}, "want the 60", exitFailed},
		{[]string{"figure", "nothing", "--model", at("model"), "-o", at("x.svg")}, "want one of map", exitUsage},
		{[]string{"figure", "map", "--model", at("model"), "-o", at("x.gif")}, ".svg, .pdf, .png or .csv", exitUsage},
		{[]string{"figure", "time", "--model", at("model"), "-o", at("x.svg")}, "no times", exitFailed},
	} {
		code, _, stderr := call(t.Context(), "", c.args...)
		require.Equal(t, c.code, code, stderr)
		require.Contains(t, stderr, c.want)
		require.NoFileExists(t, at("x.svg"))
		require.NoFileExists(t, at("x.html"))
	}
}
