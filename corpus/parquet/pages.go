package parquet

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/gobertopic/gobertopic/corpus"
)

// pageBound is the size of the largest page that is read, which memory has to hold several times.
func pageBound(o corpus.Options) int64 {
	const most = 64 << 20
	switch {
	case o.MaxRecord < 0:
		return 1 << 62
	case o.MaxRecord == 0:
		return most
	}
	return max(o.MaxRecord, most)
}

// checkPages sees to it that no page of the file unpacks to more than most bytes, by the headers of the pages. What it does not
// understand is left to be reported when it is read.
func checkPages(ctx context.Context, r io.ReaderAt, f *parquet.File, size, most int64) (err error) {
	defer recovered(&err)
	var protocol thrift.CompactProtocol
	for g, group := range f.Metadata().RowGroups {
		for c := range group.Columns {
			chunk := &group.Columns[c].MetaData
			at := chunk.DataPageOffset
			if d := chunk.DictionaryPageOffset; d > 0 && d < at {
				at = d
			}
			if at < 0 {
				continue
			}
			for end := min(at+chunk.TotalCompressedSize, size); at < end; {
				if err := ctx.Err(); err != nil {
					return err
				}
				from := &counter{r: bufio.NewReaderSize(io.NewSectionReader(r, at, end-at), 512)}
				var header format.PageHeader
				if thrift.NewDecoder(protocol.NewReader(from)).Decode(&header) != nil || header.CompressedPageSize < 0 {
					break
				}
				if int64(header.UncompressedPageSize) > most {
					return fmt.Errorf("a page of row group %d, column %d, unpacks to %d MB, which is more than the bound on a record of %d MB: %w",
						g, c, header.UncompressedPageSize>>20, most>>20, corpus.ErrTooLong)
				}
				at += from.n + int64(header.CompressedPageSize)
			}
		}
	}
	return nil
}

// counter counts the bytes that are read.
type counter struct {
	r *bufio.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}
