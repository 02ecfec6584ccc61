package corpus_test

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// TestBinaryFormatsExact tests that no packed or binary file is read as text, whatever the format is said to be.
func TestBinaryFormatsExact(t *testing.T) {
	for begin, why := range map[string]string{
		"BZh91AY&SY\x00\x01":                   "it is packed by bzip2, want it unpacked (bunzip2) or packed by gzip",
		"\xfd7zXZ\x00\x00\x04":                 "it is packed by xz, want it unpacked (unxz) or packed by gzip",
		"\x28\xb5\x2f\xfd\x24\x0c":             "it is packed by Zstandard, want it unpacked (unzstd) or packed by gzip",
		"\x04\x22\x4d\x18\x64\x40":             "it is packed by LZ4, want it unpacked (unlz4) or packed by gzip",
		"PK\x03\x04\x14\x00":                   "it is a ZIP archive, want a file that is unpacked from it; the name of a workbook of Excel ends in .xlsx",
		"7z\xbc\xaf\x27\x1c\x00\x04":           "it is a 7z archive, want a file that is unpacked from it; the name of the archive of a Stack Exchange dump ends in .7z",
		"PAR1\x15\x04":                         "it is in Apache Parquet, whose names end in .parquet",
		"SQLite format 3\x00\x10":              "it is a database of SQLite, which is read by a query",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00": "it is a document of an old version of Microsoft Office, want a workbook saved as .xlsx or CSV",
		"%PDF-1.7\n%":                          "it is a PDF, want text",
		"\x93NUMPY\x01\x00":                    "it is an array of NumPy, want text",
		string(pack(t, "id,text\n1,packed\n")): "it is packed by gzip twice, want a file that is packed once",
	} {
		text := begin + strings.Repeat("{\"text\":\"a\"}\nid,text\n1,a\n", 3)
		packed := string(pack(t, text))
		if strings.HasPrefix(begin, "\x1f\x8b") {
			text = packed
		}
		for _, format := range []corpus.Format{corpus.FormatJSONL, corpus.FormatCSV, corpus.FormatLines} {
			for _, in := range []string{text, packed} {
				docs, fault := collect(t, corpus.Read(iotest.OneByteReader(strings.NewReader(in)), format, corpus.Options{}))
				require.Empty(t, docs, why)
				require.EqualError(t, fault, "input: cannot be read: "+why, "%s", format)
			}
		}
		for _, format := range []corpus.ThreadFormat{corpus.FormatDump, corpus.FormatDiscourse, corpus.FormatStackExchangeCSV} {
			var last error
			for _, err := range corpus.ReadThreads(t.Context(), corpus.Stream("input", strings.NewReader(text)), format, corpus.ThreadOptions{}) {
				last = err
			}
			require.EqualError(t, last, "input: cannot be read: "+why, "%s", format)
		}
	}
	for _, text := range []string{"BZh", "BZh is text", "PAR1 is a gene", "PK", "7z", "%PDF", "SQLite format 3 is text", "P"} {
		docs, fault := collect(t, corpus.Read(strings.NewReader(text), corpus.FormatLines, corpus.Options{}))
		require.Nil(t, fault)
		require.Len(t, docs, 1)
		require.Equal(t, text, docs[0].Text)
	}
}
