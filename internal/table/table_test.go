package table

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMarkdownExact(t *testing.T) {
	m := Markdown{Head: []string{"name", "n"}, Rows: [][]string{{"größe", "12"}, {"b", "3,000"}}, Right: []bool{false, true}}
	require.Equal(t, "| name | n |\n|---|--:|\n| größe | 12 |\n| b | 3,000 |\n", m.String())
	m.Padded = true
	require.Equal(t, "| name  |     n |\n|-------|------:|\n| größe |    12 |\n| b     | 3,000 |\n", m.String())
	m.Rows = nil
	require.Equal(t, "| name |   n |\n|------|----:|\n", m.String())
}

func TestEscapeExact(t *testing.T) {
	require.Equal(t, `a\|b \*c\* snake_case \_d\_ \<e>`, Escape("a|b *c*\n snake_case  _d_ <e>"))
}
