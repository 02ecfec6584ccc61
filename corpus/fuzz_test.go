package corpus_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// event is a document or the text of an error.
type event struct {
	doc  corpus.Document
	says string
}

// events are what a reader gives to a caller who never stops. Whatever the source, documents are UTF-8 with IDs of their
// own, errors say where, and lines and rows rise.
func events(t *testing.T, format corpus.Format, r io.Reader) (all []event) {
	seen := map[string]bool{}
	line, row := 0, 0
	for d, err := range corpus.Read(r, format, corpus.Options{TimeField: "at"}) {
		if err != nil {
			var fault *corpus.Error
			require.ErrorAs(t, err, &fault)
			require.NotEmpty(t, fault.Why)
			require.True(t, utf8.ValidString(err.Error()), "%q", err)
			require.True(t, fault.Line == 0 || fault.Line > line, "%v after line %d", err, line)
			require.True(t, fault.Row == 0 || fault.Row > row, "%v after row %d", err, row)
			line, row = max(line, fault.Line), max(row, fault.Row)
			all = append(all, event{says: err.Error()})
			continue
		}
		require.False(t, seen[d.ID], "id %q twice", d.ID)
		seen[d.ID] = true
		require.True(t, utf8.ValidString(d.Text) && utf8.ValidString(d.ID), "%+v", d)
		for name, v := range d.Fields {
			require.True(t, utf8.ValidString(v) && utf8.ValidString(name), "%+v", d)
		}
		all = append(all, event{doc: d})
	}
	return all
}

func fuzz(f *testing.F, format corpus.Format, seeds ...string) {
	for _, s := range append(seeds, "", "\n", "\r\n\r", "\uFEFF", "\uFEFF\uFEFFa", "\xff\xfea", "\x1F\x8B\x08\x00", "\x1f", "\xefx", "a\xff\n") {
		f.Add([]byte(s))
		f.Add(pack(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want := events(t, format, bytes.NewReader(data))
		require.Equal(t, want, events(t, format, iotest.OneByteReader(bytes.NewReader(data))), "byte by byte")
		require.Equal(t, want, events(t, format, iotest.DataErrReader(bytes.NewReader(data))), "with the end beside the data")
		if !bytes.HasPrefix(data, []byte("\x1f\x8b")) { // which is unpacked once, not twice
			require.Equal(t, want, events(t, format, bytes.NewReader(pack(t, string(data)))), "packed")
		}
		var report corpus.Report
		for range corpus.Read(bytes.NewReader(data), format, corpus.Options{Report: &report}) { //nolint:revive // for the report
			continue
		}
		broken := errors.New("broken")
		got := events(t, format, io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken)))
		require.NotEmpty(t, got, "an error of the source is lost")
		if format != corpus.FormatLines || bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			return
		}
		// The lines are those of the strings package.
		text := strings.TrimPrefix(string(data), "\uFEFF")
		var lines []string
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
			lines = append(lines, strings.ToValidUTF8(line, "\uFFFD"))
		}
		if report.Encoding != "" || strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), "\r") || len(want) > 0 && want[len(want)-1].says != "" {
			return // decoded, lines of another kind, or in an encoding that is not known
		}
		require.Len(t, want, len(lines))
		for i, line := range lines {
			require.Equal(t, line, want[i].doc.Text)
		}
	})
}

func FuzzJSONL(f *testing.F) {
	fuzz(f, corpus.FormatJSONL,
		`{"text":"a","id":1,"at":"2024-01-01","x":{"y":[1]}}`, "{\"text\":\"a\xff\",\"id\":\"\xff\",\"b\":[\"\xff\"]}",
		`{"text":"\ud800","id":"2"}`+"\n"+`{"text":"b"}`, "null\n[]\n{}\n", `{"text":"a","at":1709164800.5}`, `{"text":"a","at":null,"id":null}`)
}

func FuzzCSV(f *testing.F) {
	fuzz(f, corpus.FormatCSV,
		"id,text,at\n1,a,2024-01-01\n", "text,x,at\n\"a\nb\",\xff,\n", "id,text,at\n,\n,,\n,,\n", "text,at\n\"a\n", "text,at\n\r\n\"a\"b,\n", "at,text,text\n")
}

func FuzzLines(f *testing.F) { fuzz(f, corpus.FormatLines, "a\nb\n\nc", "a\r\nb\r") }

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2024-02-29T12:30:00.5+02:00", "2024-02-29 12:30", "1709164800.25", "1709164800000", "2024-02", "Thu, 29 Feb 2024 12:30:00 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := corpus.ParseTime(s)
		if err != nil {
			require.True(t, got.IsZero())
			return
		}
		again, err := corpus.ParseTime(got.Format("2006-01-02T15:04:05.999999999Z07:00"))
		if y := got.Year(); y >= 0 && y <= 9999 {
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
	})
}

// FuzzGzip: whatever the frame is, the lines that are given do not depend on how it is read, and what is cut or damaged is said.
func FuzzGzip(f *testing.F) {
	packed := pack(f, "a line\nand one more")
	f.Add(packed)
	f.Add(append(packed, pack(f, "a second part")...))
	f.Add(packed[:len(packed)-3])
	f.Add(append(packed, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = append([]byte("\x1f\x8b"), bytes.TrimPrefix(data, []byte("\x1f\x8b"))...)
		read := func(r io.Reader) (all []string) {
			for d, err := range corpus.Read(r, corpus.FormatLines, corpus.Options{MaxRecord: 1 << 20}) {
				if err != nil {
					require.NotEmpty(t, err.Error())
					all = append(all, "! "+err.Error())
					continue
				}
				all = append(all, d.Text)
			}
			return all
		}
		want := read(bytes.NewReader(data))
		require.Equal(t, want, read(iotest.OneByteReader(bytes.NewReader(data))))
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			_, err = io.Copy(io.Discard, io.LimitReader(z, 1<<20))
		}
		if err != nil {
			require.True(t, len(want) > 0 && strings.HasPrefix(want[len(want)-1], "! "), "%v is not said", err)
		}
	})
}

// FuzzGoDoc: any file is read or refused by its name.
func FuzzGoDoc(f *testing.F) {
	for _, s := range []string{"// Package a is.\npackage a\n\n// F does.\nfunc F() {}\n", "package a; type T struct{} // T", "//go:build ignore\n\npackage b", "package", "package a\n// X\nvar ( X, Y = 1 )"} {
		f.Add(s, "package a\n\n// G too.\nfunc (T) G() {}\n")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		dir := tree(t, map[string]string{"a.go": one, "b.go": two})
		ids := map[string]bool{}
		for d, err := range corpus.GoDoc(dir, corpus.GoDocOptions{}) {
			if err != nil {
				require.Contains(t, err.Error(), dir)
				continue
			}
			require.True(t, utf8.ValidString(d.Text))
			require.False(t, ids[d.ID], d.ID)
			ids[d.ID] = true
		}
	})
}
