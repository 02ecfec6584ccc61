package corpus_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/corpus"
)

// TestMissingFieldIsShort checks that the error for a missing field cuts the names of the fields that are
// there, however long they are, and that it has no character that is not printable.
func TestMissingFieldIsShort(t *testing.T) {
	name := "a\x1b[2J\x00" + strings.Repeat("x", 5000)
	header := strings.Repeat(name+",", 30) + "é\n1,2\n"
	for _, err := range corpus.Read(strings.NewReader(header), corpus.FormatCSV, corpus.Options{}) {
		require.ErrorContains(t, err, "missing, the header has a\ufffd[2J\ufffdx")
		require.ErrorContains(t, err, "…, a\ufffd[2J")
		require.ErrorContains(t, err, " and 11 more")
		require.Less(t, len(err.Error()), 2000)
		require.NotContains(t, err.Error(), "\x1b")
	}
}
