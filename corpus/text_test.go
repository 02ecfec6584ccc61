package corpus_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

type reader func(io.Reader, corpus.Options) iter.Seq2[corpus.Document, error]

var readers = map[string]reader{
	"jsonl": func(r io.Reader, o corpus.Options) iter.Seq2[corpus.Document, error] { return corpus.JSONL(r, o) },
	"csv":   func(r io.Reader, o corpus.Options) iter.Seq2[corpus.Document, error] { return corpus.CSV(r, o) },
	"lines": func(r io.Reader, o corpus.Options) iter.Seq2[corpus.Document, error] { return corpus.Lines(r, o) },
}

// collect is all documents and the error that ended them.
func collect(docs iter.Seq2[corpus.Document, error]) (all []corpus.Document, err error) {
	for d, e := range docs {
		if e != nil {
			return all, e
		}
		all = append(all, d)
	}
	return all, nil
}

func TestJSONLExact(t *testing.T) {
	text := "\uFEFF" + `{"id":"a","text":"one","when":"2024-11-16","n":9007199254740993,"tags":["x", "y"],"none":null}` + "\r\n" +
		"  \n" +
		`{"text":"two \u00e9\n","id":12345678901234567890,"when":null}` + "\n" +
		`{"text":"","when":1731750000}`
	docs, err := collect(corpus.JSONL(strings.NewReader(text), corpus.Options{TimeField: "when"}))
	require.NoError(t, err)
	require.Equal(t, []corpus.Document{
		{
			ID: "a", Text: "one", Time: time.Date(2024, 11, 16, 0, 0, 0, 0, time.UTC),
			Fields: map[string]string{"when": "2024-11-16", "n": "9007199254740993", "tags": `["x", "y"]`, "none": "null"},
		},
		{ID: "12345678901234567890", Text: "two é\n", Fields: map[string]string{"when": "null"}},
		{ID: "3", Time: time.Date(2024, 11, 16, 9, 40, 0, 0, time.UTC), Fields: map[string]string{"when": "1731750000"}},
	}, docs)
}

func TestCSVExact(t *testing.T) {
	text := "\uFEFFid,when,title,note\r\n" +
		"7,2024-11-16 09:30:00,\"one, \"\"two\"\"\nthree\",x\r\n" +
		",,bad \xff\xfe utf-8,\xff\r\n" +
		"9,,,"
	docs, err := collect(corpus.CSV(strings.NewReader(text), corpus.Options{TextField: "title", TimeField: "when"}))
	require.NoError(t, err)
	require.Equal(t, []corpus.Document{
		{
			ID: "7", Text: "one, \"two\"\nthree", Time: time.Date(2024, 11, 16, 9, 30, 0, 0, time.UTC),
			Fields: map[string]string{"when": "2024-11-16 09:30:00", "note": "x"},
		},
		{ID: "2", Text: "bad \uFFFD utf-8", Fields: map[string]string{"when": "", "note": "\uFFFD"}},
		{ID: "9", Fields: map[string]string{"when": "", "note": ""}},
	}, docs)
}

func TestLinesExact(t *testing.T) {
	docs, err := collect(corpus.Lines(strings.NewReader("\uFEFFone\r\n\n two \xff\nlast"), corpus.Options{}))
	require.NoError(t, err)
	require.Equal(t, []corpus.Document{{ID: "1", Text: "one"}, {ID: "2"}, {ID: "3", Text: " two \uFFFD"}, {ID: "4", Text: "last"}}, docs)
}

