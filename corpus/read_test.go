package corpus_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/internal/testutil"
)

var formats = []corpus.Format{corpus.FormatJSONL, corpus.FormatCSV, corpus.FormatLines}

// collect is all documents before the first error, and that error, which has to be an *Error.
func collect(t testing.TB, docs iter.Seq2[corpus.Document, error]) (all []corpus.Document, fault *corpus.Error) {
	t.Helper()
	for d, err := range docs {
		if err != nil {
			require.ErrorAs(t, err, &fault)
			require.Equal(t, corpus.Document{}, d, "a document beside an error")
			return all, fault
		}
		all = append(all, d)
	}
	return all, nil
}

// read is all documents of text, which is without fault.
func read(t testing.TB, format corpus.Format, text string, o corpus.Options) []corpus.Document {
	t.Helper()
	docs, fault := collect(t, corpus.Read(strings.NewReader(text), format, o))
	if fault != nil { // a nil *Error in an error is not nil
		require.NoError(t, fault)
	}
	return docs
}

func pack(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := io.WriteString(z, text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func TestJSONLExact(t *testing.T) {
	text := "\uFEFF" + `{"id":"a","text":"one","when":"2024-11-16","n":9007199254740993,"tags":["x", "y"],"none":null,"o":{"k" : {"l":[1.50]}} }` + "\r\n" +
		" \t \r\n" +
		`{"text":"two \u00e9\n","id":12345678901234567890.10,"when":null,"yes":true}` + "\n" +
		`  {"text":"","when":1731750000.5,"id":null}  ` + "\n" +
		`{"text":"first","text":"last","id":"","":"no name","\u0061":"b"}`
	require.Equal(t, []corpus.Document{
		{
			ID: "a", Text: "one", Time: time.Date(2024, 11, 16, 0, 0, 0, 0, time.UTC),
			Fields: map[string]string{"when": "2024-11-16", "n": "9007199254740993", "tags": `["x", "y"]`, "o": `{"k" : {"l":[1.50]}}`},
		},
		{ID: "12345678901234567890.10", Text: "two é\n", Fields: map[string]string{"yes": "true"}},
		{ID: "3", Time: time.Date(2024, 11, 16, 9, 40, 0, 5e8, time.UTC), Fields: map[string]string{"when": "1731750000.5"}},
		{ID: "4", Text: "last", Fields: map[string]string{"": "no name", "a": "b"}},
	}, read(t, corpus.FormatJSONL, text, corpus.Options{TimeField: "when"}))
}

func TestCSVExact(t *testing.T) {
	text := "\uFEFFid,when,title,note,\r\n" +
		"7,2024-11-16 09:30:00,\"one, \"\"two\"\"\r\n\r\nthree\",x,\r\n" +
		"\r\n" +
		",,bad \xff\xfe utf-8,\xff,y\r\n" +
		"9,,\"\",,"
	docs := read(t, corpus.FormatCSV, text, corpus.Options{TextField: "title", TimeField: "when"})
	require.Equal(t, []corpus.Document{
		{
			ID: "7", Text: "one, \"two\"\n\nthree", Time: time.Date(2024, 11, 16, 9, 30, 0, 0, time.UTC),
			Fields: map[string]string{"when": "2024-11-16 09:30:00", "note": "x", "": ""},
		},
		{ID: "2", Text: "bad \uFFFD utf-8", Fields: map[string]string{"when": "", "note": "\uFFFD", "": "y"}},
		{ID: "9", Fields: map[string]string{"when": "", "note": "", "": ""}},
	}, docs)

	docs = read(t, corpus.FormatCSV, "text;a;a\n1,5;x;y\n", corpus.Options{Comma: ';'})
	require.Equal(t, []corpus.Document{{ID: "1", Text: "1,5", Fields: map[string]string{"a": "y"}}}, docs)
}

func TestLinesExact(t *testing.T) {
	require.Equal(t,
		[]corpus.Document{{ID: "1", Text: "one"}, {ID: "2"}, {ID: "3", Text: " two \uFFFD\r"}, {ID: "4", Text: "last"}},
		read(t, corpus.FormatLines, "\uFEFFone\r\n\n two \xff\r\r\nlast", corpus.Options{}))
	for text, want := range map[string]int{"": 0, "\n": 1, "\n\n": 2, "a": 1, "a\n": 1, "\r\n": 1, "\uFEFF": 0, "\uFEFF\n": 1} {
		require.Len(t, read(t, corpus.FormatLines, text, corpus.Options{}), want, "%q", text)
	}
}

// A run of bytes that are not UTF-8 becomes one U+FFFD in every part of a document.
func TestInvalidUTF8Exact(t *testing.T) {
	const r = "\uFFFD"
	require.Equal(t,
		[]corpus.Document{{ID: "i" + r, Text: "a" + r + "b" + r, Fields: map[string]string{"f" + r: r + "v", "n": `{"k` + r + `":1}`, "s": r}}},
		read(t, corpus.FormatJSONL, "{\"text\":\"a\xff\xfe\xfdb\xc3\",\"id\":\"i\xff\",\"f\xff\":\"\xc3v\",\"n\":{\"k\xff\":1},\"s\":\"\\ud800\"}", corpus.Options{}))
	require.Equal(t,
		[]corpus.Document{{ID: "i" + r, Text: "a" + r + "b" + r, Fields: map[string]string{"f" + r: r + "v"}}},
		read(t, corpus.FormatCSV, "text,id,f\xff\na\xff\xfe\xfdb\xc3,i\xff,\xc3v\n", corpus.Options{}))
	require.Equal(t, []corpus.Document{{ID: "1", Text: "a" + r + "b"}}, read(t, corpus.FormatLines, "a\xff\xfe\xfdb", corpus.Options{}))
	for _, format := range formats {
		for _, mark := range []string{"\xff\xfe\x00\x00", "\x00\x00\xfe\xff"} {
			_, fault := collect(t, corpus.Read(strings.NewReader(mark+"a\x00"), format, corpus.Options{}))
			require.EqualError(t, fault, "input: cannot be read: it is UTF-32, want UTF-8 or UTF-16")
		}
	}
}

// document writes one document with the text, which needs no quoting.
func document(format corpus.Format, text string) string {
	switch format {
	case corpus.FormatJSONL:
		return `{"text":"` + text + `"}` + "\n" + `{"text":"b"}`
	case corpus.FormatCSV:
		return "text\n" + text + "\nb\n"
	default:
		return text + "\nb"
	}
}

// Documents around the size of the buffer, of 1 MB and 20 MB; given whole, byte by byte, packed, and packed in two parts.
func TestSizesAndPackedExact(t *testing.T) {
	sizes := []int{1, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 20}
	if !testing.Short() {
		sizes = append(sizes, 20<<20)
	}
	for _, format := range formats {
		for _, size := range sizes {
			long := strings.Repeat("word ", size/5+1)[:size]
			text := document(format, long)
			packed := pack(t, text)
			inputs := map[string]io.Reader{
				"plain":     strings.NewReader(text),
				"packed":    bytes.NewReader(packed),
				"two parts": bytes.NewReader(append(pack(t, text[:len(text)/3]), pack(t, text[len(text)/3:])...)),
			}
			if size <= 1<<20 {
				inputs["by bytes"] = iotest.OneByteReader(strings.NewReader(text))
				inputs["packed by bytes"] = iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(packed)))
			}
			for name, in := range inputs {
				docs, fault := collect(t, corpus.Read(in, format, corpus.Options{}))
				require.Nil(t, fault, "%s, %s", format, name)
				require.Len(t, docs, 2)
				require.True(t, long == docs[0].Text, "%s, %s, %d bytes", format, name, size)
				require.Equal(t, "b", docs[1].Text)
			}
		}
	}
}

