// Package sevenzip reads the dump of a Stack Exchange site as it is published: Posts.xml within a .7z archive, by streaming,
// without unpacking it to a disk. A program that imports it,
//
//	import _ "github.com/gobertopic/gobertopic/corpus/sevenzip"
//
// can name such archives wherever package corpus takes the path of threads: corpus.File, corpus.OpenThreads and
// corpus.ThreadFormatOf know them by their first bytes. It is a package of its own so that others carry no decoders.
//
// Archives of one file (stackoverflow.com-Posts.7z) and of a whole site are read; of the latter Posts.xml alone is
// given, though what stands before it in the same compressed stream has to be decoded on the way. The methods are BZip2, as
// the published archives have it, LZMA, LZMA2, PPMd (as 7-Zip writes it, not py7zr), Deflate, Zstandard, Brotli, LZ4 and none.
// Encrypted archives are not read.
package sevenzip

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/bodgit/sevenzip"

	"github.com/gobertopic/gobertopic/corpus"
)

func init() {
	corpus.RegisterArchive("7z\xbc\xaf\x27\x1c", corpus.FormatDump, File)
}

// member is the file of a dump that holds the posts.
const member = "Posts.xml"

// File is the Posts.xml in the archive at path. In errors it is "ARCHIVE/Posts.xml", with the directory where it is in one.
// Its Size is that of the XML, and it can be read any number of times.
func File(path string) corpus.Source {
	s := corpus.Source{Name: path + "/" + member, Open: func() (io.ReadCloser, error) { return open(path) }}
	if r, err := open(path); err == nil {
		s.Name, s.Size = path+"/"+r.name, r.left
		_ = r.Close()
	} else {
		s.Name = path
	}
	return s
}

// open finds the posts in the archive. What stands before them is decoded when they are read.
func open(path string) (r *reader, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := list(f, info.Size())
	if err != nil {
		return nil, err
	}
	wanted, err := find(z.File)
	if err != nil {
		return nil, err
	}
	r = &reader{file: f, name: wanted.Name, left: int64(wanted.UncompressedSize), sum: wanted.CRC32}
	for _, other := range z.File {
		if other == wanted {
			break
		}
		if other.Stream == wanted.Stream && other.UncompressedSize > 0 {
			r.parts = append(r.parts, other)
		}
	}
	r.parts = append(r.parts, wanted)
	return r, nil
}

// list reads what is in an archive.
func list(f *os.File, size int64) (z *sevenzip.Reader, err error) {
	defer recovered(&err)
	z, err = sevenzip.NewReader(f, size)
	if err != nil {
		return nil, explained(err, "its list of files")
	}
	return z, nil
}

// find is the posts among the files of an archive.
func find(files []*sevenzip.File) (wanted *sevenzip.File, err error) {
	var names []string
	for _, f := range files {
		if f.FileInfo().IsDir() {
			continue
		}
		names = append(names, f.Name)
		if !strings.EqualFold(path.Base(strings.ReplaceAll(f.Name, `\`, "/")), member) {
			continue
		}
		if wanted != nil {
			return nil, fmt.Errorf("it has both %s and %s, want one dump in an archive", wanted.Name, f.Name)
		}
		wanted = f
	}
	switch most := 10; {
	case wanted != nil:
		return wanted, nil
	case len(names) == 0:
		return nil, errors.New("it is an archive with no files, want one with " + member)
	case len(names) > most:
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
		fallthrough
	default:
		return nil, fmt.Errorf("it has no %s but %s, want the archive of a Stack Exchange dump that has the posts", member, strings.Join(names, ", "))
	}
}

// explained is what an error of the decoder means.
func explained(err error, what string) error {
	var failed *sevenzip.ReadError
	var byValue sevenzip.ReadError
	switch {
	case errors.As(err, &failed) && failed.Encrypted, errors.As(err, &byValue) && byValue.Encrypted:
		return fmt.Errorf("%s is encrypted, want an archive without a password", what)
	case strings.Contains(err.Error(), "ppmd: not enough properties"): // of py7zr, which writes two bytes more than 7-Zip
		return fmt.Errorf("%s is packed by PPMd as py7zr writes it, method not supported; pack it again by BZip2 or LZMA2, or unpack it first: %w", what, err)
	case strings.Contains(err.Error(), "unsupported compression algorithm"):
		return fmt.Errorf("%s is packed by a method that is not known here; pack it again by BZip2 or LZMA2, or unpack it first: %w", what, err)
	}
	return fmt.Errorf("%s is damaged or cut off: %w", what, err)
}

// recovered makes an error of a decoder's panic, which damaged archives may cause.
func recovered(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("the archive is damaged: %v", fault)
	}
}
