package corpus_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// table is what the dialects below write: ten documents.
var table = []string{
	"A kettle boils, then whistles", `She said "tea" twice`, "One line\nand one more of the same field", "Milk; no sugar", "Größe über Straße",
	"naïve café", "Two  spaces", "Ships leave at noon", "Trains leave at one", "A pot of coffee",
}

// written is the table in a dialect of CSV.
func written(delimiter, end string, before string) string {
	var b strings.Builder
	b.WriteString(before + "id" + delimiter + "text" + end)
	for i, text := range table {
		if strings.ContainsAny(text, "\"\n"+delimiter) {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		fmt.Fprintf(&b, "%d%s%s%s", i, delimiter, text, end)
	}
	return b.String()
}

func utf16Of(text string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func latin1Of(text string) string {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	return string(b)
}

func TestDialectsExact(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    corpus.Options
		want corpus.Report
	}{
		"commas":              {text: written(",", "\n", "")},
		"semicolons":          {text: written(";", "\n", "")},
		"tabs":                {text: written("\t", "\n", "")},
		"bars":                {text: written("|", "\n", "")},
		"sep=":                {text: written(";", "\r\n", "sep=;\r\n")},
		"sep= of another":     {text: written("^", "\n", "\uFEFF\"SEP=^\"\n")},
		"given":               {text: written(":", "\n", ""), o: corpus.Options{Comma: ':'}},
		"given, wide":         {text: written("¦", "\n", ""), o: corpus.Options{Comma: '¦'}},
		"CRLF":                {text: written(",", "\r\n", "\uFEFF")},
		"CR":                  {text: written(",", "\r", "")},
		"UTF-16":              {text: utf16Of(written("\t", "\r\n", "\uFEFF"), false), want: corpus.Report{Encoding: "utf-16le"}},
		"UTF-16, big":         {text: utf16Of(written(",", "\n", "\uFEFF"), true), want: corpus.Report{Encoding: "utf-16be"}},
		"UTF-16, no mark":     {text: utf16Of(written(",", "\n", ""), false), want: corpus.Report{Encoding: "utf-16le"}},
		"UTF-16, big no mark": {text: utf16Of(written(",", "\n", ""), true), want: corpus.Report{Encoding: "utf-16be"}},
		"Latin-1":             {text: latin1Of(written(",", "\n", "")), want: corpus.Report{Encoding: "windows-1252", Guessed: true}},
		"Latin-1, told":       {text: latin1Of(written(",", "\n", "")), o: corpus.Options{Encoding: "latin1"}, want: corpus.Report{Encoding: "windows-1252"}},
		"UTF-8, told":         {text: written(",", "\n", ""), o: corpus.Options{Encoding: "UTF-8"}},
		"packed":              {text: string(pack(t, written(";", "\n", "")))},
	} {
		t.Run(name, func(t *testing.T) {
			var report corpus.Report
			c.o.Report, c.want.Source = &report, "input"
			docs := read(t, corpus.FormatCSV, c.text, c.o)
			require.Len(t, docs, len(table))
			for i, d := range docs {
				require.Equal(t, table[i], d.Text)
				require.Equal(t, fmt.Sprint(i), d.ID)
			}
			require.Equal(t, c.want, report)
			again, fault := collect(t, corpus.Read(iotest.OneByteReader(strings.NewReader(c.text)), corpus.FormatCSV, c.o))
			require.Nil(t, fault)
			require.Equal(t, docs, again)
			require.Equal(t, c.want, report)
		})
	}
}

// A quote that is not where quotes may be is text, and costs at most its record.
func TestStrayQuotesExact(t *testing.T) {
	for text, want := range map[string][]string{
		`1,He said "hi" to me`:                 {`He said "hi" to me`},
		`1,5" disk`:                            {`5" disk`},
		`1,"a ""good"" one"`:                   {`a "good" one`},
		`1,"a "bad" one"`:                      {`a "bad" one`},
		`1,"a \"marked\", one"`:                {`a "marked", one`},
		`1, "after a space, so"`:               {"after a space, so"},
		"1,\"two\n\"bad\" lines\"\n2,b":        {"two\n\"bad\" lines", "b"},
		"1,\"never ends\n2,b\n3,\"c, d\"\n4,e": {`"never ends`, "b", "c, d", "e"},
		"1,\"never ends\n2,b":                  {`"never ends`, "b"},
		"1,ends\"\n2,b":                        {`ends"`, "b"},
		"1,\"\"\"\n2,b":                        {`"`, "b"},
		"1,\"a\nb\"\n2,\"x\"y\n3,c":            {"a\nb", `"x"y`, "c"},
		`1,""`:                                 {""},
		"1,\"\"\r\n2,\"a\r\nb\"\r\n":           {"", "a\nb"},
		"1,\"" + strings.Repeat("line\n", 3000) + "\"\n2,b":           {strings.Repeat("line\n", 3000), "b"},
		"1,\"open\n" + strings.Repeat("x,line\n", 3) + "5,\"so\"\n6,": {`"open`, "line", "!x", "!x", "so", ""},
	} {
		var got []string
		for d, err := range corpus.Read(strings.NewReader("id,text\n"+text), corpus.FormatCSV, corpus.Options{}) {
			if err != nil {
				require.ErrorContains(t, err, `"x" is the ID`)
				got = append(got, "!x")
				continue
			}
			got = append(got, d.Text)
		}
		require.Equal(t, want, got, text)
	}
}

// What is not UTF-8 is read as Windows-1252 only where it looks like it, and never in silence.
func TestEncodingsExact(t *testing.T) {
	for name, c := range map[string]struct {
		text, encoding, want string
		report               corpus.Report
		fault                string
	}{
		"smart quotes":      {text: "it\x92s \x93so\x94 \x96 caf\xe9 for 5\x80", want: "it’s “so” – café for 5€", report: corpus.Report{Encoding: "windows-1252", Guessed: true}},
		"mixed with UTF-8":  {text: "na\xefve, caf\xe9, fa\xe7ade, d\xe9j\xe0 vu and Größe", want: "naïve, café, façade, déjà vu and Größe", report: corpus.Report{Encoding: "windows-1252", Guessed: true}},
		"UTF-8 with a hole": {text: "Größe, caf\xe9", want: "Größe, caf\uFFFD", report: corpus.Report{Replaced: 1}},
		"holes":             {text: "a\xff\xfeb\x81", want: "a\uFFFDb\uFFFD", report: corpus.Report{Replaced: 2}},
		"Cyrillic":          {text: strings.Repeat("\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0! ", 8), fault: "input: cannot be read: it is neither UTF-8 nor Windows-1252: say the encoding, such as windows-1251, shift_jis, gb18030 or euc-kr, or convert it to UTF-8"},
		"Cyrillic, told":    {text: "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0!", encoding: "windows-1251", want: "Привет, мир!", report: corpus.Report{Encoding: "windows-1251"}},
		"Shift JIS, told":   {text: "\x93\xfa\x96{\x8c\xea", encoding: "shift_jis", want: "日本語", report: corpus.Report{Encoding: "shift_jis"}},
		"a hole, told":      {text: "\x93\xfa\x96{\xff\xff", encoding: "shift_jis", want: "日本\uFFFD\uFFFD", report: corpus.Report{Encoding: "shift_jis", Replaced: 2}},
		"UTF-8, told":       {text: "caf\xe9", encoding: "utf-8", want: "caf\uFFFD", report: corpus.Report{Replaced: 1}},
		"unknown":           {text: "a", encoding: "klingon", fault: `input: cannot be read: the encoding is "klingon", want a name of an encoding such as utf-8, windows-1252 or shift_jis`},
		"half a pair":       {text: "\xff\xfea\x00\x00\xd8b\x00", want: "a\uFFFDb", report: corpus.Report{Encoding: "utf-16le", Replaced: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var report corpus.Report
			o := corpus.Options{Encoding: c.encoding, Report: &report}
			for _, in := range []func() (all []corpus.Document, fault *corpus.Error){
				func() ([]corpus.Document, *corpus.Error) {
					return collect(t, corpus.Read(strings.NewReader(c.text), corpus.FormatLines, o))
				},
				func() ([]corpus.Document, *corpus.Error) {
					return collect(t, corpus.Read(iotest.OneByteReader(strings.NewReader(c.text)), corpus.FormatLines, o))
				},
			} {
				docs, fault := in()
				if c.fault != "" {
					require.EqualError(t, fault, c.fault)
					continue
				}
				require.Nil(t, fault)
				require.Equal(t, c.want, docs[0].Text)
				c.report.Source = "input"
				require.Equal(t, c.report, report)
				require.Equal(t, report.Guessed || report.Replaced > 0, len(report.Warnings()) > 0)
			}
		})
	}
}

// Every way to cut the text into reads gives the same.
func TestDecodingSameBits(t *testing.T) {
	for _, unit := range []string{"caf\xe9 au lait, na\xefve. ", "Größe über 日本 😀 ", "a\xffb é ", "é\xc3 "} {
		text := strings.Repeat(unit, 9000)
		var want corpus.Report
		docs := read(t, corpus.FormatLines, text, corpus.Options{Report: &want})
		for _, reader := range []func() *strings.Reader{func() *strings.Reader { return strings.NewReader(text) }} {
			var report corpus.Report
			got, fault := collect(t, corpus.Read(iotest.HalfReader(reader()), corpus.FormatLines, corpus.Options{Report: &report}))
			require.Nil(t, fault)
			require.True(t, docs[0].Text == got[0].Text)
			require.Equal(t, want, report)
			got, fault = collect(t, corpus.Read(iotest.OneByteReader(reader()), corpus.FormatLines, corpus.Options{Report: &report}))
			require.Nil(t, fault)
			require.True(t, docs[0].Text == got[0].Text)
			require.Equal(t, want, report)
		}
	}
}

// NaN and null mean absent; a record whose odd field is not needed counts.
func TestPythonJSONExact(t *testing.T) {
	text := `{"text":"a NaN, \"NaN\"","score":NaN,"b":[Infinity,-Infinity,{"c":NaN}],"id":NaN}
{"text":"b","t":NaN,"score":-1}
{"text":NaN}
{"text":null,"score":1}
{"text":"e","id":[7],"t":"NaT"}
{"text":"f","t":"None","score":Nan}
{"text":"g","t":""}
`
	var report corpus.Report
	var docs []corpus.Document
	var faults []string
	for d, err := range corpus.Read(strings.NewReader(text), corpus.FormatJSONL, corpus.Options{TimeField: "t", Report: &report}) {
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		require.True(t, d.Time.IsZero())
		docs = append(docs, d)
	}
	require.Equal(t, []string{
		`input:3: field "text": is null, want a string`, `input:4: field "text": is null, want a string`,
		"input:6: want a JSON object on each line: invalid character 'N' looking for beginning of value",
	}, faults)
	require.Len(t, docs, 4)
	require.Equal(t, corpus.Document{ID: "1", Text: `a NaN, "NaN"`, Fields: map[string]string{"b": `[null,null,{"c":null}]`}}, docs[0])
	require.Equal(t, map[string]string{"score": "-1"}, docs[1].Fields)
	require.Equal(t, "5", docs[2].ID)
	require.Equal(t, []string{`input: 1 optional field left out, the first: input:5: field "id": is [7], want a string or a number`}, texts(report.Warnings()))
}

// A record of more than the bound ends the reading, in every format.
func TestMaxRecord(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	for format, text := range map[corpus.Format]string{
		corpus.FormatLines: "a\n" + long + "\nb\n", corpus.FormatJSONL: `{"text":"a"}` + "\n" + `{"text":"` + long + `"}` + "\n",
		corpus.FormatCSV: "text\na\n" + long + "\nb\n",
	} {
		docs, fault := collect(t, corpus.Read(strings.NewReader(text), format, corpus.Options{MaxRecord: 200_000}))
		require.Len(t, docs, 1)
		require.ErrorIs(t, fault, corpus.ErrTooLong)
		require.True(t, fault.Fatal)
		require.Contains(t, fault.Error(), "the record goes on for more than 200000 bytes", format)
		for _, most := range []int64{0, -1, 400_000} {
			docs, fault = collect(t, corpus.Read(strings.NewReader(text), format, corpus.Options{MaxRecord: most}))
			require.Nil(t, fault)
			require.Contains(t, docs[1].Text, long)
		}
	}
	lines := "id,text\n1,\"" + strings.Repeat("a line\n", 50_000) + "\"\n2,b\n"
	docs, fault := collect(t, corpus.Read(strings.NewReader(lines), corpus.FormatCSV, corpus.Options{MaxRecord: 1 << 20}))
	require.Nil(t, fault)
	require.Len(t, docs, 2)
	docs, fault = collect(t, corpus.Read(strings.NewReader(lines), corpus.FormatCSV, corpus.Options{MaxRecord: 100_000}))
	require.Empty(t, docs)
	require.ErrorIs(t, fault, corpus.ErrTooLong)
	stray := "id,text\n1,\"open\n" + strings.Repeat("x,a line\n", 50_000) + "2,b\n" // no quote ends it, and the lines are records
	n := 0
	for d, err := range corpus.Read(strings.NewReader(stray), corpus.FormatCSV, corpus.Options{MaxRecord: 100_000}) {
		if err == nil {
			require.Contains(t, []string{"\"open", "a line", "b"}, d.Text)
			n++
		}
	}
	require.Equal(t, 3, n)
	for format, text := range map[corpus.ThreadFormat]string{
		corpus.FormatDump:             head + q1 + `<row Id="2" PostTypeId="1" CreationDate="2024-01-01" Body="` + long + `"/>` + tail,
		corpus.FormatDiscourse:        `{"id":1,"title":"a"}` + "\n" + `{"id":2,"title":"` + long + `"}`,
		corpus.FormatStackExchangeAPI: "[{\"question_id\":1,\"title\":\"a\"},\n{\"question_id\":2,\"title\":\"" + long + `"}]`,
		corpus.FormatDiscourseCSV:     "topic_id,title\n1,a\n2," + long + "\n",
	} {
		_, faults := threads(t, corpus.ReadThreads(t.Context(), corpus.Stream("x", strings.NewReader(text)), format, corpus.ThreadOptions{MaxRecord: 200_000}))
		require.Len(t, faults, 1, format)
		require.Contains(t, faults[0], "200000 bytes", format)
		all, faults := threads(t, corpus.ReadThreads(t.Context(), corpus.Stream("x", strings.NewReader(text)), format, corpus.ThreadOptions{}))
		require.Empty(t, faults, format)
		require.NotEmpty(t, all)
	}
}
