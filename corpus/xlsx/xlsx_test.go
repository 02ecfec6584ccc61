package xlsx_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/xlsx"
)

// book is a workbook whose sheets have the rows, nil for an empty one.
func book(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, name := range order {
		if i == 0 {
			require.NoError(t, f.SetSheetName("Sheet1", name))
		} else {
			_, err := f.NewSheet(name)
			require.NoError(t, err)
		}
		for r, row := range sheets[name] {
			for c, v := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				require.NoError(t, err)
				require.NoError(t, f.SetCellValue(name, cell, v))
			}
		}
	}
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	return out.Bytes()
}

func read(ctx context.Context, data []byte, o xlsx.Options) (docs []corpus.Document, faults []string) {
	for d, err := range xlsx.Read(ctx, bytes.NewReader(data), int64(len(data)), o) {
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		docs = append(docs, d)
	}
	return docs, faults
}

func TestReadExact(t *testing.T) {
	when := time.Date(2024, 5, 1, 12, 30, 0, 0, time.UTC)
	data := book(t, map[string][][]any{
		"posts": {
			nil,
			{"id", "text", "when", "score", "", "open"},
			{7, "A kettle,\n\"boils\"", when, 1.5, "no header", true},
			nil,
			{"x", "Größe 日本", "2024-05-02"},
			{9, nil, nil, 1e-7},
			{7, "twice"},
			{10, 12345},
		},
		"other": {{"body"}, {"b"}},
		"empty": nil,
	}, "posts", "other", "empty")
	docs, faults := read(t.Context(), data, xlsx.Options{Options: corpus.Options{TimeField: "when", Name: "b.xlsx"}})
	require.Equal(t, []string{`b.xlsx:7: field "id": "7" is the ID of line 3 already`}, faults)
	require.Equal(t, []corpus.Document{
		{ID: "7", Text: "A kettle,\n\"boils\"", Time: when, Fields: map[string]string{"when": "2024-05-01T12:30:00Z", "score": "1.5", "open": "1"}},
		{ID: "x", Text: "Größe 日本", Time: time.Date(2024, 5, 2, 0, 0, 0, 0, time.UTC), Fields: map[string]string{"when": "2024-05-02"}},
		{ID: "9", Fields: map[string]string{"score": "0.0000001"}},
		{ID: "10", Text: "12345", Fields: map[string]string{}},
	}, docs)

	docs, faults = read(t.Context(), data, xlsx.Options{Sheet: "other", Options: corpus.Options{TextField: "body"}})
	require.Empty(t, faults)
	require.Equal(t, []corpus.Document{{ID: "1", Text: "b", Fields: map[string]string{}}}, docs)
	docs, faults = read(t.Context(), data, xlsx.Options{Sheet: "empty"})
	require.Empty(t, faults)
	require.Empty(t, docs)

	for want, o := range map[string]xlsx.Options{
		`input: cannot be read: it has no sheet "x" but ["posts" "other" "empty"]`:   {Sheet: "x"},
		`input:2: field "body": missing, the header has id, text, when, score, open`: {Options: corpus.Options{TextField: "body"}},
		`input:2: field "key": missing, the header has id, text, when, score, open`:  {Options: corpus.Options{IDField: "key"}},
		`input:1: field "at": missing, the header has body`:                          {Sheet: "other", Options: corpus.Options{TextField: "body", TimeField: "at"}},
	} {
		docs, faults = read(t.Context(), data, o)
		require.Empty(t, docs)
		require.Equal(t, []string{want}, faults)
	}

	path := filepath.Join(t.TempDir(), "a.xlsx")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	for range 2 {
		n := 0
		for _, err := range xlsx.Open(t.Context(), path, xlsx.Options{Sheet: "other", Options: corpus.Options{TextField: "body"}}) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 1, n)
	}
	for _, err := range xlsx.Open(t.Context(), path+"x", xlsx.Options{}) {
		require.ErrorContains(t, err, "a.xlsxx: cannot be opened: no such file or directory")
	}
}

