package corpus

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// records are all records of a text, each beside the line where it begins.
func records(r io.Reader, want int) (all [][]string, lines []int, err error) {
	c := newCSVReader(r, maxRecord)
	c.want = want
	for {
		fields, err := c.next()
		if err != nil {
			return all, lines, err
		}
		all, lines = append(all, slices.Clone(fields)), append(lines, c.begin)
	}
}

// FuzzCSVReader: what encoding/csv reads is read the same, line by line and field by field; anything else is read to its end, the
// same however it is cut into reads.
func FuzzCSVReader(f *testing.F) {
	for _, s := range []string{"a,b\n1,\"x\ny\"\n", "\"\"\"\",\r\n\r\na\"b,\"c\"d\n", "\"open\n1,2\n", "a\rb\rc", "\"a\\\"b\",c\n\"", " \"x, y\",z"} {
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, text string, columns uint8) {
		got, lines, err := records(strings.NewReader(text), int(columns))
		require.ErrorIs(t, err, io.EOF)
		again, linesAgain, err := records(iotest.OneByteReader(strings.NewReader(text)), int(columns))
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, got, again)
		require.Equal(t, lines, linesAgain)
		require.True(t, slices.IsSorted(lines))
		if strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), "\r") {
			return // another kind of line ends
		}
		standard := csv.NewReader(strings.NewReader(text))
		standard.FieldsPerRecord = -1
		for i := 0; ; i++ {
			want, err := standard.Read()
			if errors.Is(err, io.EOF) {
				require.Len(t, got, i)
				return
			}
			if err != nil {
				return
			}
			require.Equal(t, want, got[i])
			line, _ := standard.FieldPos(0)
			require.Equal(t, line, lines[i])
		}
	})
}
