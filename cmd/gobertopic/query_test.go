package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueriesOfASavedModel(t *testing.T) {
	var lines strings.Builder
	for i, text := range strings.Split(strings.TrimSpace(texts(90)), "\n") {
		fmt.Fprintf(&lines, "{\"text\": %q, \"when\": \"2024-%02d-01\"}\n", text, 1+i%4)
	}
	input := write(t, "texts.jsonl", lines.String())
	model := filepath.Join(t.TempDir(), "model")
	code, _, stderr := call(t.Context(), "", "fit", "--quiet", "--model", model, input)
	require.Zero(t, code, stderr)

	for _, query := range []struct {
		args   []string
		header string
		rows   int // 0: any number
	}{
		{[]string{"find", "--top", "1", "bread with butter"}, "topic,name,similarity", 1},
		{[]string{"info"}, "topic,count,name,label,terms,representative", 0},
		{[]string{"info", "--documents"}, "document,topic,name,label,terms,probability,representative", 90},
		{[]string{"distribution", input}, "id,topic,share", 0},
		{[]string{"over-time", "--time", "when", "--every", "month", input}, "topic,time,count,terms", 0},
		{[]string{"over-time", "--time", "when", "--bins", "2", input}, "topic,time,count,terms", 0},
	} {
		args := append(query.args, "--model", model)
		code, stdout, stderr := call(t.Context(), "", args...)
		require.Zero(t, code, stderr)
		records := strings.Split(strings.TrimSpace(stdout), "\n")
		require.Equal(t, query.header, records[0])
		require.Greater(t, len(records), 1)
		if query.rows > 0 {
			require.Len(t, records, query.rows+1)
		}
		code, stdout, stderr = call(t.Context(), "", append(args, "--json")...)
		require.Zero(t, code, stderr)
		var rows []map[string]any
		require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
		require.Len(t, rows, len(records)-1)
		require.ElementsMatch(t, strings.Split(query.header, ","), keys(rows[0]))
	}
	for _, args := range [][]string{
		{"find", "x"},
		{"over-time", "--model", model, input},
		{"over-time", "--model", model, "--time", "when", "--every", "fortnight", input},
		{"distribution", "--model", model, "--window", "0", input},
	} {
		code, _, stderr := call(t.Context(), "", args...)
		require.Equal(t, exitUsage, code, stderr)
	}
}
