package parquet_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/parquet"
)

// kindTexts returns the texts that scripts/golden/parquet.py writes.
func kindTexts(n int) []string {
	words := []string{"model", "token", "prompt", "agent", "index", "vector", "answer", "error", "stream", "chain", "memory", "tool"}
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("How does the %s of %s work — №%d?", words[i%12], words[i*7%12], i)
	}
	return texts
}

// TestKindsExact reads a column of text in each of the ways in which pyarrow and pandas store one: logical
// types, compressions, encodings, dictionaries that fall back to plain pages, page indexes, empty row groups.
func TestKindsExact(t *testing.T) {
	few, many := kindTexts(6), kindTexts(90)
	want := map[string][]string{
		"large_string": few, "string_view": few, "binary": few, "dictionary": few, "group_per_row": few, "uuid": few,
		"empty_groups": few, "pandas_index": few, "no_rows": nil,
		"codec_none": few, "codec_snappy": few, "codec_gzip": few, "codec_brotli": few, "codec_lz4": few, "codec_zstd": few,
		"delta_byte_array": many, "delta_length_byte_array": many, "page_index": many,
		"dictionary_fallback": many, "dictionary_fallback_nulls": many,
		"null_text": append(few[:1:1], few[2:]...), "list_text": nil, "struct_text": nil, "integer_text": nil,
	}
	faults := map[string]string{
		"null_text":    `:2: field "text": is null, want a string`,
		"list_text":    `: field "text": is a list, want one value in a row`,
		"struct_text":  `: field "text": missing, the columns are message.text`,
		"integer_text": `: field "text": is of the type INT64, want strings`,
	}
	files, err := filepath.Glob(filepath.Join("testdata", "kinds", "*.parquet"))
	require.NoError(t, err)
	require.Len(t, files, len(want))
	for name, texts := range want {
		path := filepath.Join("testdata", "kinds", name+".parquet")
		require.FileExists(t, path)
		var o corpus.Options
		if slices.Contains([]string{"pandas_index", "uuid", "dictionary"}, name) {
			o.IDField = "id"
		}
		docs, said := collect(t, parquet.Open(path, o))
		var wantFaults []string
		if f := faults[name]; f != "" {
			wantFaults = []string{path + f}
		}
		require.Equal(t, wantFaults, said, name)
		var got []string
		for i, d := range docs {
			got = append(got, d.Text)
			switch name {
			case "pandas_index":
				require.Equal(t, fmt.Sprintf("i%d", i), d.ID)
			case "dictionary":
				require.Equal(t, fmt.Sprintf("r%d", i), d.ID)
			case "dictionary_fallback_nulls":
				tag := fmt.Sprintf("tag %d of many", i)
				if i%3 != 0 {
					tag = ""
				}
				require.Equal(t, tag, d.Fields["tag"], i)
			}
		}
		require.Equal(t, texts, got, name)
	}
	docs, said := collect(t, parquet.Open(filepath.Join("testdata", "kinds", "struct_text.parquet"), corpus.Options{TextField: "message.text"}))
	require.Empty(t, said)
	require.Len(t, docs, 6)
	require.Equal(t, few[5], docs[5].Text)
}

// TestTruncated checks that every truncation of a file is an error, never a shorter corpus.
func TestTruncated(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "kinds", "codec_zstd.parquet"))
	require.NoError(t, err)
	for cut := range data {
		docs, faults := collect(t, parquet.Read(bytes.NewReader(data[:cut]), int64(cut), corpus.Options{}))
		require.Empty(t, docs, cut)
		require.Len(t, faults, 1, cut)
	}
}
