package sevenzip_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus/sevenzip"
)

// FuzzFile: whatever is in an archive, it is read the same way twice or gives an error twice, and nothing panics.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"bzip2", "ppmd", "two", "without"} {
		data, err := os.ReadFile(at(name))
		require.NoError(f, err)
		f.Add(data)
		f.Add(data[:len(data)/3])
	}
	f.Add([]byte("7z\xbc\xaf\x27\x1c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "a.7z")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		s := sevenzip.File(path)
		if s.Size > 1<<24 {
			return // a small archive may hold very much
		}
		text, err := content(t, s)
		again, errAgain := content(t, s)
		require.Equal(t, err == nil, errAgain == nil)
		if err == nil {
			require.True(t, bytes.Equal(text, again))
			require.EqualValues(t, s.Size, len(text))
		}
	})
}
