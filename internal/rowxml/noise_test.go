package rowxml

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func quiet(t testing.TB, r io.Reader) string {
	t.Helper()
	out, err := io.ReadAll(NewNoise(r))
	require.NoError(t, err)
	return string(out)
}

func TestNoiseExact(t *testing.T) {
	for text, want := range map[string]string{
		"<!-- a <b> --><c/>": "              <c/>",
		"<?xml?>\n<a>":       "       \n<a>",
		"<!DOCTYPE a [<!E b '>'> <!-- ' -->]><a/>":  strings.Repeat(" ", 36) + "<a/>",
		"<a><!--\n--><b c='<!-- d'/><!-- e --><f/>": "<a>    \n   <b c='<!-- d'/>          <f/>",
		"<a/> text <!-- b -->":                      "<a/> text <!-- b -->",
		"<a b='x> <?c' /><?d?>":                     "<a b='x> ", // an instruction that does not end
		"<!-":                                       "<!-",
		"<":                                         "<",
		"":                                          "",
		"<a/><!DOCTYPE b>":                          "<a/><!DOCTYPE b>",
	} {
		got := quiet(t, strings.NewReader(text))
		if strings.Contains(text, "<?c") {
			require.True(t, strings.HasPrefix(got, want), text)
			continue
		}
		require.Equal(t, want, got, text)
	}
}

// What is given does not depend on how it is read, and has the length and the line ends of the text.
func FuzzNoise(f *testing.F) {
	for _, s := range []string{"<!-- a --><b/>", "<?a?><!DOCTYPE b [<!-- ' -->]><c d='<!--'/>\n<!---->", "<!", "x<!-- -->"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want := quiet(t, bytes.NewReader(text))
		require.Len(t, want, len(text))
		for i := range text {
			require.Equal(t, text[i] == '\n', want[i] == '\n')
			require.True(t, want[i] == text[i] || want[i] == ' ')
		}
		require.Equal(t, want, quiet(t, iotest.OneByteReader(bytes.NewReader(text))))
		require.Equal(t, want, quiet(t, iotest.DataErrReader(iotest.HalfReader(bytes.NewReader(text)))))
	})
}
