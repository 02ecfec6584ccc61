package parquet_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
	"github.com/gobertopic/gobertopic/corpus/parquet"
)

// FuzzRead: whatever the bytes are, they are read twice the same way, and nothing panics.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"int96", "faults"} {
		data, err := os.ReadFile(at(name))
		require.NoError(f, err)
		f.Add(data)
	}
	for _, columns := range [][]parquet.Column{
		{{Name: "text", Values: []string{"a", "b"}}},
		{{Name: "text", Values: []string{"a"}}, {Name: "id", Values: []int{1}}, {Name: "x", Values: []float64{.5}}},
		{{Name: "text", Values: []string{}}},
	} {
		var b bytes.Buffer
		require.NoError(f, parquet.Write(&b, columns...))
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 { // larger files take the time of hundreds of small ones
			return
		}
		all, faults := collect(t, parquet.Read(bytes.NewReader(data), int64(len(data)), corpus.Options{}))
		again, faultsAgain := collect(t, parquet.Read(bytes.NewReader(data), int64(len(data)), corpus.Options{}))
		require.Equal(t, len(faults), len(faultsAgain))
		require.Equal(t, all, again)
	})
}