func TestBrokenGzip(t *testing.T) {
	for _, format := range formats {
		packed := pack(t, document(format, "word"))
		for n := 2; n < len(packed); n++ {
			_, fault := collect(t, corpus.Read(bytes.NewReader(packed[:n]), format, corpus.Options{Name: "x.gz"}))
			require.ErrorIs(t, fault, io.ErrUnexpectedEOF, "%s, %d bytes", format, n)
			require.Regexp(t, `^x\.gz(:\d+)?: cannot be read.*: unexpected EOF$`, fault.Error())
		}
		packed[len(packed)-8]++ // the checksum
		_, fault := collect(t, corpus.Read(bytes.NewReader(packed), format, corpus.Options{Name: "x.gz"}))
		require.ErrorIs(t, fault, gzip.ErrChecksum)
		_, fault = collect(t, corpus.Read(strings.NewReader("\x1F\x8B\x09garbage and more"), format, corpus.Options{Name: "x.gz"}))
		require.EqualError(t, fault, "x.gz: cannot be read: gzip: invalid header")
		require.ErrorIs(t, fault, gzip.ErrHeader)
	}
}

func TestEmptyInput(t *testing.T) {
	for _, format := range formats {
		for _, text := range []string{"", "\uFEFF", string(pack(t, "")), string(pack(t, "\uFEFF"))} {
			require.Empty(t, read(t, format, text, corpus.Options{IDField: "key", TimeField: "at"}), "%s of %q", format, text)
		}
	}
	require.Empty(t, read(t, corpus.FormatCSV, "id,text\n", corpus.Options{}))
	require.Empty(t, read(t, corpus.FormatJSONL, "\n \n\r\n", corpus.Options{}))
}

