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
	for _, name := range []string{"none", "types", "int96", "faults", "empty"} {
		data, err := os.ReadFile(at(name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		all, faults := collect(t, parquet.Read(bytes.NewReader(data), int64(len(data)), corpus.Options{}))
		again, faultsAgain := collect(t, parquet.Read(bytes.NewReader(data), int64(len(data)), corpus.Options{}))
		require.Equal(t, len(faults), len(faultsAgain))
		require.Equal(t, all, again)
	})
}
