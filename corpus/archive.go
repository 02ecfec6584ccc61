package corpus

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
)

// archive is a kind of files that hold what is to be read.
type archive struct {
	magic  string
	format ThreadFormat
	open   func(path string) Source
}

var archives struct {
	sync.RWMutex
	list []archive
}

const archiveHead = 16 // bytes that are looked at

// RegisterArchive makes File, OpenThreads and ThreadFormatOf read what is inside files that begin with magic, which has 2
// to 16 bytes: open says how, format how what it gives is written. Packages that unpack archives call it when they are
// imported, so that a program carries none that it does not name; corpus/sevenzip is one.
func RegisterArchive(magic string, format ThreadFormat, open func(path string) Source) {
	if len(magic) < 2 || len(magic) > archiveHead {
		panic("corpus: the magic of an archive has 2 to 16 bytes")
	}
	archives.Lock()
	defer archives.Unlock()
	archives.list = append(archives.list, archive{magic, format, open})
}

const magic7z = "7z\xbc\xaf\x27\x1c"

// archiveAt is the kind of archive that the file at path is. There is one also for a 7z archive that nothing here can read:
// it gives a source that says what to do.
func archiveAt(path string) (a archive, ok bool) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return a, false
	}
	f, err := os.Open(path)
	if err != nil {
		return a, false
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, archiveHead)
	n, _ := io.ReadFull(f, head)
	archives.RLock()
	defer archives.RUnlock()
	for _, a := range archives.list {
		if strings.HasPrefix(string(head[:n]), a.magic) {
			return a, true
		}
	}
	if strings.HasPrefix(string(head[:n]), magic7z) {
		return archive{open: func(path string) Source {
			return Source{Name: path, Open: func() (io.ReadCloser, error) {
				return nil, errors.New("it is a 7z archive, which programs can read that import corpus/sevenzip; or unpack it first")
			}}
		}}, true
	}
	return a, false
}