func TestErrorsExact(t *testing.T) {
	key, at := corpus.Options{IDField: "key"}, corpus.Options{TimeField: "at"}
	wide := strings.TrimSuffix(strings.Repeat("a,", 30), ",")
	for name, c := range map[string]struct {
		format corpus.Format
		text   string
		o      corpus.Options
		want   corpus.Error // without Source and cause
		says   string
	}{
		"not JSON": {
			"jsonl", "{\"text\":\"a\"}\n{\"text\":",
			corpus.Options{},
			corpus.Error{Line: 2, Row: 2},
			"input:2: want a JSON object on each line: unexpected end of JSON input",
		},
		"an array": {
			"jsonl", "[{\"text\":\"a\"}]",
			corpus.Options{},
			corpus.Error{Line: 1, Row: 1},
			"input:1: want a JSON object on each line, this is an array: jq -c '.[]' writes its elements as lines",
		},
		"a string": {
			"jsonl", "{\"text\":\"a\"}\n\"b\"\n",
			corpus.Options{},
			corpus.Error{Line: 2, Row: 2},
			"input:2: want a JSON object on each line, this is a string",
		},
		"null": {
			"jsonl", "\nnull",
			corpus.Options{},
			corpus.Error{Line: 2, Row: 1},
			"input:2: want a JSON object on each line: it is null",
		},
		"two objects": {
			"jsonl", `{"text":"a"} {"text":"b"}`,
			corpus.Options{},
			corpus.Error{Line: 1, Row: 1},
			"input:1: want a JSON object on each line: invalid character '{' after top-level value",
		},
		"no text": {
			"jsonl", "\n\n{\"id\":2,\"body\":1}",
			corpus.Options{Name: "q.jsonl"},
			corpus.Error{Line: 3, Row: 1, Field: "text"},
			`q.jsonl:3: field "text": missing, the record has body, id`,
		},
		"no field at all": {
			"jsonl", "{}",
			corpus.Options{},
			corpus.Error{Line: 1, Row: 1, Field: "text"},
			`input:1: field "text": missing, the record is empty`,
		},
		"text is a number": {
			"jsonl", `{"text":12}`,
			corpus.Options{},
			corpus.Error{Line: 1, Row: 1, Field: "text"},
			`input:1: field "text": is 12, want a string`,
		},
		"text is null": {
			"jsonl", `{"text":null}`,
			corpus.Options{},
			corpus.Error{Line: 1, Row: 1, Field: "text"},
			`input:1: field "text": is null, want a string`,
		},
		"text is a long list": {
			"jsonl", `{"text":["` + strings.Repeat("é", 100) + `"]}`,
			corpus.Options{},
			corpus.Error{Line: 1, Row: 1, Field: "text"},
			`input:1: field "text": is ["` + strings.Repeat("é", 58) + `…, want a string`,
		},
		"id is an object": {
			"jsonl", `{"text":"a","key":{}}`, key,
			corpus.Error{Line: 1, Row: 1, Field: "key"},
			`input:1: field "key": is {}, want a string or a number`,
		},
		"id is a bool": {
			"jsonl", `{"text":"a","key":true}`, key,
			corpus.Error{Line: 1, Row: 1, Field: "key"},
			`input:1: field "key": is true, want a string or a number`,
		},
		"id twice": {
			"jsonl", "{\"text\":\"a\",\"id\":1}\n\n{\"text\":\"b\",\"id\":\"1\"}",
			corpus.Options{},
			corpus.Error{Line: 3, Row: 2, Field: "id"},
			`input:3: field "id": "1" is the ID of line 1 already`,
		},
		"id is the number of another": {
			"jsonl", "{\"text\":\"a\",\"id\":2}\n{\"text\":\"b\"}",
			corpus.Options{},
			corpus.Error{Line: 2, Row: 2, Field: "id"},
			`input:2: field "id": "2" is the ID of line 1 already`,
		},
		"id wanted": {
			"jsonl", `{"text":"a"}`, key,
			corpus.Error{Line: 1, Row: 1, Field: "key"},
			`input:1: field "key": missing, the record has text`,
		},
		"id null": {
			"jsonl", `{"text":"a","key":null}`, key,
			corpus.Error{Line: 1, Row: 1, Field: "key"},
			`input:1: field "key": empty, want an ID`,
		},
		"no time": {
			"jsonl", "{\"text\":\"a\"}\n{\"text\":\"a\",\"at\":\"soon\"}", at,
			corpus.Error{Line: 2, Row: 2, Field: "at"},
			`input:2: field "at": is "soon", want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds`,
		},
		"time is a list": {
			"jsonl", `{"text":"a","at":[2024]}`, at,
			corpus.Error{Line: 1, Row: 1, Field: "at"},
			`input:1: field "at": is [2024], want a string or a number`,
		},
		"time nowhere": {
			"jsonl", `{"text":"a","At":2024}`, at, corpus.Error{Field: "at"}, `input: field "at": no record has it`,
		},
		"no column": {
			"csv", "\n\nid,body\n1,a\n",
			corpus.Options{Name: "posts.csv"},
			corpus.Error{Line: 3, Field: "text"},
			`posts.csv:3: field "text": missing, the header has id, body`,
		},
		"many columns": {
			"csv", wide + "\n",
			corpus.Options{},
			corpus.Error{Line: 1, Field: "text"},
			`input:1: field "text": missing, the header has ` + strings.ReplaceAll(wide[:39], ",", ", ") + " and 10 more",
		},
		"no id column": {
			"csv", "text\na\n", key,
			corpus.Error{Line: 1, Field: "key"},
			`input:1: field "key": missing, the header has text`,
		},
		"no time column": {
			"csv", "text\na\n", at,
			corpus.Error{Line: 1, Field: "at"},
			`input:1: field "at": missing, the header has text`,
		},
		"column twice": {
			"csv", "text,a,text\n",
			corpus.Options{},
			corpus.Error{Line: 1, Field: "text"},
			`input:1: field "text": the header has it twice`,
		},
		"too many values": {
			"csv", "text\na\nb,c\n",
			corpus.Options{},
			corpus.Error{Line: 3, Row: 2},
			"input:3: the header has 1 fields, the record 2",
		},
		"after an open quote": {
			"csv", "id,text\n1,\"a\nb\"\n2,\"b\nc\nd\n",
			corpus.Options{},
			corpus.Error{Line: 5, Row: 3},
			"input:5: the header has 2 fields, the record 1",
		},
		"stray quote in the header": {
			"csv", "te\"xt\na\n", corpus.Options{}, corpus.Error{Line: 1, Field: "text"}, `input:1: field "text": missing, the header has te"xt`,
		},
		"csv id twice": {
			"csv", "id,text\r\nx,\"a\r\nb\"\r\n\r\nx,c\r\n",
			corpus.Options{},
			corpus.Error{Line: 5, Row: 2, Field: "id"},
			`input:5: field "id": "x" is the ID of line 2 already`,
		},
		"csv id empty": {
			"csv", "text,key\na,\n", key,
			corpus.Error{Line: 2, Row: 1, Field: "key"},
			`input:2: field "key": empty, want an ID`,
		},
		"csv time": {
			"csv", "text,at\n\"a\nb\",\na,12\n", at,
			corpus.Error{Line: 4, Row: 2, Field: "at"},
			`input:4: field "at": is "12", want a time: RFC 3339, YYYY-MM-DD, YYYY-MM-DD hh:mm:ss, Unix seconds or milliseconds`,
		},
		"comma": {
			"csv", "text\n", corpus.Options{Comma: '"'}, corpus.Error{}, "input: the delimiter is '\"', want a character that is no quote and no line end",
		},
		"format": {
			"xml", "", corpus.Options{}, corpus.Error{}, `input: the format is "xml", want jsonl, csv or lines`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, fault := collect(t, corpus.Read(strings.NewReader(c.text), c.format, c.o))
			require.NotNil(t, fault)
			require.EqualError(t, fault, c.says)
			require.Equal(t, [3]any{c.want.Line, c.want.Row, c.want.Field}, [3]any{fault.Line, fault.Row, fault.Field})
			require.True(t, strings.HasSuffix(c.says, fault.Why), fault.Why)
		})
	}
}

