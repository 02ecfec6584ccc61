package parquet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	format "github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/parquet"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

func at(name string) string { return filepath.Join("testdata", name+".parquet") }

// collect is what a reader gives to a caller who never stops.
func collect(t testing.TB, docs iter.Seq2[corpus.Document, error]) (all []corpus.Document, faults []string) {
	t.Helper()
	for d, err := range docs {
		if err != nil {
			var fault *corpus.Error
			require.ErrorAs(t, err, &fault)
			faults = append(faults, err.Error())
			continue
		}
		all = append(all, d)
	}
	return all, faults
}

// Files that pyarrow wrote, with each compression, in several row groups and pages, hold what pyarrow reads in them.
func TestReadExact(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "expected.jsonl"))
	require.NoError(t, err)
	type row struct {
		ID      int
		Text    string
		Created string
		Label   *string
		Score   *float64
		Author  *struct {
			Name  string
			Karma int
		}
		Tags []string
	}
	var want []row
	for line := range strings.Lines(string(text)) {
		var r row
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		want = append(want, r)
	}
	require.Len(t, want, 60)
	for _, name := range []string{"none", "snappy", "zstd", "gzip"} {
		docs := parquet.Open(at(name), corpus.Options{TimeField: "created"})
		for range 2 {
			got, faults := collect(t, docs)
			require.Empty(t, faults, name)
			if name == "none" {
				require.Len(t, got, 60)
			} else {
				require.Len(t, got, 1000)
			}
			for i, w := range want {
				d := got[i]
				require.Equal(t, fmt.Sprint(w.ID), d.ID)
				require.Equal(t, w.Text, d.Text)
				require.Equal(t, w.Created, d.Time.Format("2006-01-02T15:04:05.000000"), "%s, row %d", name, i)
				fields := map[string]string{"created": d.Fields["created"]}
				if w.Label != nil {
					fields["label"] = *w.Label
				}
				if w.Score != nil {
					fields["score"] = fmt.Sprint(*w.Score)
				}
				if w.Author != nil {
					fields["author.name"], fields["author.karma"] = w.Author.Name, fmt.Sprint(w.Author.Karma)
				}
				switch {
				case w.Tags == nil:
				case len(w.Tags) == 0:
					fields["tags"] = "[]"
				default:
					fields["tags"] = `["` + strings.Join(w.Tags, `","`) + `"]`
				}
				require.Equal(t, fields, d.Fields)
			}
		}
	}
	got, faults := collect(t, parquet.Open(at("snappy"), corpus.Options{TextField: "author.name", IDField: "id"}))
	require.Len(t, got, 833)
	require.Len(t, faults, 167)
	require.Equal(t, at("snappy")+`:1: field "author.name": is null, want a string`, faults[0])
}

// Every type of pyarrow, by the values that it was given.
func TestTypesExact(t *testing.T) {
	got, faults := collect(t, parquet.Open(at("types"), corpus.Options{}))
	require.Empty(t, faults)
	require.Len(t, got, 3)
	require.Equal(t, map[string]string{
		"large": "x", "bytes": "plain", "fixed": "0102", "bool": "true", "i8": "-128", "u8": "0", "i32": "-2147483648", "u32": "0", "u64": "0",
		"f32": "0.1", "f64": "7", "f16": "0.5", "day": "1969-12-31", "clock": "01:02:03.0004", "s": "2024-02-29T12:30:15Z", "us": "2024-02-29T12:30:15.123456Z",
		"ns": "2024-02-29T12:30:15.123456789Z", "money": "12.30", "big": "12345678901234567890.123", "uuid": "00000000-0000-0000-0000-000000000001", "ints": "[1,null,3]",
	}, got[0].Fields)
	require.Equal(t, map[string]string{
		"bytes": "\uFFFD", "fixed": "ff00", "bool": "false", "i8": "127", "u8": "255", "i32": "2147483647", "u32": "4294967295", "u64": "18446744073709551615",
		"f32": "-1e+30", "f64": "1e-300", "f16": "-2", "day": "2024-02-29", "clock": "23:59:59", "s": "1960-01-02T03:04:05Z",
		"us": "1960-01-02T03:04:05.000006Z", "ns": "1969-12-31T23:59:59.999999999Z", "money": "-0.05", "big": "-1.000",
		"uuid": "80000000-0000-0000-0000-000000000000", "ints": "[]",
	}, got[1].Fields)
	require.Equal(t, map[string]string{"large": "z", "f32": "NaN", "f64": "+Inf"}, got[2].Fields)

	for _, field := range []string{"s", "us", "ns", "day"} {
		got, faults := collect(t, parquet.Open(at("types"), corpus.Options{TimeField: field}))
		require.Empty(t, faults)
		require.Equal(t, 1960, min(got[1].Time.Year(), 1960)) // read as a time
		require.False(t, got[0].Time.IsZero())
		require.True(t, got[2].Time.IsZero())
	}
	got, faults = collect(t, parquet.Open(at("int96"), corpus.Options{TimeField: "us"}))
	require.Empty(t, faults)
	require.Equal(t, time.Date(2024, 2, 29, 12, 30, 15, 123456000, time.UTC), got[0].Time)
	require.Equal(t, time.Date(1960, 1, 2, 3, 4, 5, 6000, time.UTC), got[1].Time)
}