// A document of 20 MB, input byte by byte, input in gzip: the same documents.
func TestLongAndPacked(t *testing.T) {
	long := strings.Repeat("word ", 4<<20)
	for name, text := range map[string]string{
		"jsonl": `{"text":"` + long + `"}` + "\n" + `{"text":"b"}` + "\n",
		"csv":   "text\n" + long + "\nb\n",
		"lines": long + "\nb\n",
	} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := io.WriteString(z, text)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		for _, r := range []io.Reader{strings.NewReader(text), bytes.NewReader(packed.Bytes()), iotest.OneByteReader(bytes.NewReader(packed.Bytes()))} {
			docs, err := collect(readers[name](r, corpus.Options{}))
			require.NoError(t, err, name)
			require.Len(t, docs, 2)
			require.Equal(t, long, docs[0].Text)
			require.Equal(t, "b", docs[1].Text)
		}
		_, err = collect(readers[name](bytes.NewReader(packed.Bytes()[:packed.Len()-9]), corpus.Options{Name: "x.gz"}))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		require.ErrorContains(t, err, "x.gz")
		_, err = collect(readers[name](strings.NewReader("\x1F\x8B\x08garbage"), corpus.Options{Name: "x.gz"}))
		require.ErrorContains(t, err, "x.gz: ")
	}
}

func TestEmptyInput(t *testing.T) {
	for name, read := range readers {
		docs, err := collect(read(strings.NewReader(""), corpus.Options{}))
		require.NoError(t, err, name)
		require.Empty(t, docs, name)
	}
	docs, err := collect(corpus.CSV(strings.NewReader("id,text\n"), corpus.Options{}))
	require.NoError(t, err)
	require.Empty(t, docs)
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		format, text string
		o            corpus.Options
		says         string
		before       int // documents given before the error
	}{
		"not JSON":         {"jsonl", "{\"text\":\"a\"}\n{\"text\":", corpus.Options{}, "input: line 2: not a JSON object: unexpected end of JSON input", 1},
		"an array":         {"jsonl", "[1]", corpus.Options{}, "input: line 1: not a JSON object", 0},
		"two objects":      {"jsonl", `{"text":"a"} {"text":"b"}`, corpus.Options{}, "line 1: not a JSON object", 0},
		"no text":          {"jsonl", "\n\n{\"body\":1,\"id\":2}", corpus.Options{Name: "q.jsonl"}, `q.jsonl: line 3: field "text": is missing; the record has ["body" "id"]`, 0},
		"text is a number": {"jsonl", `{"text":12}`, corpus.Options{}, `line 1: field "text": is 12, want a string`, 0},
		"text is null":     {"jsonl", `{"text":null}`, corpus.Options{}, `field "text": is null, want a string`, 0},
		"id is an object":  {"jsonl", `{"text":"a","id":{}}`, corpus.Options{}, `field "id": is {}, want a string or a number`, 0},
		"id twice":         {"jsonl", "{\"text\":\"a\",\"id\":1}\n{\"text\":\"b\",\"id\":\"1\"}", corpus.Options{}, `line 2: field "id": is "1", as on line 1 already`, 1},
		"id wanted":        {"jsonl", `{"text":"a"}`, corpus.Options{IDField: "key"}, `line 1: field "key": is missing`, 0},
		"no time":          {"jsonl", `{"text":"a","at":"soon"}`, corpus.Options{TimeField: "at"}, `line 1: field "at": is "soon", want a time such as 2024-11-16T09:30:00Z`, 0},
		"no column":        {"csv", "id,title\n1,a\n", corpus.Options{Name: "q.csv"}, `q.csv: line 1: field "text": is missing; the record has ["id" "title"]`, 0},
		"column twice":     {"csv", "text,text\n", corpus.Options{}, `line 1: field "text": is twice in the header`, 0},
		"too many values":  {"csv", "text\na\nb,c\n", corpus.Options{}, "line 3: wrong number of fields", 1},
		"open quote":       {"csv", "id,text\n1,a\n2,\"b\nc\n", corpus.Options{}, "line 3: ", 1},
		"stray quote":      {"csv", "text\na\nb\"c\n", corpus.Options{}, "line 3: ", 1},
		"csv id twice":     {"csv", "id,text\nx,\"a\nb\"\nx,c\n", corpus.Options{}, `line 4: field "id": is "x", as on line 2 already`, 1},
		"csv id wanted":    {"csv", "text,key\na,\n", corpus.Options{IDField: "key"}, `line 2: field "key": is missing`, 0},
		"csv time":         {"csv", "text,at\na,12\n", corpus.Options{TimeField: "at"}, `line 2: field "at": is "12", want a time`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := collect(readers[c.format](strings.NewReader(c.text), c.o))
			require.ErrorContains(t, err, c.says)
			var record *corpus.RecordError
			require.ErrorAs(t, err, &record)
			require.Len(t, docs, c.before)
		})
	}
	for name, read := range readers {
		broken := errors.New("disk on fire")
		_, err := collect(read(io.MultiReader(strings.NewReader("text"), iotest.ErrReader(broken)), corpus.Options{Name: "f"}))
		require.ErrorIs(t, err, broken, name)
		require.ErrorContains(t, err, "f: ", name)
	}
}