// Who goes on after an error about a record gets the records after it; other errors are the last.
func TestGoOnAfterAnError(t *testing.T) {
	for name, c := range map[string]struct {
		format corpus.Format
		text   string
		want   string
	}{
		"jsonl": {"jsonl", "{\"text\":\"a\"}\n{\"text\":1}\nnonsense\n{\"text\":\"d\"}\n{\"id\":4,\"text\":\"e\"}\n{\"text\":\"f\"}", "1:a !2 !3 4:d !5 6:f"},
		"csv":   {"csv", "id,text\n1,a\n2\n1,c\n\n4,d\n5,\"e\n6,f\n", "1:a !3 !4 4:d 5:\"e 6:f"},
	} {
		var got []string
		for d, err := range corpus.Read(strings.NewReader(c.text), c.format, corpus.Options{}) {
			if err == nil {
				got = append(got, d.ID+":"+d.Text)
				continue
			}
			fault := (*corpus.Error)(nil)
			require.ErrorAs(t, err, &fault)
			got = append(got, "!"+strconv.Itoa(fault.Line))
		}
		require.Equal(t, c.want, strings.Join(got, " "), name)
	}
}

func TestCauses(t *testing.T) {
	broken := errors.New("disk on fire")
	for format, want := range map[corpus.Format]string{
		"jsonl": "f:2: cannot be read: disk on fire",
		"csv":   "f: cannot be read after the record of line 2: disk on fire",
		"lines": "f:3: cannot be read: disk on fire",
	} {
		text := map[corpus.Format]string{"jsonl": "{\"text\":\"a\"}\n{\"te", "csv": "text\na\nb", "lines": "a\nb\nc"}[format]
		_, fault := collect(t, corpus.Read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), format, corpus.Options{Name: "f"}))
		require.ErrorIs(t, fault, broken, format)
		require.EqualError(t, fault, want)
		_, fault = collect(t, corpus.Read(iotest.ErrReader(broken), format, corpus.Options{Name: "f"}))
		require.ErrorIs(t, fault, broken, format)
		require.EqualError(t, fault, "f: cannot be read: disk on fire")
		_, fault = collect(t, corpus.Read(io.MultiReader(strings.NewReader("\xef\xbb"), iotest.ErrReader(broken)), format, corpus.Options{Name: "f"}))
		require.ErrorIs(t, fault, broken, format)
	}
	_, fault := collect(t, corpus.JSONL(strings.NewReader("{"), corpus.Options{}))
	require.ErrorContains(t, errors.Unwrap(fault), "unexpected end of JSON input")
}