func TestErrorsExact(t *testing.T) {
	columns := "missing, the columns are id, text, created, label, score, author.name, author.karma, tags"
	for _, c := range []struct {
		o    corpus.Options
		want string
	}{
		{corpus.Options{TextField: "body"}, `field "body": ` + columns},
		{corpus.Options{IDField: "key"}, `field "key": ` + columns},
		{corpus.Options{TimeField: "at"}, `field "at": ` + columns},
		{corpus.Options{TextField: "tags"}, `field "tags": is a list, want one value in a row`},
		{corpus.Options{TextField: "score"}, `field "score": is of the type DOUBLE, want strings`},
	} {
		got, faults := collect(t, parquet.Open(at("snappy"), c.o))
		require.Empty(t, got)
		require.Equal(t, []string{at("snappy") + ": " + c.want}, faults)
	}
	got, faults := collect(t, parquet.Open(at("faults"), corpus.Options{}))
	require.Len(t, got, 1)
	require.Equal(t, []string{at("faults") + `:2: field "text": is null, want a string`, at("faults") + `:3: field "id": "1" is the ID of line 1 already`}, faults)
	got, faults = collect(t, parquet.Open(at("empty"), corpus.Options{}))
	require.Empty(t, got)
	require.Empty(t, faults)
	_, faults = collect(t, parquet.Open("nowhere.parquet", corpus.Options{}))
	require.Equal(t, []string{"nowhere.parquet: cannot be opened: no such file or directory"}, faults)
	for _, text := range []string{"", "PAR1", "id,text\n1,a\n", "PAR1 and more and more PAR1", strings.Repeat("PAR1", 100)} {
		_, faults = collect(t, parquet.Read(strings.NewReader(text), int64(len(text)), corpus.Options{}))
		require.Len(t, faults, 1)
		require.Regexp(t, "^input: cannot be read: it is (no Parquet file|damaged)", faults[0])
	}
}

// A scale that no decimal has makes no more text than others do.
func TestScaleOfBillions(t *testing.T) {
	var file bytes.Buffer
	w := format.NewWriter(&file, format.NewSchema("documents", format.Group{
		"n":    format.Decimal(math.MaxInt32, 9, format.Int32Type),
		"text": format.String(),
	}))
	_, err := w.WriteRows([]format.Row{{format.Int32Value(-12).Level(0, 0, 0), format.ByteArrayValue([]byte("a b")).Level(0, 0, 1)}})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	all, faults := collect(t, parquet.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), corpus.Options{}))
	require.Empty(t, faults)
	require.Len(t, all, 1)
	require.Equal(t, "-12e-2147483647", all[0].Fields["n"])
}

// Whatever is cut off or changed gives documents or errors, and no panic.
func TestDamaged(t *testing.T) {
	step := 101
	if testing.Short() {
		step = 1009
	}
	for _, name := range []string{"none", "zstd"} {
		whole, err := os.ReadFile(at(name))
		require.NoError(t, err)
		for i := 0; i < len(whole); i += step {
			_, faults := collect(t, parquet.Read(bytes.NewReader(whole[:i]), int64(i), corpus.Options{}))
			require.Len(t, faults, 1)
			changed := bytes.Clone(whole)
			changed[i] ^= 0x5a
			collect(t, parquet.Read(bytes.NewReader(changed), int64(len(changed)), corpus.Options{}))
		}
	}
}

func table(n int) []parquet.Column {
	ids, topics, probabilities, good, when := make([]string, n), make([]int, n), make([]float64, n), make([]bool, n), make([]time.Time, n)
	for i := range n {
		ids[i], topics[i], probabilities[i], good[i] = fmt.Sprintf("№%d", i), i%7-1, float64(i)/float64(n), i%2 == 0
		if i%3 > 0 {
			when[i] = time.Date(2024, 1, 1, i%24, 0, 0, 123456000, time.UTC)
		}
	}
	return []parquet.Column{{"id", ids}, {"topic", topics}, {"probability", probabilities}, {"good", good}, {"at", when}}
}

