package trie

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTrieExact holds the trie to a map of the same strings.
func TestTrieExact(t *testing.T) {
	words := map[string]int32{}
	trie := New(2) // grows
	for i := range 3000 {
		s := fmt.Sprintf("%b", i*i%4099)[:1+i%9%len(fmt.Sprintf("%b", i*i%4099))] + strings.Repeat("é", i%3)
		require.True(t, trie.Put(s, int32(i)))
		words[s] = int32(i)
	}
	for s, id := range words {
		require.Equal(t, id, trie.Get(s))
		text := s + "1é0"
		want, n := int32(-1), 0
		for k := 1; k <= len(text); k++ {
			if w, ok := words[text[:k]]; ok {
				want, n = w, k
			}
		}
		got, length := trie.Longest(0, []byte(text))
		require.Equal(t, want, got, text)
		require.Equal(t, n, length, text)
		node, at, ok := trie.Walk(s)
		require.True(t, ok && node != 0 && at == id)
	}
	for _, s := range []string{"", "2", "\xff", "1\x00"} {
		require.Equal(t, int32(-1), trie.Get(s))
	}
	_, _, ok := trie.Walk("")
	require.True(t, ok, "the root")
}