// A loop that ends early ends the reading, with an error or a document, and asks for no more of the source.
func TestStop(t *testing.T) {
	for _, format := range formats {
		o := corpus.Options{}
		text := map[corpus.Format]string{"jsonl": "{\"text\":\"a\"}\n{}\n{}\n{}\n{}", "csv": "text\na\nb,c\nb,c\nb,c\n", "lines": "a\nb\nc\nd\n"}[format]
		if format == corpus.FormatJSONL {
			o.TimeField = "nowhere" // an error of its own at the end, which does not come
		}
		for stopAt := range 4 {
			n := 0
			for range corpus.Read(strings.NewReader(text), format, o) {
				if n++; n > stopAt {
					break
				}
			}
			require.Equal(t, stopAt+1, n)
		}
		source := &counted{line: document(format, "x")}
		for _, err := range corpus.Read(source, format, corpus.Options{}) {
			require.NoError(t, err)
			break
		}
		require.LessOrEqual(t, source.reads, 2, format)
	}
}

// A source that has ended is not read again: a terminal would ask for more.
func TestEndIsTheEnd(t *testing.T) {
	for _, format := range formats {
		for _, text := range []string{document(format, "a"), document(format, "a") + "\n", strings.TrimSpace(document(format, "a"))} {
			docs, fault := collect(t, corpus.Read(&ended{text: text}, format, corpus.Options{}))
			require.Nil(t, fault)
			require.Equal(t, "a", docs[0].Text)
		}
		for _, text := range []string{"", "\x1f", "\xef", "\ufeff", "\xff"} { // which end while the first bytes are looked at
			docs, fault := collect(t, corpus.Read(&ended{text: text}, format, corpus.Options{}))
			if fault != nil {
				require.NotContains(t, fault.Error(), "read after the end")
			}
			require.LessOrEqual(t, len(docs), 1)
		}
	}
}