// A loop that ends early ends the reading.
func TestStop(t *testing.T) {
	for name, text := range map[string]string{
		"jsonl": "{\"text\":\"a\"}\n{\"text\":\"b\"}\nnot json\n", "csv": "text\na\nb\n\"c\n", "lines": "a\nb\nc\n",
	} {
		n := 0
		for d, err := range readers[name](strings.NewReader(text), corpus.Options{}) {
			require.NoError(t, err)
			require.Equal(t, "a", d.Text)
			n++
			break
		}
		require.Equal(t, 1, n, name)
	}
}

func TestParseTime(t *testing.T) {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Time{
		"2024-02-29":                      day,
		" 2024-02-29T12:30:00Z ":          day.Add(12*time.Hour + 30*time.Minute),
		"2024-02-29T12:30:00.25+02:00":    day.Add(10*time.Hour + 30*time.Minute + 250*time.Millisecond),
		"2024-02-29T12:30:00.253":         day.Add(12*time.Hour + 30*time.Minute + 253*time.Millisecond),
		"2024-02-29 12:30:00":             day.Add(12*time.Hour + 30*time.Minute),
		"2024-02-29 12:30:00+01:00":       day.Add(11*time.Hour + 30*time.Minute),
		"2024-02-29 12:30":                day.Add(12*time.Hour + 30*time.Minute),
		"2024-02":                         time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC),
		"Thu, 29 Feb 2024 12:30:00 +0000": day.Add(12*time.Hour + 30*time.Minute),
		"1709164800":                      day,
		"1709164800000":                   day,
		"-86400":                          time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		got, err := corpus.ParseTime(value)
		require.NoError(t, err, value)
		require.Equal(t, want, got, value)
	}
	for _, value := range []string{"", "soon", "2023-02-29", "2024-13-01", "12", "1.5e9", "99999999999999999999"} {
		_, err := corpus.ParseTime(value)
		require.Error(t, err, value)
	}
}

// Whatever the input, documents are UTF-8 with IDs of their own, and nothing follows an error.
func fuzz(f *testing.F, read reader, seeds ...string) {
	for _, s := range append(seeds, "", "\n", "\r\n\r", "\uFEFF", "\x1F\x8B\x08\x00", "a\xff\n") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		seen := map[string]bool{}
		ended := false
		for d, err := range read(bytes.NewReader(data), corpus.Options{TimeField: "at"}) {
			require.False(t, ended, "something after an error")
			if err != nil {
				ended = true
				require.NotEmpty(t, err.Error())
				continue
			}
			require.False(t, seen[d.ID], "id %q twice", d.ID)
			seen[d.ID] = true
			require.True(t, utf8.ValidString(d.Text) && utf8.ValidString(d.ID), "%+v", d)
			for _, v := range d.Fields {
				require.True(t, utf8.ValidString(v), "%+v", d)
			}
		}
	})
}

func FuzzJSONL(f *testing.F) {
	fuzz(f, readers["jsonl"], `{"text":"a","id":1,"at":"2024-01-01","x":{"y":[1]}}`, "{\"text\":\"a\xff\",\"id\":\"\xff\",\"b\":[\"\xff\"]}", `{"text":"\ud800"}`)
}

func FuzzCSV(f *testing.F) {
	fuzz(f, readers["csv"], "id,text,at\n1,a,2024-01-01\n", "text,x\n\"a\nb\",\xff\n", "id,text\n,\n,\n")
}

func FuzzLines(f *testing.F) { fuzz(f, readers["lines"], "a\nb\n\nc") }