// What is written is read again, value by value, and has the same bytes each time.
func TestWriteExact(t *testing.T) {
	for _, n := range []int{0, 1, 300, 200_000} {
		if n > 1000 && testing.Short() {
			continue
		}
		var out, again bytes.Buffer
		columns := table(n)
		require.NoError(t, parquet.Write(&out, columns...))
		require.NoError(t, parquet.Write(&again, columns...))
		require.True(t, bytes.Equal(out.Bytes(), again.Bytes()))
		got, faults := collect(t, parquet.Read(bytes.NewReader(out.Bytes()), int64(out.Len()), corpus.Options{TextField: "id", TimeField: "at"}))
		require.Empty(t, faults)
		require.Len(t, got, n)
		for i, d := range got {
			require.Equal(t, columns[0].Values.([]string)[i], d.Text)
			require.True(t, columns[4].Values.([]time.Time)[i].Equal(d.Time))
			require.Equal(t, fmt.Sprint(columns[1].Values.([]int)[i]), d.Fields["topic"])
			require.Equal(t, fmt.Sprint(columns[3].Values.([]bool)[i]), d.Fields["good"])
			var p float64
			require.NoError(t, json.Unmarshal([]byte(d.Fields["probability"]), &p))
			require.Equal(t, columns[2].Values.([]float64)[i], p)
		}
		if path := os.Getenv("PARQUET_TABLE"); path != "" && n == 300 { // to be checked by scripts/golden/parquet.py
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
		}
	}
}

type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	for want, columns := range map[string][]parquet.Column{
		"no columns":                                  nil,
		`column "a" is []int32`:                       {{"a", []int32{1}}},
		`the name "" is empty`:                        {{"", []int{1}}},
		`the name "a" is empty or given twice`:        {{"a", []int{1}}, {"a", []int{1}}},
		`column "b" has 2 rows, want 1 as column "a"`: {{"a", []int{1}}, {"b", []int{1, 2}}},
	} {
		require.ErrorContains(t, parquet.Write(io.Discard, columns...), want)
	}
	for _, left := range []int{0, 10, 500} {
		require.ErrorIs(t, parquet.Write(&failing{left}, table(2000)...), io.ErrShortWrite)
	}
}

// A file of many row groups is read in the memory of a few.
func TestReadMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a table of 400,000 rows")
	}
	words := make([]string, 400_000)
	for i := range words {
		words[i] = fmt.Sprintf("%d: %s", i, strings.Repeat("x", 100+i%50))
	}
	var out bytes.Buffer
	require.NoError(t, parquet.Write(&out, parquet.Column{Name: "text", Values: words}))
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	var peak uint64
	for _, err := range parquet.Read(bytes.NewReader(out.Bytes()), int64(out.Len()), corpus.Options{}) {
		require.NoError(t, err)
		if n++; n%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&during)
			peak = max(peak, during.HeapAlloc)
		}
	}
	require.Equal(t, len(words), n)
	ids := uint64(n) * 100 // that the reader has to remember
	require.Less(t, peak, before.HeapAlloc+ids+40<<20)
	runtime.KeepAlive(words)
}

// TestPageBomb tests that a page that unpacks to more than the bound on a record is refused by its header,
// in bounded memory, whatever packed it, and that a larger bound reads it.
func TestPageBomb(t *testing.T) {
	for _, codec := range []string{"zstd", "gzip", "brotli"} {
		path := at("bomb_" + codec)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(1<<17))
		var faults []string
		took := testutil.Allocated(func() { _, faults = collect(t, parquet.Open(path, corpus.Options{})) })
		require.Len(t, faults, 1, codec)
		require.Contains(t, faults[0], "unpacks to 65 MB, which is more than the bound on a record of 64 MB")
		require.Less(t, took, uint64(4<<20), codec)
	}
	if testing.Short() {
		t.Skip("unpacks 65 MB")
	}
	all, faults := collect(t, parquet.Open(at("bomb_zstd"), corpus.Options{MaxRecord: 128 << 20}))
	require.Empty(t, faults)
	require.Len(t, all[0].Text, 65<<20)
}

// A footer that is said to be of 4 GB takes no memory.
func TestFooterBomb(t *testing.T) {
	data, err := os.ReadFile(at("int96"))
	require.NoError(t, err)
	copy(data[len(data)-8:], "\xff\xff\xff\xff")
	var faults []string
	took := testutil.Allocated(func() {
		_, faults = collect(t, parquet.Read(bytes.NewReader(data), int64(len(data)), corpus.Options{}))
	})
	require.Equal(t, []string{"input: cannot be read: it is damaged or cut off: its footer does not fit into it"}, faults)
	require.Less(t, took, uint64(1<<20))
}