// ended gives a text, its end once, and then an error.
type ended struct {
	text string
	over bool
}

func (e *ended) Read(p []byte) (int, error) {
	if e.text == "" {
		if e.over {
			return 0, errors.New("read after the end")
		}
		e.over = true
		return 0, io.EOF
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	return n, nil
}

// counted is an endless source that counts what is asked of it.
type counted struct {
	line  string
	reads int
}

func (c *counted) Read(p []byte) (int, error) {
	c.reads++
	return copy(p, c.line), nil
}

// A terminal or a pipe is not waited for once a line is there.
func TestFirstLineIsNotHeldBack(t *testing.T) {
	in, feed := io.Pipe()
	defer feed.Close()
	go func() { _, _ = io.WriteString(feed, "a\n") }()
	for d, err := range corpus.Lines(in, corpus.Options{}) {
		require.NoError(t, err)
		require.Equal(t, "a", d.Text)
		break
	}
}

// The IDs that a reader remembers do not keep the records they come from.
func TestMemoryStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	const records, size = 200, 1 << 20
	for _, format := range []corpus.Format{corpus.FormatCSV, corpus.FormatJSONL} {
		var parts []io.Reader
		long := strings.Repeat("x", size)
		if format == corpus.FormatCSV {
			parts = append(parts, strings.NewReader("id,title,text\n"))
		}
		for i := range records {
			record := fmt.Sprintf("%d,short,", i)
			end := "\n"
			if format == corpus.FormatJSONL {
				record, end = fmt.Sprintf(`{"id":%d,"title":"short","text":"`, i), "\"}\n"
			}
			parts = append(parts, strings.NewReader(record), strings.NewReader(long), strings.NewReader(end))
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var kept []string
		for d, err := range corpus.Read(io.MultiReader(parts...), format, corpus.Options{TextField: "title"}) {
			require.NoError(t, err)
			if kept = append(kept, d.ID, d.Text); len(kept) == 2*records {
				runtime.GC()
				runtime.ReadMemStats(&after)
			}
		}
		require.Len(t, kept, 2*records)
		require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(20*size), format)
		runtime.KeepAlive(parts)
	}
}

