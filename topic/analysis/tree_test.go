package analysis

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/linkage"
)

// TestTreeTextAsBERTopicExact draws the rows that BERTopic's hierarchical_topics gave.
func TestTreeTextAsBERTopicExact(t *testing.T) {
	f, err := os.Open("../testdata/hierarchy.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var golden struct {
		Hierarchies []struct {
			Rows        []HierarchyMerge
			Tree, Tight string
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&golden))
	require.NotEmpty(t, golden.Hierarchies)
	for _, c := range golden.Hierarchies {
		n := len(c.Rows) + 1
		h := &Hierarchy{topics: n, names: make([]string, 2*n-1), tree: make(linkage.Tree, n-1)}
		for _, r := range c.Rows {
			h.tree[r.Parent-n] = linkage.Merge{Left: r.Left, Right: r.Right, Distance: r.Distance}
			h.names[r.Left], h.names[r.Right] = r.LeftName, r.RightName
		}
		require.Equal(t, c.Tree, h.Text(TreeOptions{}))
		require.Equal(t, c.Tight, h.Text(TreeOptions{MaxDistance: c.Rows[4].Distance, Tight: true}))
	}
}
