package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

func TestDocumentInfo(t *testing.T) {
	docs := append(themes(40), "")
	docs = append(docs, docs[0]) // a text that stands twice
	m, err := topic.Fit(t.Context(), docs, config())
	require.NoError(t, err)
	info := analysis.DocumentInfo(m)
	require.Len(t, info, len(docs))
	representative := map[int]bool{}
	for _, tp := range m.Topics() {
		for _, d := range tp.Representative {
			representative[d] = true
		}
	}
	topics := m.Topics()
	for i, d := range info {
		a := m.Assignments()[i]
		require.Equal(t, i, d.Document)
		require.Equal(t, a.Topic, d.Topic)
		require.Equal(t, a.Probability, d.Probability)
		require.Equal(t, representative[i], d.Representative)
		tp := topics[d.Topic-topics[0].ID]
		require.Equal(t, tp.Name, d.Name)
		if tp.ID == topic.Outlier { // which may be a blank document alone
			continue
		}
		require.Contains(t, d.Terms, tp.Terms[0].Term+" - "+tp.Terms[1].Term)
	}
}