func TestParseTimeExact(t *testing.T) {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	half := day.Add(12*time.Hour + 30*time.Minute)
	for value, want := range map[string]time.Time{
		"2024-02-29":                      day,
		"2024-02-29T12:30:00Z":            half,
		" 2024-02-29T12:30:00Z\t":         half,
		"2024-02-29T12:30:00.25+02:00":    half.Add(250*time.Millisecond - 2*time.Hour),
		"2024-02-29T12:30:00.123456789Z":  half.Add(123456789),
		"2024-02-29T12:30:00.253":         half.Add(253 * time.Millisecond),
		"2024-02-29T12:30:00":             half,
		"2024-02-29 12:30:00":             half,
		"2024-02-29 12:30:00.5":           half.Add(500 * time.Millisecond),
		"2024-02-29 12:30:00Z":            half,
		"2024-02-29 12:30:00+01:00":       half.Add(-time.Hour),
		"2024-02-29 12:30":                half,
		"2024-02":                         time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC),
		"Thu, 29 Feb 2024 12:30:00 +0100": half.Add(-time.Hour),
		"Thu, 29 Feb 2024 12:30:00 GMT":   half,
		"1709164800":                      day,
		"1709164800.0":                    day,
		"1709164800.123456789":            day.Add(123456789),
		"1709164800000":                   day,
		"1709164800001.5":                 day.Add(1500 * time.Microsecond),
		"100000000":                       time.Unix(1e8, 0).UTC(),
		"99999999999":                     time.Unix(99999999999, 0).UTC(),
		"100000000000":                    time.UnixMilli(1e11).UTC(),
		"99999999999999":                  time.UnixMilli(99999999999999).UTC(),
		"2024":                            time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
		"2024.0":                          time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), // of a column of pandas with gaps
		"2024-02-29 12:30:00 UTC":         half,                                        // BigQuery
		"2024-02-29 12:30:00.250000 UTC":  half.Add(250 * time.Millisecond),
		"2024-02-29 12:30:00 +0200":       half.Add(-2 * time.Hour),
		"2024-02-29 12:30:00+02":          half.Add(-2 * time.Hour), // PostgreSQL
		"2024-02-29T12:30:00+0200":        half.Add(-2 * time.Hour),
		"2024-02-29T12:30:00.5-0130":      half.Add(90*time.Minute + 500*time.Millisecond),
		"2024/02/29":                      day,
		"2024/2/29 12:30":                 half,
		"2024/02/29 12:30:00":             half,
		"Thu, 29 Feb 2024 12:30:00 UTC":   half,
		"29 Feb 2024 12:30:00 -0100":      half.Add(time.Hour),
		"Thu Feb 29 12:30:00 +0000 2024":  half, // Twitter
	} {
		got, err := corpus.ParseTime(value)
		require.NoError(t, err, value)
		require.Equal(t, want, got, value)
	}
	for _, value := range []string{
		"", " ", "soon", "2023-02-29", "2024-13-01", "24-01-01", "2024-01-01T25:00:00Z", "0999", "3000", "20240229", "99999999", "100000000000000",
		"12", "-1709164800", "+1709164800", "1.7e9", "1709164800.", ".5", "1709164800.1.2", "0x65e0c000", "NaN", "1_709_164_800",
		"Thu, 29 Feb 2024 12:30:00 XYZ", strings.Repeat("1", 1000), "1709164800." + strings.Repeat("1", 1000),
	} {
		_, err := corpus.ParseTime(value)
		require.ErrorContains(t, err, "want a time", value)
		require.Less(t, len(err.Error()), 200)
	}
	for _, value := range []string{"5/18/2021", "05/06/21", "1.2.2021", "05-06-2021", "5/18/2021 12:30", "5/18/2021, 12:30:00 PM"} {
		_, err := corpus.ParseTime(value)
		require.ErrorContains(t, err, "does not tell the day from the month", value)
	}
}

