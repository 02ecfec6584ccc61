package corpus

import (
	"bufio"
	"errors"
)

// binaryFormats are formats that are not text, by their first bytes, with what to do about a file in one.
var binaryFormats = [...]struct{ magic, why string }{
	{"\x1f\x8b", "it is packed by gzip twice, want a file that is packed once"},
	{"BZh91AY&SY", "it is packed by bzip2, want it unpacked (bunzip2) or packed by gzip"},
	{"\xfd7zXZ\x00", "it is packed by xz, want it unpacked (unxz) or packed by gzip"},
	{"\x28\xb5\x2f\xfd", "it is packed by Zstandard, want it unpacked (unzstd) or packed by gzip"},
	{"\x04\x22\x4d\x18", "it is packed by LZ4, want it unpacked (unlz4) or packed by gzip"},
	{"PK\x03\x04", "it is a ZIP archive, want a file that is unpacked from it; the name of a workbook of Excel ends in .xlsx"},
	{"7z\xbc\xaf\x27\x1c", "it is a 7z archive, want a file that is unpacked from it; the name of the archive of a Stack Exchange dump ends in .7z"},
	{"PAR1\x15", "it is in Apache Parquet, whose names end in .parquet"},
	{"SQLite format 3\x00", "it is a database of SQLite, which is read by a query"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is a document of an old version of Microsoft Office, want a workbook saved as .xlsx or CSV"},
	{"%PDF-", "it is a PDF, want text"},
	{"\x93NUMPY", "it is an array of NumPy, want text"},
}

// notBinary returns an error that names the binary format of what begins here, nil where there is none.
func notBinary(in *bufio.Reader) error {
	for _, f := range binaryFormats {
		found, err := begins(in, f.magic)
		if found {
			err = errors.New(f.why)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
