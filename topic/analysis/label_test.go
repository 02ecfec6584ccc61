package analysis_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/analysis"
)

// shout writes the terms in capitals.
type shout struct{}

func (shout) Represent(_ context.Context, _ topic.View, topics [][]ctfidf.Term) ([][]ctfidf.Term, error) {
	out := make([][]ctfidf.Term, len(topics))
	for i, terms := range topics {
		for _, t := range terms {
			out[i] = append(out[i], ctfidf.Term{Term: strings.ToUpper(t.Term), Weight: t.Weight})
		}
	}
	return out, nil
}

func TestLabelsExact(t *testing.T) {
	cfg := config()
	cfg.Aspects = []topic.Aspect{{Name: "loud", Representers: []topic.Representer{shout{}}}}
	m, err := topic.Fit(t.Context(), []string{"über ünique words", "über ünique words", "über ünique terms"}, cfg)
	require.NoError(t, err)
	label := func(opt analysis.LabelOptions) string {
		labels, err := analysis.Labels(m, opt)
		require.NoError(t, err)
		require.Len(t, labels, 1)
		return labels[topic.Outlier]
	}
	require.Equal(t, "-1_über_ünique_words", label(analysis.LabelOptions{}))
	require.Equal(t, "-1_üb_ün_wo", label(analysis.LabelOptions{WordLength: 2}))
	require.Equal(t, "über, ünique, words, terms", label(analysis.LabelOptions{Words: 9, NoPrefix: true, Separator: new(", ")}))
	require.Equal(t, "-1_ÜBER", label(analysis.LabelOptions{Words: 1, Aspect: "loud"}))

	require.Equal(t, "überüniquewords", label(analysis.LabelOptions{NoPrefix: true, Separator: new("")}))

	_, err = analysis.Labels(m, analysis.LabelOptions{Words: 1, Aspect: "quiet"})
	require.EqualError(t, err, `labels: there is no aspect "quiet", want one of ["loud"]`)
	_, err = analysis.Labels(m, analysis.LabelOptions{Words: -1, WordLength: -1})
	var bad *stage.ConfigError
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "analysis.LabelOptions.Words is -1")
	require.ErrorContains(t, err, "analysis.LabelOptions.WordLength is -1")
}