// A format says how times are written, in the way of Go or of Python.
func TestTimeFormatExact(t *testing.T) {
	want := time.Date(2021, 5, 18, 13, 5, 9, 0, time.UTC)
	for format, value := range map[string]string{
		"01/02/2006 15:04:05": "05/18/2021 13:05:09", "%m/%d/%Y %H:%M:%S": "5/18/2021 13:05:09", "%-m/%-d/%y %I:%M:%S %p": "05/18/21 1:05:09 PM",
		"%d. %B %Y, %T %z": "18. May 2021, 15:05:09 +0200", "%a %b %e %H:%M:%S %Y": "Tue May 18 13:05:09 2021", "%Y%m%dT%H%M%S": "20210518T130509",
	} {
		docs := read(t, corpus.FormatJSONL, `{"text":"a","t":"`+value+`"}`+"\n"+`{"text":"b","t":"NaT"}`, corpus.Options{TimeField: "t", TimeFormat: format})
		require.Equal(t, want, docs[0].Time, format)
		require.True(t, docs[1].Time.IsZero())
	}
	for _, format := range []string{"x", "%q", "%Y%"} {
		_, fault := collect(t, corpus.Read(strings.NewReader(`{"text":"a","t":"2021"}`), corpus.FormatJSONL, corpus.Options{TimeField: "t", TimeFormat: format}))
		require.ErrorContains(t, fault, "the time format is")
		require.True(t, fault.Fatal)
		require.Error(t, corpus.CheckTimeFormat(format))
	}
	_, fault := collect(t, corpus.Read(strings.NewReader(`{"text":"a","t":"2021-05-18"}`), corpus.FormatJSONL, corpus.Options{TimeField: "t", TimeFormat: "%m/%d/%Y"}))
	require.EqualError(t, fault, `input:1: field "t": is "2021-05-18", want a time as the format "%m/%d/%Y" has it`)
}

// Whole corpora as people publish them; the numbers are those of Python's csv, json and gzip modules.
func TestRealCorpora(t *testing.T) {
	if testing.Short() {
		t.Skip("reads whole corpora")
	}
	for _, c := range []struct {
		path  [2]string
		o     corpus.Options
		docs  int
		bytes int // of UTF-8 in the texts
		timed int
	}{
		{[2]string{"so20k", "title_StackOverflow.txt"}, corpus.Options{}, 20000, 1010059, 0},
		{[2]string{"so_24k_meta", "QueryResults.csv"}, corpus.Options{TextField: "Title"}, 24403, 1343977, 0},
		{[2]string{"llm_app_issues", "issues_en.jsonl.gz"}, corpus.Options{TextField: "title", IDField: "url", TimeField: "closed_at"}, 10759, 627644, 7193},
		{[2]string{"genai_stackexchange", "questions.jsonl"}, corpus.Options{TextField: "body", TimeField: "creation_date"}, 181, 134864, 181},
		{[2]string{"openai_forum", "topics.csv"}, corpus.Options{TextField: "title_from_slug", IDField: "topic_id"}, 29576, 1503201, 0},
		{[2]string{"openai_forum_oadf", "annotated_2365.csv"}, corpus.Options{TextField: "title"}, 2364, 118004, 0},
	} {
		t.Run(c.path[0], func(t *testing.T) {
			docs, fault := collect(t, corpus.Open(testutil.Data(t, c.path[0], c.path[1]), "", c.o))
			require.Nil(t, fault)
			bytes, timed := 0, 0
			for _, d := range docs {
				bytes += len(d.Text)
				if !d.Time.IsZero() {
					timed++
				}
			}
			require.Equal(t, [3]int{c.docs, c.bytes, c.timed}, [3]int{len(docs), bytes, timed})
		})
	}
}