// What is damaged or too large is an error.
func TestReadRefuses(t *testing.T) {
	good := book(t, map[string][][]any{"a": {{"text"}, {"b"}}}, "a")
	for n := 0; n < len(good); n += max(1, len(good)/40) {
		docs, faults := read(t.Context(), good[:n], xlsx.Options{})
		require.Empty(t, docs)
		require.Len(t, faults, 1)
	}
	_, faults := read(t.Context(), []byte("id,text\n1,a\n"), xlsx.Options{})
	require.Contains(t, faults[0], "it is damaged, or no workbook of Excel")

	// Parts that unpack to more than memory is for.
	change := func(part string, begin, unit string, times int) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		r, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
		require.NoError(t, err)
		for _, f := range r.File {
			to, err := w.Create(f.Name)
			require.NoError(t, err)
			if f.Name == part {
				_, err = io.WriteString(to, begin)
				require.NoError(t, err)
				for range times {
					_, err = io.WriteString(to, unit)
					require.NoError(t, err)
				}
				continue
			}
			from, err := f.Open()
			require.NoError(t, err)
			_, err = io.Copy(to, from)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		return out.Bytes()
	}
	mb := strings.Repeat("a", 1<<20)
	_, faults = read(t.Context(), change("xl/styles.xml", "<styleSheet>", mb, 70), xlsx.Options{})
	require.Equal(t, []string{`input: cannot be read: its part "xl/styles.xml" unpacks to 70 MB, want at most 64`}, faults)
	_, faults = read(t.Context(), change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>`, mb, 70), xlsx.Options{})
	require.Equal(t, []string{`input: cannot be read: its part "xl/worksheets/sheet1.xml" has a text of more than 1048576 bytes, want at most the 32767 characters that a cell may have`}, faults)
}

func TestReadStops(t *testing.T) {
	rows := make([][]any, 2000)
	for i := range rows {
		rows[i] = []any{fmt.Sprint("text ", i)}
	}
	rows[0] = []any{"text"}
	data := book(t, map[string][][]any{"a": rows}, "a")
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	n := 0
	var last error
	for _, err := range xlsx.Read(ctx, bytes.NewReader(data), int64(len(data)), xlsx.Options{}) {
		if last = err; err == nil {
			if n++; n == 10 {
				cancel(gone)
			}
		}
	}
	require.ErrorIs(t, last, gone)
	require.Less(t, n, 1999)
	_, faults := read(ctx, data, xlsx.Options{})
	require.Len(t, faults, 1)
	for range xlsx.Read(t.Context(), bytes.NewReader(data), int64(len(data)), xlsx.Options{}) {
		break
	}
}

// What is written is read again.
func TestWriteExact(t *testing.T) {
	when := time.Date(2024, 5, 1, 12, 30, 0, 0, time.UTC)
	var out bytes.Buffer
	require.NoError(t, xlsx.Write(
		&out, xlsx.Column{Name: "id", Values: []string{"7", "=1+1", ""}}, xlsx.Column{Name: "text", Values: []string{"<a> & \"b\"\n", "Größe 日本 😀", " "}},
		xlsx.Column{Name: "topic", Values: []int{-1, 3, 1 << 30}}, xlsx.Column{Name: "p", Values: []float64{0.1, 1, 1e-9}},
		xlsx.Column{Name: "ok", Values: []bool{true, false, true}}, xlsx.Column{Name: "at", Values: []time.Time{when, {}, when.Add(1500 * time.Millisecond)}},
	))
	docs, faults := read(t.Context(), out.Bytes(), xlsx.Options{Options: corpus.Options{TimeField: "at"}})
	require.Empty(t, faults)
	require.Len(t, docs, 3)
	require.Equal(t, []string{"7", "=1+1", "3"}, []string{docs[0].ID, docs[1].ID, docs[2].ID})
	require.Equal(t, []string{"<a> & \"b\"\n", "Größe 日本 😀", " "}, []string{docs[0].Text, docs[1].Text, docs[2].Text})
	require.Equal(t, when, docs[0].Time)
	require.True(t, docs[1].Time.IsZero())
	require.Equal(t, when.Add(1500*time.Millisecond), docs[2].Time)
	require.Equal(t, "1073741824", docs[2].Fields["topic"])
	require.Equal(t, "0.1", docs[0].Fields["p"])

	for want, columns := range map[string][]xlsx.Column{
		"no columns":         nil,
		"is []uint8":         {{Name: "a", Values: []byte{1}}},
		"given twice":        {{Name: "a", Values: []int{1}}, {Name: "a", Values: []int{1}}},
		"has 2 rows, want 1": {{Name: "a", Values: []int{1}}, {Name: "b", Values: []int{1, 2}}},
		"1048576 rows":       {{Name: "a", Values: make([]bool, 1<<20)}},
		"32768 characters":   {{Name: "a", Values: []string{strings.Repeat("é", 32768)}}},
	} {
		require.ErrorContains(t, xlsx.Write(io.Discard, columns...), want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(book(f, map[string][][]any{"a": {{"id", "text"}, {1, "b"}, {time.Unix(0, 0), true}}}, "a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		ids := map[string]bool{}
		for d, err := range xlsx.Read(t.Context(), bytes.NewReader(data), int64(len(data)), xlsx.Options{Options: corpus.Options{TimeField: "id"}}) {
			if err != nil {
				require.NotEmpty(t, err.Error())
				continue
			}
			require.False(t, ids[d.ID])
			ids[d.ID] = true
		}
	})
}

func ExampleWrite() {
	var file bytes.Buffer
	err := xlsx.Write(&file, xlsx.Column{Name: "id", Values: []int{7}}, xlsx.Column{Name: "text", Values: []string{"a kettle"}})
	fmt.Println(err)
	for d, err := range xlsx.Read(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()), xlsx.Options{}) {
		fmt.Println(d.ID, d.Text, err)
	}
	// Output:
	// <nil>
	// 7 a kettle <nil>
}
